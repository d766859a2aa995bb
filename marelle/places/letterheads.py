"""The letterhead of each authority: its name, its logo, the colour of the portal unless it has its own."""

from __future__ import annotations

from marelle.core.kept import Kept
from marelle.mail.letterhead import Letterhead, read_by
from marelle.places.look_rules import MAIN
from marelle.places.models import Authority

_LOOK = ("look__main", "look__logo", "look__logo_width", "look__logo_height")


def letterhead_of(authority_id: int | None) -> Letterhead:
    """That of the authority, of the portal's where there is none."""
    kept = _letterheads()
    portals = next(iter(kept.values()), Letterhead(ground=MAIN))
    return kept.get(authority_id or 0, portals)


def authority_names() -> dict[int, str]:
    """The authorities that share the portal, the first one before."""
    return {pk: letterhead.name for pk, letterhead in _letterheads().items()}


@Kept
def _letterheads() -> dict[int, Letterhead]:
    """By authority, the portal's first; one query."""
    rows = list(Authority.objects.order_by("pk").values_list("pk", "name", *_LOOK))
    portals = rows[0][2] if rows else ""
    return {
        pk: Letterhead(pk, name, main or portals or MAIN, bytes(logo or b""), (width or 0, height or 0))
        for pk, name, main, logo, width, height in rows
    }


read_by(letterhead_of)
