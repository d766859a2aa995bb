"""How many are let in, how soon who waits asks again, when the room is open. Pure: numbers in, numbers out.

Times are in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import ceil
from typing import Final

COUNTED: Final = 10.0
"""Who asked for nothing that long holds no place: another is let in."""
IDLE: Final = 40.0
"""Who asked for nothing that long waits again, before all who have not been in, for the next page; what it
typed is taken at once."""
ABSENT: Final = 180.0
"""Who did not ask again that long is not waited for: it keeps its number."""
LATE: Final = 5.0
"""The same of who was called."""
SOONEST: Final = 2.0
LONGEST: Final = 60.0
"""Between two questions of who waits."""
JITTER: Final = 0.3
"""A part of it, more or less, so that those who came together do not ask together."""

UNKNOWN: Final = 0.05
GUESSED: Final = 8.0
"""Who enter in a second: below the first nothing is told; the second is what a small machine serves."""

BUSY: Final = 0.625
"""The part of all threads that may be answering while more are let in: the others answer who waits."""
AHEAD: Final = 0.1875
"""So much more of it for the first of the called, and so much less for the last."""
SLOW: Final = 0.5
TOO_SLOW: Final = 1.0
"""What a page may take, on the whole, while more, or as many, are let in."""
GROWTH: Final = 0.3
DECREASE: Final = 0.5
"""What is added to the places, or taken from them, in a second: parts."""
LEAST: Final = 4
FORGOTTEN: Final = 10.0
"""After so long without anybody, what was served well is not known any more."""

LASTING: Final = 3.0
"""So long the machine is busy before the room opens by itself."""

BEFORE: Final = 15 * 60
AFTER: Final = 60 * 60
"""Around an opening that was named."""


class State(IntEnum):
    """Of a ticket."""

    NONE = 0
    WAITING = 1
    INSIDE = 2
    IDLE = 3
    """It was inside, and holds no place."""
    AWAY = 4
    """It waits, and did not ask for a while."""


@dataclass(frozen=True, slots=True)
class Load:
    """What all processes of the machine are at: requests being answered, threads that there are for them, and
    what the slowest process takes for a page, on the whole."""

    in_flight: int
    threads: int
    seconds: float = 0.0


def least(threads: int) -> int:
    """Places that there always are: nobody asks for pages without a pause."""
    return max(LEAST, threads * 2)


def places_next(places: float, *, taken: int, waiting: int, load: Load, elapsed: float) -> float:
    """How many may be inside, `elapsed` seconds later: more as long as they are `taken`, be it by the called,
    and pages come quickly; fewer once they do not; never fewer than `least`, where one begins each time."""
    lowest = float(least(load.threads))
    if elapsed > FORGOTTEN:
        return lowest
    elapsed = min(max(elapsed, 0.0), 1.0)
    if load.in_flight >= load.threads or load.seconds >= TOO_SLOW:
        return max(lowest, places * (1 - DECREASE * elapsed))
    is_served_well = load.in_flight <= load.threads * BUSY and load.seconds <= SLOW
    if is_served_well and waiting and taken >= places * 0.9:
        return max(lowest, places + max(1.0, places * GROWTH) * elapsed)
    return max(lowest, places)


def free(places: float, *, active: int, load: Load, turn: float = 0.5) -> int:
    """How many may come in now: there is a place for them, and threads that answer them. `turn` is where who
    asks stands among the called, 0 the first, 1 the last: alike for all, it would be who asks at a lucky
    instant, and not who was called before."""
    answering = ceil(load.threads * (BUSY + AHEAD * (1 - 2 * turn)))
    return max(0, min(int(places) - active, answering - load.in_flight))


def called_most(now_free: int, *, rate: float) -> int:
    """How many who wait may come in as soon as they ask: who may now, and as many as will be able to by the
    time that the called have asked again, for `rate` who enter in a second."""
    return now_free + ceil(rate * SOONEST * (1 + JITTER))


def turn_of(ahead: int, *, rate: float) -> float:
    """Where who has `ahead` others before it stands among the called, from 0 to 1."""
    return min(1.0, ahead / called_most(1, rate=rate))


def rate_next(rate: float, *, entered: int, elapsed: float) -> float:
    """Who enter in a second, over the last ten or so."""
    if elapsed <= 0:
        return rate
    share = min(1.0, elapsed / 10)
    return rate + (entered / elapsed - rate) * share


def wait_of(ahead: int, rate: float) -> float | None:
    """How long until who has `ahead` others before it is called; None: nobody can tell yet."""
    if rate < UNKNOWN:
        return None if ahead else SOONEST
    return ahead / rate


def again_after(ahead: int, rate: float, chance: float) -> int:
    """When to ask again, whole seconds from 1 on; `chance` from 0 to 1 is random."""
    usual = min(max(ahead / max(rate, GUESSED) / 2, SOONEST), LONGEST)
    return max(1, round(usual * (1 + JITTER * (2 * chance - 1))))


def minutes_told(seconds: float | None) -> int | None:
    """What a visitor is told, never less than it is: 1, 2, 3, 5, 10, 15… minutes; None: it is not known."""
    if seconds is None:
        return None
    minutes = max(1, ceil(seconds / 60))
    return minutes if minutes <= 3 else 5 * ceil(minutes / 5)


def opened(instants: Iterable[float], now: float) -> tuple[float, float]:
    """From when until when the room is open around those instants: the present time or the next; (0, 0): not
    any more. Times that touch are one."""
    spans: list[list[float]] = []
    for at in sorted(instants):
        if spans and at - BEFORE <= spans[-1][1]:
            spans[-1][1] = at + AFTER
        else:
            spans.append([at - BEFORE, at + AFTER])
    for first, last in spans:
        if now < last:
            return first, last
    return 0.0, 0.0
