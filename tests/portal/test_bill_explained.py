"""« Pourquoi ce prix ? » on each line of a bill: the very steps that made it, whatever has changed since."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from marelle.billing.models import Assessment, Invoice
from marelle.bookings.models import Booking
from marelle.families.models import Member
from tests.flows.bills.billed import FIRST, SECOND, Billed
from tests.flows.bills.test_payers import covers, payer_of
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MEAL, MORNING

pytestmark = pytest.mark.django_db


def page_of(home, bill: Invoice) -> str:
    client = Client()
    client.force_login(home.user)
    plain = re.sub(r"<[^>]+>", " ", client.get(f"/factures/{bill.pk}/").content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def billed(*slots: int) -> tuple[Billed, object, Invoice]:
    world = Billed("wednesdays")
    home, zoe = home_of(world)
    world.books(zoe, FIRST, *slots)
    world.books(zoe, SECOND, *slots)
    [bill] = world.bills()
    return world, home, bill


def test_each_line_says_its_days_and_how_it_was_counted():
    _world, home, bill = billed(MORNING, MEAL)
    told = page_of(home, bill)
    assert "Matin + Repas · tarif 3 les 4 et 18 Chaque jour : 7,50 € Pourquoi ce prix ?" in told
    assert "Votre quotient de 400 est dans la tranche de 360 à 564,99. 7,50 € Contester cette ligne" in told
    assert "2 × 7,50 € 15,00 €" in told


def test_the_steps_are_those_of_then_even_once_the_quotient_is_another():
    world, home, bill = billed(MORNING)
    before = page_of(home, bill)
    world.quotient(home, "1300", since=date(2026, 12, 1))
    assert page_of(home, bill) == before


def test_a_correction_says_what_it_was_and_what_it_is():
    world, home, _bill = billed(MORNING)
    Booking.objects.filter(day=SECOND).update(state="cancelled")
    [zoe] = Member.objects.filter(family=home.family, kind="child")
    world.books(zoe.person, date(2026, 12, 2), MORNING, MEAL)
    [second] = world.bills(date(2026, 12, 1))
    told = page_of(home, second)
    assert "Facturé avant : 5,50 €" in told
    assert "le 18 novembre Facturé avant" in told, "a day of another month says which"
    assert "le 2 " in told
    assert "le 2 décembre" not in told


def test_what_somebody_else_pays_says_by_which_decision():
    world = Billed("wednesdays")
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, figure=Decimal(30))
    world.books(zoe, FIRST, MORNING)
    own, _theirs = world.bills()
    assert "Décision n° 12" in page_of(home, own)


def test_the_other_home_reads_its_part_and_not_how_it_was_counted():
    """The steps tell the income of the home that books."""
    world = Billed("wednesdays")
    home, zoe = home_of(world)
    other = world.home("Blanc")
    Member.objects.create(family=other.family, person=zoe, kind=Member.Kind.CHILD, since=date(2019, 9, 1))
    covers(world, home.family.pk, payer_home_id=other.family.pk, child_id=zoe.pk, figure=Decimal(50))
    world.books(zoe, FIRST, MORNING)
    _own, theirs = world.bills()
    told = page_of(other, theirs)
    assert "2,75 €" in told
    assert "Pourquoi ce prix" not in told
    assert "400" not in told


def test_a_bill_says_no_steps_where_none_were_kept():
    _world, home, bill = billed(MORNING)
    Assessment.objects.update(items=None)
    assert "Pourquoi ce prix" not in page_of(home, bill)
    Invoice.objects.update(run=None)
    assert "Pourquoi ce prix" not in page_of(home, bill)
