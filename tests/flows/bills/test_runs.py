"""A month is previewed, then issued: each home once, whole, with numbers that have no gap."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.models import Assessment, BillingRun, Invoice
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.services import run_cancel
from marelle.bookings.models import Booking
from marelle.mail.models import Message
from tests.flows.bills.billed import FIRST, NOW, SECOND, THIRD, Billed
from tests.flows.prices.priced import WEDNESDAYS, amounts
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

LATE = "Régularisation, novembre 2026\u00a0:"


def home_of(world: Billed, name: str = "Roy", quotient: str = "400"):
    home = world.home(name)
    world.quotient(home, quotient)
    return home, world.enrols(home, "Zoé")


def lines_of(invoice: Invoice) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [(line.label, line.quantity, line.unit_price, line.amount) for line in invoice.lines.all()]


built = built_once(lambda: Billed("wednesdays"), now=NOW)


@pytest.fixture
def world(built, db) -> Billed:
    return deepcopy(built)


def test_a_bill_is_what_the_month_was_said_to_cost(world):
    home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING, MEAL)
    world.books(zoe, SECOND, MORNING, MEAL)
    world.books(zoe, THIRD, MORNING, MEAL, AFTERNOON)
    [bill] = world.bills()
    assert bill.total == sum(amounts(home)) == Decimal("26.00")
    assert (bill.number, bill.family_id, bill.month) == ("2026-000001", home.family.pk, date(2026, 11, 1))
    assert [line[1:] for line in lines_of(bill)] == [
        (Decimal("2.00"), Decimal("7.5000"), Decimal("15.00")),
        (Decimal("1.00"), Decimal("11.0000"), Decimal("11.00")),
    ]
    assert [line.days for line in bill.lines.all()] == [["2026-11-04", "2026-11-18"], ["2026-11-25"]]


def test_nothing_is_billed_twice(world):
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    assert len(world.bills()) == 1
    assert world.bills() == []


def test_what_changes_afterwards_is_billed_as_a_difference_once(world):
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    [gone] = world.books(zoe, SECOND, MORNING)
    world.bills()
    Booking.objects.filter(pk=gone.pk).update(state="cancelled")
    world.books(zoe, FIRST, MEAL)
    [december] = world.books(zoe, date(2026, 12, 2), MORNING, AFTERNOON, MEAL)[:1]
    [bill] = world.bills(date(2026, 12, 1))
    assert [(line[0], line[3]) for line in lines_of(bill)] == [
        ("Matin + Repas + Après-midi · tarif 1", Decimal("11.00")),
        (
            f"{LATE} autres créneaux · Matin + Repas · tarif 3 (7,50\u00a0€ au lieu de 5,50\u00a0€)",
            Decimal("2.00"),
        ),
        (f"{LATE} retiré · Matin · tarif 2 (0,00\u00a0€ au lieu de 5,50\u00a0€)", Decimal("-5.50")),
    ]
    assert bill.total == Decimal("7.50")
    assert world.bills(date(2026, 12, 1)) == []
    assert december.pk


def test_numbers_follow_the_names_without_a_gap(world):
    for name in ("Roy", "Blanc", "Noir"):
        _home, child = home_of(world, name)
        world.books(child, FIRST, MORNING)
    bills = world.bills()
    assert [(bill.number, bill.family.name) for bill in bills] == [
        ("2026-000001", "Blanc"),
        ("2026-000002", "Noir"),
        ("2026-000003", "Roy"),
    ]


def test_a_home_that_has_changed_is_left_out_and_takes_no_number(world):
    children = {}
    for name in ("Blanc", "Noir", "Roy"):
        _home, children[name] = home_of(world, name)
        world.books(children[name], FIRST, MORNING)
    run = world.previews()
    world.books(children["Noir"], SECOND, MORNING)
    world.confirms(run)
    assert list(run.invoices.order_by("number").values_list("number", "family__name")) == [
        ("2026-000001", "Blanc"),
        ("2026-000002", "Roy"),
    ]
    assert Assessment.objects.get(state="left_out").family.name == "Noir"
    [bill] = world.bills()
    assert (bill.number, bill.family.name, bill.total) == ("2026-000003", "Noir", Decimal("11.00"))


def test_homes_are_told_once(world):
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    world.bills()
    assert Message.objects.filter(kind="billing/invoice_there").count() == 1


def test_a_run_is_given_up_whole_until_it_is_issued(world):
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    run = world.previews()
    run_cancel(actor=world.bursar, run_id=run.pk, now=NOW)
    assert not Assessment.objects.exists()
    [bill] = world.bills()
    assert bill.number == "2026-000001"
    with pytest.raises(RunRefused):
        run_cancel(actor=world.bursar, run_id=BillingRun.objects.get(state="issued").pk, now=NOW)


def test_two_runs_of_an_authority_do_not_go_on_together(world):
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    world.previews()
    with pytest.raises(RunRefused, match="live"):
        world.previews()


def test_what_was_asked_and_nobody_answered_is_told_with_its_structure(world):
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    Booking.objects.update(state="requested")
    run = world.previews()
    [doubt] = run.doubts.filter(code="unanswered")
    assert (doubt.structure, doubt.number, doubt.day) == (world.the_structure, 1, FIRST)
    Booking.objects.update(state="booked")
    run_cancel(actor=world.bursar, run_id=run.pk, now=NOW)
    assert not world.previews().doubts.filter(code="unanswered").exists()


def test_what_is_left_of_a_billed_month_is_not_said_to_be_unlike_the_others(world):
    _home, zoe = home_of(world)
    for day in WEDNESDAYS:
        world.books(zoe, day, world.whole_day)
    world.bills()
    for day in (date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 16)):
        world.books(zoe, day, world.whole_day)
    world.bills(date(2026, 12, 1))
    Booking.objects.filter(day=date(2026, 12, 2)).update(state="cancelled")
    again = world.previews(date(2026, 12, 1))
    assert {one.code for one in again.doubts.exclude(assessment=None)} == {"negative"}
