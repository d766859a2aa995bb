"""What a save reads, what it decides, what it writes: the words shared by the service and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from marelle.activities.bounds import Reached
from marelle.activities.generation import half_hours
from marelle.activities.kept import NO_MARKS, Marks
from marelle.bookings.cards import Cards
from marelle.bookings.keeping import KeptPart, held_back
from marelle.bookings.rules import Home, Opening, Place, Stay, Why
from marelle.bookings.states import BookingState, EndCause
from marelle.core.clock import instant_at, local


@dataclass(frozen=True, slots=True)
class Change:
    """One cell as the page posts it: shown as booked (`seen`), ticked now (`wanted`).

    `accepts_waiting`: the page showed it full, so a tick asks for the waiting list. `starts` and `ends` are
    the hours chosen, on the wall clock of Paris, when it is booked by the hour.
    """

    child_id: int
    opening_id: int
    seen: bool
    wanted: bool
    accepts_waiting: bool = False
    starts: time | None = None
    ends: time | None = None


class Result(StrEnum):
    BOOKED = "booked"
    REQUESTED = "requested"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    WAITING = "waiting"
    LEFT_QUEUE = "left_queue"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Hours:
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change. `limit` is the instant that `why` speaks of, `other` the name of what
    stands in the way, `reached` how much may be booked; `may_wait` offers the waiting list,
    `needs_derogation` tells an agent what is missing, `derogation` is the reason that let it pass what
    `passed` names. `hours` are those that the child holds or waits for afterwards, where they are chosen:
    what was asked may not be what was written.
    """

    change: Change
    result: Result
    opening: Opening | None = None
    child_name: str = ""
    why: Why | None = None
    late: bool = False
    limit: datetime | None = None
    other: str = ""
    may_wait: bool = False
    needs_derogation: bool = False
    derogation: str = ""
    passed: tuple[Why, ...] = ()
    hours: Hours | None = None
    reached: Reached | None = None


@dataclass(slots=True)
class Quota:
    """Places of a day or of a half-hour (`part` -1 or 0–47), as read under lock, then as settled. `kept` of
    them are for some, as its `parts` say."""

    id: int
    part: int
    capacity: int
    taken: int
    overdraft: int
    kept: int = 0
    delta: int = 0
    parts: Sequence[KeptPart] = ()

    @property
    def now_taken(self) -> int:
        return self.taken + self.delta

    def has_room(self, marks: Marks, claimed: Sequence[Marks] = ()) -> bool:
        """Whether a child of these `marks` finds a place, once those `claimed` by others are taken."""
        return self.now_taken + len(claimed) + held_back(self.parts, marks, claimed) < self.capacity

    @property
    def kept_delta(self) -> int:
        """How many more of the places kept are taken."""
        return sum(part.used_delta for part in self.parts)

    @property
    def overdraft_delta(self) -> int:
        """A freed place shrinks the overdraft first; only a derogation makes it grow."""
        return max(0, self.now_taken - self.capacity) - self.overdraft


@dataclass(frozen=True, slots=True)
class Waiter:
    """Waiting bookings that go together, all or none: one, a bundle, or those that a home waits for together.
    In queue order.

    `child_ids` and `names` are whose each is, where they are not all of the child. `one_of`: the number of
    what the home waits for with it where one is enough, `preference` its choice among them (1 is the first),
    `rest` the waiting bookings of the others, `asleep` that one of the others is held already.
    """

    child_id: int
    family_id: int
    booking_ids: tuple[int, ...]
    opening_ids: tuple[int, ...]
    child_name: str = ""
    child_ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    one_of: int | None = None
    preference: int = 0
    rest: tuple[int, ...] = ()
    asleep: bool = False

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Child and opening of each booking."""
        children = self.child_ids or (self.child_id,) * len(self.opening_ids)
        return list(zip(children, self.opening_ids, strict=True))

    @property
    def children(self) -> frozenset[int]:
        return frozenset(self.child_ids) or frozenset({self.child_id})

    def by_child(self) -> list[Waiter]:
        """The same, apart for each child: as each is told and written down."""
        if not self.child_ids:
            return [self]
        found: dict[int, list[int]] = {}
        for number, child_id in enumerate(self.child_ids):
            found.setdefault(child_id, []).append(number)
        return [
            Waiter(
                child_id,
                self.family_id,
                tuple(self.booking_ids[n] for n in numbers),
                tuple(self.opening_ids[n] for n in numbers),
                self.names[numbers[0]] if self.names else "",
            )
            for child_id, numbers in found.items()
        ]


@dataclass(frozen=True, slots=True)
class Short:
    """Places that a waiting booking lacked when others were given one: it `needed` some, some were `left`."""

    needed: int
    left: int


@dataclass(frozen=True, slots=True)
class Added:
    """A booking to write."""

    child_id: int
    opening: Opening
    stay_id: int
    starts_at: datetime
    ends_at: datetime
    state: BookingState
    late: bool = False
    derogation: str = ""
    passed: tuple[Why, ...] = ()
    kept: Marks = NO_MARKS


@dataclass(frozen=True, slots=True)
class Ended:
    booking_id: int
    cause: EndCause


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a save reads. `places` are live bookings by child: of each child of the home, from the first
    day touched to the last; of who waits, on those days. `quotas_of` gives an opening's quotas; `bundles` the
    open openings of a bundle for a group: those of the group, and of every group. `opened`: those of the
    spans in which days must follow each other; `cards` those of the home."""

    openings: Mapping[int, Opening]
    quotas_of: Mapping[int, Sequence[int]]
    quotas: Mapping[int, Quota]
    places: Mapping[int, Sequence[Place]]
    stays: Mapping[int, Sequence[Stay]] = field(default_factory=dict)
    homes: Mapping[int, Home] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    bundles: Mapping[tuple[int, int | None], frozenset[int]] = field(default_factory=dict)
    waiters: Sequence[Waiter] = ()
    opened: Sequence[Opening] = ()
    cards: Cards = field(default_factory=dict)
    serve: bool = False


@dataclass(slots=True)
class Settled:
    """What to write, and what to tell. `along` are the openings of which a place went with the one that it
    required; `alone` the bookings that stay without theirs. `left`: the waiting
    bookings that leave the list since another that was enough is given; `passed`: by booking, what those
    lacked who were passed."""

    outcomes: list[Outcome] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    placed: list[Waiter] = field(default_factory=list)
    along: set[int] = field(default_factory=set)
    alone: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    passed: dict[int, Short] = field(default_factory=dict)


def hours_of(opening: Opening, change: Change) -> Hours | None:
    """The hours asked for: the opening's own, or half-hours chosen within it; None when they are not."""
    if not opening.slot.by_hour:
        return Hours(opening.starts_at, opening.ends_at)
    if change.starts is None or change.ends is None or change.starts >= change.ends:
        return None
    if any(t.minute % 30 or t.second for t in (change.starts, change.ends)):
        return None
    starts_at, ends_at = instant_at(opening.day, change.starts), instant_at(opening.day, change.ends)
    if starts_at < opening.starts_at or ends_at > opening.ends_at:
        return None
    return Hours(starts_at, ends_at)


def quotas_held(opening: Opening, hours: Hours | Place, facts: Facts) -> list[Quota]:
    """The quotas that a booking of these hours draws on."""
    drawn = [facts.quotas[quota_id] for quota_id in facts.quotas_of.get(opening.id, ())]
    if not opening.slot.by_hour:
        return drawn
    parts = set(half_hours(local(hours.starts_at).time(), local(hours.ends_at).time()))
    return [quota for quota in drawn if quota.part < 0 or quota.part in parts]
