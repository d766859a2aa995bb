"""What a bound counts, and over which days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.bound_labels import bound_label, bound_lines, span_label
from marelle.activities.bounds import Bound, BoundKind, Each, Then, Unit, Whose, impossible
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


LEAST = replace(WEEKLY, kind=BoundKind.LEAST)


def test_a_least_says_what_becomes_of_less():
    assert bound_lines(WEEKLY, {}) == ["3 jours par semaine au plus."]
    told, cancelled = (bound_lines(replace(LEAST, then=then), {}) for then in (Then.TOLD, Then.CANCELLED))
    assert told[0] == cancelled[0] == "3 jours par semaine au moins."
    assert "signalé à la structure" in told[1]
    assert "annulé" in cancelled[1]


WEEKDAYS = {1: frozenset({0, 1, 3, 4}), 2: frozenset({2})}


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        ({"n": 3}, {"n": 2}, True),
        ({"n": 3}, {"n": 3}, False),
        ({"n": 3}, {"n": 2, "each": Each.MONTH}, False),
        ({"n": 3}, {"n": 2, "whose": Whose.HOME}, True),
        ({"n": 3, "whose": Whose.HOME}, {"n": 2}, False),
        ({"n": 3}, {"n": 2, "unit": Unit.SLOTS}, True),
        ({"n": 3, "unit": Unit.SLOTS}, {"n": 2}, False),
        ({"n": 3}, {"n": 2, "slots": frozenset({1})}, False),
        ({"n": 3, "slots": frozenset({1})}, {"n": 2, "slots": frozenset({1, 2})}, True),
        ({"n": 3, "slots": frozenset({1, 2})}, {"n": 2, "slots": frozenset({1})}, False),
        ({"n": 3}, {"n": 2, "until": date(2026, 8, 31), "since": date(2026, 1, 1)}, False),
        ({"n": 3, "until": date(2026, 9, 30)}, {"n": 2, "since": date(2026, 10, 1)}, False),
        ({"n": 3, "until": date(2026, 9, 30)}, {"n": 2, "since": date(2026, 9, 30)}, True),
    ],
)
def test_a_least_that_a_most_forbids_is_told(least, most, told):
    one, other = replace(LEAST, id=1, **least), replace(WEEKLY, id=2, **most)
    assert impossible([one, other], WEEKDAYS) == ([(one, other)] if told else [])


@pytest.mark.parametrize(
    ("n", "fields", "told"),
    [
        (5, {}, False),
        (6, {}, True),
        (2, {"slots": frozenset({2})}, True),
        (5, {"unit": Unit.SLOTS}, False),
        (6, {"unit": Unit.SLOTS}, True),
        (6, {"unit": Unit.SLOTS, "whose": Whose.HOME}, False),
        (40, {"each": Each.MONTH}, False),
    ],
)
def test_a_least_that_a_week_has_not_is_told(n, fields, told):
    one = replace(LEAST, n=n, **fields)
    assert impossible([one], WEEKDAYS) == ([(one, None)] if told else [])
    assert impossible([replace(one, kind=BoundKind.MOST)], WEEKDAYS) == []
