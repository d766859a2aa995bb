"""Which sections suit a demand, what a week takes of them, who holds a place. Pure.

Who comes first is `campaigns.rules`: tier, points, then the draw; each is given the first of its sections
that has a place on all the days asked, or none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from marelle.campaigns.rules import Asker, Choice, Plan, Right, points_of, tier_of
from marelle.families.rules import fits_age
from marelle.relay.rules import Care

COLLECTIVE: Final = (Care.COLLECTIVE, Care.ANY)
"""What a demand looks for, where a commission may look at it."""


@dataclass(frozen=True, slots=True)
class Section:
    """`months`: the first and the last age on the day when a child starts, both included. `places` by
    weekday, 0 is Monday."""

    id: int
    months: tuple[int, int]
    starts_on: date
    places: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A demand. `birth` is when the child is expected, where it is not born; `wishes` the sections that it
    prefers, the best first; none for all that suit it."""

    birth: date
    starts_on: date
    days: frozenset[int]
    care: str
    wishes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A criterion: `weight` points, or a tier where it is 0."""

    id: int
    weight: int


def start_of(section: Section, wanted: Wanted) -> date:
    """When the child would start there: as asked, and not before there are places."""
    return max(section.starts_on, wanted.starts_on)


def suits(section: Section, wanted: Wanted) -> bool:
    """Whether the child has the age of the section on the day when it would start."""
    first, last = section.months
    return fits_age(wanted.birth, first, last, start_of(section, wanted))


def is_looked_at(sections: Iterable[Section], wanted: Wanted) -> bool:
    """Whether a commission that gives these may look at the demand: collective care, a section of its age,
    with a place on one of its days at least."""
    return wanted.care in COLLECTIVE and any(
        suits(one, wanted) and any(one.places.get(day) for day in wanted.days) for one in sections
    )


def ranked(sections: Sequence[Section], wanted: Wanted) -> list[Section]:
    """The sections that suit it, in the order wished for; in that of the commission where none of them was
    named."""
    found = {one.id: one for one in sections if suits(one, wanted)}
    return [found[pk] for pk in wanted.wishes if pk in found] or list(found.values())


def place_of(section_id: int, day: int) -> str:
    """As the file names the places of a section on a weekday."""
    return f"section {section_id} · jour {day}"


def place_read(name: str) -> tuple[int, int]:
    """The section and the weekday of `place_of`."""
    section, _dot, day = name.partition(" · ")
    return int(section.removeprefix("section ")), int(day.removeprefix("jour "))


def places_of(sections: Iterable[Section]) -> dict[str, int]:
    """How many of each there are, days without any too, so that an answer can say so."""
    return {place_of(one.id, day): one.places.get(day, 0) for one in sections for day in range(7)}


def asker_of(
    ticket: str,
    wanted: Wanted,
    sections: Sequence[Section],
    measures: Sequence[Measure],
    met: Collection[int],
    drawn: int,
) -> Asker:
    """A sheet as the serial choice takes it: whole weeks, one of them, by the first section that fits."""
    tiers = [one.id in met for one in measures if not one.weight]
    points = [(one.weight, one.id in met) for one in measures if one.weight]
    plans = tuple(
        Plan(str(one.id), {place_of(one.id, day): 1 for day in sorted(wanted.days)})
        for one in ranked(sections, wanted)
    )
    return Asker(ticket, Right(tier_of(tiers), points_of(points), None, drawn), (Choice(plans),))


def lacking_days(section: Section, days: Collection[int], taken: Iterable[Collection[int]]) -> list[int]:
    """The weekdays on which the section has no place more, once those who hold one there are counted by
    their days."""
    gone = Counter(day for one in taken for day in one)
    return [day for day in sorted(days) if gone[day] >= section.places.get(day, 0)]


def answer_day(today: date, days: int) -> date:
    """The last day on which a place told today is kept."""
    return today + timedelta(days=days)


def is_kept(*, answered: str, until: date | None, is_open: bool, today: date) -> bool:
    """Whether who was given a place holds it still: accepted; else neither given back, nor past its day,
    nor gone from the guichet. `until` None: not told yet."""
    if answered:
        return answered == "accepted"
    return is_open and (until is None or today <= until)
