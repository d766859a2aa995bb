"""What a bound counts, and over which days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.bounds import Bound, BoundKind, Each, Unit, Whose
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts, Span, SpanKind

AUTUMN = Span(SpanKind.SCHOOL_HOLIDAY, "Automne", date(2026, 10, 17), date(2026, 11, 1))
WINTER = Span(SpanKind.SCHOOL_HOLIDAY, "Noël", date(2026, 12, 19), date(2027, 1, 3))
SUMMER = Span(SpanKind.SCHOOL_HOLIDAY, "Été", date(2027, 7, 3), date(2027, 8, 31))
CALENDAR = CalendarFacts(FOUR_DAY_WEEK, (AUTUMN, WINTER, SUMMER))
WEEKLY = Bound(1, BoundKind.MOST, 3, Unit.DAYS, Each.WEEK, Whose.CHILD, date(2026, 9, 1))


@pytest.mark.parametrize(
    ("each", "day", "first", "last"),
    [
        (Each.WEEK, date(2026, 9, 14), date(2026, 9, 14), date(2026, 9, 20)),
        (Each.WEEK, date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 3)),
        (Each.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Each.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Each.PERIOD, date(2026, 9, 14), date(2026, 9, 1), date(2026, 10, 16)),
        (Each.PERIOD, date(2026, 10, 17), date(2026, 10, 17), date(2026, 11, 1)),
        (Each.PERIOD, date(2026, 11, 2), date(2026, 11, 2), date(2026, 12, 18)),
        (Each.PERIOD, date(2027, 2, 1), date(2027, 1, 4), date(2027, 7, 2)),
        (Each.PERIOD, date(2027, 8, 31), date(2027, 7, 3), date(2027, 8, 31)),
    ],
)
def test_the_span_of_a_day(each, day, first, last):
    assert replace(WEEKLY, each=each).span(day, CALENDAR) == (first, last)


def test_without_a_holiday_the_period_is_the_school_year():
    bare = CalendarFacts(FOUR_DAY_WEEK, ())
    assert bare.period(date(2027, 3, 1)) == (date(2026, 9, 1), date(2027, 8, 31))


@given(st.dates(date(2026, 9, 1), date(2027, 8, 31)), st.sampled_from(Each))
def test_every_day_of_a_span_has_that_span(day, each):
    bound = replace(WEEKLY, each=each)
    first, last = bound.span(day, CALENDAR)
    assert first <= day <= last
    assert bound.span(first, CALENDAR) == bound.span(last, CALENDAR) == (first, last)
    after = bound.span(last + timedelta(days=1), CALENDAR)
    assert after[0] == last + timedelta(days=1)


def test_it_counts_its_days_and_its_slots():
    until = date(2026, 9, 30)
    bound = replace(WEEKLY, until=until, slots=frozenset({1}))
    assert bound.holds(1, bound.since)
    assert bound.holds(1, until)
    assert not bound.holds(1, bound.since - timedelta(days=1))
    assert not bound.holds(1, until + timedelta(days=1))
    assert not bound.holds(2, until)
    assert WEEKLY.holds(2, date(2030, 1, 1))


def test_in_words():
    assert bound_label(WEEKLY, {}) == "3 jours par semaine au plus"
    whole = replace(WEEKLY, n=1, unit=Unit.SLOTS, each=Each.PERIOD, whose=Whose.HOME, slots=frozenset({2}))
    assert bound_label(whole, {1: "Matin", 2: "Repas"}) == (
        "1 créneau par période au plus pour le foyer (« Repas »)".replace("« ", "«\u00a0").replace(
            " »", "\u00a0»"
        )
    )
    assert span_label(WEEKLY, WEEKLY.span(date(2026, 9, 16), CALENDAR)) == "la semaine du 14 septembre 2026"
    month = replace(WEEKLY, each=Each.MONTH)
    assert span_label(month, month.span(date(2026, 9, 16), CALENDAR)) == "septembre 2026"
    period = replace(WEEKLY, each=Each.PERIOD)
    assert span_label(period, period.span(date(2026, 10, 20), CALENDAR)) == (
        "la période du 17 octobre au 1er novembre 2026"
    )
