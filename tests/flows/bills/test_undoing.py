"""An import of payments is undone by itself and may be read again: nothing else changes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.undoing import UndoRefused, import_undo
from marelle.billing.late import debit_stands
from marelle.billing.models import ImportRun, ImportTrail, Invoice, Payment, StrayPayment
from marelle.billing.payments import bills_unlike_their_payments, payments_told
from marelle.billing.tresor.returns import PieceState
from marelle.billing.tresor.strays import piece_take_back, stray_give
from marelle.core.refusals import NotYours
from marelle.journal.models import Entry
from tests.billing.files import csv_of
from tests.billing.tresor.returned import Came, Head, Of, acquit, pes_return
from tests.flows.bills.billed import NOW
from tests.flows.bills.test_returned import LATER, Returned
from tests.standing import built_once

pytestmark = pytest.mark.django_db

STATE = ImportRun.Kind.PAYMENTS

built = built_once(Returned, now=NOW)


@pytest.fixture
def world(built, db) -> Returned:
    return deepcopy(built)


def undo(world: Returned, run: ImportRun) -> ImportRun:
    done = import_undo(actor=world.bursar, run_id=run.pk, now=LATER)
    assert not bills_unlike_their_payments().exists()
    return done


def state(world: Returned, paid: str, *, state: str = "", correction: bool = False) -> ImportRun:
    row = f"{world.bill.number};{paid};15/12/2026;{state}"
    return world.reads(csv_of(row, header="facture;payé;date;état"), STATE, correction=correction)


def came(world: Returned, *amounts: str, made_on: str = "2026-12-10", state: str = "02") -> bytes:
    some = [Came(f"2026-12-0{place}", amount) for place, amount in enumerate(amounts, start=2)]
    return pes_return([Of(world.pieces[0].piece, state, some)], head=Head(made_on=made_on))


def test_a_return_is_undone_and_read_again(world):
    content = came(world, "2.00", "1.00")
    run = world.reads(content)
    other = world.csv(f"09/12/2026;{world.pieces[1].invoice.number};2,50;;")
    with pytest.raises(ImportRefused):
        world.reads(content)
    done = undo(world, run)
    assert (done.undone_at, done.undone_by) == (LATER, "Nadège")
    assert world.paid() == (0, None)
    assert (world.piece().state, world.piece().read_in) == ("", None)
    assert world.paid(world.pieces[1].invoice)[0] == Decimal("2.50")
    assert payments_told([world.bill.pk]) == {world.bill.pk: ()}, "nothing of it is told to the home"
    assert Entry.objects.get(verb="invoices.import_undone").data == {"total": "3.00"}
    undo(world, run)
    assert Entry.objects.filter(verb="invoices.import_undone").count() == 1
    again = world.reads(content)
    assert (again.counts["total"], again.counts["same"]) == ("3.00", 0)
    assert world.paid() == (Decimal("3.00"), date(2026, 12, 3))
    assert world.piece().state == PieceState.TAKEN
    undo(world, other)
    undo(world, again)
    assert world.paid() == (0, None)


def test_what_another_file_tells_too_stays_with_that_one(world):
    first = world.reads(came(world, "2.00", "1.00"))
    second = world.reads(came(world, "2.00", made_on="2026-12-12"))
    undo(world, first)
    assert world.paid()[0] == 2
    assert set(world.bill.payments.filter(amount=2).values_list("read_in", flat=True)) == {second.pk}
    assert world.piece().read_in == second
    undo(world, second)
    assert world.paid()[0] == 0
    assert world.piece().state == ""


def test_a_refusal_that_is_undone_leaves_what_was_said_before_it(world):
    taken = world.reads(came(world, "2.00"))
    refusal = world.reads(acquit("0", head=Head(made_on="2026-12-14")))
    early = world.reads(acquit("1", head=Head(made_on="2026-12-05")))
    assert world.piece().state == PieceState.REJECTED
    undo(world, refusal)
    assert (world.piece().state, world.piece().read_in) == (PieceState.TAKEN, taken)
    assert (world.piece(1).state, world.piece(1).read_in) == (PieceState.RECEIVED, early)
    assert world.paid()[0] == 2


def test_a_state_that_says_all_is_undone_before_what_it_stands_on(world):
    first = world.reads(came(world, "2.00"))
    whole = state(world, "5")
    with pytest.raises(UndoRefused) as refused:
        undo(world, first)
    assert (refused.value.code, refused.value.data) == ("later", {"file": "retour.xml"})
    assert world.paid()[0] == 5
    undo(world, whole)
    assert world.paid()[0] == 2
    undo(world, first)
    assert world.paid()[0] == 0
    state(world, "5")
    assert world.paid()[0] == 5


def test_what_a_state_held_and_a_return_told_comes_back_to_the_state(world):
    whole = state(world, "5")
    told = world.reads(came(world, "2.00"))
    with pytest.raises(UndoRefused, match="later"):
        undo(world, whole)
    undo(world, told)
    assert world.paid()[0] == 5
    assert {one.means for one in payments_told([world.bill.pk])[world.bill.pk]} == {"state"}
    undo(world, whole)
    assert world.paid()[0] == 0


def test_a_bill_that_a_state_cancelled_lives_again(world):
    run = state(world, "", state="annulée")
    assert Invoice.objects.get(pk=world.bill.pk).cancelled_on == date(2026, 12, 15)
    undo(world, run)
    assert Invoice.objects.get(pk=world.bill.pk).cancelled_on is None


def test_what_waits_or_was_given_goes_with_its_file(world):
    content = pes_return([Of(999, came=[Came("2026-12-08", "4.00"), Came("2026-12-09", "1.00")])])
    run = world.reads(content)
    stray = StrayPayment.objects.get(amount=4)
    stray_give(actor=world.bursar, stray_id=stray.pk, number=world.bill.number, now=LATER)
    undo(world, run)
    assert world.paid()[0] == 0
    assert not StrayPayment.objects.exists()
    world.reads(content)
    assert StrayPayment.objects.filter(outcome="").count() == 2


def test_what_an_agent_took_back_since_stands_on_it(world):
    run = world.reads(came(world, "2.00"))
    world.reads(acquit("0", head=Head(made_on="2026-12-14")))
    piece_take_back(actor=world.bursar, invoice_id=world.bill.pk, now=LATER)
    with pytest.raises(UndoRefused) as refused:
        undo(world, run)
    assert (refused.value.code, refused.value.data) == ("by_hand", {"bill": world.bill.number})
    assert world.paid()[0] == 0


def test_an_amount_taken_back_by_a_later_return_is_undone_first(world):
    first = world.reads(came(world, "2.00"))
    second = world.reads(came(world, "2.00", "-1.50", made_on="2026-12-12"))
    undo(world, first)
    assert world.paid()[0] == Decimal("0.50"), "the second tells it too"
    undo(world, second)
    first = world.reads(came(world, "2.00"))
    world.csv(f"12/12/2026;{world.bill.number};-1,50;;")
    with pytest.raises(UndoRefused, match="later"):
        undo(world, first)


def test_what_was_undone_is_no_debit_that_failed(world):
    before = set(Invoice.objects.filter(debit_stands()).values_list("pk", flat=True))
    undo(world, world.reads(came(world, "2.00")))
    assert set(Invoice.objects.filter(debit_stands()).values_list("pk", flat=True)) == before
    negative = Payment.objects.get(amount__lt=0)
    assert negative.reference.startswith("undone ")


def test_nobody_undoes_another_file_nor_that_of_another_authority(world):
    run = world.reads(came(world, "2.00"))
    with pytest.raises(NotYours):
        import_undo(actor=replace(world.bursar, powers=frozenset()), run_id=run.pk, now=LATER)
    ImportTrail.objects.all().delete()
    with pytest.raises(UndoRefused, match="old"):
        undo(world, run)
    ImportRun.objects.filter(pk=run.pk).update(kind="balances")
    with pytest.raises(NotYours):
        undo(world, run)


def test_what_files_of_before_said_of_a_piece_is_not_lost(world):
    old = world.reads(came(world, "2.00"))
    ImportTrail.objects.all().delete()
    refusal = world.reads(acquit("0", head=Head(made_on="2026-12-14")))
    undo(world, refusal)
    assert (world.piece().state, world.piece().read_in) == (PieceState.TAKEN, old)
