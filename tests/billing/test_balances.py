"""What homes owed elsewhere is a bill, never sent again; their next bill takes off what they had in hand."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.accounting.accounts import home_accounts
from marelle.billing.imports.moved_labels import beside_text
from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_remind
from marelle.billing.imports.sides import credits_and_debts
from marelle.billing.late import late_bills
from marelle.billing.models import BillingRun, BillingTerms, ImportRun, Invoice, Share, Treasury
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.billing.pdf import invoice_pdf
from marelle.billing.runs.selectors import is_something_billed, runs_of
from marelle.billing.runs.terms import last_billed
from marelle.billing.selectors import addressed_of, page_of, treasury_of
from marelle.billing.tresor.report import waiting_bills
from marelle.core.refusals import NotYours
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.billing.moved import Moved, sides
from tests.billing.pdf_text import text_of
from tests.flows.bills.billed import NOW
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TODAY = NOW.date()

built = built_once(Moved, now=NOW)


@pytest.fixture
def world(built, db) -> Moved:
    return deepcopy(built)


@pytest.mark.once
@given(st.lists(st.decimals(min_value=-9999, max_value=9999, places=2)), st.randoms())
def test_credits_and_debts_are_all_of_it_in_any_order(amounts, random):
    given, debts = credits_and_debts(amounts)
    assert given >= 0
    assert debts >= 0
    assert debts - given == sum(amounts, Decimal(0))
    mixed = random.sample(amounts, len(amounts))
    assert credits_and_debts(mixed) == (given, debts)
    assert credits_and_debts([-one for one in amounts]) == (debts, given)


def test_a_debt_is_a_bill_of_before_and_a_credit_comes_off_the_next_one(world):
    roy, sand = world.numbers
    run = world.sends(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026;;Trop-perçu de juin")
    assert sides(world.report(run).counts) == {
        "credits": ("4.00", "4.00", "0.00"),
        "debts": ("45.20", "45.20", "0.00"),
    }
    assert not Invoice.objects.exists()
    done = world.confirms_file(run)
    assert sides(done.counts) == {"credits": ("4.00", "4.00", "0.00"), "debts": ("45.20", "45.20", "0.00")}
    bill = Invoice.objects.get()
    assert (bill.family, bill.total, bill.left, bill.kind) == (
        world.roy.family,
        Decimal("45.20"),
        Decimal("45.20"),
        "other",
    )
    assert (bill.issued_on, bill.month, bill.number) == (
        date(2026, 11, 30),
        date(2026, 11, 1),
        f"SOLDE-{roy}",
    )
    [account] = home_accounts(world.bursar, world.roy.family.pk, TODAY)
    assert (account.account.closing, account.waiting) == (Decimal("45.20"), 0)
    [account] = home_accounts(world.bursar, world.sand.family.pk, TODAY)
    assert (account.account.closing, account.waiting) == (0, Decimal("-4.00"))
    assert not Message.objects.exists()
    bills = {one.family_id: one for one in world.bills()}
    assert (bills[world.roy.family.pk].total, bills[world.sand.family.pk].total) == (
        Decimal("11.00"),
        Decimal("7.00"),
    )
    line = bills[world.sand.family.pk].lines.earliest("amount")
    assert (line.activity, line.label, line.amount) == (
        "Solde repris",
        "Trop-perçu de juin",
        Decimal("-4.00"),
    )
    assert not Share.objects.filter(state="waiting").exists()
    assert bill.pk not in waiting_bills().values_list("pk", flat=True)
    [entry] = Entry.objects.filter(verb="invoices.balances_imported")
    assert entry.subject_label == run.file_name


def test_a_credit_larger_than_the_bill_stays_until_it_is_used_up(world):
    world.brings(f"{world.numbers[1]};-15,00;30/11/2026")
    assert [one.family_id for one in world.bills()] == [world.roy.family.pk]
    [account] = home_accounts(world.bursar, world.sand.family.pk, TODAY)
    assert account.waiting == Decimal("-4.00")


def test_what_may_be_in_the_balance_as_well_is_told(world):
    brought = ImportRun.objects.create(
        authority=world.the_authority, kind="invoices", file_name="f.csv", sha256="0" * 64, prepared_at=NOW,
        prepared_by="Line", done_at=NOW,
    )  # fmt: skip
    Invoice.objects.create(
        authority=world.the_authority, family=world.roy.family, number="A1", month=date(2026, 8, 1),
        issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30), total=Decimal("30.10"), imported_in=brought,
    )  # fmt: skip
    roy, sand = world.numbers
    counts = world.report(world.sends(f"{roy};45,20;30/11/2026", f"{sand};45,20;30/11/2026")).counts
    assert beside_text(counts).startswith("1 de ces familles a aussi des factures à payer")
    assert "30,10" in beside_text(counts)


def test_twice_changes_nothing_however_it_is_written(world):
    roy, sand = world.numbers
    world.brings(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026")
    before = list(Invoice.objects.values()), list(Share.objects.values("pk", "total"))
    with pytest.raises(ImportRefused, match="already"):
        world.brings(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026")
    again = world.brings(f"{sand.lower()};-4.00;2026-11-30", f"{roy};45.2;2026-11-30")
    assert (again.counts["created"], again.counts["same"]) == (0, 2)
    assert sides(again.counts)["debts"] == ("45.20", "45.20", "0.00")
    assert (list(Invoice.objects.values()), list(Share.objects.values("pk", "total"))) == before


def test_all_that_is_wrong_is_told_at_once_with_what_would_lack(world):
    roy, sand = world.numbers
    run = world.sends(
        "F99999;10,00;30/11/2026", f"{roy};douze;30/11/2026", f"{sand};5,00;02/12/2026",
        f"{sand};;30/11/2026", f"{roy};1,005;30/11/2026", f"{sand};-3,00;30/11/2026;;;9999",
    )  # fmt: skip
    assert world.problems(run) == [
        "Ligne 2 : aucune famille n’a le numéro « F99999 ».",
        "Ligne 3 : « douze », colonne « solde », n’est pas un montant : écrivez 12,50.",
        "Ligne 4 : la date du 2 décembre 2026 n’est pas encore venue.",
        "Ligne 5 : la colonne « solde » est vide.",
        f"Ligne 5 : la famille « {sand} » est déjà à la ligne 4 : une seule ligne chacune.",
        "Ligne 6 : « 1,005 », colonne « solde », n’est pas un montant : écrivez 12,50.",
        f"Ligne 6 : la famille « {roy} » est déjà à la ligne 3 : une seule ligne chacune.",
        f"Ligne 7 : la famille « {sand} » est déjà à la ligne 4 : une seule ligne chacune.",
    ]
    assert sides(world.report(run).counts)["debts"] == ("15.00", "0.00", "-15.00")
    with pytest.raises(ImportRefused):
        world.confirms_file(run)
    assert not Invoice.objects.exists()


def test_a_credit_needs_bills_to_come_off_and_a_place_in_the_accounts(world):
    roy, sand = world.numbers
    [said] = world.problems(world.sends(f"{roy};-3,00;30/11/2026;;;9999"))
    assert "aucun tarif n’a « 9999 »" in said
    BillingTerms.objects.update(made_here=False)
    [said] = world.problems(world.sends(f"{sand};-3,00;30/11/2026", f"{roy};3,00;30/11/2026"))
    assert said.startswith("Ligne 2 : un crédit est déduit des factures que Marelle fait")


def test_a_correction_puts_right_what_nothing_has_used(world):
    """The other software wrote its signs the other way round."""
    roy, sand = world.numbers
    world.brings(f"{roy};-45,20;30/11/2026", f"{sand};4,00;30/11/2026")
    rows = (f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026")
    assert len(world.problems(world.sends(*rows))) == 2
    done = world.brings(*rows, correction=True)
    assert sides(done.counts) == {"credits": ("4.00", "4.00", "0.00"), "debts": ("45.20", "45.20", "0.00")}
    assert [(one.family_id, one.total) for one in Invoice.objects.all()] == [
        (world.roy.family.pk, Decimal("45.20"))
    ]
    assert [(one.assessment.family_id, one.total) for one in Share.objects.all()] == [
        (world.sand.family.pk, Decimal("-4.00"))
    ]
    assert BillingRun.objects.exclude(brought_in=None).count() == 1
    nothing = world.brings(f"{roy};0,00;30/11/2026", f"{sand};0;30/11/2026", correction=True)
    assert nothing.counts["corrected"] == 2
    assert not Invoice.objects.exists()
    assert not BillingRun.objects.exists()


@pytest.mark.parametrize("used", ["paid", "deducted", "previewed"])
def test_what_was_used_changes_by_no_file(world, used):
    roy, sand = world.numbers
    world.brings(f"{roy};45,20;30/11/2026", f"{sand};-4,00;30/11/2026")
    if used == "paid":
        bill = Invoice.objects.get()
        payments_add([NewPayment(bill.pk, Decimal(5), TODAY, Means.STATE)], run=None, who="Line", now=NOW)
    elif used == "deducted":
        world.bills()
    else:
        world.previews()
    run = world.sends(f"{roy};45,10;30/11/2026", f"{sand};-3,90;30/11/2026", correction=True)
    line, had = ("2", "45,20 €") if used == "paid" else ("3", "-4,00 €")
    said = f"Ligne {line} : le solde repris de cette famille, {had}, a déjà servi "
    said += "(payé, annulé, rappelé, déduit d’une facture) : un fichier ne le change plus."
    assert [one for one in world.problems(run) if "a déjà servi" in one] == [said]


def test_no_reminder_names_it_until_an_agent_says_so(world):
    run = world.brings(f"{world.numbers[0]};45,20;30/09/2026")
    assert [one.hold for one in late_bills(TODAY)] == ["brought"]  # type: ignore[attr-defined]
    with pytest.raises(NotYours):
        import_remind(actor=world.roy.actor, run_id=run.pk, now=NOW)
    for _click in range(2):
        import_remind(actor=world.bursar, run_id=run.pk, now=NOW)
    assert [one.hold for one in late_bills(TODAY)] == [""]  # type: ignore[attr-defined]
    assert Entry.objects.filter(verb="invoices.reminders_allowed").count() == 1


def printed(bill: Invoice) -> str:
    page = page_of(Invoice.objects.all(), bill.pk)
    assert page is not None
    treasury = treasury_of(bill.authority_id)
    return text_of(invoice_pdf(page, addressed=addressed_of(page.invoice), treasury=treasury))


def test_nobody_is_told_to_pay_online_by_a_number_that_the_tresor_does_not_know(world):
    Treasury.objects.create(
        authority=world.the_authority, name="Trésorerie", address="3 place du Marché", payfip="012345",
        how_to_pay="Par chèque.", how_to_contest="Au tribunal.", signatory="A.", signatory_capacity="maire",
    )  # fmt: skip
    roy, sand = world.numbers
    world.brings(f"{roy};45,20;30/11/2026", f"{sand};5,00;30/11/2026;T-2026-7")
    told = {one.number: printed(one) for one in Invoice.objects.all()}
    assert "payfip" not in told[f"SOLDE-{roy}"]
    assert "payfip" in told["T-2026-7"]
    assert "T-2026-7" in told["T-2026-7"]


def test_what_holds_credits_is_no_month_that_was_billed(world):
    world.brings(f"{world.numbers[1]};-4,00;30/11/2026")
    assert not runs_of(world.bursar).exists()
    assert last_billed(world.the_authority.pk) == date.min
    assert not is_something_billed()
    assert ImportRun.objects.get().counts["credits"] == 1


def test_where_bills_go_by_regie_a_credit_says_which(world):
    BillingTerms.objects.update(by_regie=True)
    world.tariff_regies("Enfance", "Restauration")
    row = f"{world.numbers[1]};-4,00;30/11/2026;;;;"
    [said] = world.problems(world.sends(row))
    assert "peut être déduit à plusieurs endroits" in said
    world.brings(f"{row}Restauration")
    assert Share.objects.get().regie == "Restauration"
