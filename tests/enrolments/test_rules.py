"""May one ask? Pure facts, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.kinds import Unpaid
from marelle.core.clock import PARIS
from marelle.enrolments.rules import (
    AskFacts,
    GroupFacts,
    GroupPlaces,
    Live,
    Reason,
    default_group,
    is_full,
    may_ask,
    overlapping,
    passing,
    wrong_dates,
    wrong_end,
    wrong_wishes,
)

NOW = datetime(2026, 11, 25, 21, 0, tzinfo=PARIS)
TODAY = date(2026, 11, 25)
WEDNESDAYS = AskFacts(
    by_structure=False,
    first_day=date(2026, 9, 1),
    last_day=date(2027, 7, 3),
    min_months=36,
    max_months=155,
    age_day=None,
    opens_at=None,
    closes_at=None,
    schools=frozenset(),
    birth=date(2019, 3, 4),
    school=None,
    live=None,
)


def reason(facts: AskFacts, now: datetime = NOW, starts_on: date | None = None) -> Reason | None:
    denial = may_ask(facts, now, starts_on)
    return denial and denial.reason


@given(
    facts=st.builds(
        AskFacts,
        by_structure=st.booleans(),
        is_childcare=st.booleans(),
        first_day=st.just(date(2026, 9, 1)),
        last_day=st.dates(date(2026, 9, 2), date(2027, 8, 31)),
        min_months=st.integers(0, 100),
        max_months=st.none() | st.integers(100, 200),
        age_day=st.none() | st.just(date(2010, 1, 1)),
        opens_at=st.none() | st.just(NOW + timedelta(days=1)),
        closes_at=st.none() | st.just(NOW - timedelta(days=1)),
        schools=st.just(frozenset()) | st.just(frozenset({1})),
        birth=st.none() | st.dates(date(2000, 1, 1), date(2026, 11, 1)),
        school=st.none() | st.just(2),
        live=st.none() | st.sampled_from(Live),
        full=st.booleans(),
        closes_when_full=st.booleans(),
        unpaid=st.sampled_from(Unpaid),
        papers_missing=st.just(()) | st.just(("Assurance",)),
    ),
)
def test_a_derogation_passes_limits_and_nothing_else(facts: AskFacts):
    never = {
        Reason.BY_STRUCTURE,
        Reason.BY_CARE_REQUEST,
        Reason.OVER,
        Reason.ALREADY_ASKED,
        Reason.ALREADY_ENROLLED,
        Reason.NOT_BORN,
    }
    passed, beyond = passing(facts, lambda known: may_ask(known, NOW))
    assert beyond is None or beyond.reason in {*never, Reason.TOO_YOUNG}
    assert never.isdisjoint(passed)
    assert len(set(passed)) == len(passed)
    if not passed:
        assert reason(facts) == (beyond.reason if beyond else None)
    else:
        assert reason(facts) is passed[0]
    if reason(facts) in never:
        assert beyond is not None


def test_a_child_of_the_age_may_ask():
    assert reason(WEDNESDAYS) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"by_structure": True}, Reason.BY_STRUCTURE),
        ({"last_day": date(2026, 11, 24)}, Reason.OVER),
        ({"last_day": TODAY}, None),
        ({"live": Live.REQUESTED}, Reason.ALREADY_ASKED),
        ({"live": Live.ACCEPTED}, Reason.ALREADY_ENROLLED),
        ({"opens_at": datetime(2026, 11, 25, 21, 1, tzinfo=PARIS)}, Reason.NOT_OPEN_YET),
        ({"opens_at": NOW}, None),
        ({"closes_at": NOW}, None),
        ({"closes_at": datetime(2026, 11, 25, 20, 59, tzinfo=PARIS)}, Reason.CLOSED),
        ({"birth": None}, Reason.NOT_BORN),
        ({"schools": frozenset({7})}, Reason.SCHOOL_UNKNOWN),
        ({"schools": frozenset({7}), "school": 8}, Reason.OTHER_SCHOOL),
        ({"schools": frozenset({7, 8}), "school": 8}, None),
    ],
)
def test_each_reason(change, expected):
    assert reason(replace(WEDNESDAYS, **change)) is expected


def test_an_age_reached_before_the_end_is_offered_but_only_from_that_day():
    turns_three_in_may = replace(WEDNESDAYS, birth=date(2024, 5, 10))
    assert reason(turns_three_in_may) is None
    assert reason(turns_three_in_may, starts_on=date(2027, 5, 9)) is Reason.TOO_YOUNG
    assert reason(turns_three_in_may, starts_on=date(2027, 5, 10)) is None


def test_too_old_is_counted_on_the_first_day_asked_for():
    turns_thirteen_in_january = replace(WEDNESDAYS, birth=date(2014, 1, 10))
    assert reason(turns_thirteen_in_january) is None
    assert reason(turns_thirteen_in_january, starts_on=date(2027, 1, 9)) is None
    assert reason(turns_thirteen_in_january, starts_on=date(2027, 1, 10)) is Reason.TOO_OLD


def test_the_day_of_the_activity_decides_when_it_has_one():
    on_september_first = replace(WEDNESDAYS, birth=date(2023, 9, 2), age_day=date(2026, 9, 1))
    denial = may_ask(on_september_first, NOW, date(2027, 6, 1))
    assert denial is not None
    assert denial.reason is Reason.TOO_YOUNG
    assert denial.data == {"day": date(2026, 9, 1), "min_months": 36}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (TODAY, date(2027, 7, 3), None),
        (date(2026, 11, 24), date(2027, 7, 3), Reason.IN_THE_PAST),
        (date(2026, 8, 31), date(2027, 7, 3), Reason.DATES_OUTSIDE),
        (TODAY, date(2027, 7, 4), Reason.DATES_OUTSIDE),
        (date(2027, 1, 2), date(2027, 1, 1), Reason.DATES_REVERSED),
    ],
)
def test_dates(first, last, expected):
    denial = wrong_dates(WEDNESDAYS, TODAY, first, last)
    assert (denial and denial.reason) is expected


def test_wishes_are_slots_of_that_weekday():
    held = {1: frozenset({2}), 2: frozenset({0, 2})}
    assert wrong_wishes({2: frozenset({1, 2}), 0: frozenset({2})}, held) is None
    for wishes in ({0: frozenset({1})}, {2: frozenset({3})}, {9: frozenset({1})}):
        denial = wrong_wishes(wishes, held)
        assert denial is not None
        assert denial.reason is Reason.UNKNOWN_WISH


def test_ten_thousand_wishes_are_refused_as_such():
    denial = wrong_wishes({0: frozenset(range(10_000))}, {})
    assert denial is not None
    assert denial.reason is Reason.TOO_MANY_WISHES


@given(st.dates(date(2013, 1, 1), date(2024, 12, 31)), st.dates(date(2026, 9, 1), date(2027, 7, 3)))
def test_a_child_who_may_start_that_day_has_the_age_of_one_group_at_most(birth, day):
    groups = (GroupFacts(1, 36, 71), GroupFacts(2, 72, 155))
    group = default_group(groups, birth, day)
    asked = replace(WEDNESDAYS, birth=birth)
    accepted = reason(asked, datetime(2026, 9, 1, 8, tzinfo=PARIS), day) is None
    assert accepted is (group is not None)


GROUPS = st.builds(
    lambda pk, first, length: GroupFacts(pk, first, None if length is None else first + length),
    st.integers(1, 99),
    st.integers(0, 200),
    st.none() | st.integers(0, 60),
)


@given(GROUPS, GROUPS)
def test_groups_overlap_when_one_age_suits_both(one, other):
    shared = any(
        all(
            group.min_months <= age and (group.max_months is None or age <= group.max_months)
            for group in (one, other)
        )
        for age in range(300)
    )
    assert bool(overlapping([one, other])) is shared


def test_no_birth_date_no_group():
    assert default_group((GroupFacts(1, 0, None),), None, TODAY) is None


def test_complete_still_takes_requests_unless_the_activity_closes_then():
    assert reason(replace(WEDNESDAYS, full=True)) is None
    assert reason(replace(WEDNESDAYS, full=True, closes_when_full=True)) is Reason.FULL
    assert reason(replace(WEDNESDAYS, closes_when_full=True)) is None


def test_a_bill_or_a_paper_keeps_from_asking_and_the_age_is_told_first():
    for unpaid in Unpaid:
        denied = reason(replace(WEDNESDAYS, unpaid=unpaid))
        assert denied is (Reason.UNPAID if unpaid in {"requests", "bookings"} else None), unpaid
    denial = may_ask(replace(WEDNESDAYS, papers_missing=("Assurance",)), NOW)
    assert denial is not None
    assert (denial.reason, denial.data["titles"]) == (Reason.PAPERS_MISSING, ("Assurance",))
    assert reason(replace(WEDNESDAYS, unpaid=Unpaid.REQUESTS, birth=date(2025, 1, 1))) is Reason.TOO_YOUNG


PLACES = st.lists(
    st.builds(GroupPlaces, st.integers(1, 3), st.booleans(), st.booleans()), unique_by=lambda g: g.group_id
)


@given(PLACES, st.none() | st.integers(1, 3))
def test_full_is_no_place_in_any_opening_to_come_of_the_group(groups: list[GroupPlaces], group: int | None):
    mine = [one for one in groups if group in {None, one.group_id}]
    if is_full(groups, group):
        assert any(one.to_come for one in mine)
        assert not any(one.left for one in mine)
    else:
        assert any(one.left for one in mine) or not any(one.to_come for one in mine)


def test_full_for_the_big_ones_is_not_full_for_the_small_ones():
    groups = [GroupPlaces(1, True, False), GroupPlaces(2, True, True)]
    assert [is_full(groups, 1), is_full(groups, 2), is_full(groups, None)] == [True, False, False]
    assert not is_full([GroupPlaces(None, False, False)], None)


DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))


@given(DAYS, DAYS, DAYS, DAYS)
def test_an_end_shortens_what_is_left(starts: date, ends: date, today: date, last_day: date):
    denial = wrong_end(starts, ends, today, last_day)
    assert (denial is None) is (starts <= last_day < ends and last_day >= today)
