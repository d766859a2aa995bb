from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.generation import (
    DayScope,
    Difference,
    ExistingOpening,
    HoursUpdate,
    SlotPlan,
    WantedOpening,
    half_hours,
    openings_difference,
)
from marelle.places.calendars import library_spans
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts, Span, SpanKind

CLOSED = Span(SpanKind.CLOSURE, "Travaux", date(2026, 9, 23), date(2026, 9, 23))
CALENDAR = CalendarFacts(FOUR_DAY_WEEK, (*library_spans("A", 2026), CLOSED))
FIRST, LAST = date(2026, 9, 1), date(2026, 11, 30)
WEDNESDAYS = SlotPlan(1, 7, frozenset({2}), time(8), time(12), DayScope.TERM)


def difference(
    plans: Sequence[SlotPlan], existing: Sequence[ExistingOpening] = (), from_day: date | None = None
) -> Difference:
    return openings_difference(plans, existing, CALENDAR, first_day=FIRST, last_day=LAST, from_day=from_day)


def days(found: Difference) -> set[date]:
    return {wanted.day for wanted in found.create}


def row(day: date, number: int = 1, **more: bool) -> ExistingOpening:
    return ExistingOpening(number, 1, 7, day, time(8), time(12), **more)


def test_wednesdays_of_term() -> None:
    found = days(difference([WEDNESDAYS]))
    assert min(found) == date(2026, 9, 2)
    assert {day.weekday() for day in found} == {2}
    assert CLOSED.first_day not in found, "closed"
    assert date(2026, 11, 11) not in found, "public holiday"
    assert not any(date(2026, 10, 17) <= day <= date(2026, 11, 1) for day in found), "school holidays"
    assert len(found) == 13 - 4


def test_holidays_and_both() -> None:
    holidays = replace(WEDNESDAYS, on=DayScope.HOLIDAYS)
    both = replace(WEDNESDAYS, on=DayScope.BOTH)
    assert days(difference([holidays])) == {date(2026, 10, 21), date(2026, 10, 28)}
    assert days(difference([both])) == days(difference([WEDNESDAYS])) | days(difference([holidays]))


def test_hours_are_on_the_clocks_of_paris() -> None:
    wanted = WantedOpening(1, 7, date(2026, 10, 26), time(8), time(12))
    assert wanted.starts_at == datetime(2026, 10, 26, 7, tzinfo=UTC)
    assert wanted.ends_at == datetime(2026, 10, 26, 11, tzinfo=UTC)


def test_what_is_no_longer_wanted_goes_unless_booked_or_edited() -> None:
    thursday = date(2026, 9, 3)
    free, booked, edited = (
        row(thursday),
        row(thursday + timedelta(days=7), 2, has_booking=True),
        row(thursday + timedelta(days=14), 3, hand_edited=True),
    )
    found = difference([WEDNESDAYS], [free, booked, edited])
    assert found.remove == (free,)
    assert found.kept_because_booked == (booked,)
    assert not found.update_hours


def test_hours_follow_the_slot_unless_booked_or_edited() -> None:
    later = replace(WEDNESDAYS, start=time(9))
    free, booked, edited = (
        row(date(2026, 9, 2)),
        row(date(2026, 9, 9), 2, has_booking=True),
        row(date(2026, 9, 16), 3, hand_edited=True),
    )
    found = difference([later], [free, booked, edited])
    assert found.update_hours == (HoursUpdate(1, WantedOpening(1, 7, date(2026, 9, 2), time(9), time(12))),)
    assert found.kept_because_booked == (booked,)
    assert not found.remove
    assert not days(found) & {date(2026, 9, 2), date(2026, 9, 9), date(2026, 9, 16)}


def test_days_gone_by_and_slots_dated_by_hand_are_left_alone() -> None:
    gone_by = row(date(2026, 9, 3))
    outing = replace(row(date(2026, 10, 8), 2), slot_id=99)
    found = difference([WEDNESDAYS], [gone_by, outing], from_day=date(2026, 10, 1))
    assert not found.remove
    assert min(days(found)) == date(2026, 10, 7)
    on_the_day = row(date(2026, 10, 1))
    assert difference([WEDNESDAYS], [on_the_day], from_day=on_the_day.day).remove == (on_the_day,)


