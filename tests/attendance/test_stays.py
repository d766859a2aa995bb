"""A day cut into stays: slots that follow each other are one, a hole makes two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marelle.attendance.stays import HOLE, begun, over_at, stay_now, stays_of

DAY = datetime(2026, 11, 26, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Slot:
    starts_at: datetime
    ends_at: datetime


def slot(start: int, length: int) -> Slot:
    """Minutes from midnight."""
    return Slot(DAY + start * MINUTE, DAY + (start + length) * MINUTE)


MORNING, LUNCH, AFTERNOON, EVENING = slot(435, 75), slot(705, 105), slot(810, 180), slot(1021, 120)
DAYS = st.lists(st.builds(slot, st.integers(0, 1440), st.integers(0, 300)), max_size=12)
INSTANTS = st.integers(0, 1800).map(lambda minutes: DAY + minutes * MINUTE)


@given(DAYS)
def test_each_slot_is_in_one_stay_which_has_no_hole_and_is_apart_from_the_next(slots: list[Slot]) -> None:
    stays = stays_of(slots)
    assert sorted(map(repr, slots)) == sorted(repr(one) for stay in stays for one in stay)
    for stay in stays:
        for number, one in enumerate(stay[1:], 1):
            assert one.starts_at - max(other.ends_at for other in stay[:number]) <= HOLE
    for before, after in pairwise(stays):
        gap = min(one.starts_at for one in after) - max(one.ends_at for one in before)
        assert gap > HOLE


@given(DAYS, INSTANTS)
def test_the_moment_shown_is_never_over_while_another_is_not(slots: list[Slot], now: datetime) -> None:
    stays = stays_of(slots)
    shown = stay_now(stays, now)
    assert bool(shown) is bool(stays)
    if shown:
        behind = [stay for stay in stays if over_at(stay) < now]
        assert shown == stays[min(len(behind), len(stays) - 1)]
        assert begun(stays, now)[: len(behind)] == behind


def test_a_school_day_has_three_stays_and_the_one_under_way_is_shown() -> None:
    stays = stays_of([EVENING, AFTERNOON, MORNING, LUNCH])
    assert stays == [[MORNING], [LUNCH, AFTERNOON], [EVENING]]

    def at(minutes: int) -> tuple[object, int]:
        now = DAY + minutes * MINUTE
        return stays.index(list(stay_now(stays, now))), len(begun(stays, now))

    # At midnight, twenty minutes after the morning, then later, just before the evening, after it.
    assert [at(one) for one in (0, 530, 541, 990, 1400)] == [(0, 1), (0, 1), (1, 1), (1, 2), (2, 3)]
    assert begun([], DAY) == []
