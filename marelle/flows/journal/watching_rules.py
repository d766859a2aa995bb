"""What is unusual among the readings of an agent, purely.

A sheet is counted once, however often it is read within the hour, and so are the incomes of a home; a list
by the children whom it shows, once for each structure, the fullest. Lists are told apart: to open one is the
work of each morning.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from marelle.core.clock import local

HOUR: Final = timedelta(hours=1)
MORNING, NIGHT = time(6), time(22)
"""Between them, on the wall clock of Paris, it is day: the first included, the second not."""

NIGHT_SPAN: Final = timedelta(hours=8)


class Unusual(StrEnum):
    MANY = "many"  # sheets within one hour
    INCOMES = "incomes"  # homes whose incomes were read within one hour
    AT_NIGHT = "at_night"  # sheets, and homes' incomes, within one night
    LISTS = "lists"  # children shown by lists within one hour


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is usual of each kind; one more is told."""

    many: int = 300
    incomes: int = 300
    at_night: int = 20
    lists: int = 900


class Reading(NamedTuple):
    """One reading of an agent: of a child's sheet, of a home's incomes (`is_income`), or, `shown` not None,
    of a list of so many children.

    `of` is whose sheet, which home, or the list's structure.
    """

    agent_id: int
    at: datetime
    of: int
    shown: int | None = None
    is_income: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The most that an agent read on one day (of a night, that of its evening), and when it came to that."""

    agent_id: int
    kind: Unusual
    day: date
    count: int
    at: datetime


def unusual(readings: Iterable[Reading], bounds: Bounds) -> tuple[Found, ...]:
    """One for each agent, kind and day at the most, by agent."""
    by_agent: dict[int, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_agent[reading.agent_id].append(reading)
    found: dict[tuple[int, Unusual, date], Found] = {}
    for agent_id in sorted(by_agent):
        rows = sorted(by_agent[agent_id], key=lambda one: one.at)
        for kind, day, count, at in _counted(rows):
            former = found.get((agent_id, kind, day))
            if count > getattr(bounds, kind.value) and (former is None or count > former.count):
                found[agent_id, kind, day] = Found(agent_id, kind, day, count, at)
    return tuple(found.values())


def is_night(at: datetime) -> bool:
    return not MORNING <= local(at).time() < NIGHT


def night_of(at: datetime) -> date:
    """The day on whose evening that night began."""
    return (local(at) - NIGHT_SPAN).date()


def _counted(rows: list[Reading]) -> Iterator[tuple[Unusual, date, int, datetime]]:
    """What each reading of one agent brings the counts to."""
    single = [row for row in rows if row.shown is None]
    for kind, is_income in ((Unusual.MANY, False), (Unusual.INCOMES, True)):
        for row, count in _within_an_hour([row for row in single if row.is_income is is_income]):
            yield kind, local(row.at).date(), count, row.at
    nights: dict[date, set[tuple[bool, int]]] = defaultdict(set)
    for row in single:
        if is_night(row.at):
            night = night_of(row.at)
            nights[night].add((row.is_income, row.of))
            yield Unusual.AT_NIGHT, night, len(nights[night]), row.at
    window: deque[Reading] = deque()
    for row in rows:
        if row.shown is not None:
            window.append(row)
            while row.at - window[0].at >= HOUR:
                window.popleft()
            fullest: dict[int, int] = defaultdict(int)
            for one in window:
                fullest[one.of] = max(fullest[one.of], one.shown or 0)
            yield Unusual.LISTS, local(row.at).date(), sum(fullest.values()), row.at


def _within_an_hour(sheets: list[Reading]) -> Iterator[tuple[Reading, int]]:
    """Each with how many different sheets were read within the hour that it ends."""
    window: deque[Reading] = deque()
    held: Counter[int] = Counter()
    for row in sheets:
        window.append(row)
        held[row.of] += 1
        while row.at - window[0].at >= HOUR:
            gone = window.popleft()
            held[gone.of] -= 1
            if not held[gone.of]:
                del held[gone.of]
        yield row, len(held)
