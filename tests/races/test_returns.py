"""What comes back read by several at once, or while a credit note is issued: each amount counts once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from threading import Event
from time import sleep

import pytest
from django.db import transaction

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_confirm, import_prepare
from marelle.billing.models import ImportRun, Invoice, Payment, StrayPayment
from marelle.billing.payments import bills_unlike_their_payments
from marelle.billing.tresor.strays import StrayRefused, stray_give, stray_set_aside
from marelle.bookings.models import Booking
from marelle.core.clock import PARIS
from marelle.flows.bills.working import bill_correct
from tests.billing.files import csv_of, upload
from tests.billing.tresor.returned import Came, Head, Of, pes_return
from tests.flows.bills.billed import FIRST, NOW
from tests.flows.bills.test_returned import Returned
from tests.races.together import together, together_or_errors

pytestmark = pytest.mark.django_db(transaction=True)

LATER = datetime(2026, 12, 20, 10, 0, tzinfo=PARIS)


def prepared(world: Returned, content: bytes, kind: str = ImportRun.Kind.TRESOR) -> ImportRun:
    return import_prepare(
        actor=world.bursar, authority_id=world.the_authority.pk, kind=kind, month=None, correction=False,
        upload=upload(content, "retour.xml"), now=LATER,
    )  # fmt: skip


def confirms(world: Returned, run: ImportRun) -> ImportRun:
    return import_confirm(actor=world.bursar, run_id=run.pk, tell=False, now=LATER)


def test_one_file_read_by_three_counts_once() -> None:
    world = Returned()
    content = pes_return([Of(one.piece, came=[Came("2026-12-08", "2.00")]) for one in world.pieces])
    runs = [prepared(world, content) for _agent in range(3)]
    answers = together_or_errors([lambda run=run: confirms(world, run) for run in runs])
    assert sum(isinstance(one, ImportRefused) for one in answers) == 2
    assert Payment.objects.count() == 3
    assert not bills_unlike_their_payments().exists()


def test_files_that_tell_the_same_amounts_at_once_count_them_once() -> None:
    world = Returned()
    came = [Came("2026-12-08", "2.00"), Came("2026-12-09", "1.00")]
    contents = [
        pes_return([Of(one.piece, came=came) for one in world.pieces], head=Head(made_on=f"2026-12-1{day}"))
        for day in range(3)
    ]
    states = csv_of(
        *(f"{one.invoice.number};3;09/12/2026" for one in world.pieces), header="facture;payé;date"
    )
    runs = [*(prepared(world, one) for one in contents), prepared(world, states, ImportRun.Kind.PAYMENTS)]
    together([lambda run=run: confirms(world, run) for run in runs])
    assert {row.paid for row in Invoice.objects.filter(pk__in=[one.invoice_id for one in world.pieces])} == {
        Decimal("3.00")
    }
    assert not bills_unlike_their_payments().exists()
    assert not StrayPayment.objects.exists()


def test_a_bill_paid_whole_while_a_credit_note_is_issued_is_owed_nothing_below_zero() -> None:
    world = Returned()
    before = world.bill.total
    run = prepared(world, pes_return([Of(world.pieces[0].piece, came=[Came("2026-12-08", f"{before:.2f}")])]))
    Booking.objects.filter(child__memberships__family=world.bill.family, day=FIRST).update(state="cancelled")
    note = bill_correct(actor=world.bursar, invoice_id=world.bill.pk, reason="Absence", now=NOW)

    together([lambda: confirms(world, run), lambda: world.confirms(note)])
    bill = Invoice.objects.get(pk=world.bill.pk)
    waits = sum(one.amount for one in StrayPayment.objects.all())
    assert bill.credited == before
    assert bill.paid + waits == before, "what came is on the bill, or waits"
    assert not bills_unlike_their_payments().exists()


def test_an_amount_that_comes_while_a_credit_note_is_written_sees_it() -> None:
    """The note holds the bill: what comes waits for it, and then finds nothing left to pay."""
    world = Returned()
    total = world.bill.total
    run = prepared(world, pes_return([Of(world.pieces[0].piece, came=[Came("2026-12-08", f"{total:.2f}")])]))
    held = Event()

    def note() -> None:
        with transaction.atomic():
            Invoice.objects.filter(pk=world.bill.pk).update(credited=total)
            held.set()
            sleep(0.5)

    def comes() -> None:
        assert held.wait(5)
        confirms(world, run)

    together([note, comes])
    assert Invoice.objects.get(pk=world.bill.pk).paid == 0
    assert StrayPayment.objects.get().amount == total


def test_an_amount_that_waits_is_settled_by_one_of_several() -> None:
    world = Returned()
    confirms(world, prepared(world, pes_return([Of(999, came=[Came("2026-12-08", "2.00")])])))
    stray = StrayPayment.objects.get()
    gives = [
        lambda bill=one.invoice: stray_give(
            actor=world.bursar, stray_id=stray.pk, number=bill.number, now=LATER
        )
        for one in world.pieces
    ]
    asides = [lambda: stray_set_aside(actor=world.bursar, stray_id=stray.pk, reason="x", now=LATER)]
    answers = together_or_errors([*gives, *asides])
    assert sum(isinstance(one, StrayRefused) for one in answers) == 3
    assert Payment.objects.count() <= 1
