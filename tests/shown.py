"""Every page that a route answers with, as who may open it sees it: rendered once, by the table of the roles.

Beside what is opened, what is answered to a form sent empty: a page with its errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.test import Client

from marelle.places.models import Structure
from tests.full_house import FullHouse
from tests.roles.answers import GUESTS, ROLES
from tests.roles.sent import QUERY, filled
from tests.roles.table import TABLE
from tests.scenario import session_of, visitor

OUTSIDE = ("anonymous", "parent")
"""A page of everybody is seen as nobody and as a home."""

AGENTS = ("administrator", "director", "animator")
"""A page of the agents is seen as the first of these whom it lets in."""

MORE = (
    ("parent", "/famille/<id:adult_id>/"),
    ("parent", "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/"),
    ("parent", "/famille/ajouter/?qui=enfant"),
    ("parent", "/famille/ajouter/?qui=naissance"),
    ("parent", "/famille/ajouter/?qui=adulte"),
    ("parent", "/reservations/?enfant=<id:person_id>&date=2026-12-02&vue=mois&activite=toutes"),
    ("parent", "/reservations/?enfant=<id:person_id>&date=2026-12-02&vue=jour&activite=toutes"),
    ("parent", "/nulle-part/"),
    ("anonymous", "/nulle-part/"),
    ("animator", "/agents/"),
)
"""Pages that the addresses of the routes alone do not show."""

LONG_NAME = "Accueil de loisirs intercommunal des Tilleuls et du Val d’Arelle"


@dataclass(frozen=True)
class Shown:
    """A page that was answered; `address` is its route’s."""

    role: str
    method: str
    address: str
    html: str

    def __str__(self) -> str:
        return f"{self.method} {self.address} as {self.role}"


def seen_as(method: str, address: str) -> list[str]:
    """The roles that look at what the route answers, none where it answers nobody with a page."""
    answers = dict(zip(ROLES, TABLE[method, address].split(), strict=True))
    outside = [role for role in OUTSIDE if answers[role] == "200"]
    if answers["anonymous"] != "200":  # what a guest alone opens, and its account, is seen as it is to one
        outside += [role for role in GUESTS if answers[role] == "200"][:1]
    return outside or [role for role in AGENTS if answers[role] == "200"][:1]


def pages(world: FullHouse) -> Iterator[Shown]:
    clients = {role: visitor(user and session_of(user)) for role, user in world.users.items()}
    not_asked = world.activity("Judo")
    Structure.objects.filter(pk=world.the_structure.pk).update(name=LONG_NAME)
    asked = [
        (role, method, address, address + QUERY.get(address, ""))
        for method, address in TABLE
        for role in seen_as(method, address)
    ]
    asked += [(role, "GET", path.partition("?")[0], path) for role, path in MORE]
    for role, method, address, path in asked:
        values = world.values(address) | {"token": world.secrets.get(address, "jeton")}
        if address.endswith("/demander/<id:activity_id>/"):
            values["activity_id"] = not_asked.pk
        html = _answered(clients[role], method, filled(path, values))
        if html is not None:
            yield Shown(role, method, address, html)


def _answered(client: Client, method: str, path: str) -> str | None:
    """The page, None for anything else; what the request wrote is undone."""
    with transaction.atomic():
        answer = client.get(path) if method == "GET" else client.post(path, {})
        content = answer.getvalue()
        transaction.set_rollback(True)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    leads_away = method == "POST" and answer.status_code == 302
    return content.decode() if is_page and not leads_away else None
