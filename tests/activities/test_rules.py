from __future__ import annotations

import time as stopwatch
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marelle.activities.audiences import EVERYBODY
from marelle.activities.rules import (
    TIMED,
    After,
    Anchor,
    Counting,
    Limit,
    LimitError,
    LimitKind,
    Moment,
    OffDay,
    OpeningFacts,
    Rule,
    Window,
    is_before,
    last_minute,
    moment,
    opens_at,
    rule_on,
    window,
)
from marelle.core.clock import PARIS, instant_at, universal
from marelle.core.french import from_long, until_long
from marelle.places.calendars import library_spans
from marelle.places.rules import FOUR_DAY_WEEK, CalendarFacts, Span, SpanKind
from tests.waves import waves

CALENDAR = CalendarFacts(FOUR_DAY_WEEK, library_spans("A", 2026))
NOON, SIX = time(12), time(18)

TUESDAY_BEFORE = Limit(LimitKind.WEEK_BEFORE, n=1, weekday=1, time=time(23, 59))
FRIDAY_BEFORE = Limit(LimitKind.WEEK_BEFORE, n=1, weekday=4, time=NOON)
DAY_BEFORE = Limit(LimitKind.DAYS_BEFORE, n=1, time=NOON)
START = Limit(LimitKind.START)
NEVER = Limit(LimitKind.NEVER)


def opening(day: date, start: time = NOON) -> OpeningFacts:
    begins = instant_at(day, start)
    return OpeningFacts(day, begins, universal(begins) + timedelta(hours=2))


def rule(book: Limit = START, cancel: Limit | None = None, **more: Any) -> Rule:
    return Rule(date(2026, 9, 1), None, book, cancel or book, **more)


def at(rule: Rule, opening: OpeningFacts) -> Window:
    return window(rule, opening, CALENDAR)


def opens(found: Window, *, resident: bool = True) -> datetime | None:
    return opens_at(found, lambda audience, _day: audience == EVERYBODY or resident)


def closes(limit: Limit, opening: OpeningFacts) -> str:
    told = last_minute(limit, opening, CALENDAR)
    assert told is not None
    assert told.tzinfo is PARIS
    return until_long(told)


