"""Every figure of an exercise is a sum of what happened to its bills: all come to the same, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.accounting.closing_rules import Point, blocks, draft_of, is_over
from marelle.billing.accounting.detail import EVENTS, Chosen, Figure, told_of
from marelle.billing.accounting.rules import (
    Bill,
    Code,
    CodeSum,
    Figures,
    Happened,
    account_of,
    balance_of,
    by_month_billed,
    events_of,
    figures_of,
    flows_of,
)
from marelle.core.money import ZERO
from tests.billing.accounting.histories import bills, days, many

FIELDS = ("count", "billed", "credited", "cancelled", "paid", "left", "over")
AMOUNTS = {
    Figure.BILLED: "billed",
    Figure.CREDITED: "credited",
    Figure.CANCELLED: "cancelled",
    Figure.PAID: "paid",
    Figure.LEFT: "left",
    Figure.OVER: "over",
}


def euros(text: str) -> Decimal:
    return Decimal(text)


@given(many())
def test_the_tables_of_an_exercise_come_to_the_same(held):
    whole = figures_of(held)
    assert whole.balance == whole.left - whole.over
    by_month = by_month_billed(held).values()
    for name in FIELDS:
        assert sum(getattr(one, name) for one in by_month) == getattr(whole, name)
    flows = flows_of(held)
    for name in ("count", "billed", "credited", "cancelled", "paid"):
        assert sum(getattr(one.figures, name) for one in flows) == getattr(whole, name)
    assert not flows or flows[-1].balance == whole.left - whole.over
    assert [one.first for one in flows] == sorted({one.first for one in flows})


@given(many(), st.sampled_from(list(AMOUNTS)))
def test_the_rows_of_a_figure_come_to_it(held, figure):
    name = AMOUNTS[figure]
    assert sum(row.amount for row in told_of(held, Chosen(figure))) == getattr(figures_of(held), name)
    for month, figures in by_month_billed(held).items():
        rows = told_of(held, Chosen(figure, billed=month))
        assert sum(row.amount for row in rows) == getattr(figures, name)
    if figure in EVENTS:
        for flow in flows_of(held):
            rows = told_of(held, Chosen(figure, within=flow.first))
            assert sum(row.amount for row in rows) == getattr(flow.figures, name)


@given(many(), days, days)
def test_an_account_goes_from_what_was_owed_to_what_is(held, one, other):
    since, until = sorted((one, other))
    account = account_of(held, since=since, until=until)
    events = [event for bill in held for event in bill.events]
    assert account.opening == balance_of(event for event in events if event.on < since)
    assert account.closing == balance_of(events, until)
    assert account.closing == account.opening + sum(entry.event.owed for entry in account.entries)
    assert [entry.event.on for entry in account.entries] == sorted(
        event.on for event in events if since <= event.on <= until
    )
    if account.entries:
        assert account.entries[-1].balance == account.closing


@given(bills(), days)
def test_what_is_left_of_a_bill_and_what_is_over_never_make_up_for_each_other(bill, day):
    found = Figures()
    found.add(bill, day)
    assert min(found.left, found.over) == 0
    assert found.left - found.over == balance_of(bill.events, day)


def test_a_cancelled_bill_asks_nothing_and_what_was_paid_of_it_is_over():
    events = events_of(
        bill_id=1, number="1", total=euros("40.00"), issued_on=date(2026, 1, 5),
        cancelled_on=date(2026, 3, 1), notes=[(date(2026, 2, 1), euros("10.00"), "A")],
        payments=[(date(2026, 2, 2), euros("5.00"))],
    )  # fmt: skip
    assert [one.amount for one in events if one.what is Happened.CANCELLED] == [euros("30.00")]
    assert balance_of(events, date(2026, 2, 28)) == euros("25.00")
    assert balance_of(events) == euros("-5.00")


@given(many())
def test_a_closing_freezes_what_is_left_on_two_evenings(held):
    draft = draft_of(held, 2026, date(2027, 2, 15))
    assert draft.left_at_end == figures_of(held, date(2026, 12, 31)).left
    assert draft.figures.left == figures_of(held, date(2027, 2, 15)).left
    assert sum(row.at_end for row in draft.rows) == draft.left_at_end
    assert sum(row.at_closing for row in draft.rows) == draft.figures.left
    assert all(row.at_end or row.at_closing for row in draft.rows)


def test_the_digest_of_a_closing_is_of_all_that_it_freezes():
    bill = _bill("40.00", "10.00")
    draft = draft_of([bill], 2026, date(2027, 2, 15))
    others = [
        draft_of([_bill("40.00", "10.01")], 2026, date(2027, 2, 15)),
        draft_of([bill], 2026, date(2027, 2, 16)),
        draft_of([bill._replace(number="2026-000009")], 2026, date(2027, 2, 15)),
    ]
    code = CodeSum(Code(1, 2, "Repas", "7067"), "École", billed=euros("40.00"), credited=ZERO, cancelled=ZERO)
    coded = draft_of([bill], 2026, date(2027, 2, 15), [code])
    others += [coded, draft_of([bill], 2026, date(2027, 2, 15), [replace(code, billed=euros("39.00"))])]
    others.append(draft_of([bill._replace(month=date(2026, 10, 1))], 2026, date(2027, 2, 15)))
    assert coded.text == (
        "2026;2027-02-15;1;40.00;0.00;0.00;10.00;0.00;30.00;30.00\n2026-000001;30.00;30.00\n"
        "2026-01;1;40.00;0.00;0.00;10.00;30.00;0.00\nÉcole;Repas;7067;;;40.00;0.00;0.00\n"
    )
    assert len({one.sha256 for one in (draft, *others)}) == 7


@given(many())
def test_the_months_of_a_closing_come_to_what_it_freezes(held):
    draft = draft_of(held, 2026, date(2026, 12, 31))
    for name in FIELDS:
        assert sum(getattr(one, name) for _month, one in draft.months) == getattr(draft.figures, name)
    assert draft.unlined == draft.figures.billed - draft.figures.credited - draft.figures.cancelled


def _bill(total: str, paid: str) -> Bill:
    return Bill(
        1, "2026-000001", date(2026, 1, 1), 1, None,
        events_of(
            bill_id=1, number="2026-000001", total=euros(total), issued_on=date(2026, 2, 5),
            cancelled_on=None, notes=[], payments=[(date(2026, 3, 1), euros(paid))],
        ),
    )  # fmt: skip


def test_an_exercise_is_over_on_new_years_day_and_open_to_its_bills_until_31_january():
    assert [is_over(2026, date(2026, 12, 31)), is_over(2026, date(2027, 1, 1))] == [False, True]
    for day, kept in (
        (date(2027, 1, 31), {Point.RUN, Point.MONTHS, Point.UNSENT}),
        (date(2027, 2, 1), {Point.RUN}),
    ):
        assert {one for one in Point if blocks(one, 2026, day)} == kept
