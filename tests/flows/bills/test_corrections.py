"""A bill that was sent is never changed: a further bill or a credit note, with its reason, puts it right."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.models import BillingRun, Invoice
from marelle.billing.rules import InvoiceState
from marelle.billing.runs.refusals import RunRefused
from marelle.bookings.models import Booking
from marelle.core.refusals import NotYours
from marelle.flows.bills.working import bill_correct
from marelle.mail.models import Message
from tests.billing.world import is_late
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

WHY = "Le certificat est arrivé à temps."


def corrected(world: Billed, bill: Invoice) -> BillingRun:
    run = bill_correct(actor=world.bursar, invoice_id=bill.pk, reason=WHY, now=NOW)
    assert run.state == "previewed"
    return run


def sent(world: Billed, bill: Invoice) -> Invoice:
    run = world.confirms(corrected(world, bill))
    [made] = run.invoices.all()
    return made


def billed(world: Billed, *slots: int) -> tuple[Invoice, list[Booking]]:
    _home, zoe = home_of(world)
    bookings = world.books(zoe, FIRST, *slots)
    [bill] = world.bills()
    return bill, bookings


built = built_once(lambda: Billed("wednesdays"), now=NOW)


@pytest.fixture
def world(built, db) -> Billed:
    return deepcopy(built)


def test_what_is_taken_away_comes_as_a_credit_note_on_the_bill(world):
    bill, _bookings = billed(world, MORNING)
    Booking.objects.update(state="cancelled")
    note = sent(world, bill)
    assert (note.kind, note.total, note.corrects, note.reason) == ("credit", Decimal("-5.50"), bill, WHY)
    assert (note.number, note.state) == ("2026-000002", InvoiceState.CREDIT)
    bill.refresh_from_db()
    assert (bill.total, bill.credited, bill.left) == (Decimal("5.50"), Decimal("5.50"), Decimal(0))
    assert bill.state is InvoiceState.CREDITED
    assert not is_late(bill.family_id, date(2027, 6, 1))


def test_a_part_taken_away_leaves_the_rest_to_pay(world):
    bill, (_morning, meal) = billed(world, MORNING, MEAL)
    Booking.objects.filter(pk=meal.pk).update(state="cancelled")
    assert sent(world, bill).total == Decimal("-2.00")
    bill.refresh_from_db()
    assert (bill.left, bill.state) == (Decimal("5.50"), InvoiceState.TO_PAY)
    bill.paid = Decimal("5.50")
    bill.save()
    assert bill.state is InvoiceState.PAID
    assert not Invoice.objects.unpaid().filter(pk=bill.pk).exists()


def test_what_is_added_comes_as_a_further_bill(world):
    bill, _bookings = billed(world, MORNING)
    child = bill.lines.get().child
    world.books(child, SECOND, MORNING, MEAL, AFTERNOON)
    further = sent(world, bill)
    assert (further.kind, further.total, further.corrects) == ("further", Decimal("11.00"), bill)
    bill.refresh_from_db()
    assert (bill.credited, bill.left) == (Decimal(0), Decimal("5.50"))


def test_a_correction_made_is_never_billed_again(world):
    bill, _bookings = billed(world, MORNING)
    Booking.objects.update(state="cancelled")
    sent(world, bill)
    with pytest.raises(RunRefused, match="same"):
        corrected(world, bill)
    assert world.bills(date(2026, 12, 1)) == []


def test_nothing_is_begun_where_nothing_has_changed(world):
    bill, _bookings = billed(world, MORNING)
    with pytest.raises(RunRefused, match="same"):
        corrected(world, bill)
    assert not BillingRun.objects.live().exists()


def test_what_waited_is_not_taken_along_by_a_correction(world):
    bill, _bookings = billed(world, MORNING)
    child = bill.lines.get().child
    december = date(2026, 12, 2)
    world.books(child, december, MORNING)
    [second] = world.bills(date(2026, 12, 1))
    Booking.objects.filter(day=FIRST).update(state="cancelled")
    assert world.bills(date(2026, 12, 1)) == [], "what is owed to the home waits"
    Booking.objects.filter(day=december).update(state="cancelled")
    assert sent(world, second).total == Decimal("-5.50")


def test_a_bill_that_came_by_a_file_is_corrected_by_a_file(world):
    bill, _bookings = billed(world, MORNING)
    Invoice.objects.update(run=None)
    with pytest.raises(RunRefused, match="by_file"):
        corrected(world, bill)


def test_a_bill_of_another_authority_is_out_of_reach(world):
    bill, _bookings = billed(world, MORNING)
    other = Billed.office_actor(world)
    elsewhere = type(other)(None, "Autre", powers=frozenset())
    with pytest.raises(NotYours):
        bill_correct(actor=elsewhere, invoice_id=bill.pk, reason=WHY, now=NOW)


def test_a_credit_note_is_not_corrected_itself(world):
    bill, _bookings = billed(world, MORNING)
    Booking.objects.update(state="cancelled")
    note = sent(world, bill)
    with pytest.raises(NotYours):
        bill_correct(actor=world.bursar, invoice_id=note.pk, reason=WHY, now=NOW)


def test_the_home_is_told_that_its_bill_is_corrected_not_why(world):
    bill, _bookings = billed(world, MORNING)
    Booking.objects.update(state="cancelled")
    sent(world, bill)
    last = Message.objects.order_by("pk").last()
    assert last is not None
    assert "un avoir" in last.text
    assert WHY not in last.text
    assert "comment la régler" not in last.text
