"""Once a home is separated, each adult walks all of its own pages: nothing of the other’s is on any."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.billing.models import Invoice
from marelle.families.models import Person, PickupContact
from marelle.families.services import residence_add
from marelle.flows.home.separating.plan import Plan, Reach
from marelle.messaging.models import Message, Thread
from tests.care import contact
from tests.flows.together import NOW, TODAY, Together

pytestmark = pytest.mark.django_db

OF_CAMILLE = {
    "phone": "06 39 98 77 01",
    "mail": "camille.cachee@famille.example",
    "profession": "souffleuse de verre",
    "street": "12 sente aux Renards",
    "income": "987,65",
    "contact": "Line Roche",
    "message": "Doudou oublié",
}
OF_SACHA = {
    "phone": "06 39 98 77 09",
    "mail": "sacha.cache@famille.example",
    "profession": "tailleur de pierre",
    "street": "9 impasse du Lavoir",
    "contact": "Paule Ortiz",
    "message": "Cartable perdu",
}
HREF = re.compile(r'href="(/[^"#]*)')
LEFT_ALONE = ("/deconnexion/", "/demo/", "/static/", "/agents/")
MOST_PAGES = 300


def pages_of(client: Client) -> dict[str, str]:
    """Every page that links lead to, by its address, as it is read."""
    found: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        path = unescape(waiting.pop())
        if path in found or path.startswith(LEFT_ALONE):
            continue
        assert len(found) < MOST_PAGES, "the walk does not end"
        answer = client.get(path, follow=True)
        content = unescape(answer.getvalue().decode(errors="replace"))
        found[path] = content.replace("\xa0", " ").replace("\u202f", " ")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            # Not every week of every year: a page is one, whatever its period.
            known = {address.partition("?")[0] for address in found}
            waiting += [link for link in HREF.findall(content) if link.partition("?")[0] not in known]
    return found


@pytest.fixture
def world(time_machine: Any) -> Together:
    time_machine.move_to(NOW, tick=False)
    world = Together()
    camille = world.home_of_both.adult
    Person.objects.filter(pk=camille.pk).update(
        phone="+33639987701", email=OF_CAMILLE["mail"], profession=OF_CAMILLE["profession"]
    )
    Person.objects.filter(pk=world.sacha.pk).update(profession=OF_SACHA["profession"])
    world.quotient(world.home_of_both, "987.65", since=TODAY - timedelta(9))
    of_camille, of_sacha = contact(world.home_of_both, world.milo), contact(world.home_of_both, world.leo)
    for row, name in ((of_camille, OF_CAMILLE["contact"]), (of_sacha, OF_SACHA["contact"])):
        PickupContact.objects.filter(pk=row.pk).update(name=name)
    for account, subject in (
        (world.home_of_both.user, OF_CAMILLE["message"]),
        (world.sacha.account, OF_SACHA["message"]),
    ):
        thread = Thread.objects.create(
            family=world.family, structure=world.the_structure, subject=subject, opened_at=NOW, last_at=NOW
        )
        Message.objects.create(
            thread=thread, from_staff=False, author=str(account), account_id=account.pk, text=subject, at=NOW
        )
    Invoice.objects.create(
        authority=world.the_authority, family=world.family, number="F-1", month=TODAY.replace(day=1),
        issued_on=TODAY - timedelta(3), due_on=TODAY + timedelta(20), total=Decimal(12), paid=Decimal(0),
    )  # fmt: skip
    new = world.separate(_plan(world))
    residence_add(
        actor=world.office, family_id=world.family.pk, street=OF_CAMILLE["street"], postal_code="21999",
        city="Arelle", commune_id=None, since=TODAY, source="bail", now=NOW,
    )  # fmt: skip
    assert new.pk != world.family.pk
    return world


def _plan(world: Together) -> Plan:
    where = world.plan().address
    return world.plan(
        address=type(where)(OF_SACHA["street"], "21999", "Arelle", "bail"),
        adults={world.sacha.pk: Reach(OF_SACHA["mail"], "+33639987709")},
    )


@pytest.mark.parametrize("who", ["camille", "sacha"])
def test_no_page_of_one_holds_anything_of_the_other(world, who):
    own, others = (OF_CAMILLE, OF_SACHA) if who == "camille" else (OF_SACHA, OF_CAMILLE)
    client = Client()
    client.force_login(world.home_of_both.user if who == "camille" else world.sacha.account)
    pages = pages_of(client)
    told = {(path, name) for path, text in pages.items() for name, mark in others.items() if mark in text}
    assert told == set()
    # Or the walk proves nothing: its own are all there, with the bill of before and the child of both.
    read = "\n".join(pages.values())
    assert [name for name, mark in own.items() if mark not in read] == []
    assert "F-1" in read
    assert "Milo" in read
