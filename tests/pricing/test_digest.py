"""The fingerprint of what a price hangs on tells any of it from another, and the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from marelle.activities.absences import AbsenceGrade, Told
from marelle.pricing.digest import facts_digest
from marelle.pricing.facts import (
    ChildDay,
    Contract,
    Fetched,
    HomeDay,
    HomeSpan,
    Income,
    IncomeStatus,
    Known,
    Piece,
    SpanKind,
    Taken,
    Trait,
    TraitKind,
    Wishes,
)
from marelle.pricing.tariffs import TariffBook
from tests.pricing.sheets import BOOKS

DAY = date(2026, 11, 4)
NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
STAFF, DECISION = Trait(TraitKind.STAFF), Trait(TraitKind.DECISION, 7)
INCOME = Income(Known(IncomeStatus.PROVED, Decimal(400)), Known(IncomeStatus.DECLARED, Decimal(1)), 2, 1)
WISHES = Wishes(
    (
        HomeDay(
            DAY,
            INCOME,
            (
                ChildDay(
                    1,
                    (Piece(2, grade=AbsenceGrade(Told.IN_TIME, 0, False), seen_minutes=5, prepaid=4),),
                    frozenset({STAFF, DECISION}),
                    date(2018, 5, 14),
                    (Fetched(3, 20, 1),),
                ),
            ),
            (1, 2),
        ),
    ),
    (
        HomeSpan(
            SpanKind.WEEK,
            DAY,
            DAY,
            INCOME,
            ((1, frozenset({STAFF})),),
            (Taken(9, DAY, 1, frozenset({STAFF}), INCOME, Contract(36, 60, 10)),),
        ),
    ),
)
WISHES = replace(WISHES, earlier=(replace(WISHES.days[0], day=DAY - timedelta(days=7)),))
BOOK = BOOKS["wednesdays"]


def changed(value: Any) -> Iterator[Any]:
    """Each value that differs from it in one place, at any depth."""
    match value:
        case bool():
            yield not value
        case Enum():
            yield next(one for one in type(value) if one is not value)
        case int() | Decimal():
            yield value + 1
        case date():
            yield value + timedelta(days=1)
        case frozenset():
            yield from (value - {one} for one in value)
        case Piece():
            for name in Piece._fields:
                yield from (value._replace(**{name: other}) for other in changed(getattr(value, name)))
        case (*_, _last):
            yield value[:-1]
            yield from _within(value)
        case _ if is_dataclass(value):
            for one in fields(value):
                yield from (
                    replace(value, **{one.name: other}) for other in changed(getattr(value, one.name))
                )


def _within(value: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for place, one in enumerate(value):
        yield from ((*value[:place], other, *value[place + 1 :]) for other in changed(one))


def test_whatever_changes_is_told():
    own = facts_digest(BOOK, WISHES, NOVEMBER)
    others = [facts_digest(BOOK, one, NOVEMBER) for one in changed(WISHES)]
    assert len(others) > 60
    assert own not in others
    assert len(set(others)) == len(others), "each in its own way"


def test_the_same_facts_are_the_same_however_they_were_gathered():
    again = Wishes(
        tuple(replace(one) for one in WISHES.days),
        tuple(replace(one, income=replace(INCOME, dependants=2)) for one in WISHES.spans),
        tuple(replace(one) for one in WISHES.earlier),
    )
    assert facts_digest(BOOK, again, NOVEMBER) == facts_digest(BOOK, WISHES, NOVEMBER)
    more = replace(INCOME, quotient=Known(IncomeStatus.PROVED, Decimal("400.00")))
    written_otherwise = replace(WISHES, days=(replace(WISHES.days[0], income=more),))
    assert facts_digest(BOOK, written_otherwise, NOVEMBER) == facts_digest(BOOK, WISHES, NOVEMBER)


def test_a_tariff_that_holds_otherwise_in_the_month_is_told():
    own = facts_digest(BOOK, WISHES, NOVEMBER)
    first, *others = BOOK.tariffs
    ended = TariffBook((replace(first, until=date(2026, 11, 20)), *others), BOOK.adjustments, BOOK.span_rules)
    assert facts_digest(ended, WISHES, NOVEMBER) != own
    later = TariffBook((replace(first, until=date(2026, 12, 20)), *others), BOOK.adjustments, BOOK.span_rules)
    assert facts_digest(later, WISHES, NOVEMBER) == own, "what ends afterwards has changed nothing of it"
    gone = TariffBook(tuple(others), BOOK.adjustments, BOOK.span_rules)
    assert facts_digest(gone, WISHES, NOVEMBER) != own


def test_another_process_says_the_same():
    """Sets of texts come in another order in each."""
    code = "from tests.pricing.test_digest import *; print(facts_digest(BOOK, WISHES, NOVEMBER))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2", "3")
    }
    assert found == {facts_digest(BOOK, WISHES, NOVEMBER)}


def test_only_a_week_over_two_months_has_a_second():
    week = HomeSpan(SpanKind.WEEK, date(2026, 10, 26), date(2026, 11, 1))
    assert week.second_month == date(2026, 11, 1)
    others = (
        replace(week, first=date(2026, 10, 19), last=date(2026, 10, 25)),
        replace(week, first=date(2026, 6, 1), last=date(2026, 6, 7)),
        HomeSpan(SpanKind.MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        HomeSpan(SpanKind.YEAR, date(2026, 9, 1), date(2027, 8, 31)),
    )
    assert {span.second_month for span in others} == {None}
