"""What was ticked at the door, folded into where a child stands: pure, whatever the order of receipt.

A tick is an event with an identifier of its own. What is known of a child on an opening is a function of the
set of its ticks: a tick received twice, late, or before the one that it follows changes nothing to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Final
from uuid import UUID

from marelle.core.clock import instant_at, local, universal

CLOCK_TRUSTED: Final = timedelta(minutes=2)
"""A tablet's clock that is wrong by no more is believed."""
SAME_TIME: Final = timedelta(minutes=10)
"""Two tablets that tell a time within this tell the same."""
MOMENT: Final = timedelta(microseconds=1)


class TickKind(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "absent_excused"
    ARRIVED = "arrived"
    LEFT = "left"
    LATE = "late"
    UNDONE = "undone"
    CALL_CLOSED = "call_closed"
    CALL_REOPENED = "call_reopened"
    NOTED = "noted"
    """Somebody whom nobody has enrolled: a free name, for the office to settle."""


CALL_KINDS: Final = frozenset({TickKind.CALL_CLOSED, TickKind.CALL_REOPENED})
HERE: Final = frozenset({TickKind.PRESENT, TickKind.ARRIVED, TickKind.LEFT, TickKind.LATE})
AWAY: Final = frozenset({TickKind.ABSENT, TickKind.EXCUSED})
TIMED: Final = frozenset({TickKind.ARRIVED, TickKind.LEFT})
"""Kinds that tell an hour."""
TELLING: Final = (HERE | AWAY) - {TickKind.LATE}
"""Kinds by which two tablets may disagree."""


class HandKind(StrEnum):
    """To whom a child was handed over."""

    LISTED = "listed"
    ALONE = "alone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Hand:
    """`key` is that of a listed person (`families.care.safety.Fetcher.key`), `name` what is shown."""

    kind: HandKind
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What a tick of some kinds carries. `time` is None for the instant of the tick itself."""

    time: datetime | None = None
    reason: str = ""
    text: str = ""
    hand: Hand | None = None
    undoes: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One touch. `after` is the last tick of this child on this opening that its device knew.

    `tablet` is None for somebody on its own telephone, or at the desk.
    """

    id: UUID
    tablet: int | None
    by: int | None
    opening_id: int | None
    child_id: int | None
    name: str
    kind: TickKind
    at: datetime
    after: UUID | None = None
    value: Value = field(default_factory=Value)
    by_label: str = ""

    @property
    def source(self) -> tuple[int | None, int | None]:
        """The device: a tablet, whoever holds it, or somebody's own."""
        return (self.tablet, None) if self.tablet is not None else (None, self.by)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a child stands on an opening. `present` is None while nothing counts.

    `conflicts` are pairs of ticks of two devices that disagree; `refused` are departures told earlier than
    the arrival. `last` is the tick that a device must have known to follow on.
    """

    present: bool | None = None
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    reason: str = ""
    text: str = ""
    handed_to: Hand | None = None
    is_late: bool = False
    by: str = ""
    noted_at: datetime | None = None
    last: UUID | None = None
    conflicts: tuple[tuple[UUID, UUID], ...] = ()
    refused: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class CallStanding:
    """Whether the call of a group is closed, since when and by whom."""

    closed: bool = False
    at: datetime | None = None
    by: str = ""


class Alert(StrEnum):
    """A mismatch that guardians are told of."""

    ABSENT = "absent"
    UNBOOKED = "unbooked"


def standing_of(ticks: Iterable[Tick]) -> Standing:
    """Where a child stands on one opening, from its ticks that count, in whatever order and however often."""
    known = in_order(ticks)
    undone = {tick.value.undoes for tick in known if tick.kind is TickKind.UNDONE}
    counting = [tick for tick in known if tick.kind in HERE | AWAY and tick.id not in undone]
    standing, refused = Standing(), []
    for tick in counting:
        if _leaves_too_early(standing, tick):
            refused.append(tick.id)
        else:
            standing = _after(standing, tick)
    told = [tick for tick in counting if tick.id not in refused]
    return replace(
        standing,
        last=known[-1].id if known else None,
        conflicts=_conflicts(told, known),
        refused=tuple(refused),
    )


def call_of(ticks: Iterable[Tick]) -> CallStanding:
    """The call of one opening, from its ticks; one that no child has told is another matter."""
    standing = CallStanding()
    for tick in in_order(ticks):
        if tick.kind in CALL_KINDS:
            standing = CallStanding(tick.kind is TickKind.CALL_CLOSED, tick.at, tick.by_label)
    return standing


def in_order(ticks: Iterable[Tick]) -> list[Tick]:
    """Each tick once, by instant then identifier; never before one that its device knew when it was made."""
    once: dict[UUID, Tick] = {}
    for tick in sorted(ticks, key=lambda one: (universal(one.at), one.id.int, repr(one))):
        once.setdefault(tick.id, tick)
    instants = {tick_id: _instant(tick_id, once) for tick_id in once}
    return sorted(once.values(), key=lambda one: (instants[one.id], one.id.int))


def alert_kind(
    *, booked: bool, standing: Standing, declared: bool = False, free_access: bool = False
) -> Alert | None:
    """What guardians are told, once the call is closed and no tick waits.

    A booked child that nobody ticked was not seen. None where the family or the team said why, where two
    tablets still disagree, and where one comes without booking.
    """
    if free_access or standing.conflicts:
        return None
    if booked and not standing.present:
        return None if declared or standing.reason else Alert.ABSENT
    if standing.present and not booked:
        return Alert.UNBOOKED
    return None


def corrected(at: datetime, *, sent_at: datetime | None, received_at: datetime) -> datetime:
    """When it was, of a tick made at `at` by the clock of a device that said `sent_at` as it sent its batch.

    A clock wrong by more than two minutes is set right; nothing was ticked after it was received.
    """
    return min(set_right(at, sent_at=sent_at, received_at=received_at), universal(received_at))


def set_right(at: datetime, *, sent_at: datetime | None, received_at: datetime) -> datetime:
    """The same, be it after it was received: then the clock was changed in between."""
    at, received_at = universal(at), universal(received_at)
    if sent_at is not None and abs(wrong := received_at - universal(sent_at)) > CLOCK_TRUSTED:
        at += wrong
    return at


def hour_of(hour: time, *, day: date, starts_at: datetime, ends_at: datetime) -> datetime:
    """The instant of an hour typed for an opening of `day`: that of the next day for one past midnight."""
    first, last = universal(starts_at), universal(ends_at)

    def away(instant: datetime) -> timedelta:
        return max(first - instant, instant - last, timedelta(0))

    either = [universal(instant_at(one, hour)) for one in (day, day + timedelta(days=1))]
    return min(either, key=away)


def day_of(at: datetime) -> date:
    """The day on which something was ticked, in Paris."""
    return local(at).date()


def _instant(tick_id: UUID, ticks: Mapping[UUID, Tick]) -> datetime:
    """The instant of a tick, moved past those that it follows when clocks say otherwise."""
    chain: list[Tick] = []
    seen: set[UUID] = set()
    current: UUID | None = tick_id
    while current is not None and current in ticks and current not in seen:
        seen.add(current)
        chain.append(ticks[current])
        current = ticks[current].after
    instant = universal(chain.pop().at)
    while chain:
        instant = max(universal(chain.pop().at), instant + MOMENT)
    return instant


def _leaves_too_early(standing: Standing, tick: Tick) -> bool:
    return (
        tick.kind is TickKind.LEFT
        and standing.arrived_at is not None
        and _time(tick) < universal(standing.arrived_at)
    )


def _time(tick: Tick) -> datetime:
    return universal(tick.value.time or tick.at)


def _after(standing: Standing, tick: Tick) -> Standing:
    """The standing once a tick is told, which is neither undone nor refused."""
    if tick.kind in AWAY:
        told = Standing(present=False, reason=tick.value.reason, text=tick.value.text)
    else:
        told = replace(standing, present=True, reason="", text="")
    match tick.kind:
        case TickKind.PRESENT:
            told = replace(told, left_at=None, handed_to=None)
        case TickKind.ARRIVED:
            if told.left_at is not None and universal(told.left_at) <= _time(tick):
                # Who is back, or had not left: the day began when it first came.
                told = replace(told, left_at=None, handed_to=None)
                told = replace(told, arrived_at=told.arrived_at or _time(tick))
            else:
                told = replace(told, arrived_at=_time(tick))
        case TickKind.LEFT:
            told = replace(told, left_at=_time(tick), handed_to=tick.value.hand)
        case TickKind.LATE:
            told = replace(told, is_late=True)
    return replace(told, by=tick.by_label, noted_at=tick.at)


def _conflicts(told: Sequence[Tick], known: Sequence[Tick]) -> tuple[tuple[UUID, UUID], ...]:
    """Pairs that share what they knew, of two devices, and disagree, that no later tick has settled."""
    together: dict[UUID | None, list[Tick]] = defaultdict(list)
    rank = {tick.id: number for number, tick in enumerate(known)}
    for tick in told:
        if tick.kind in TELLING:
            together[tick.after].append(tick)
    found = []
    for ticks in together.values():
        for one, other in combinations(ticks, 2):
            later = [tick for tick in told if rank[tick.id] > max(rank[one.id], rank[other.id])]
            settled = any(_knows(tick, {one.id, other.id}, known) for tick in later)
            if not settled and one.source != other.source and _disagree(one, other):
                found.append((one.id, other.id))
    return tuple(found)


def _disagree(one: Tick, other: Tick) -> bool:
    if (one.kind in AWAY) != (other.kind in AWAY):
        return True
    if one.kind is not other.kind or one.kind not in TIMED:
        return False
    return one.value.hand != other.value.hand or abs(_time(one) - _time(other)) > SAME_TIME


def _knows(tick: Tick, wanted: set[UUID], known: Sequence[Tick]) -> bool:
    """Whether the device of a tick knew one of `wanted`, through whatever came in between."""
    before = {one.id: one.after for one in known}
    current, seen = tick.after, {tick.id}
    while current is not None and current not in seen:
        if current in wanted:
            return True
        seen.add(current)
        current = before.get(current)
    return False
