"""What each kind of guest opens and no other does, over the last answer of the rows."""

from __future__ import annotations

from marelle.core.actor import Guest

Answers = dict[tuple[str, str], str]


def _read(*addresses: str) -> Answers:
    reads = {("GET", address): "200" for address in addresses}
    return reads | {("POST", address): "405" for address in addresses}


OWN: dict[Guest, Answers] = {
    Guest.PAYER: _read("/payeur/", "/payeur/<id:payer_bill_id>/", "/payeur/<id:payer_bill_id>/pdf/"),
    Guest.TEEN: {("GET", "/mon-planning/"): "200", ("POST", "/mon-planning/"): "302"},
    Guest.CHILDMINDER: {
        **_read("/matinees/"),
        ("GET", "/matinees/<id:opening_id>/"): "200",
        ("POST", "/matinees/<id:opening_id>/"): "200",
        ("GET", "/matinees/annuler/<id:brought_id>/"): "405",
        ("POST", "/matinees/annuler/<id:brought_id>/"): "302",
        ("GET", "/matinees/arreter/"): "200",
        ("POST", "/matinees/arreter/"): "302",
    },
}


def whole(key: tuple[str, str], row: str) -> str:
    """A row of the table, with an answer for each kind of guest."""
    *others, guests = row.split()
    return " ".join([*others, *(OWN[guest].get(key, guests) for guest in Guest)])