class TestPublishedRules:
    """Deadlines that French authorities publish, each with the answer that they give."""

    def test_d1_tuesday_of_the_week_before(self) -> None:
        assert closes(TUESDAY_BEFORE, opening(date(2026, 9, 17))) == "jusqu’au mardi 8 septembre à 23 h 59"
        found = at(rule(TUESDAY_BEFORE), opening(date(2026, 9, 17)))
        assert found.closes_at == found.cancel_until == instant_at(date(2026, 9, 8), time(23, 59))

    def test_d2_the_day_before(self) -> None:
        limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=SIX)
        assert closes(limit, opening(date(2026, 9, 14))) == "jusqu’au dimanche 13 septembre à 18 h 00"

    def test_d3_book_by_friday_cancel_by_the_day_before(self) -> None:
        found = at(rule(FRIDAY_BEFORE, DAY_BEFORE), opening(date(2026, 9, 15)))
        assert found.closes_at is not None
        assert found.cancel_until is not None
        assert until_long(found.closes_at) == "jusqu’au vendredi 11 septembre à 12 h 00"
        assert until_long(found.cancel_until) == "jusqu’au lundi 14 septembre à 12 h 00"

    @pytest.mark.parametrize(
        ("day", "told"),
        [
            (14, "jusqu’au jeudi 10 septembre à 12 h 00"),
            (15, "jusqu’au vendredi 11 septembre à 12 h 00"),
            (17, "jusqu’au mardi 15 septembre à 12 h 00"),
            (18, "jusqu’au mercredi 16 septembre à 12 h 00"),
        ],
    )
    def test_d4_two_days_before_from_monday_to_friday(self, day: int, told: str) -> None:
        limit = Limit(LimitKind.DAYS_BEFORE, n=2, time=NOON, counting=Counting.WEEKDAYS)
        assert closes(limit, opening(date(2026, 9, day))) == told

    def test_d5_wednesday_closes_on_thursday_of_the_week_before(self) -> None:
        limit = Limit(LimitKind.WEEK_BEFORE, n=1, weekday=3, time=NOON)
        assert closes(limit, opening(date(2026, 9, 16))) == "jusqu’au jeudi 10 septembre à 12 h 00"

    @pytest.mark.parametrize(
        ("day", "told"),
        [
            (date(2026, 11, 2), "jusqu’au vendredi 16 octobre à 11 h 00"),
            (date(2026, 9, 10), "jusqu’au mardi 8 septembre à 11 h 00"),
            (date(2026, 9, 14), "jusqu’au vendredi 11 septembre à 11 h 00"),
            (date(2026, 11, 12), "jusqu’au mardi 10 novembre à 11 h 00"),
        ],
    )
    def test_d6_the_previous_school_day(self, day: date, told: str) -> None:
        limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(11), counting=Counting.SCHOOL)
        assert closes(limit, opening(day)) == told

    def test_d7_hours_before_and_the_same_morning(self) -> None:
        book = Limit(LimitKind.HOURS_BEFORE, n=72)
        cancel = Limit(LimitKind.DAYS_BEFORE, n=0, time=time(8, 30))
        assert closes(book, opening(date(2026, 9, 17))) == "jusqu’au lundi 14 septembre à 12 h 00"
        assert closes(cancel, opening(date(2026, 9, 17))) == "jusqu’au jeudi 17 septembre à 8 h 30"

    def test_d8_one_window_for_a_whole_period(self) -> None:
        period = rule(
            Limit(LimitKind.FIXED, at=datetime(2026, 10, 2, 18, tzinfo=PARIS)),
            waves=waves(datetime(2026, 8, 21, 7, tzinfo=PARIS), datetime(2026, 8, 28, 7, tzinfo=PARIS)),
        )
        for day in (date(2026, 10, 19), date(2026, 10, 30)):
            found = at(period, opening(day))
            resident, other = opens(found), opens(found, resident=False)
            assert resident is not None
            assert other is not None
            assert found.closes_at is not None
            assert from_long(resident) == "à partir du vendredi 21 août à 7 h 00"
            assert from_long(other) == "à partir du vendredi 28 août à 7 h 00"
            assert until_long(found.closes_at) == "jusqu’au vendredi 2 octobre à 18 h 00"

    @pytest.mark.parametrize("day", [date(2026, 10, 1), date(2026, 10, 15), date(2026, 10, 30)])
    def test_d9_a_day_of_the_month_before(self, day: date) -> None:
        limit = Limit(LimitKind.MONTH_BEFORE, n=20, time=time(23, 59))
        assert closes(limit, opening(day)) == "jusqu’au dimanche 20 septembre à 23 h 59"


