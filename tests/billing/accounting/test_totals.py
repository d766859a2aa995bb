"""The page of an exercise adds up, over any history of bills, credit notes and payments."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from marelle.billing.accounting.accounts import home_accounts
from marelle.billing.accounting.book import sheets_of
from marelle.billing.accounting.detail import OfCode, lines_chosen
from marelle.billing.accounting.exercises import bills_of
from marelle.billing.accounting.totals import by_structure, totals_of
from marelle.billing.models import Invoice, InvoiceLine, Payment
from marelle.core.clock import PARIS
from marelle.core.expressions import Cents
from marelle.core.money import of_cents
from tests.billing.world import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 20, 10, 0, tzinfo=PARIS)


class Books(Village):
    """Bills with lines of two activities and of none, credited, cancelled and paid at random."""

    def __init__(self, seed: int, bills: int = 12) -> None:
        super().__init__()
        self.random = Random(seed)
        self.meals = self.activity("Restauration")
        self.mornings = self.activity(
            "Mercredis", structure=self.structure("Ailleurs", authority=self.the_authority)
        )
        for _bill in range(bills):
            self.any_bill()

    def any_bill(self) -> None:
        random = self.random
        month = date(2026, random.randint(8, 11), 1)
        issued = month + timedelta(days=random.randint(32, 60))
        bill = self.bill_of(month, issued, [self.amount() for _line in range(random.randint(1, 3))])
        if random.random() < 0.4:
            note = self.bill_of(
                month, issued + timedelta(days=9), [-bill.total / 4], kind="credit", corrects=bill
            )
            bill.credited = -note.total
        if random.random() < 0.2:
            bill.cancelled_on = issued + timedelta(days=30)
        for _payment in range(random.randint(0, 2)):
            self.pays(bill, self.amount() / 2, issued + timedelta(days=random.randint(1, 90)))
        bill.save()

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(1, 9_999)) / 100

    def bill_of(self, month: date, issued: date, amounts: list[Decimal], **fields: object) -> Invoice:
        amounts = [one.quantize(Decimal("0.01")) for one in amounts]
        bill = Invoice.objects.create(
            authority=self.the_authority, family=self.durand.family, month=month, issued_on=issued,
            due_on=issued + timedelta(days=30), total=sum(amounts), number=f"F{next(self._invoices):05}",
            regie=self.random.choice(("", "Enfance")), **fields,
        )  # fmt: skip
        for order, amount in enumerate(amounts, 1):
            activity = self.random.choice((self.meals, self.mornings, None))
            InvoiceLine.objects.create(
                invoice=bill, child=self.zoe, activity=activity.name if activity else "Divers", label="Repas",
                quantity=1, unit_price=amount, amount=amount, order=order, of_activity=activity,
                account=self.random.choice(("7067", "7066")),
            )  # fmt: skip
        return bill

    def pays(self, bill: Invoice, amount: Decimal, on: date) -> None:
        amount = amount.quantize(Decimal("0.01"))
        Payment.objects.create(
            invoice=bill, amount=amount, on=on, means="tresor", recorded_at=NOW, recorded_by="Nadège"
        )
        bill.paid += amount


@pytest.mark.parametrize("seed", range(6))
def test_the_tables_and_their_rows_come_to_the_same(seed):
    world = Books(seed)
    totals = totals_of(world.the_authority.pk, 2026)
    whole, bills = totals.whole, bills_of(world.the_authority.pk, 2026)
    assert whole.count == bills.count()
    assert totals.unlined == 0
    for name in ("billed", "credited", "cancelled"):
        assert sum(getattr(one, name) for one in totals.codes) == getattr(whole, name)
        assert sum(getattr(one, name) for one in by_structure(totals.codes).values()) == getattr(whole, name)
    assert whole.balance == sum(
        one.total - one.credited - one.paid for one in bills if not one.cancelled_on
    ) - sum(one.paid for one in bills if one.cancelled_on)
    for one in totals.codes:
        code = one.code
        rows = lines_chosen(
            bills,
            OfCode(
                code.structure_id or 0, code.activity_id or 0, None if code.activity_id else code.activity,
                code.account, code.budget, code.regie,
            ),
        )  # fmt: skip
        assert sum(row.amount for row in rows) == one.asked


@pytest.mark.parametrize("seed", range(3))
def test_the_account_of_the_home_is_what_its_bills_come_to(seed):
    world = Books(seed)
    [found] = home_accounts(world.office, world.durand.family.pk, date(2027, 12, 31))
    assert found.account.closing == totals_of(world.the_authority.pk, 2026).whole.balance
    [before] = home_accounts(world.office, world.durand.family.pk, date(2026, 12, 31))
    [after] = home_accounts(world.office, world.durand.family.pk, date(2027, 1, 1))
    assert after.account.opening == before.account.closing


def test_the_workbook_holds_what_the_page_says():
    world = Books(1)
    totals = totals_of(world.the_authority.pk, 2026)
    sheets = {name: list(rows) for name, rows in sheets_of(world.the_authority.pk, 2026, totals)}
    for name, rows in sheets.items():
        assert {len(row) for row in rows} == {len(rows[0])}, name
    bills, lines = sheets["Factures"], sheets["Lignes"]
    total = bills[0].index("Total")
    asked = totals.whole.billed - totals.whole.credited
    assert sum(row[total] for row in bills[1:]) == asked
    assert sum(row[lines[0].index("Montant")] for row in lines[1:]) == asked
    paid = sheets["Paiements"]
    assert sum(row[paid[0].index("Montant")] for row in paid[1:]) == totals.whole.paid
    assert sheets["Totaux"][-1][1:] == (
        totals.whole.count, totals.whole.billed, totals.whole.credited, totals.whole.cancelled,
        totals.whole.paid, totals.whole.left, totals.whole.over,
    )  # fmt: skip
    balances = sheets["Soldes"]
    assert sum(row[balances[0].index("Reste à payer")] for row in balances[1:]) == totals.whole.left
    apart = {world.durand.family.pk}
    sheets = dict(sheets_of(world.the_authority.pk, 2026, totals, but_homes=apart))
    assert [len(list(sheets[name])) for name in ("Factures", "Lignes", "Paiements", "Soldes")] == [1] * 4


def test_what_no_line_says_is_told_apart():
    world = Village()
    bill = world.invoice(total="40.00")
    bill.lines.update(amount=Decimal("39.99"))
    totals = totals_of(world.the_authority.pk, 2026)
    assert (totals.unlined, sum(one.asked for one in totals.codes)) == (Decimal("0.01"), Decimal("39.99"))


def test_a_credit_note_and_a_payment_of_the_next_year_are_of_the_bills_exercise():
    world = Books(1, bills=0)
    bill = world.bill_of(date(2026, 11, 1), date(2026, 12, 5), [Decimal(50)])
    world.bill_of(date(2026, 11, 1), date(2027, 2, 5), [Decimal(-10)], kind="credit", corrects=bill)
    world.pays(bill, Decimal(15), date(2027, 3, 1))
    other = world.bill_of(date(2027, 1, 1), date(2027, 2, 5), [Decimal(30)])
    world.pays(other, Decimal(3), date(2027, 3, 2))
    first, second = (totals_of(world.the_authority.pk, year) for year in (2026, 2027))
    assert (first.whole.credited, first.whole.paid, first.whole.left) == (10, 15, 25)
    assert (second.whole.billed, second.whole.credited, second.whole.paid) == (30, 0, 3)
    assert (second.of_before.paid, second.of_before.credited) == (15, 10)
    assert (first.of_before.paid, first.of_before.credited) == (0, 0)


def test_a_bill_of_a_month_before_the_year_that_is_of_its_exercise_is_not_of_those_before():
    world = Books(1, bills=0)
    late = world.bill_of(date(2025, 12, 1), date(2026, 2, 10), [Decimal(20)])
    world.bill_of(date(2025, 12, 1), date(2026, 3, 10), [Decimal(-4)], kind="credit", corrects=late)
    world.pays(late, Decimal(7), date(2026, 4, 1))
    found = totals_of(world.the_authority.pk, 2026)
    assert (found.whole.paid, found.whole.credited) == (7, 4)
    assert (found.of_before.paid, found.of_before.credited) == (0, 0)


def test_cents_are_added_exactly():
    world = Village()
    for _bill in range(3):
        world.invoice(total="0.10")
    found = InvoiceLine.objects.aggregate(sum=Sum(Cents("amount")))["sum"]
    assert of_cents(int(found)) == Decimal("0.30")
    assert str(of_cents(0)) == "0.00"


def test_as_many_queries_for_many_bills_as_for_one():
    world, counts = Books(2, bills=6), []
    for bills in (0, 12):
        for _bill in range(bills):
            world.any_bill()
        with CaptureQueriesContext(connection) as queries:
            totals_of(world.the_authority.pk, 2026)
        counts.append(len(queries))
    assert counts[0] == counts[1]
