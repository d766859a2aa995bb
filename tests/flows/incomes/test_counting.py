"""Which income counts on a day: the laws, then worked cases, then the rows of the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from marelle.families.incomes.rules import IncomeKind, IncomeRow, IncomeStatus, Told, last_begun
from marelle.families.models import Income as IncomeHeld
from marelle.flows.incomes.counting import income_on
from marelle.flows.incomes.selectors import incomes_on
from marelle.places.models import Authority
from marelle.pricing.amounts import Edge, value_of
from marelle.pricing.facts import Income, Known
from marelle.pricing.facts import IncomeStatus as Priced
from marelle.pricing.incomes import Counts
from tests.scenario import Scenario

HERE, THERE = 1, 2
FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 120).map(lambda days: FIRST + timedelta(days))
AMOUNTS = st.integers(0, 2000).map(Decimal)


@st.composite
def told(draw: Callable[..., object], kind: IncomeKind) -> Told:
    status = draw(st.sampled_from(list(IncomeStatus)))
    says = status in {IncomeStatus.PROVED, IncomeStatus.DECLARED}
    count = kind in {IncomeKind.DEPENDANTS, IncomeKind.AEEH}
    return Told(status, draw(st.integers(0, 9).map(Decimal) if count else AMOUNTS) if says else None)


@st.composite
def rows(draw: Callable[..., object]) -> list[IncomeRow]:
    """Of each kind and authority one row a day at most, as the tables hold them."""
    keys = st.tuples(st.sampled_from(list(IncomeKind)), st.sampled_from([None, HERE, THERE]), DAYS)
    found = []
    for place, (kind, whose, since) in enumerate(draw(st.lists(keys, max_size=14, unique=True))):
        until = draw(st.none() | st.integers(0, 60).map(lambda days, day=since: day + timedelta(days)))
        found.append(IncomeRow(place, kind, since, until, "CAF", whose, draw(told(kind))))
    return found


def row_by_calendar(held: list[IncomeRow], kind: IncomeKind, day: date, counts: Counts) -> IncomeRow | None:
    """Of another shape: the file is looked at on the first of the month, or on the day, and what it said last
    then stands, unless it has ended since."""
    looked_at = day if counts is Counts.ITS_DATE else day.replace(day=1)
    for whose in (HERE, None):
        known = sorted(
            (row.since, row.id) for row in held
            if row.kind == kind and row.authority_id == whose and row.since <= looked_at
        )  # fmt: skip
        if known:
            row = next(row for row in held if row.id == known[-1][1])
            if row.until is None or day <= row.until:
                return row
    return None


def price(income: Income, kind: IncomeKind) -> str:
    """What a row alone would cost: highest, lowest, or its amount."""
    known = income.quotient if kind is IncomeKind.QUOTIENT else income.resources
    found = value_of(known)
    return found.value if isinstance(found, Edge) else str(found)


def expected(row: IncomeRow | None) -> str:
    if row is None or row.told is None or row.told.status in {IncomeStatus.REFUSED, IncomeStatus.UNKNOWN}:
        return "highest"
    return "lowest" if row.told.amount is None else str(row.told.amount)


@given(held=rows(), day=DAYS, counts=st.sampled_from(list(Counts)))
def test_each_kind_counts_by_itself_and_its_price_is_that_of_its_own_row(
    held: list[IncomeRow], day: date, counts: Counts
) -> None:
    income = income_on(held, day, authority_id=HERE, counts=counts)
    by_kind = {kind: row_by_calendar(held, kind, day, counts) for kind in IncomeKind}
    quotient, resources = by_kind[IncomeKind.QUOTIENT], by_kind[IncomeKind.RESOURCES]
    assert price(income, IncomeKind.QUOTIENT) == expected(quotient)
    assert price(income, IncomeKind.RESOURCES) == expected(resources)
    for kind, otherwise, got in (
        (IncomeKind.DEPENDANTS, 1, income.dependants),
        (IncomeKind.AEEH, 0, income.aeeh),
    ):
        row = by_kind[kind]
        unsaid = row is None or row.told is None or expected(row) == "highest"
        assert got == (otherwise if unsaid else int(row.told.amount or 0))  # type: ignore[union-attr]


@given(held=rows(), day=DAYS, counts=st.sampled_from(list(Counts)), order=st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_another_authority_changes_anything(
    held: list[IncomeRow], day: date, counts: Counts, order: object
) -> None:
    before = income_on(held, day, authority_id=HERE, counts=counts)
    others = [row for row in held if row.authority_id != THERE]
    order.shuffle(others)  # type: ignore[attr-defined]
    assert income_on(others, day, authority_id=HERE, counts=counts) == before


@given(held=rows(), day=DAYS)
def test_what_is_written_later_changes_no_day_before_it(held: list[IncomeRow], day: date) -> None:
    """Nor, counted from the next month, any day of the month in which it begins."""
    late = replace(IncomeRow(99, IncomeKind.QUOTIENT, day, None, "CAF"), told=Told(IncomeStatus.NONE))
    held = [row for row in held if (row.kind, row.authority_id, row.since) != (late.kind, None, day)]
    for counts, before in (
        (Counts.ITS_DATE, day - timedelta(1)),
        (Counts.NEXT_MONTH, day if day.day > 1 else day - timedelta(1)),
    ):
        now, then = (
            income_on(rows, before, authority_id=HERE, counts=counts) for rows in (held, [*held, late])
        )
        assert now == then


def of(kind: IncomeKind, status: IncomeStatus, amount: int | None = None, **fields: object) -> IncomeRow:
    since = fields.pop("since", FIRST)
    worth = None if amount is None else Decimal(amount)
    return replace(IncomeRow(1, kind, since, None, "CAF"), told=Told(status, worth), **fields)  # type: ignore[arg-type]


Q, R = IncomeKind.QUOTIENT, IncomeKind.RESOURCES
PROVED, DECLARED, REFUSED, NONE, UNKNOWN = (
    IncomeStatus.PROVED, IncomeStatus.DECLARED, IncomeStatus.REFUSED, IncomeStatus.NONE, IncomeStatus.UNKNOWN,
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ([], Income()),
        ([of(Q, PROVED, 400)], Income(Known(Priced.PROVED, Decimal(400)))),
        ([of(Q, NONE)], Income(Known(Priced.NONE))),
        ([of(Q, REFUSED)], Income(Known(Priced.REFUSED))),
        (
            [of(Q, NONE), of(R, DECLARED, 3000)],
            Income(Known(Priced.NONE), Known(Priced.DECLARED, Decimal(3000))),
        ),
        ([of(Q, REFUSED), of(R, NONE)], Income(Known(Priced.REFUSED), Known(Priced.NONE))),
        ([of(Q, PROVED, 400, authority_id=THERE)], Income()),
        (
            [of(Q, PROVED, 400), of(Q, PROVED, 300, authority_id=HERE)],
            Income(Known(Priced.PROVED, Decimal(300))),
        ),
        ([of(Q, PROVED, 400), of(Q, UNKNOWN, authority_id=HERE)], Income()),
        ([replace(of(Q, PROVED, 400), told=None, lost=True)], Income()),
        ([of(IncomeKind.DEPENDANTS, PROVED, 0)], Income(dependants=0)),
        ([of(IncomeKind.DEPENDANTS, NONE)], Income(dependants=0)),
        ([of(IncomeKind.DEPENDANTS, REFUSED)], Income(dependants=1)),
        ([of(IncomeKind.AEEH, DECLARED, 2)], Income(aeeh=2)),
    ],
)  # fmt: skip
def test_each_amount_is_counted_as_it_is_known(said: list[IncomeRow], counted: Income) -> None:
    assert income_on(said, FIRST, authority_id=HERE, counts=Counts.NEXT_MONTH) == counted


def test_what_a_page_shows_is_what_was_told_on_the_day_whatever_counts() -> None:
    held = [of(Q, PROVED, 400), of(Q, PROVED, 300, since=date(2026, 1, 16), until=date(2026, 1, 20))]
    shown = {day: last_begun(held, Q, date(2026, 1, day)) for day in (15, 16, 20, 21)}
    assert {day: row and row.told for day, row in shown.items()} == {
        15: held[0].told, 16: held[1].told, 20: held[1].told, 21: None,
    }  # fmt: skip


@pytest.mark.django_db
def test_the_homes_of_a_day_are_read_in_one_query_by_the_setting_of_the_authority(
    count_queries: Callable,
) -> None:
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    other = world.authority("Syndicat")
    world.quotient(durand, "590", since=date(2026, 9, 1))
    world.quotient(durand, "350", since=date(2026, 11, 16))
    world.income(durand, R, "3000", since=date(2026, 9, 1), authority=other)
    days = [date(2026, 11, 4), date(2026, 11, 18), date(2026, 12, 2)]
    ids = [durand.family.pk, martin.family.pk]

    def quotients(authority: Authority) -> list[Decimal | None]:
        with count_queries(1):
            found = incomes_on(authority.pk, ids, days)
        assert {found[martin.family.pk, day] for day in days} == {Income()}
        return [found[durand.family.pk, day].quotient.amount for day in days]

    assert quotients(world.the_authority) == [590, 590, 350]
    Authority.objects.filter(pk=world.the_authority.pk).update(incomes_count="its_date")
    assert quotients(world.the_authority) == [590, 350, 350]
    assert quotients(other) == [590, 590, 350]
    assert incomes_on(other.pk, ids, days)[ids[0], days[0]].resources.amount == 3000
    assert incomes_on(world.the_authority.pk, ids, days)[ids[0], days[0]].resources == Known()


@pytest.mark.django_db
def test_without_its_key_an_income_is_unknown_and_pays_the_highest(settings: object) -> None:
    world = Scenario()
    durand = world.home("Durand")
    world.quotient(durand, "300")
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)  # type: ignore[attr-defined]
    found = incomes_on(world.the_authority.pk, [durand.family.pk], [FIRST])
    assert found[durand.family.pk, FIRST] == Income()
    assert IncomeHeld.objects.count() == 1
