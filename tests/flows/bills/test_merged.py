"""Months that were billed to two homes stay so once their files are one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from marelle.billing.models import RunDoubt
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.flows.bills.months import home_months
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.services import family_merge
from tests.flows.bills.billed import FIRST, Billed
from tests.flows.bills.test_corrections import sent
from tests.pricing.sheets import AFTERNOON, MORNING

pytestmark = pytest.mark.django_db

IN_DECEMBER = datetime(2026, 12, 5, 9, tzinfo=PARIS)
DECEMBER = date(2026, 12, 1)


def merged(world: Billed, kept, left) -> None:
    office = actor_for(world.staff("guichet", Role.OFFICE))
    given = {"actor": office, "kept_id": kept.family.pk, "left_id": left.family.pk}
    preview = merge_preview(**given, pairs=None, now=IN_DECEMBER)
    family_merge(**given, pairs=preview.pairs, fingerprint=preview.fingerprint, chosen={}, now=IN_DECEMBER)


def test_what_was_billed_to_two_homes_is_not_corrected_once_they_are_one(client: Client) -> None:
    """Alone in its home each child was the first: together the second would have cost less, and the newer
    income would have counted for the days of both."""
    world = Billed("wednesdays siblings")
    kept, left = world.home("Haddad", "Rachid"), world.home("Haddad", "Amina")
    world.quotient(kept, "400")
    world.quotient(left, "900")
    ines, sami = world.enrols(kept, "Inès"), world.enrols(left, "Sami", date(2021, 2, 3))
    for child in (ines, sami):
        world.books(child, FIRST, MORNING)
    bills = world.bills()
    assert len(bills) == 2
    merged(world, kept, left)
    world.books(ines, date(2026, 12, 2), AFTERNOON)
    run = world.previews(DECEMBER)
    doubts = [(one.code, one.day) for one in RunDoubt.objects.filter(run=run, code="merged")]
    assert doubts == [("merged", date(2026, 11, 1))]
    client.force_login(world.staff("caisse", Role.OFFICE))
    page = client.get(f"/agents/factures/mois/{run.pk}/").content.decode()
    assert f'href="/agents/factures/foyers/{kept.family.pk}/"' in page, "where they are corrected"
    world.confirms(run)
    [bill] = run.invoices.all()
    assert bill.family_id == kept.family.pk
    assert {day[:7] for line in bill.lines.all() for day in line.days} == {"2026-12"}
    billed = sum((one.total for one in bills), Decimal(0))
    told = {one.first: one for one in home_months(world.bursar, kept.family.pk, date(2026, 12, 5))}
    assert (told[date(2026, 11, 1)].due, told[date(2026, 11, 1)].left) == (billed, 0)


def test_an_agent_corrects_such_a_month_by_hand() -> None:
    world = Billed("wednesdays siblings")
    kept, left = world.home("Haddad", "Rachid"), world.home("Haddad", "Amina")
    world.quotient(kept, "400")
    ines = world.enrols(kept, "Inès")
    world.books(ines, FIRST, MORNING)
    [bill] = world.bills()
    merged(world, kept, left)
    Booking.objects.all().delete()
    assert not world.bills(DECEMBER)
    assert sent(world, bill).total == -bill.total


def test_a_month_that_was_billed_to_neither_is_billed() -> None:
    world = Billed("wednesdays siblings")
    kept, left = world.home("Haddad", "Rachid"), world.home("Haddad", "Amina")
    world.quotient(kept, "400")
    ines, sami = world.enrols(kept, "Inès"), world.enrols(left, "Sami", date(2021, 2, 3))
    for child in (ines, sami):
        world.books(child, FIRST, MORNING)
    merged(world, kept, left)
    [bill] = world.bills()
    assert {line.child_id for line in bill.lines.all()} == {ines.pk, sami.pk}
    assert not RunDoubt.objects.filter(code="merged").exists()
