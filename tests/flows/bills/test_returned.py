"""What the Trésor sends back: pieces' states, amounts each counted once, and what waits for an agent."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_confirm, import_prepare, import_report
from marelle.billing.labels import counts_text, problem_text
from marelle.billing.models import ExportedBill, ImportRun, Invoice, Payment, StrayPayment
from marelle.billing.paid import Means, Stray
from marelle.billing.tresor.report import waiting_of
from marelle.billing.tresor.returns import PieceState
from marelle.billing.tresor.services import ExportRefused, tresor_export_cancel
from marelle.billing.tresor.strays import (
    StrayRefused,
    piece_free,
    piece_settle,
    piece_take_back,
    stray_give,
    stray_set_aside,
    strays_set_aside,
)
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.journal.models import Entry
from tests.billing.files import csv_of, upload
from tests.billing.tresor.returned import Came, Head, Of, acquit, pes_return
from tests.flows.bills.billed import NOW, Billed
from tests.flows.bills.test_tresor import Sent
from tests.standing import built_once

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 12, 20, 10, 0, tzinfo=PARIS)
KIND = ImportRun.Kind.TRESOR


class Returned(Sent):
    """A role of three bills, of which something comes back."""

    def __init__(self, **terms: object) -> None:
        super().__init__(**terms)
        [self.export] = self.leaves()
        self.pieces = list(self.export.bills.order_by("piece"))
        self.bill = self.pieces[0].invoice

    def reads(self, content: bytes, kind: str = KIND, *, correction: bool = False) -> ImportRun:
        run = import_prepare(
            actor=self.bursar, authority_id=self.the_authority.pk, kind=kind, month=None,
            correction=correction, upload=upload(content, "retour.xml"), now=LATER,
        )  # fmt: skip
        return import_confirm(actor=self.bursar, run_id=run.pk, tell=True, now=LATER)

    def csv(self, *rows: str, header: str = "date;facture;montant;état;motif") -> ImportRun:
        return self.reads(csv_of(*rows, header=header), ImportRun.Kind.TRESOR_CSV)

    def said(self, content: bytes, kind: str = KIND) -> list[str]:
        run = import_prepare(
            actor=self.bursar, authority_id=self.the_authority.pk, kind=kind, month=None, correction=False,
            upload=upload(content, "retour.xml"), now=LATER,
        )  # fmt: skip
        report = import_report(actor=self.bursar, run_id=run.pk, now=LATER)[1]
        return [problem_text(one).replace("\u00a0", " ") for one in report.problems]

    def paid(self, bill: Invoice | None = None) -> tuple[Decimal, date | None]:
        row = Invoice.objects.get(pk=(bill or self.bill).pk)
        assert row.paid == sum(one.amount for one in row.payments.all())
        return row.paid, row.paid_on

    def piece(self, number: int = 0) -> ExportedBill:
        return ExportedBill.objects.get(pk=self.pieces[number].pk)

    @property
    def total(self) -> str:
        return f"{self.bill.total:.2f}"


built = built_once(Returned, now=NOW)


@pytest.fixture
def world(built, db) -> Returned:
    return deepcopy(built)


def test_an_acknowledgement_tells_each_piece_that_it_was_received(world):
    run = world.reads(acquit("1"))
    assert {(one.state, one.state_on, one.read_in) for one in world.export.bills.all()} == {
        (PieceState.RECEIVED, date(2026, 12, 10), run)
    }
    assert run.counts["pieces"] == 3
    assert not Payment.objects.exists()


def test_a_refused_file_rejects_each_piece_with_the_words_of_its_error(world):
    world.reads(acquit("0", [(2, "1410", "Adresse du tiers incomplète")], whole=("9", "Bordereau refusé")))
    first, second, _third = (world.piece(number) for number in range(3))
    assert (first.state, first.code, first.said) == (PieceState.REJECTED, "9", "Bordereau refusé")
    assert (second.state, second.code, second.said) == (
        PieceState.REJECTED,
        "1410",
        "Adresse du tiers incomplète",
    )


def test_a_return_marks_what_is_taken_in_charge_and_what_is_paid(world):
    first, second, third = world.pieces
    content = pes_return(
        [
            Of(first.piece, "02", [Came("2026-12-08", "3.00"), Came("2026-12-09", "2.50")], debt=first.debt),
            Of(second.piece, "03"),
            Of(third.piece, "01"),
        ]
    )
    run = world.reads(content)
    assert world.paid() == (Decimal("5.50"), date(2026, 12, 9))
    rows = world.bill.payments.values_list("amount", "on", "means", "read_in", "recorded_by")
    assert list(rows) == [
        (Decimal("3.00"), date(2026, 12, 8), "tresor", run.pk, "Nadège"),
        (Decimal("2.50"), date(2026, 12, 9), "tresor", run.pk, "Nadège"),
    ]
    states = [world.piece(number).state for number in range(3)]
    assert states == [PieceState.TAKEN, PieceState.PARTLY, PieceState.WAITING]
    assert "1 facture payée de 5,50 €" in counts_text(run.kind, run.counts).replace("\u00a0", " ")
    assert Entry.objects.filter(verb="invoices.returns_imported").count() == 1


def test_an_amount_that_several_files_tell_counts_once(world):
    piece = world.pieces[0].piece
    once = Came("2026-12-08", "2.00")
    world.reads(pes_return([Of(piece, came=[once])]))
    again = world.reads(pes_return([Of(piece, came=[once, once])], head=Head(made_on="2026-12-12")))
    assert world.paid()[0] == Decimal("4.00"), "two alike of one file are two"
    assert (again.counts["same"], again.counts["total"]) == (1, "2.00")
    other_line = Came("2026-12-08", "2.00", line=2)
    world.reads(pes_return([Of(piece, came=[once, other_line])], head=Head(made_on="2026-12-13")))
    assert world.paid()[0] == Decimal("6.00")


def test_what_a_state_of_payments_has_told_in_all_is_not_counted_again(world):
    piece, number = world.pieces[0].piece, world.bill.number
    state = csv_of(f"{number};5;15/12/2026", header="facture;payé;date")
    world.reads(state, ImportRun.Kind.PAYMENTS)
    came = [Came("2026-12-08", "2.00"), Came("2026-12-15", "3.00"), Came("2026-12-16", "1.00")]
    world.reads(pes_return([Of(piece, came=came)]))
    assert world.paid() == (Decimal("6.00"), date(2026, 12, 16))
    by_day = {one.on.day: one.amount for one in told_of(world)}
    assert by_day == {8: Decimal("2.00"), 15: Decimal("3.00"), 16: Decimal("1.00")}
    state = csv_of(f"{number};6;16/12/2026", header="facture;payé;date")
    assert world.reads(state, ImportRun.Kind.PAYMENTS).counts["same"] == 1


def told_of(world):
    from marelle.billing.payments import payments_told

    found = payments_told([world.bill.pk])[world.bill.pk]
    assert {one.means for one in found} == {"tresor"}
    return found


def test_a_refused_file_takes_back_nothing_that_was_paid_and_says_so(world):
    """Whatever the payments came from, a return or a CSV, and whichever is read first."""
    first, second, third = world.pieces
    refused = acquit("0", [(2, "1410", "Adresse du tiers incomplète")], head=Head(made_on="2026-12-14"))
    world.reads(pes_return([Of(first.piece, came=[Came("2026-12-08", "3.00")])]))
    world.csv(f"09/12/2026;{second.invoice.number};2,50;;")
    run = world.reads(refused)
    later = world.csv(f"10/12/2026;{third.invoice.number};1,00;;")
    paid = [world.paid(one.invoice)[0] for one in world.pieces]
    assert paid == [Decimal("3.00"), Decimal("2.50"), Decimal("1.00")]
    assert {world.piece(number).state for number in range(3)} == {PieceState.REJECTED}
    assert (run.counts["still_paid"], run.counts["still_paid_total"]) == (2, "5.50")
    assert (later.counts["still_paid"], later.counts["still_paid_total"]) == (1, "1.00")
    said = counts_text(run.kind, run.counts).replace("\u00a0", " ")
    assert "2 factures rejetées sont payées de 5,50 € : à vous de décider" in said
    again = world.reads(
        pes_return([Of(first.piece, came=[Came("2026-12-08", "3.00")])], head=Head(made_on="2026-12-16"))
    )
    assert (again.counts["same"], world.paid()[0], world.piece().state) == (1, 3, PieceState.TAKEN)


def test_an_answer_dated_before_its_file_is_refused_whole(world):
    before, same_day = Head(made_on="2026-11-30"), Head(made_on="2026-12-01")
    for content in (
        acquit("0", [(2, "1", "x")], head=before),
        acquit("1", head=before),
        pes_return([Of(one.piece, came=[Came("2026-11-29", "1.00")]) for one in world.pieces], head=before),
    ):
        [text] = world.said(content)
        assert "est daté du 30 novembre 2026, avant le départ du fichier n° 1 auquel il répond" in text
        with pytest.raises(ImportRefused):
            world.reads(content)
    assert world.paid() == (0, None)
    assert world.piece().state == ""
    world.reads(acquit("1", head=same_day))
    assert world.piece().state == PieceState.RECEIVED


def test_a_late_rejection_takes_back_what_was_paid_once_an_agent_says_so(world):
    piece = world.pieces[0].piece
    takes = {"actor": world.bursar, "invoice_id": world.bill.pk, "now": LATER}
    world.reads(pes_return([Of(piece, came=[Came("2026-12-08", world.total)])]))
    with pytest.raises(StrayRefused, match="taken"):
        piece_take_back(**takes)
    run = world.reads(
        pes_return([Of(piece, "04", text="Coordonnées bancaires fausses")], head=Head(made_on="2026-12-14"))
    )
    assert world.paid()[0] == world.bill.total
    assert run.counts["still_paid"] == 1
    piece_take_back(**takes)
    assert world.paid() == (0, None)
    last = world.bill.payments.last()
    assert (last.amount, last.on, last.means, last.read_in) == (
        -world.bill.total,
        date(2026, 12, 14),
        Means.HAND,
        None,
    )
    assert (world.piece().state, world.piece().said) == (PieceState.REJECTED, "Coordonnées bancaires fausses")
    assert Entry.objects.get(verb="exported_bill.taken_back").data == {"piece": piece, "amount": world.total}
    with pytest.raises(StrayRefused, match="unpaid"):
        piece_take_back(**takes)
    world.reads(
        pes_return([Of(piece, came=[Came("2026-12-08", world.total)])], head=Head(made_on="2026-12-09"))
    )
    assert world.paid() == (0, None), "an older file changes nothing"
    assert world.piece().state == PieceState.REJECTED


def test_an_amount_below_zero_takes_a_part_back(world):
    piece = world.pieces[0].piece
    world.reads(pes_return([Of(piece, came=[Came("2026-12-08", "5.00"), Came("2026-12-12", "-2.00")])]))
    assert world.paid() == (Decimal("3.00"), date(2026, 12, 8))
    run = world.reads(pes_return([Of(piece, came=[Came("2026-12-15", "-4.00")])]))
    assert world.paid()[0] == 0
    assert "3,00 € repris sur 1 facture" in counts_text(run.kind, run.counts).replace("\u00a0", " ")
    [stray] = StrayPayment.objects.all()
    assert (stray.amount, stray.why, stray.invoice) == (Decimal("-1.00"), Stray.LESS, world.bill)


def test_what_is_of_no_piece_waits(world):
    first, second, _third = world.pieces
    world.reads(
        pes_return(
            [
                Of(999, came=[Came("2026-12-08", "7.00")]),
                Of(998),
                Of(first.piece, came=[Came("2026-12-08", "8.00")], debt="26110009999"),
                Of(second.piece, came=[Came("2026-12-08", "1000.00")]),
            ]
        )
    )
    rows = list(StrayPayment.objects.order_by("pk").values_list("amount", "why", "invoice"))
    assert rows == [
        (Decimal("7.00"), Stray.UNKNOWN, None),
        (Decimal("8.00"), Stray.DEBT, first.invoice_id),
        (1000 - second.invoice.total, Stray.MORE, second.invoice_id),
    ]
    assert world.paid() == (0, None)
    assert world.paid(second.invoice)[0] == second.invoice.total
    assert world.piece().state == "", "the state of another debt is not its own"
    said = StrayPayment.objects.earliest("pk").said
    assert said == "bordereau 1 de 2026, pièce 999"


def test_a_bordereau_of_another_number_or_kind_is_not_ours(world):
    piece = world.pieces[0].piece
    came = [Came("2026-12-08", "1.00")]
    for changes in ({"number": 2}, {"exercise": 2025}, {"kind": "01"}, {"head": Head(budget="02")}):
        world.reads(pes_return([Of(piece, came=came)], **changes))
    assert StrayPayment.objects.filter(why=Stray.UNKNOWN).count() == 4
    assert world.paid() == (0, None)


def test_by_csv_a_bill_a_debt_or_a_piece_is_named(world):
    first, second, third = world.pieces
    header = "date;facture;dette;exercice;bordereau;pièce;état;montant;référence;motif"
    run = world.csv(
        f"08/12/2026;{first.invoice.number};;;;;prise en charge;2,00;;",
        f"08/12/2026;;{second.debt};;;;;2,50;ENC-1;",
        f"08/12/2026;;;2026;1;{third.piece};rejetée;;;adresse fausse",
        "08/12/2026;inconnue;;;;;;9,00;;",
        header=header,
    )
    assert [world.paid(one.invoice)[0] for one in world.pieces] == [Decimal("2.00"), Decimal("2.50"), 0]
    assert [world.piece(number).state for number in range(3)] == ["taken", "", "rejected"]
    assert run.counts["strays"] == 1
    again = world.csv(f"09/12/2026;;{second.debt};;;;;2,50;ENC-1;", header=header)
    assert again.counts["same"] == 1, "a reference is one amount"
    assert world.paid(second.invoice)[0] == Decimal("2.50")


def test_by_csv_a_bill_that_came_by_a_file_is_paid_too(world):
    bill = Invoice.objects.create(
        authority=world.the_authority, family=world.bill.family, number="X-1", total=Decimal(10),
        month=date(2026, 8, 1), issued_on=date(2026, 9, 1), due_on=date(2026, 9, 1),
    )  # fmt: skip
    world.csv("08/12/2026;X-1;4,00;;", "08/12/2026;X-1;4,00;;")
    assert world.paid(bill) == (Decimal("8.00"), date(2026, 12, 8))


def stray_of(world: Returned, amount: str = "4.00") -> StrayPayment:
    world.reads(pes_return([Of(999, came=[Came("2026-12-08", amount)])]))
    return StrayPayment.objects.get()


def test_an_agent_gives_it_to_a_bill_once(world):
    stray = stray_of(world)
    given = {"actor": world.bursar, "stray_id": stray.pk, "now": LATER}
    with pytest.raises(StrayRefused) as unknown:
        stray_give(number="inconnue", **given)
    assert unknown.value.code == "unknown"
    stray_give(number=f" {world.bill.number} ", **given)
    assert world.paid() == (Decimal("4.00"), date(2026, 12, 8))
    stray.refresh_from_db()
    assert (stray.outcome, stray.invoice, stray.settled_by) == ("given", world.bill, "Nadège")
    told = Entry.objects.get(verb="stray_payment.given")
    assert (told.family_id, told.data) == (world.bill.family_id, {"amount": "4.00"})
    for again in (
        lambda: stray_give(number=world.bill.number, **given),
        lambda: stray_set_aside(reason="x", **given),
    ):
        with pytest.raises(StrayRefused) as settled:
            again()
        assert settled.value.code == "settled"
    read = world.reads(
        pes_return([Of(999, came=[Came("2026-12-08", "4.00")])], head=Head(made_on="2026-12-11"))
    )
    assert (read.counts["same"], read.counts["strays"]) == (1, 0)


def test_no_bill_is_paid_beyond_its_total_nor_below_nothing(world):
    more = stray_of(world, "500.00")
    with pytest.raises(StrayRefused) as refused:
        stray_give(actor=world.bursar, stray_id=more.pk, number=world.bill.number, now=LATER)
    assert (refused.value.code, refused.value.data["left"]) == ("more", world.bill.total)
    StrayPayment.objects.all().delete()
    less = stray_of(world, "-0.01")
    with pytest.raises(StrayRefused) as refused:
        stray_give(actor=world.bursar, stray_id=less.pk, number=world.bill.number, now=LATER)
    assert refused.value.code == "less"
    Invoice.objects.filter(pk=world.bill.pk).update(cancelled_on=date(2026, 12, 9))
    assert not Payment.objects.exists()


def test_what_was_too_much_of_a_bill_may_pay_it_once_there_is_room_again(world):
    piece = world.pieces[0].piece
    more = f"{world.bill.total + 2:.2f}"
    world.reads(pes_return([Of(piece, came=[Came("2026-12-08", more)])]))
    stray = StrayPayment.objects.get()
    assert (stray.amount, stray.invoice) == (2, world.bill)
    world.reads(pes_return([Of(piece, came=[Came("2026-12-09", "-5.00")])]))
    stray_give(actor=world.bursar, stray_id=stray.pk, number=world.bill.number, now=LATER)
    assert world.paid()[0] == world.bill.total - 3


def test_it_is_set_aside_with_a_reason(world):
    stray = stray_of(world)
    stray_set_aside(actor=world.bursar, stray_id=stray.pk, reason="Facture d’eau", now=LATER)
    stray.refresh_from_db()
    assert (stray.outcome, stray.reason) == ("aside", "Facture d’eau")
    assert Entry.objects.get(verb="stray_payment.aside").data["reason"] == "Facture d’eau"


def test_several_are_set_aside_at_once_for_one_reason(world):
    amounts = [Came("2026-12-08", "4.00"), Came("2026-12-09", "5.00"), Came("2026-12-09", "6.00")]
    world.reads(pes_return([Of(999, came=amounts)]))
    first, second, third = StrayPayment.objects.order_by("amount")
    stray_set_aside(actor=world.bursar, stray_id=first.pk, reason="Seul", now=LATER)
    ids, said = [first.pk, second.pk], {"reason": "Factures d’eau", "now": LATER}
    stranger = replace(world.bursar, powers=frozenset())
    with pytest.raises(StrayRefused, match="settled"):
        strays_set_aside(actor=stranger, stray_ids=ids, **said)
    assert strays_set_aside(actor=world.bursar, stray_ids=ids, **said) == 1
    with pytest.raises(StrayRefused, match="settled"):
        strays_set_aside(actor=world.bursar, stray_ids=ids, **said)
    reasons = StrayPayment.objects.order_by("amount").values_list("outcome", "reason")
    assert list(reasons) == [("aside", "Seul"), ("aside", "Factures d’eau"), ("", "")]
    assert Entry.objects.filter(verb="stray_payment.aside").count() == 2
    assert third.outcome == ""


def test_an_agent_of_another_authority_and_of_its_home_settle_nothing(world):
    stray = stray_of(world)
    other = Billed.office_actor(world)
    stranger = replace(other, powers=frozenset())
    for call in (
        lambda: stray_give(actor=stranger, stray_id=stray.pk, number=world.bill.number, now=LATER),
        lambda: stray_set_aside(actor=stranger, stray_id=stray.pk, reason="x", now=LATER),
        lambda: piece_free(actor=stranger, invoice_id=world.bill.pk, now=LATER),
        lambda: piece_take_back(actor=stranger, invoice_id=world.bill.pk, now=LATER),
    ):
        with pytest.raises(NotYours):
            call()
    adult = world.bill.family.members.filter(kind="adult").first().person_id
    other = world.home("Morel")
    child = world.bill.family.members.filter(kind="child").first().person
    world.guardian(other.adult, child)
    for person_id in (adult, other.adult.pk):
        own = replace(world.bursar, person_id=person_id)
        with pytest.raises(StrayRefused) as refused:
            stray_give(actor=own, stray_id=stray.pk, number=world.bill.number, now=LATER)
        assert refused.value.code == "own"


def test_a_rejected_piece_alone_is_sent_again(world):
    piece = world.pieces[0].piece
    with pytest.raises(StrayRefused):
        piece_free(actor=world.bursar, invoice_id=world.bill.pk, now=LATER)
    world.reads(pes_return([Of(piece, "04", text="Adresse"), Of(world.pieces[1].piece, "02")]))
    piece_free(actor=world.bursar, invoice_id=world.bill.pk, now=LATER)
    assert Entry.objects.get(verb="exported_bill.freed").data == {"piece": piece, "reason": "Adresse"}
    [waits] = waiting_of(world.bursar)
    assert waits.count == 1
    [again] = world.leaves()
    [row] = again.bills.all()
    assert (row.invoice_id, row.piece, row.state) == (world.bill.pk, 4, "")
    world.reads(pes_return([Of(piece, "04", text="Adresse")], head=Head(made_on="2026-12-12")))
    row.refresh_from_db()
    assert row.state == "", "what comes back of the piece before is not its own"


def test_a_piece_that_is_settled_there_is_paid_here_once_an_agent_says_so(world):
    settles = {"actor": world.bursar, "invoice_id": world.bill.pk, "now": LATER}
    piece = world.pieces[0].piece
    world.reads(pes_return([Of(piece, came=[Came("2026-12-08", "2.00")])]))
    with pytest.raises(StrayRefused) as refused:
        piece_settle(**settles)
    assert refused.value.code == "open"
    world.reads(pes_return([Of(piece, line_state="05")], head=Head(made_on="2026-12-11")))
    assert world.paid()[0] == 2, "nobody has said so yet"
    piece_settle(**settles)
    assert world.paid() == (world.bill.total, date(2026, 12, 11))
    with pytest.raises(StrayRefused):
        piece_settle(**settles)
    rest = f"{world.bill.total - 2:.2f}"
    assert Entry.objects.get(verb="exported_bill.settled").data == {"piece": piece, "amount": rest}
    world.reads(
        pes_return(
            [Of(piece, came=[Came("2026-12-10", rest)], line_state="05")], head=Head(made_on="2026-12-13")
        )
    )
    assert world.paid()[0] == world.bill.total
    assert StrayPayment.objects.get().why == Stray.MORE


def test_a_file_of_which_pieces_are_taken_in_charge_is_not_cancelled(world):
    world.reads(pes_return([Of(world.pieces[0].piece, "02")]))
    with pytest.raises(ExportRefused) as refused:
        tresor_export_cancel(actor=world.bursar, export_id=world.export.pk, reason="Refusé", now=LATER)
    assert refused.value.code == "taken"


def test_a_late_rejection_of_a_piece_sent_again_leaves_what_the_other_was_paid(world):
    first = world.pieces[0].piece
    world.reads(pes_return([Of(first, "04")]))
    piece_free(actor=world.bursar, invoice_id=world.bill.pk, now=LATER)
    world.leaves()
    world.reads(
        pes_return([Of(4, "02", [Came("2026-12-11", "2.00")])], number=2, head=Head(made_on="2026-12-12"))
    )
    world.reads(pes_return([Of(first, "04", text="Toujours")], head=Head(made_on="2026-12-14")))
    assert world.paid() == (Decimal("2.00"), date(2026, 12, 11))
