"""What writing the lines of a file would do, line by line, and what it would leave out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from marelle.core.tabular import Problem
from marelle.flows.moving.lines import Said, State
from marelle.flows.moving.names import NotTaken
from marelle.flows.moving.subjects import Kind, Measure


class Fate(StrEnum):
    NEW = "new"
    SAME = "same"
    """All that it says is here already."""
    NOTHING = "nothing"
    """It says that there is nothing to bring: what was cancelled, a card without an entry left."""


@dataclass(frozen=True, slots=True)
class About:
    """What a line is about: the key and the name of an activity or of a product; no key of an unknown one."""

    id: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A line that is understood. `adds` is what it adds here; `row` what its kind writes."""

    said: Said
    fate: Fate
    family_id: int
    child_id: int | None
    about: About
    adds: Mapping[Measure, int] = field(default_factory=dict)
    row: Any = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`about`: what each line is about, by its number, also of those that are left out."""

    planned: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    about: Mapping[int, About]

    def of(self, fate: Fate) -> tuple[Planned, ...]:
        return tuple(one for one in self.planned if one.fate is fate)


MEASURED: Final[Mapping[State, tuple[Measure, ...]]] = {
    State.BOOKED: (Measure.BOOKINGS,),
    State.PRESENT: (Measure.BOOKINGS, Measure.PRESENT),
    State.UNBOOKED: (Measure.PRESENT,),
    State.ABSENT: (Measure.BOOKINGS, Measure.ABSENT),
    State.TOLD: (Measure.BOOKINGS, Measure.ABSENT),
    State.EXCUSED: (Measure.BOOKINGS, Measure.ABSENT),
    State.CANCELLED: (),
}


def measured(kind: Kind, said: Said) -> Counter[Measure]:
    """What a line counts for on the file's side."""
    match kind:
        case Kind.ENROLMENTS:
            return Counter({Measure.ENROLMENTS: 1})
        case Kind.BOOKINGS:
            return Counter(MEASURED[said.state])
        case Kind.CARDS:
            return Counter({Measure.CARDS: 1, Measure.ENTRIES: said.entries} if said.entries else {})
        case Kind.SUBSCRIPTIONS:
            return Counter({Measure.SUBSCRIPTIONS: 1})


def plan_of(
    saids: Sequence[Said],
    about: Callable[[Said], About],
    planned: Callable[[Said, About], Planned],
    named: Callable[[Said], str],
) -> Plan:
    """Each line by itself, in the order of the file: whole, or left out with its reason. `named`: how its
    line calls what it is about."""
    found: list[Planned] = []
    problems: list[Problem] = []
    abouts: dict[int, About] = {}
    for said in saids:
        abouts[said.line] = About(None, named(said))
        try:
            abouts[said.line] = about(said)
            found.append(planned(said, abouts[said.line]))
        except NotTaken as refusal:
            problems.append(refusal.problem(said.line))
    return Plan(tuple(found), tuple(problems), abouts)


@dataclass(frozen=True, slots=True)
class Summed:
    """Of a measure of something, in a month where it is by month: in the file, here before and after."""

    about: About
    month: date | None
    measure: Measure
    in_file: int
    before: int
    after: int

    @property
    def differs(self) -> int:
        return self.after - self.in_file


SumKey = tuple[About, date | None, Measure]


def sums_of(
    kind: Kind, saids: Iterable[Said], plan: Plan, before: Callable[[Iterable[SumKey]], Mapping[SumKey, int]]
) -> tuple[Summed, ...]:
    """The sums of both sides. `before`: what is here now, by the same keys."""
    in_file: Counter[SumKey] = Counter()
    for said in saids:
        for measure, count in measured(kind, said).items():
            in_file[plan.about[said.line], said.month, measure] += count
    adds: Counter[SumKey] = Counter()
    for one in plan.planned:
        for measure, count in one.adds.items():
            adds[one.about, one.said.month, measure] += count
    here = before(in_file)
    return tuple(
        Summed(*key, count, here.get(key, 0), here.get(key, 0) + adds[key])
        for key, count in sorted(in_file.items(), key=lambda item: sum_order(item[0]))
    )


def sum_order(key: SumKey) -> tuple[str, date, int]:
    about, month, measure = key
    return about.label, month or date.min, list(Measure).index(measure)
