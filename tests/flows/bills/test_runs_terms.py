"""Runs under other terms: what waits for more, what came by files, what is warned of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from cryptography.fernet import Fernet

from marelle.billing.models import RunDoubt, Share
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.selectors import Sums, sums_of
from marelle.core.money import ZERO
from marelle.core.sealed import Sealed
from marelle.families.models import HealthSheet, Income
from marelle.flows.bills import working
from marelle.flows.bills.months import home_months
from tests.care import sheet
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.flows.bills.test_runs import home_of, lines_of
from tests.flows.prices.priced import WEDNESDAYS, amounts
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING

pytestmark = pytest.mark.django_db
NONE = (0, ZERO)


def test_a_bill_under_the_threshold_waits_for_the_next():
    world = Billed("wednesdays", threshold=Decimal("15.00"))
    home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    assert world.bills() == []
    assert Share.objects.get().state == "waiting"
    world.books(zoe, date(2026, 12, 2), MORNING, MEAL, AFTERNOON)
    [bill] = world.bills(date(2026, 12, 1))
    assert bill.total == Decimal("16.50")
    assert [line[3] for line in lines_of(bill)] == [Decimal("5.50"), Decimal("11.00")]
    assert {share.invoice_id for share in Share.objects.all()} == {bill.pk}
    assert home


def test_what_waits_still_waits_once():
    world = Billed("wednesdays", threshold=Decimal("15.00"))
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    world.bills()
    assert world.bills(date(2026, 12, 1)) == []
    assert [share.total for share in Share.objects.all()] == [Decimal("5.50")], "no other of nothing"


def test_what_waits_is_sent_at_the_end_of_the_year():
    world = Billed("wednesdays", threshold=Decimal("15.00"))
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    world.bills()
    [bill] = world.bills(date(2026, 12, 1), flush=True)
    assert bill.total == Decimal("5.50")
    assert world.bills(date(2026, 12, 1), flush=True) == []


def test_the_worker_goes_on_with_a_run_for_a_while(monkeypatch):
    monkeypatch.setattr(working, "PREVIEWED_AT_ONCE", 1)
    world = Billed("wednesdays")
    for name in ("Roy", "Blanc", "Noir"):
        _home, child = home_of(world, name)
        world.books(child, FIRST, MORNING)
    run = working.bills_run(actor=world.bursar, authority_id=world.the_authority.pk, new=world.new(), now=NOW)
    with monkeypatch.context() as hurried:
        hurried.setattr(working, "ROUND_SECONDS", -1)
        assert working.runs_advance(now=NOW) == 1, "then it sees to its other work"
    assert working.runs_advance(now=NOW) == 2
    run.refresh_from_db()
    assert run.state == "previewed"
    assert working.runs_advance(now=NOW) == 0, "it waits for somebody"


def test_a_month_that_is_imported_is_not_billed_here():
    world = Billed("wednesdays", made_here=False)
    with pytest.raises(RunRefused, match="imported"):
        world.previews()


def test_what_came_by_files_is_not_billed_again():
    world = Billed("wednesdays", since=date(2026, 11, 1))
    _home, zoe = home_of(world)
    world.books(zoe, date(2026, 10, 7), MORNING)
    world.books(zoe, FIRST, MORNING)
    [bill] = world.bills()
    assert bill.total == Decimal("5.50")


@pytest.mark.parametrize("months_back", [0, 2])
def test_a_warning_of_the_month_before_counts(months_back: int):
    world = Billed("canteen warned", months_back=months_back)
    home, zoe = home_of(world)
    world.books(zoe, date(2026, 10, 7), MEAL, late=True)
    world.books(zoe, FIRST, MEAL, late=True)
    [bill] = world.bills()
    november = [line.amount for line in bill.lines.all() if line.days == ["2026-11-04"]]
    assert november == amounts(home) == [Decimal("4.73")]


@pytest.mark.parametrize(
    "book", ["wednesdays", "wednesdays siblings", "canteen penalties", "canteen warned", "flat", "habits"]
)
def test_whatever_was_booked_a_bill_is_what_the_month_was_said_to_cost(book: str):
    random = Random(book)
    world = Billed(book, months_back=0)
    homes = [world.home(name) for name in ("Blanc", "Noir", "Roy")]
    for home in homes:
        world.quotient(home, str(random.choice([300, 400, 900, 1500])))
        for name in ("Zoé", "Léo"):
            child = world.enrols(home, name)
            for day in (date(2026, 10, 7), *WEDNESDAYS, date(2026, 12, 2)):
                slots = random.sample([MORNING, MEAL, AFTERNOON], random.randint(0, 3))
                world.books(child, day, *slots, late=random.random() < 0.4)
    bills = {bill.family_id: bill for bill in world.bills()}
    for home in homes:
        said = sum(amounts(home), Decimal(0))
        bill = bills.get(home.family.pk)
        assert (bill.total if bill else 0) == said
        if bill:
            assert sum(line.amount for line in bill.lines.all()) == said


def test_a_month_of_which_no_key_opens_an_income_is_billed_once_it_is_read():
    """Neither at the highest price, nor what was billed taken back."""
    world = Billed("wednesdays")
    home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    [bill] = world.bills()
    world.books(zoe, SECOND, MORNING)
    rows = Income.objects.filter(family=home.family)
    said = rows.get().amount
    rows.update(amount=Sealed(Fernet(Fernet.generate_key()).encrypt(b"{}").decode()))
    run = world.previews(date(2026, 12, 1))
    doubts = [(one.code, one.child_id, one.day) for one in RunDoubt.objects.filter(run=run)]
    assert doubts == [("unread", None, date(2026, 11, 1))]
    world.confirms(run)
    assert not run.invoices.exists()
    [month] = home_months(world.bursar, home.family.pk, date(2026, 11, 30))
    assert (month.due, month.billed) == (None, bill.total)
    rows.update(amount=said)
    [late] = world.bills(date(2026, 12, 1))
    assert late.total == bill.total
    assert late.family_id == home.family.pk


def test_an_income_that_counts_no_more_may_be_unread():
    world = Billed("wednesdays")
    home, zoe = home_of(world)
    world.quotient(home, "400", since=date(2026, 10, 15))
    Income.objects.filter(since__lt=date(2026, 10, 15)).update(
        amount=Sealed(Fernet(Fernet.generate_key()).encrypt(b"{}").decode())
    )
    world.books(zoe, FIRST, MORNING)
    [bill] = world.bills()
    assert bill.total > 0


def test_what_hangs_on_a_sheet_that_no_key_opens_is_billed_once_it_is_read():
    world = Billed("habits")
    home, zoe = home_of(world)
    sheet(zoe, pai=True, pai_meal="family")
    world.books(zoe, FIRST, MEAL)
    [bill] = world.bills()
    assert bill.total == Decimal("1.75")
    world.books(zoe, SECOND, MEAL)
    sheets = HealthSheet.objects.filter(child=zoe)
    said = sheets.get().said
    sheets.update(said=Sealed(Fernet(Fernet.generate_key()).encrypt(b"{}").decode()))
    run = world.previews(date(2026, 12, 1))
    assert [(one.code, one.child_id) for one in RunDoubt.objects.filter(run=run)] == [("no_tariff", zoe.pk)]
    world.confirms(run)
    assert not run.invoices.exists(), "neither the meal at its full price, nor what was billed taken back"
    sheets.update(said=said)
    [late] = world.bills(date(2026, 12, 1))
    assert late.total == Decimal("1.75")
    assert late.family_id == home.family.pk


def test_the_sums_of_a_run_count_what_waits_and_what_has_waited():
    """What waits is not billed; what has waited is of the bill that takes it along, not of the run before."""
    world = Billed("wednesdays", threshold=Decimal("15.00"))
    _home, zoe = home_of(world)
    _other, lea = home_of(world, "Blanc")
    world.books(zoe, FIRST, MORNING)
    before = world.previews()
    world.confirms(before)
    assert sums_of(before) == Sums(
        billed=NONE, waiting=(1, Decimal("5.50")), nil=NONE, brought=NONE, left_out=0
    )
    world.books(zoe, date(2026, 12, 2), MORNING, MEAL, AFTERNOON)
    world.books(lea, date(2026, 12, 2), MORNING)
    run = world.previews(date(2026, 12, 1))
    said = Sums(
        billed=(1, Decimal("16.50")),
        waiting=(1, Decimal("5.50")),
        nil=NONE,
        brought=(1, Decimal("5.50")),
        left_out=0,
    )
    assert sums_of(run) == said
    assert said.month == Decimal("16.50")
    world.confirms(run)
    assert sums_of(run) == said, "once it is sent too"
    assert run.invoices.get().total == Decimal("16.50")
    assert sums_of(before).billed == NONE, "a later run has sent it"


def test_the_price_of_a_week_over_two_months_is_billed_with_its_days():
    """Monday 26 to Friday 30 October 2026, at 4.00 a day and 19.80 a week, which ends on 1 November."""
    world = Billed("flat")
    _home, zoe = home_of(world)
    for day in range(26, 31):
        world.books(zoe, date(2026, 10, day), MEAL)
    [bill] = world.bills(date(2026, 10, 1))
    assert bill.total == Decimal("19.80")
    assert world.bills() == []


def test_a_day_added_to_a_week_that_is_billed_brings_what_the_week_takes_off():
    world = Billed("flat")
    _home, zoe = home_of(world)
    for day in range(26, 30):
        world.books(zoe, date(2026, 10, day), MEAL)
    [bill] = world.bills(date(2026, 10, 1))
    assert bill.total == Decimal("16.00")
    world.books(zoe, date(2026, 10, 30), MEAL)
    world.books(zoe, FIRST, MEAL)
    [late] = world.bills()
    assert sorted(line.amount for line in late.lines.all()) == [
        Decimal("-0.20"),
        Decimal("4.00"),
        Decimal("4.00"),
    ]