class TestFurtherPublishedRules:
    """Limits of règlements beside the first nine, each with the answer that its text gives."""

    BOTH = CalendarFacts(
        FOUR_DAY_WEEK,
        (
            *library_spans("A", 2026),
            Span(SpanKind.CLOSURE, "Pont de la structure", date(2026, 11, 9), date(2026, 11, 10)),
        ),
    )

    def test_before_an_hour_leaves_the_minute_out(self) -> None:
        limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(10), strict=True)
        told = last_minute(limit, opening(date(2026, 9, 15)), CALENDAR)
        assert told is not None
        assert until_long(told) == "avant le lundi 14 septembre à 10 h 00"
        assert is_before(datetime(2026, 9, 14, 9, 59, 59, 999_999, tzinfo=PARIS), told)
        assert not is_before(datetime(2026, 9, 14, 10, tzinfo=PARIS), told)
        until = last_minute(replace(limit, strict=False), opening(date(2026, 9, 15)), CALENDAR)
        assert is_before(datetime(2026, 9, 14, 10, 0, 59, tzinfo=PARIS), until)
        assert not is_before(datetime(2026, 9, 14, 10, 1, tzinfo=PARIS), until)

    def test_clear_days_are_whole_days_between(self) -> None:
        """Two clear days before the Thursday: the Tuesday and the Wednesday, hence until the Monday."""
        limit = Limit(LimitKind.DAYS_BEFORE, n=2, time=time(23, 59), counting=Counting.CLEAR)
        assert closes(limit, opening(date(2026, 9, 17))) == "jusqu’au lundi 14 septembre à 23 h 59"

    @pytest.mark.parametrize(
        ("day", "told"),
        [
            # Wednesday 11 November is a public holiday, the Monday and the Tuesday before it a closing.
            (date(2026, 11, 12), "jusqu’au vendredi 6 novembre à 12 h 00"),
            # School holidays count: the last Friday of those of autumn.
            (date(2026, 11, 2), "jusqu’au vendredi 30 octobre à 12 h 00"),
            (date(2026, 9, 14), "jusqu’au vendredi 11 septembre à 12 h 00"),
        ],
    )
    def test_working_days_skip_public_holidays_and_closings_not_school_holidays(
        self, day: date, told: str
    ) -> None:
        limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=NOON, counting=Counting.WORKING)
        found = last_minute(limit, opening(day), self.BOTH)
        assert found is not None
        assert until_long(found) == told

    def test_a_limit_on_a_closed_day_is_kept_or_goes_to_the_working_day_before(self) -> None:
        kept = Limit(LimitKind.DAYS_BEFORE, n=1, time=SIX)
        moved = replace(kept, off_day=OffDay.BEFORE)
        for day, stays, goes in (
            (date(2026, 9, 14), "dimanche 13 septembre", "vendredi 11 septembre"),
            (date(2026, 11, 12), "mercredi 11 novembre", "vendredi 6 novembre"),
            (date(2026, 9, 15), "lundi 14 septembre", "lundi 14 septembre"),
        ):
            told = [last_minute(limit, opening(day), self.BOTH) for limit in (kept, moved)]
            assert [until_long(at) for at in told if at] == [
                f"jusqu’au {stays} à 18 h 00",
                f"jusqu’au {goes} à 18 h 00",
            ]

    @pytest.mark.parametrize("day", [date(2026, 10, 19), date(2026, 10, 30)])
    def test_fifteen_clear_days_before_the_holidays_for_all_their_days(self, day: date) -> None:
        """Autumn 2026 begins on Saturday 17 October: the 2nd to the 16th are fifteen whole days."""
        limit = Limit(
            LimitKind.DAYS_BEFORE, n=15, time=time(23, 59), counting=Counting.CLEAR, anchor=Anchor.PERIOD
        )
        assert closes(limit, opening(day)) == "jusqu’au jeudi 1er octobre à 23 h 59"

    def test_a_period_of_school_begins_after_the_holidays_before_it(self) -> None:
        limit = Limit(LimitKind.DAYS_BEFORE, n=3, time=NOON, anchor=Anchor.PERIOD)
        # Those of autumn end on Sunday 1 November; the school year begins on 1 September.
        assert closes(limit, opening(date(2026, 12, 3))) == "jusqu’au vendredi 30 octobre à 12 h 00"
        assert closes(limit, opening(date(2026, 9, 24))) == "jusqu’au samedi 29 août à 12 h 00"

    def test_days_before_the_week_and_the_month(self) -> None:
        week = Limit(LimitKind.DAYS_BEFORE, n=3, time=NOON, anchor=Anchor.WEEK)
        month = Limit(LimitKind.DAYS_BEFORE, n=10, time=NOON, anchor=Anchor.MONTH)
        for day in (date(2026, 9, 14), date(2026, 9, 18)):
            assert closes(week, opening(day)) == "jusqu’au vendredi 11 septembre à 12 h 00"
            assert closes(month, opening(day)) == "jusqu’au samedi 22 août à 12 h 00"

    def test_days_of_the_week_taken_together(self) -> None:
        """Monday and Tuesday until the Friday at 9, Thursday and Friday until the Tuesday at 9."""
        nine = time(9)
        friday = replace(
            rule(Limit(LimitKind.WEEK_BEFORE, n=1, weekday=4, time=nine)), weekdays=frozenset({0, 1})
        )
        tuesday = replace(
            rule(Limit(LimitKind.WEEK_BEFORE, n=0, weekday=1, time=nine)), weekdays=frozenset({3, 4})
        )
        told = {}
        for day in (14, 15, 16, 17, 18):
            found = rule_on([friday, tuesday], date(2026, 9, day))
            told[day] = closes(found.book, opening(date(2026, 9, day))) if found else None
        assert told == {
            14: "jusqu’au vendredi 11 septembre à 9 h 00",
            15: "jusqu’au vendredi 11 septembre à 9 h 00",
            16: None,
            17: "jusqu’au mardi 15 septembre à 9 h 00",
            18: "jusqu’au mardi 15 septembre à 9 h 00",
        }

    def test_the_day_before_but_friday_for_monday(self) -> None:
        usual = rule(Limit(LimitKind.DAYS_BEFORE, n=1, time=SIX))
        monday = replace(
            rule(Limit(LimitKind.WEEK_BEFORE, n=1, weekday=4, time=time(16))), weekdays=frozenset({0})
        )
        later = replace(usual, since=date(2026, 9, 10))
        for rules in ([usual, monday], [monday, usual, later]):
            of_monday, of_tuesday = (rule_on(rules, date(2026, 9, day)) for day in (14, 15))
            assert of_monday is not None
            assert of_tuesday is not None
            assert (
                closes(of_monday.book, opening(date(2026, 9, 14)))
                == "jusqu’au vendredi 11 septembre à 16 h 00"
            )
            assert (
                closes(of_tuesday.book, opening(date(2026, 9, 15))) == "jusqu’au lundi 14 septembre à 18 h 00"
            )


