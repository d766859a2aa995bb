"""Serial choice: homes choose one after the other, in the order of their rights. Pure.

A home at its turn receives the best that it asked for and that still fits: nobody gains by ranking otherwise
than it wishes, nobody who was passed has a right before who got the place, and a home that is raised alone
never gets less. Pairwise matching keeps none of this where brothers and sisters go together or not at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

EARLY: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Right:
    """When the turn of a home comes: its tier (0 before 1), its points (many before few), when it came,
    then the rank of its ticket in the draw (0 before 1).

    `late` is None for who came while all are equal, and in a window without a hurry for everybody.
    """

    tier: int
    points: int
    late: datetime | None
    drawn: int

    @property
    def order(self) -> tuple[int, int, datetime, int]:
        """Sorts rights: the first is served first."""
        return self.tier, -self.points, self.late or EARLY, self.drawn


@dataclass(frozen=True, slots=True)
class Plan:
    """What is had whole or not at all: so many places of each kind, at least one."""

    id: str
    needs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """Plans in the order in which they are wished for. `most` None: the first that fits, alone; else each
    that fits, up to so many."""

    plans: tuple[Plan, ...]
    most: int | None = None

    @property
    def limit(self) -> int:
        return 1 if self.most is None else self.most


@dataclass(frozen=True, slots=True)
class Asker:
    """A home, known by its ticket: its choices are served one after the other at its one turn. Children
    together are one choice; each alone, a choice each, in the order that the home gave."""

    ticket: str
    right: Right
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a home received at its turn (0 is the first): for each of its choices, the ids of plans."""

    ticket: str
    turn: int
    given: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """A kind of places of which a plan wanted `needed` where `left` were left: `by_home` of those gone went
    to the home's own better plans."""

    place: str
    needed: int
    left: int
    by_home: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """A plan better than what was received, what it lacked, and the last turn at which it would have been
    given (None: at no turn, more is asked than there was for anybody)."""

    choice: int
    plan: str
    lacks: tuple[Lack, ...]
    last_turn: int | None


@dataclass(slots=True)
class Room:
    """Places of each kind, and how many are gone after which turn."""

    places: Mapping[str, int]
    gone: dict[str, int] = field(default_factory=dict)
    turns: dict[str, list[int]] = field(default_factory=dict)
    totals: dict[str, list[int]] = field(default_factory=dict)

    def left(self, place: str) -> int:
        return self.places.get(place, 0) - self.gone.get(place, 0)

    def fits(self, plan: Plan) -> bool:
        return all(self.left(place) >= needed for place, needed in plan.needs.items())

    def take(self, plan: Plan, turn: int) -> None:
        for place, needed in plan.needs.items():
            self.gone[place] = self.gone.get(place, 0) + needed
            self.turns.setdefault(place, []).append(turn)
            self.totals.setdefault(place, []).append(self.gone[place])

    def gone_before(self, place: str, turn: int) -> int:
        """How many had gone to homes of earlier turns."""
        at = bisect_right(self.turns.get(place, ()), turn - 1)
        return self.totals[place][at - 1] if at else 0

    def last_turn(self, place: str, most_gone: int, turn: int) -> int | None:
        """The last turn up to `turn` before which at most `most_gone` had gone."""
        if most_gone < 0:
            return None
        at = bisect_right(self.totals.get(place, ()), most_gone)
        turns = self.turns.get(place, ())
        return min(turn, turns[at]) if at < len(turns) else turn


@dataclass(frozen=True, slots=True)
class Allotment:
    """The answers in the order of turns, and the room that they left."""

    answers: tuple[Answer, ...]
    room: Room


def allot(places: Mapping[str, int], askers: Iterable[Asker]) -> Allotment:
    """Serve each home at its turn. The order of `askers` says nothing: rights do, no two of which are equal,
    since each has a rank of its own in the draw."""
    room = Room(places)
    answers = []
    for turn, asker in enumerate(in_order(askers)):
        given = tuple(_served(choice, room, turn) for choice in asker.choices)
        answers.append(Answer(asker.ticket, turn, given))
    return Allotment(tuple(answers), room)


def in_order(askers: Iterable[Asker]) -> list[Asker]:
    return sorted(askers, key=lambda one: one.right.order)


def _served(choice: Choice, room: Room, turn: int) -> tuple[str, ...]:
    given: list[str] = []
    for plan in choice.plans:
        if len(given) == choice.limit:
            break
        if room.fits(plan):
            room.take(plan, turn)
            given.append(plan.id)
    return tuple(given)


def blocked(asker: Asker, answer: Answer, room: Room) -> tuple[Blocked, ...]:
    """Why the home did not get what it wished for more: each plan above the last that it received, or all of
    them where it received fewer than it asked for."""
    own: dict[str, int] = {}
    told = []
    for number, (choice, given) in enumerate(zip(asker.choices, answer.given, strict=True)):
        left = choice.limit
        for plan in choice.plans:
            if not left:
                break
            if plan.id in given:
                left -= 1
                for place, needed in plan.needs.items():
                    own[place] = own.get(place, 0) + needed
            else:
                told.append(_blocked(number, plan, own, answer.turn, room))
    return tuple(told)


def _blocked(number: int, plan: Plan, own: Mapping[str, int], turn: int, room: Room) -> Blocked:
    lacks = []
    last: int | None = turn
    for place, needed in plan.needs.items():
        there, by_home = room.places.get(place, 0), own.get(place, 0)
        left = there - room.gone_before(place, turn) - by_home
        if left < needed:
            lacks.append(Lack(place, needed, left, by_home))
        fits = room.last_turn(place, there - by_home - needed, turn)
        last = None if last is None or fits is None else min(last, fits)
    return Blocked(number, plan.id, tuple(lacks), last)


def points_of(criteria: Sequence[tuple[int, bool]]) -> int:
    """The points of a home within its tier: the weights of what it meets, each with its proof."""
    return sum(weight for weight, is_met in criteria if is_met)


def tier_of(criteria: Sequence[bool]) -> int:
    """The first tier of which a home meets the criterion; past all of them for who meets none."""
    return next((tier for tier, is_met in enumerate(criteria) if is_met), len(criteria))