def test_an_activity_that_got_shorter_loses_its_last_openings() -> None:
    beyond = row(date(2026, 12, 2))
    assert difference([WEDNESDAYS], [beyond]).remove == (beyond,)


plans = st.builds(
    SlotPlan,
    st.integers(1, 3),
    st.sampled_from([None, 7, 8]),
    st.frozensets(st.integers(0, 6)),
    st.sampled_from([time(8), time(8, 30)]),
    st.sampled_from([time(12), time(18)]),
    st.sampled_from(list(DayScope)),
)
plan_lists = st.lists(plans, max_size=4, unique_by=lambda plan: (plan.slot_id, plan.group_id))
rows = st.builds(
    ExistingOpening,
    st.just(0),
    st.integers(1, 4),
    st.sampled_from([None, 7, 8]),
    st.dates(FIRST - timedelta(days=10), FIRST + timedelta(days=30)),
    st.sampled_from([time(8), time(9)]),
    st.sampled_from([time(12), time(18)]),
    st.booleans(),
    st.booleans(),
)
row_lists = st.lists(rows, max_size=12, unique_by=lambda r: (r.slot_id, r.group_id, r.day)).map(
    lambda found: [replace(one, id=number) for number, one in enumerate(found)]
)
starts = st.none() | st.dates(FIRST, FIRST + timedelta(days=30))


def apply(existing: list[ExistingOpening], found: Difference) -> list[ExistingOpening]:
    gone = {one.id for one in found.remove}
    moved = {update.id: update.wanted for update in found.update_hours}
    left = [
        replace(one, start=moved[one.id].start, end=moved[one.id].end) if one.id in moved else one
        for one in existing
        if one.id not in gone
    ]
    born = [
        ExistingOpening(1000 + number, new.slot_id, new.group_id, new.day, new.start, new.end)
        for number, new in enumerate(found.create)
    ]
    return left + born


@given(plan_lists, row_lists, starts)
def test_applying_a_difference_leaves_nothing_to_do(
    plans: list[SlotPlan], existing: list[ExistingOpening], from_day: date | None
) -> None:
    after = apply(existing, difference(plans, existing, from_day))
    again = difference(plans, after, from_day)
    assert again.is_empty
    assert len({(one.slot_id, one.group_id, one.day) for one in after}) == len(after), "one of each a day"


@given(plan_lists, row_lists, starts)
def test_bookings_and_hand_edits_are_never_touched(
    plans: list[SlotPlan], existing: list[ExistingOpening], from_day: date | None
) -> None:
    found = difference(plans, existing, from_day)
    touched = {one.id for one in found.remove} | {update.id for update in found.update_hours}
    assert not any(one.has_booking or one.hand_edited for one in existing if one.id in touched)
    assert not any(one.hand_edited for one in found.kept_because_booked)


@given(plan_lists)
def test_nothing_is_generated_on_a_closed_day(plans: list[SlotPlan]) -> None:
    for day in days(difference(plans)):
        assert FIRST <= day <= LAST
        assert CALENDAR.closure(day) is None
        assert CALENDAR.public_holiday(day) is None


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [
        (time(8), time(9), (16, 17)),
        (time(8, 10), time(8, 20), (16,)),
        (time(8, 20), time(8, 40), (16, 17)),
        (time(23, 30), time(0), (47,)),
        (time(0), time(0), tuple(range(48))),
    ],
)
def test_half_hours(start: time, end: time, parts: tuple[int, ...]) -> None:
    assert half_hours(start, end) == parts


def test_hours_that_do_not_follow_are_refused() -> None:
    with pytest.raises(ValueError, match="before they start"):
        half_hours(time(9), time(9))


@given(st.integers(0, 46), st.integers(1, 47))
def test_hours_that_touch_share_no_half_hour(first: int, second: int) -> None:
    start, middle = sorted((first, second))
    if start < middle:
        halves = [time(n // 2, 30 * (n % 2)) for n in (start, middle)]
        assert half_hours(halves[0], halves[1]) + half_hours(halves[1], time(0)) == half_hours(
            halves[0], time(0)
        )