def test_a_month_without_that_day_closes_on_its_last() -> None:
    limit = Limit(LimitKind.MONTH_BEFORE, n=31, time=NOON)
    assert closes(limit, opening(date(2027, 3, 10))) == "jusqu’au dimanche 28 février à 12 h 00"
    assert closes(limit, opening(date(2027, 1, 10))) == "jusqu’au jeudi 31 décembre à 12 h 00"


def test_week_before_goes_by_the_iso_week_of_a_sunday() -> None:
    assert closes(TUESDAY_BEFORE, opening(date(2026, 9, 20))) == "jusqu’au mardi 8 septembre à 23 h 59"


@pytest.mark.parametrize(("day", "told"), [(19, "vendredi 18"), (20, "vendredi 18"), (21, "vendredi 18")])
def test_weekdays_are_counted_back_from_a_weekend_too(day: int, told: str) -> None:
    limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=NOON, counting=Counting.WEEKDAYS)
    assert closes(limit, opening(date(2026, 9, day))) == f"jusqu’au {told} septembre à 12 h 00"


def test_hours_elapse_over_a_change_of_clocks() -> None:
    limit = Limit(LimitKind.HOURS_BEFORE, n=72)
    assert closes(limit, opening(date(2026, 10, 26))) == "jusqu’au vendredi 23 octobre à 13 h 00"
    assert closes(limit, opening(date(2027, 3, 29))) == "jusqu’au vendredi 26 mars à 11 h 00"


def test_days_keep_their_hour_over_a_change_of_clocks() -> None:
    limit = Limit(LimitKind.DAYS_BEFORE, n=3, time=NOON)
    assert closes(limit, opening(date(2026, 10, 26))) == "jusqu’au vendredi 23 octobre à 12 h 00"


def test_without_any_school_days_count_as_they_come() -> None:
    limit = Limit(LimitKind.DAYS_BEFORE, n=2, time=NOON, counting=Counting.SCHOOL)
    told = last_minute(limit, opening(date(2026, 9, 14)), CalendarFacts(frozenset(), ()))
    assert told == instant_at(date(2026, 9, 12), NOON)


def test_no_limit_goes_past_the_start() -> None:
    late_in_the_day = Limit(LimitKind.DAYS_BEFORE, n=0, time=SIX)
    next_month = Limit(LimitKind.FIXED, at=datetime(2026, 10, 15, 18, tzinfo=PARIS))
    for limit in (late_in_the_day, next_month, START):
        assert closes(limit, opening(date(2026, 9, 17))) == "jusqu’au jeudi 17 septembre à 12 h 00"


def test_without_a_second_date_everybody_waits_for_the_first() -> None:
    first = datetime(2026, 8, 21, 7, tzinfo=PARIS)
    assert opens(at(rule(waves=waves(first)), opening(date(2026, 9, 17))), resident=False) == first
    assert opens(at(rule(), opening(date(2026, 9, 17))), resident=False) is None


class TestTheLastMinute:
    LIMIT = instant_at(date(2026, 9, 8), time(23, 59))

    def test_counts_whole(self) -> None:
        assert is_before(datetime(2026, 9, 8, 21, 59, 59, 999999, tzinfo=UTC), self.LIMIT)
        assert not is_before(datetime(2026, 9, 8, 22, 0, tzinfo=UTC), self.LIMIT)

    def test_is_not_shown_twice_when_clocks_go_back(self) -> None:
        limit = instant_at(date(2026, 10, 25), time(2, 30))
        assert is_before(datetime(2026, 10, 25, 2, 30, 30, tzinfo=PARIS), limit)
        assert not is_before(datetime(2026, 10, 25, 2, 10, tzinfo=PARIS, fold=1), limit)

    def test_of_never_is_past(self) -> None:
        assert not is_before(datetime(2000, 1, 1, tzinfo=UTC), None)


