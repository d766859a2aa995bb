"""What was paid comes back by CSV: in all, never more than the total, never less without saying so."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal

import pytest

from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_confirm, import_prepare, import_report
from marelle.billing.labels import counts_text, problem_text, refusal_text
from marelle.billing.models import ImportRun, Invoice
from marelle.billing.rules import InvoiceState
from marelle.core.clock import PARIS
from marelle.core.tabular import FileUnreadable
from tests.billing.files import csv_of, upload
from tests.billing.world import Village as Base
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 20, 10, 0, tzinfo=PARIS)


class Village(Base):
    def prepare(
        self, *rows: str, correction: bool = False, header: str = "facture;payé;date;état"
    ) -> ImportRun:
        return import_prepare(
            actor=self.office,
            authority_id=self.the_authority.pk,
            kind=ImportRun.Kind.PAYMENTS,
            month=None,
            correction=correction,
            upload=upload(csv_of(*rows, header=header), "paiements.csv"),
            now=NOW,
        )

    def confirm(self, run: ImportRun) -> ImportRun:
        return import_confirm(actor=self.office, run_id=run.pk, tell=True, now=NOW)

    def said(self, run: ImportRun) -> list[str]:
        found = import_report(actor=self.office, run_id=run.pk, now=NOW)[1].problems
        return [problem_text(problem).replace("\u00a0", " ") for problem in found]


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


@pytest.mark.parametrize(
    ("row", "paid", "on", "state"),
    [
        ("12,5;15/12/2026;", "12.50", date(2026, 12, 15), InvoiceState.PART_PAID),
        ("40;2026-12-15;payée", "40.00", date(2026, 12, 15), InvoiceState.PAID),
        (";15/12/2026;Payée", "40.00", date(2026, 12, 15), InvoiceState.PAID),
        (";;soldée", "40.00", date(2026, 12, 20), InvoiceState.PAID),
        ("0;;", "0.00", None, InvoiceState.TO_PAY),
        (";;à payer", "0.00", None, InvoiceState.TO_PAY),
        (";14/12/2026;annulée", "0.00", None, InvoiceState.CANCELLED),
        ("12,5;;payée en partie", "12.50", date(2026, 12, 20), InvoiceState.PART_PAID),
    ],
)
def test_a_row_makes_the_state_that_it_says(world, row, paid, on, state):
    invoice = world.invoice(total="40.00")
    world.confirm(world.prepare(f"{invoice.number};{row}"))
    invoice.refresh_from_db()
    assert (invoice.paid, invoice.paid_on, invoice.state) == (Decimal(paid), on, state)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("40,01;;", "le montant payé, 40,01 €, dépasse le total de la facture, 40,00 €."),
        ("12;;payée", "l’état ne va pas avec le montant payé, 12,00 € sur 40,00 €."),
        ("-1;;", "un paiement n’est pas négatif."),
        ("12;21/12/2026;", "la date du 21 décembre 2026 n’est pas encore venue."),
        ("12;hier;", "n’est pas une date"),
        ("douze;;", "n’est pas un montant"),
        (";;peut-être", "n’est pas un état"),
        (";;", "ni le montant payé ni l’état ne sont dits."),
        ("12;;;;surplus", "plus de colonnes"),
    ],
)
def test_a_row_that_cannot_be_says_why_and_nothing_is_written(world, row, said):
    invoice, other = world.invoice(total="40.00"), world.invoice(total="40.00")
    run = world.prepare(f"{other.number};40;;", f"{invoice.number};{row}")
    (text,) = world.said(run)
    assert text.startswith("Ligne 3 : ")
    assert said in text
    with pytest.raises(ImportRefused):
        world.confirm(run)
    assert not Invoice.objects.exclude(paid=0).exists()


def test_an_unknown_invoice_and_that_of_another_authority_are_refused_alike(world):
    other = world.invoice(authority=world.authority("Mairie"))
    said = world.said(world.prepare(f"{other.number};10;;", "inconnue;10;;"))
    assert [text.split(" : ", 1)[1] for text in said] == [
        f"aucune facture n’a le numéro « {other.number} ».",
        "aucune facture n’a le numéro « inconnue ».",
    ]


def test_a_number_twice_is_refused(world):
    invoice = world.invoice()
    (text,) = world.said(world.prepare(f"{invoice.number};10;;", f"{invoice.number};12;;"))
    assert "est déjà à la ligne 2" in text


def test_going_back_needs_a_declared_correction(world):
    invoice = world.invoice(total="40.00", paid="40.00", paid_on=date(2026, 12, 1))
    back = f"{invoice.number};10;;"
    assert "dites que ce fichier est une correction" in world.said(world.prepare(back))[0]
    run = world.confirm(world.prepare(back, correction=True))
    assert counts_text("payments", run.counts).endswith("\xa0: 30,00\xa0€ de paiements en moins.")
    invoice.refresh_from_db()
    assert invoice.paid == Decimal("10.00")
    rows = invoice.payments.values_list("amount", "on", "read_in__kind", "recorded_by")
    assert list(rows) == [
        (Decimal("40.00"), date(2026, 12, 1), None, "Line"),
        (Decimal("-30.00"), date(2026, 12, 20), "payments", world.office.label),
    ]


def test_each_state_adds_what_is_new_since_the_one_before(world):
    invoice = world.invoice(total="40.00")
    for row in ("12,5;15/12/2026;", "12,5;16/12/2026;", "40;18/12/2026;payée", ";19/12/2026;payée"):
        world.confirm(world.prepare(f"{invoice.number};{row}"))
    rows = invoice.payments.values_list("amount", "on", "means")
    assert list(rows) == [
        (Decimal("12.50"), date(2026, 12, 15), "state"),
        (Decimal("27.50"), date(2026, 12, 18), "state"),
    ]
    invoice.refresh_from_db()
    assert (invoice.paid, invoice.paid_on) == (Decimal("40.00"), date(2026, 12, 18))


def test_a_cancelled_invoice_lives_again_only_by_a_correction(world):
    invoice = world.invoice(cancelled_on=date(2026, 12, 1))
    again = f"{invoice.number};;;à payer"
    assert "la facture était annulée" in world.said(world.prepare(again))[0]
    world.confirm(world.prepare(again, correction=True))
    invoice.refresh_from_db()
    assert invoice.state is InvoiceState.TO_PAY


def test_the_same_state_again_changes_nothing(world):
    invoice = world.invoice()
    row = f"{invoice.number};12,5;15/12/2026;"
    world.confirm(world.prepare(row))
    run = world.prepare(row)
    assert import_report(actor=world.office, run_id=run.pk, now=NOW)[1].already is not None
    other = world.prepare(f"{row} ")
    assert import_report(actor=world.office, run_id=other.pk, now=NOW)[1].counts["same"] == 1


def test_a_cell_that_is_too_long_is_told_by_its_line(world):
    long = "F1;12,00;;" + "x" * 2_001
    with pytest.raises(FileUnreadable) as refused:
        import_report(actor=world.office, run_id=world.prepare(long).pk, now=NOW)
    assert refusal_text(refused.value).startswith("À la ligne 2, une case a plus de 2\u202f000 lettres")
