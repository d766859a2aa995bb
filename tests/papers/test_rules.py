"""Where a requirement stands, until when a paper counts, when a reminder leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.papers.rules import (
    GIVEN,
    REMINDED_DAYS,
    SOON_DAYS,
    Given,
    PaperState,
    Standing,
    Validity,
    counts,
    expiry,
    expiry_possible,
    reminder_due,
    status,
)

DAY = date(2026, 11, 25)
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
papers = st.lists(
    st.builds(
        Given,
        id=st.integers(1, 50),
        state=st.sampled_from(PaperState),
        sent_at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
        expires_on=st.none() | days,
        reason=st.just("Illisible."),
        own=st.booleans(),
    ),
    max_size=5,
)


def sent(state: PaperState, expires_in: int | None = None, *, own: bool = True, id: int = 1) -> Given:  # noqa: A002
    expires_on = None if expires_in is None else DAY + timedelta(days=expires_in)
    return Given(id, state, datetime(2026, 11, id, tzinfo=UTC), expires_on, "Illisible.", own)


ACCEPTED, RECEIVED, REFUSED = PaperState.ACCEPTED, PaperState.RECEIVED, PaperState.REFUSED


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        ([], Standing.MISSING),
        ([sent(RECEIVED)], Standing.RECEIVED),
        ([sent(ACCEPTED)], Standing.ACCEPTED),
        ([sent(ACCEPTED, SOON_DAYS + 1)], Standing.ACCEPTED),
        ([sent(ACCEPTED, SOON_DAYS)], Standing.EXPIRES_SOON),
        ([sent(ACCEPTED, 0)], Standing.EXPIRES_SOON),
        ([sent(ACCEPTED, -1)], Standing.EXPIRED),
        ([sent(ACCEPTED, 3), sent(RECEIVED, id=2)], Standing.RECEIVED),
        ([sent(ACCEPTED), sent(REFUSED, id=2)], Standing.ACCEPTED),
        ([sent(ACCEPTED, -1), sent(REFUSED, id=2)], Standing.REFUSED),
        ([sent(REFUSED), sent(ACCEPTED, -1, id=2)], Standing.EXPIRED),
        ([sent(REFUSED), sent(RECEIVED, id=2)], Standing.RECEIVED),
        ([sent(PaperState.WITHDRAWN), sent(PaperState.REPLACED)], Standing.MISSING),
        ([sent(REFUSED, own=False)], Standing.MISSING),
        ([sent(ACCEPTED, -1, own=False)], Standing.MISSING),
        ([sent(RECEIVED, own=False)], Standing.RECEIVED),
    ],
)
def test_where_a_requirement_stands(found, standing):
    assert status(found, DAY).standing is standing


@given(papers, days)
def test_it_counts_as_given_exactly_when_a_paper_counts(found, day):
    assert (status(found, day).standing in GIVEN) == any(counts(paper, day) for paper in found)


@given(papers, days)
def test_nothing_of_the_other_home_is_told_but_that_it_gave(found, day):
    told = status(found, day)
    own = {paper.id for paper in found if paper.own}
    assert told.paper is None or told.paper in own
    if told.elsewhere:
        assert (told.paper, told.expires_on, told.reason) == (None, None, "")
        assert told.standing in GIVEN


@given(papers, days)
def test_the_order_in_which_rows_are_read_changes_nothing(found, day):
    unique = list({paper.id: paper for paper in found}.values())
    assert status(unique, day) == status(reversed(unique), day)


@pytest.mark.parametrize(
    ("validity", "months", "accepted", "given_date", "last"),
    [
        (Validity.NONE, None, DAY, None, None),
        (Validity.DATED, None, DAY, date(2027, 3, 1), date(2027, 3, 1)),
        (Validity.MONTHS, 12, DAY, None, date(2027, 11, 24)),
        (Validity.MONTHS, 3, date(2026, 11, 30), None, date(2027, 2, 28)),
        (Validity.MONTHS, 1, date(2026, 12, 1), None, date(2026, 12, 31)),
        (Validity.SCHOOL_YEAR, None, DAY, None, date(2027, 8, 31)),
        (Validity.SCHOOL_YEAR, None, date(2027, 6, 30), None, date(2027, 8, 31)),
        (Validity.SCHOOL_YEAR, None, date(2027, 7, 1), None, date(2028, 8, 31)),
        (Validity.SCHOOL_YEAR, None, date(2027, 8, 31), None, date(2028, 8, 31)),
    ],
)
def test_until_when_an_accepted_paper_counts(validity, months, accepted, given_date, last):
    assert expiry(validity, months, accepted, given_date) == last


@given(days, st.integers(1, 60))
def test_months_never_end_before_they_began_and_never_last_longer(day, months):
    last = expiry(Validity.MONTHS, months, day, None)
    assert last is not None
    assert day < last < day + timedelta(days=31 * months + 1)


@pytest.mark.parametrize(
    ("left", "told", "due"),
    [
        (31, None, None),
        (30, None, 30),
        (29, 30, None),
        (8, 30, None),
        (7, 30, 7),
        (5, None, 7),
        (0, 7, None),
        (-1, None, None),
    ],
)
def test_a_reminder_leaves_once_at_each_distance(left, told, due):
    assert reminder_due(DAY + timedelta(days=left), told, DAY) == due


@given(st.lists(st.integers(-5, 60), max_size=8))
def test_whatever_the_days_on_which_the_worker_runs_each_leaves_at_most_once(lefts):
    told, left_by = None, []
    for left in sorted(lefts, reverse=True):
        due = reminder_due(DAY + timedelta(days=left), told, DAY)
        if due is not None:
            left_by.append(due)
            told = due
    assert left_by == sorted(set(left_by), reverse=True)
    assert set(left_by) <= set(REMINDED_DAYS)


@pytest.mark.parametrize(("days_later", "possible"), [(-1, False), (0, True), (7320, True), (7321, False)])
def test_a_paper_counts_from_today_on_and_within_twenty_years(days_later: int, possible: bool) -> None:
    assert expiry_possible(DAY + timedelta(days=days_later), DAY) is possible


def test_what_lost_a_file_counts_as_given_and_says_so_to_its_own_home_alone():
    sent = Given(1, PaperState.RECEIVED, datetime(2026, 11, 1, tzinfo=UTC), lost=True)
    assert status([sent], DAY).standing in GIVEN
    assert status([sent], DAY).lost
    assert not status([replace(sent, own=False)], DAY).lost
    assert not status([replace(sent, state=PaperState.ACCEPTED)], DAY).lost