class TestMoment:
    OPENING = opening(date(2026, 9, 17))
    OPENS = datetime(2026, 8, 21, 7, tzinfo=PARIS)

    def moment(self, now: datetime, book: Limit = TUESDAY_BEFORE, after: After = After.REFUSE) -> Moment:
        found = at(rule(book, waves=waves(self.OPENS), after=after), self.OPENING)
        return moment(found, self.OPENING, now, opens(found))

    def test_opens_at_the_very_instant(self) -> None:
        assert self.moment(self.OPENS - timedelta(microseconds=1)) is Moment.NOT_YET
        assert self.moment(self.OPENS) is Moment.OPEN

    @pytest.mark.parametrize(
        ("after", "found"),
        [(After.REFUSE, Moment.CLOSED), (After.LATE, Moment.LATE), (After.WAIT, Moment.QUEUE)],
    )
    def test_past_the_limit_the_rule_says_refused_or_late(self, after: After, found: Moment) -> None:
        assert self.moment(datetime(2026, 9, 9, tzinfo=PARIS), after=after) is found

    def test_nothing_is_late_once_started(self) -> None:
        assert self.moment(datetime(2026, 9, 17, 12, 0, 59, tzinfo=PARIS), after=After.LATE) is Moment.LATE
        assert self.moment(datetime(2026, 9, 17, 12, 1, tzinfo=PARIS), after=After.LATE) is Moment.CLOSED

    def test_never_is_never_late(self) -> None:
        assert self.moment(datetime(2026, 9, 1, tzinfo=PARIS), NEVER, After.LATE) is Moment.CLOSED


def test_s5_a_rule_changes_on_a_date() -> None:
    old = Rule(date(2026, 9, 1), date(2026, 12, 31), TUESDAY_BEFORE, TUESDAY_BEFORE)
    new = Rule(date(2027, 1, 1), None, DAY_BEFORE, DAY_BEFORE)
    assert rule_on([new, old], date(2026, 12, 31)) is old
    assert rule_on([old, new], date(2027, 1, 1)) is new
    assert rule_on([old, new], date(2026, 8, 31)) is None


