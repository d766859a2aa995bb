"""What may be asked of the guichet unique, and who may come to a morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.rules import After, OpeningFacts, Window
from marelle.core.clock import PARIS, instant_at
from marelle.relay.rules import SEATS_AT_MOST, Morning, Why, Wrong, demand_wrongs, may_come, may_leave

TODAY = date(2026, 11, 25)
WEEK = {0: (time(8), time(17))}
THURSDAY = date(2026, 12, 3)
CLOSES = instant_at(date(2026, 12, 2), time(12))
CANCEL = instant_at(date(2026, 12, 2), time(18))
START = instant_at(THURSDAY, time(9, 30))


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, None),
        ({"birth": None}, Wrong.BORN_OR_EXPECTED),
        ({"expected": date(2027, 1, 1)}, Wrong.BORN_OR_EXPECTED),
        ({"birth": TODAY + timedelta(days=1)}, Wrong.BORN_LATER),
        ({"birth": date(1850, 1, 1)}, Wrong.TOO_OLD),
        ({"birth": date(2021, 1, 4)}, Wrong.TOO_OLD),
        ({"birth": date(2021, 1, 5)}, None),
        ({"birth": date(2020, 2, 29), "starts_on": date(2026, 11, 25)}, Wrong.TOO_OLD),
        ({"birth": None, "expected": TODAY - timedelta(days=31)}, None),
        ({"birth": None, "expected": TODAY - timedelta(days=32)}, Wrong.EXPECTED_PAST),
        ({"birth": None, "expected": TODAY + timedelta(days=301)}, Wrong.EXPECTED_TOO_FAR),
        ({"birth": None, "expected": date(2027, 1, 5)}, Wrong.NOT_BORN_BY_THEN),
        ({"starts_on": TODAY - timedelta(days=1)}, Wrong.START_PAST),
        ({"starts_on": TODAY}, None),
        ({"starts_on": date(2030, 1, 1), "birth": TODAY}, Wrong.START_TOO_FAR),
        ({"weekly": {}}, Wrong.NO_DAY),
        ({"weekly": {0: (time(17), time(8))}}, Wrong.HOURS),
        ({"weekly": {0: (time(8), time(8))}}, Wrong.HOURS),
    ],
)
def test_what_is_wrong_with_a_demand(changed: dict[str, object], wrong: Wrong | None):
    asked = {"birth": date(2025, 3, 4), "expected": None, "starts_on": date(2027, 1, 4), "weekly": WEEK}
    # The child of 4 January is six that day; of the 5th, the day after.
    found = demand_wrongs(**{**asked, **changed}, today=TODAY)  # type: ignore[arg-type]
    assert found == (() if wrong is None else (wrong,))


def test_all_that_is_wrong_is_told_at_once():
    found = demand_wrongs(
        birth=None, expected=None, starts_on=TODAY - timedelta(days=1), weekly={}, today=TODAY
    )
    assert found == (Wrong.BORN_OR_EXPECTED, Wrong.START_PAST, Wrong.NO_DAY)
    unread = demand_wrongs(birth=None, expected=None, starts_on=None, weekly=WEEK, today=TODAY)
    assert unread == (Wrong.BORN_OR_EXPECTED,)


def morning(*, left: int = 8, is_open: bool = True, window: bool = True) -> Morning:
    return Morning(
        opening=OpeningFacts(THURSDAY, START, START + timedelta(hours=2)),
        is_open=is_open,
        window=Window(None, CLOSES, CANCEL, After.REFUSE) if window else None,
        left=left,
    )


BEFORE = datetime(2026, 12, 1, 9, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("facts", "asked", "why"),
    [
        (morning(), {"seats": 1}, None),
        (morning(left=1), {"seats": 2}, Why.FULL),
        (morning(left=1), {"seats": 3, "held": 2}, None),
        (morning(left=0), {"seats": 1, "held": 2}, None),
        (morning(), {"seats": 0}, Why.SEATS),
        (morning(), {"seats": SEATS_AT_MOST + 1}, Why.SEATS),
        (morning(is_open=False), {"seats": 1}, Why.CLOSED),
        (morning(window=False), {"seats": 1}, Why.NO_RULE),
        (morning(window=False), {"seats": 1, "agent": True}, None),
        (morning(), {"seats": 1, "now": CLOSES + timedelta(minutes=1)}, Why.TOO_LATE),
        (morning(), {"seats": 1, "now": CLOSES + timedelta(seconds=59)}, None),
        (morning(), {"seats": 1, "held": 2, "now": CLOSES + timedelta(minutes=1)}, None),
        (morning(), {"seats": 1, "agent": True, "now": CLOSES + timedelta(minutes=1)}, None),
        (morning(), {"seats": 1, "agent": True, "now": START + timedelta(minutes=1)}, Why.TOO_LATE),
        (morning(left=0), {"seats": 1, "agent": True}, Why.FULL),
    ],
)
def test_who_may_come(facts: Morning, asked: dict[str, object], why: Why | None):
    given_ = {"held": 0, "agent": False, "now": BEFORE, **asked}
    assert may_come(facts, **given_) is why  # type: ignore[arg-type]


def test_a_morning_not_open_yet():
    facts = replace(morning(), opens_at=BEFORE + timedelta(days=1))
    assert may_come(facts, seats=1, held=0, agent=False, now=BEFORE) is Why.NOT_YET


def test_leaving_up_to_the_limit_and_an_agent_up_to_the_start():
    late = CANCEL + timedelta(minutes=1)
    assert may_leave(morning(), agent=False, now=CANCEL) is None
    assert may_leave(morning(), agent=False, now=late) is Why.TOO_LATE
    assert may_leave(morning(), agent=True, now=late) is None
    assert may_leave(morning(), agent=True, now=START + timedelta(minutes=1)) is Why.TOO_LATE


@given(left=st.integers(0, 10), seats=st.integers(-2, 9), held=st.integers(0, 6), agent=st.booleans())
def test_places_are_never_passed(left: int, seats: int, held: int, agent: bool):
    if may_come(morning(left=left), seats=seats, held=held, agent=agent, now=BEFORE) is None:
        assert 1 <= seats <= SEATS_AT_MOST
        assert seats - held <= left
