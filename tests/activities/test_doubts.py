"""What a rule does that nobody meant is found, with the first day it bites."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import AbsenceRule
from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.doubts import Doubt, doubts
from marelle.activities.facts import ActivityFacts
from marelle.activities.generation import DayScope
from marelle.activities.kinds import BookingMode
from marelle.activities.rules import Limit, LimitKind, Rule, Wave
from marelle.core.clock import PARIS
from marelle.places.rules import DAY, CalendarFacts, Span, SpanKind
from tests.agents.village import NOW, Village, text
from tests.bookings.facts import CALENDAR, MEAL, MORNING, activity, slot

EVE = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12))
SINCE = date(2026, 9, 1)
HELD = {"weekdays": frozenset({2}), "days": DayScope.BOTH}


CHRISTMAS = Span(SpanKind.PUBLIC_HOLIDAY, "Noël", date(2026, 12, 25), date(2026, 12, 25))
TOUSSAINT = Span(SpanKind.SCHOOL_HOLIDAY, "Toussaint", date(2026, 10, 17), date(2026, 11, 1))
WINTER = Span(SpanKind.SCHOOL_HOLIDAY, "Noël", date(2026, 12, 19), date(2027, 1, 3))
KNOWN = CalendarFacts(CALENDAR.school_weekdays, (CHRISTMAS, TOUSSAINT, WINTER))


def offered(*rules: Rule, **fields: Any) -> ActivityFacts:
    slots = {MORNING: slot(MORNING, **HELD), MEAL: slot(MEAL, **HELD)}
    return activity(rules=rules, **{"slots": slots, "calendar": KNOWN, **fields})


def found(facts: ActivityFacts, since: date = SINCE) -> list[tuple[Doubt, int, date]]:
    return [(one.doubt, one.slot_id, one.day) for one in doubts(facts, since)]


def rule(*, since: date = SINCE, until: date | None = None, **fields: Any) -> Rule:
    return Rule(since, until, **{"book": EVE, "cancel": EVE, **fields})


def fixed(day: date) -> Limit:
    return Limit(LimitKind.FIXED, at=datetime(day.year, day.month, day.day, 7, tzinfo=PARIS))


@pytest.mark.once
def test_a_rule_that_is_what_it_seems_raises_none() -> None:
    waves = (Wave(fixed(date(2026, 8, 21)), Audience(AudienceKind.RESIDENTS)), Wave(fixed(date(2026, 8, 28))))
    assert found(offered(rule(waves=waves), residents=frozenset({1}))) == []
    assert found(offered(rule(book=Limit(LimitKind.NEVER)))) == [], "it says so"


@pytest.mark.once
def test_a_hole_between_two_dates_is_found_on_its_first_day_held() -> None:
    facts = offered(rule(until=date(2026, 10, 31)), rule(since=date(2026, 11, 14)))
    # The first Wednesday without a rule is the 4th of November.
    assert found(facts) == [(Doubt.NO_RULE, one, date(2026, 11, 4)) for one in (MORNING, MEAL)]
    assert found(facts, date(2026, 11, 14)) == []
    own = replace(facts, slot_rules={MEAL: (rule(),)}, windows={})
    assert found(own) == [(Doubt.NO_RULE, MORNING, date(2026, 11, 4))]


@pytest.mark.once
def test_opening_when_it_has_closed_lets_nobody_in() -> None:
    late = fixed(date(2026, 10, 6))
    assert found(offered(rule(waves=(Wave(late),))))[0] == (Doubt.OPENS_TOO_LATE, MORNING, date(2026, 9, 2))
    first = (Wave(late), Wave(None, Audience(AudienceKind.RETURNING)))
    assert found(offered(rule(waves=first))) == []
    # From the 7th of October on, the eve at noon comes after.
    assert {
        day for _doubt, _slot, day in found(offered(rule(waves=(Wave(late),))), date(2026, 10, 7))
    } == set()


@pytest.mark.once
def test_waves_of_an_audience_that_has_nobody() -> None:
    residents = (Wave(None, Audience(AudienceKind.RESIDENTS)),)
    assert found(offered(rule(waves=residents)))[0][0] is Doubt.NOBODY
    assert found(offered(rule(waves=residents), residents=frozenset({1}))) == []
    agreement = (Wave(None, Audience(AudienceKind.AGREEMENT)),)
    assert found(offered(rule(waves=agreement)))[0][0] is Doubt.NOBODY
    assert found(offered(rule(waves=agreement), agreement=frozenset({1}))) == []


@pytest.mark.once
def test_what_is_booked_and_never_taken_back() -> None:
    facts = offered(rule(cancel=fixed(date(2026, 8, 1)), waves=(Wave(fixed(date(2026, 8, 21))),)))
    assert found(facts)[0] == (Doubt.CANCEL_FIRST, MORNING, date(2026, 9, 2))
    assert found(offered(rule(cancel=Limit(LimitKind.NEVER), waves=(Wave(fixed(date(2026, 8, 21))),)))) == []


@pytest.mark.once
def test_an_absence_that_is_never_told_in_time() -> None:
    """Until the eve at ten, when the place can be given back until noon."""
    told = AbsenceRule(SINCE, None, told=replace(EVE, time=time(10)))
    assert found(offered(rule(), absence_rules=(told,)))[0] == (
        Doubt.TOLD_TOO_SOON,
        MORNING,
        date(2026, 9, 2),
    )
    after = AbsenceRule(SINCE, None, told=replace(EVE, time=time(13)))
    assert found(offered(rule(), absence_rules=(after,))) == []


@pytest.mark.once
@pytest.mark.parametrize("mode", [BookingMode.FREE, BookingMode.STRUCTURE, BookingMode.ACCOMPANIED])
def test_where_families_do_not_book_nothing_is_in_doubt(mode: BookingMode) -> None:
    assert found(offered(booking_mode=mode)) == []


@pytest.mark.once
@given(st.dates(date(2026, 9, 1), date(2027, 8, 1)), st.integers(0, 60))
def test_a_hole_bites_on_a_day_of_it_or_not_at_all(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    facts = offered(rule(until=first - DAY), rule(since=last + DAY))
    bites = {day for _doubt, _slot, day in found(facts)}
    hole = [first + ahead * DAY for ahead in range(days + 1)]
    held = [day for day in hole if day.weekday() == 2 and day <= facts.last_day]
    assert bites == set(held[:1])


def test_the_screen_says_it_when_it_is_tried_and_once_it_is_saved(time_machine: Any, db: None) -> None:
    time_machine.move_to(NOW)
    world = Village()
    world.span(CHRISTMAS.first_day, kind=SpanKind.PUBLIC_HOLIDAY)
    world.wednesdays.booking_rules.update(until=date(2026, 12, 31))
    world.rule(world.wednesdays, since=date(2027, 1, 18))
    told = "Matin : aucun délai ne compte à partir du mercredi 6 janvier 2027, et rien ne se réserve."
    for page in ("delais", "absences"):
        assert told in text(world.director.get(f"{world.page}{page}/"))
    typed = {
        "book-kind": "start",
        "cancel-kind": "start",
        "book-strict": "until",
        "cancel-strict": "until",
        "book-off_day": "kept",
        "cancel-off_day": "kept",
        "after": "refuse",
        "since": "2027-01-01",
        "jour": "2027-01-06",
        "voir": str(world.morning.pk),
        "essayer": "1",
    }
    assert "À regarder" not in text(world.director.post(f"{world.page}delais/", typed))
    crossed = text(world.director.post(f"{world.page}delais/", typed | {"until": "2027-01-03"}))
    assert told in crossed


@pytest.mark.once
@pytest.mark.parametrize("mode", BookingMode)
def test_a_calendar_that_does_not_know_the_year_is_told(mode: BookingMode) -> None:
    facts = offered(rule(), booking_mode=mode, calendar=replace(KNOWN, spans=(TOUSSAINT,)))
    assert found(facts) == [(Doubt.UNKNOWN_YEAR, one, date(2026, 9, 2)) for one in (MORNING, MEAL)]
    longer = offered(rule(), booking_mode=mode, last_day=date(2027, 10, 1))
    first = date(2027, 9, 1)
    assert found(longer, date(2026, 12, 1)) == [(Doubt.UNKNOWN_YEAR, one, first) for one in (MORNING, MEAL)]


@pytest.mark.once
def test_one_instant_without_an_end_closes_the_holidays_that_come_after() -> None:
    """The limit of Toussaint is that of Christmas too."""
    holidays = {**HELD, "days": DayScope.HOLIDAYS}
    slots = {MORNING: slot(MORNING, **holidays)}
    limit = fixed(date(2026, 10, 2))
    of_toussaint = rule(book=limit, cancel=limit)
    bites = date(2026, 12, 23)
    assert found(offered(of_toussaint, slots=slots)) == [(Doubt.CLOSED_SINCE, MORNING, bites)]
    ended = replace(of_toussaint, until=date(2026, 11, 1))
    of_winter = rule(since=date(2026, 11, 2), book=fixed(date(2026, 12, 4)), cancel=EVE)
    assert found(offered(ended, of_winter, slots=slots)) == []
    assert found(offered(of_toussaint, slots=slots, last_day=date(2026, 11, 1))) == []
    assert found(offered(rule(book=replace(limit, at=None, kind=LimitKind.NEVER)), slots=slots)) == []