def test_of_two_rules_that_hold_the_one_begun_last_counts() -> None:
    first = Rule(date(2026, 9, 1), None, TUESDAY_BEFORE, TUESDAY_BEFORE)
    second = Rule(date(2026, 11, 1), None, DAY_BEFORE, DAY_BEFORE)
    assert rule_on([second, first], date(2026, 11, 1)) is second
    assert rule_on([second, first], date(2026, 10, 31)) is first
    ending = Rule(date(2026, 10, 1), date(2026, 12, 31), TUESDAY_BEFORE, TUESDAY_BEFORE)
    assert rule_on([ending, second], date(2026, 11, 1)) is second, "not the one that ends last"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": LimitKind.WEEK_BEFORE, "n": 1, "time": NOON}, "weekday"),
        ({"kind": LimitKind.WEEK_BEFORE, "n": 1, "weekday": 7, "time": NOON}, "weekday"),
        ({"kind": LimitKind.WEEK_BEFORE, "n": 53, "weekday": 1, "time": NOON}, "n"),
        ({"kind": LimitKind.DAYS_BEFORE, "n": 1}, "time"),
        ({"kind": LimitKind.DAYS_BEFORE, "n": 1, "time": time(12, 0, 1)}, "time"),
        ({"kind": LimitKind.DAYS_BEFORE, "n": -1, "time": NOON}, "n"),
        ({"kind": LimitKind.HOURS_BEFORE, "n": 10**9}, "n"),
        ({"kind": LimitKind.MONTH_BEFORE, "n": 0, "time": NOON}, "n"),
        ({"kind": LimitKind.MONTH_BEFORE, "n": 32, "time": NOON}, "n"),
        ({"kind": LimitKind.WEEK_BEFORE, "weekday": 1, "time": NOON, "anchor": Anchor.WEEK}, "anchor"),
        ({"kind": LimitKind.HOURS_BEFORE, "n": 1, "off_day": OffDay.BEFORE}, "off_day"),
        ({"kind": LimitKind.FIXED}, "at"),
        ({"kind": LimitKind.FIXED, "at": datetime(2026, 9, 1)}, "at"),
        ({"kind": LimitKind.FIXED, "at": datetime(2026, 9, 1, 7, 0, 30, tzinfo=UTC)}, "at"),
    ],
)
def test_a_limit_that_makes_no_sense_names_its_field(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(LimitError) as refused:
        Limit(**fields)
    assert refused.value.code == code


days = st.dates(date(2026, 9, 1), date(2027, 8, 31))
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
weekdays = st.integers(0, 6)
instants = st.datetimes(datetime(2026, 7, 1), datetime(2027, 9, 1)).map(
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)
openings = st.builds(opening, days, minutes)
limits = st.one_of(
    st.sampled_from([START, NEVER]),
    st.builds(
        lambda n, weekday, hour: Limit(LimitKind.WEEK_BEFORE, n=n, weekday=weekday, time=hour),
        st.integers(0, 8),
        weekdays,
        minutes,
    ),
    st.builds(
        lambda n, hour, counting, anchor: Limit(
            LimitKind.DAYS_BEFORE, n=n, time=hour, counting=counting, anchor=anchor
        ),
        st.integers(0, 30),
        minutes,
        st.sampled_from(list(Counting)),
        st.sampled_from(list(Anchor)),
    ),
    st.integers(0, 400).map(lambda n: Limit(LimitKind.HOURS_BEFORE, n=n)),
    st.builds(lambda n, hour: Limit(LimitKind.MONTH_BEFORE, n=n, time=hour), st.integers(1, 31), minutes),
    instants.map(lambda instant: Limit(LimitKind.FIXED, at=instant)),
)
limits = st.builds(
    lambda limit, strict, off_day: replace(
        limit, strict=strict, off_day=off_day if limit.kind in TIMED else OffDay.KEPT
    ),
    limits,
    st.booleans(),
    st.sampled_from(OffDay),
)


@given(limits, openings)
def test_a_last_minute_never_passes_the_start(limit: Limit, opening: OpeningFacts) -> None:
    told = last_minute(limit, opening, CALENDAR)
    assert (told is None) is (limit.kind is LimitKind.NEVER)
    assert told is None or universal(told) <= universal(opening.starts_at)


@given(limits, days, minutes, st.integers(1, 60))
def test_a_later_opening_never_closes_earlier(limit: Limit, day: date, start: time, later: int) -> None:
    first = last_minute(limit, opening(day, start), CALENDAR)
    second = last_minute(limit, opening(day + timedelta(days=later), start), CALENDAR)
    assume(first is not None and second is not None)
    assert first is not None
    assert second is not None
    assert universal(first) <= universal(second)


@given(
    limits, limits, openings, st.none() | instants, st.none() | instants, st.booleans(), instants, instants
)
def test_a_closed_window_stays_closed_and_an_open_one_has_been_closed_only_before(
    book: Limit,
    cancel: Limit,
    opening: OpeningFacts,
    residents_at: datetime | None,
    others_at: datetime | None,
    resident: bool,
    one: datetime,
    other: datetime,
) -> None:
    order = {Moment.NOT_YET: 0, Moment.OPEN: 1, Moment.LATE: 2, Moment.QUEUE: 2, Moment.CLOSED: 3}
    for after in After:
        waves_of = waves(residents_at, others_at) if residents_at or others_at else ()
        found = at(rule(book, cancel, waves=waves_of, after=after), opening)
        opened = opens(found, resident=resident)
        first, second = (order[moment(found, opening, now, opened)] for now in sorted((one, other)))
        assert first <= second


@given(limits, openings, instants)
def test_the_zone_of_now_does_not_matter(limit: Limit, opening: OpeningFacts, now: datetime) -> None:
    told = last_minute(limit, opening, CALENDAR)
    assert is_before(now, told) is is_before(now.astimezone(PARIS), told)


def test_two_hundred_cells_take_no_time() -> None:
    found = rule(TUESDAY_BEFORE, Limit(LimitKind.DAYS_BEFORE, n=1, time=NOON, counting=Counting.SCHOOL))
    cells = [opening(date(2026, 9, 1) + timedelta(days=n)) for n in range(200)]

    def run() -> float:
        began = stopwatch.process_time()
        for cell in cells:
            at(found, cell)
        return stopwatch.process_time() - began

    assert min(run() for _ in range(5)) < 0.01, (
        "about 1 ms is usual; a slow machine is allowed ten times that"
    )
