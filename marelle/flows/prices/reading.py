"""What homes have on some days, of every authority: what is booked, what was seen, what was missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    Exists,
    F,
    Field,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, NullIf

from marelle.activities import models as activities
from marelle.activities.absences import AbsenceGrade
from marelle.activities.catalogue import activity_facts
from marelle.bookings.absence_rules import is_missed
from marelle.bookings.absences.grading import graded_missed, missed_of
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.reading import TOLD, ChildBooking, ToldRow
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import LIVE, TAKEN, BookingState
from marelle.core.clock import universal
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.families.models import Member
from marelle.families.rules import custody_on
from marelle.families.selectors import custody_rows, homes_away, kept_away
from marelle.flows.prices.held import MINUTE, Earlier, HeldSlot, minutes_between, minutes_of
from marelle.flows.prices.situations import Situation
from marelle.flows.prices.spans import Days, days_before
from marelle.pricing.tariffs import Slots

Key = tuple[int, int]
"""A child and an opening."""

NO_SLOTS: Slots = frozenset()


class _Place(NamedTuple):
    """A place that is live. Its hours are None where they are those of its opening. `away`: on that day a
    judge keeps the home that booked it away from the child, so that it is told no price of it."""

    id: int
    child_id: int
    opening_id: int
    family_id: int
    state: str
    late: bool
    starts_at: datetime | None
    ends_at: datetime | None
    told: ToldRow
    away: bool


PLACE = columns(
    _Place,
    "child_id", "opening_id", "family_id", "state", "late",
    id="pk",
    starts_at=NullIf("starts_at", "opening__starts_at"),
    ends_at=NullIf("ends_at", "opening__ends_at"),
    told=TOLD,
    away=kept_away(OuterRef("day"), "child_id", home="family_id"),
)  # fmt: skip


class _Tick(NamedTuple):
    """What was noted of a child at the door."""

    id: int
    child_id: int
    opening_id: int
    present: bool
    arrived_at: datetime | None
    left_at: datetime | None


TICK = columns(_Tick, "child_id", "opening_id", "present", "arrived_at", "left_at", id="pk")


class _Opening(NamedTuple):
    """What prices tell openings apart by."""

    id: int
    activity_id: int
    revision: int
    slot_id: int
    day: date
    starts_at: datetime
    ends_at: datetime


OPENING = columns(
    _Opening, "activity_id", "slot_id", "day", "starts_at", "ends_at", id="pk", revision="activity__revision"
)


class _Found(NamedTuple):
    """A place, or a tick: the other holds nothing."""

    is_place: bool
    place: _Place
    tick: _Tick
    opening: _Opening


def _nothing(kind: type[Field[Any, Any]]) -> Cast:
    """PostgreSQL takes a bare NULL for a text, as soon as two parts of a union have one."""
    return Cast(Value(None), kind())


NUMBER, TEXT, TRUTH, INSTANT = (
    _nothing(kind) for kind in (IntegerField, CharField, BooleanField, DateTimeField)
)
NO_PLACE = columns(
    _Place,
    id=NUMBER, child_id=NUMBER, opening_id=NUMBER, family_id=NUMBER, state=TEXT, late=TRUTH,
    starts_at=INSTANT, ends_at=INSTANT, away=TRUTH,
    told=columns(ToldRow, declared_at=INSTANT, sent_at=INSTANT, proof=TEXT, derogation=TEXT),
)  # fmt: skip
NO_TICK = columns(
    _Tick,
    id=NUMBER, child_id=NUMBER, opening_id=NUMBER, present=TRUTH, arrived_at=INSTANT, left_at=INSTANT,
)  # fmt: skip
PLACED = columns(
    _Found,
    is_place=Value(True),
    place=PLACE,
    tick=NO_TICK,
    opening=OPENING.through("opening"),
)
TICKED = columns(
    _Found,
    is_place=Value(False),
    place=NO_PLACE,
    tick=TICK,
    opening=OPENING.through("opening"),
)


@dataclass(frozen=True, slots=True)
class _Read:
    """Of some children on some days, in the order of days."""

    places: Sequence[_Place]
    ticks: Mapping[Key, _Tick]
    openings: Mapping[int, Opening]


class There:
    """The openings of an authority, read once for work that lasts some seconds, and again for one that has
    come since. `anew`: only those that are asked, each time, for a few homes of many."""

    def __init__(self, authority_id: int, *, anew: bool = False) -> None:
        self.authority_id, self.anew = authority_id, anew
        self._known: dict[Days, Mapping[int, Opening]] = {}

    def openings(self, days: Days, asked: Iterable[int]) -> Mapping[int, Opening]:
        """Those of `days`, among which are all that are `asked`."""
        ids = set(asked)
        if self.anew or days not in self._known or not self._known[days].keys() >= ids:
            within = {"activity__structure__authority_id": self.authority_id}
            rows = activities.Opening.objects.filter(**within, day__gte=days[0], day__lte=days[1])
            if self.anew:
                rows = rows.filter(pk__in=ids)
            self._known[days] = _openings(OPENING.of(rows.order_by()))
        return self._known[days]


def slots_held(
    situations: Mapping[int, Situation], days: Days, timed: Slots, there: There | None = None
) -> Mapping[int, list[HeldSlot]]:
    """By home, what each has and what its children were seen on. One query, with one more where something
    was missed, and two where a child came without a booking.

    `timed`: the slots of which the hours that were seen count. `there`: at that authority alone, for many
    homes: a third of the time, and a query more.
    """
    child_ids = rounded({pk for one in situations.values() for pk in one.child_ids})
    found: dict[int, list[HeldSlot]] = {family_id: [] for family_id in situations}
    if not child_ids:
        return found
    read = _of_homes(child_ids, timed, days) if there is None else _at(there, child_ids, timed, days)
    grades, fetched = _grades(read), _fetched(read)
    minutes = {pk: minutes_of(read.openings[pk]) for pk in {place.opening_id for place in read.places}}
    alone = {key: tick for key, tick in read.ticks.items() if tick.present}
    for place in read.places:
        key, opening = (place.child_id, place.opening_id), read.openings[place.opening_id]
        alone.pop(key, None)
        if place.family_id in found and place.state in TAKEN and not place.away:
            own = place.starts_at is not None or place.ends_at is not None
            parts = opening.activity.then(opening.slot.id, opening.day).parts
            tick = None if timed.isdisjoint(parts) else read.ticks.get(key)
            found[place.family_id].append(
                HeldSlot(
                    place.child_id, opening.activity, opening.slot, opening.day,
                    _own_minutes(place, opening) if own else minutes[opening.id],
                    place.late, grades.get(place.id), True, tick and _seen_minutes(tick),
                    place.id, opening.id, fetched.get(key, 0),
                )
            )  # fmt: skip
    for tick, family_id in _whose(alone.values(), read.openings):
        if family_id in found:
            late = fetched.get((tick.child_id, tick.opening_id), 0)
            found[family_id].append(_seen_alone(tick, read.openings[tick.opening_id], late))
    return found


def _of_homes(child_ids: Collection[int], timed: Slots, days: Days) -> _Read:
    found = _found(child_ids, sorted(timed), *days)
    openings = _openings(row.opening for row in found)
    places = [row.place for row in found if row.is_place]
    places.sort(key=lambda one: _in_turn(one, openings[one.opening_id]))
    ticks = [row.tick for row in found if not row.is_place]
    ticks.sort(key=lambda one: (openings[one.opening_id].day, one.id))
    return _Read(places, _by_key(ticks), openings)


def _in_turn(place: _Place, opening: Opening) -> tuple[date, datetime, int]:
    return opening.day, universal(place.starts_at or opening.starts_at), place.id


def _at(there: There, child_ids: Collection[int], timed: Slots, days: Days) -> _Read:
    """The same of one authority: an opening is read once, not with each row."""
    # Looked for once: as a join it would be, for each of tens of thousands of rows.
    own = activities.Activity.objects.filter(structure__authority_id=there.authority_id)
    within = {"opening__activity__in": own.order_by().values("pk")}
    places = list(PLACE.of(_live(child_ids, *days).filter(**within)))
    ticks = _by_key(TICK.of(_telling(child_ids, timed, *days).filter(**within)))
    asked = chain((place.opening_id for place in places), (tick.opening_id for tick in ticks.values()))
    openings = there.openings(days, asked)
    return _Read(
        [place for place in places if place.opening_id in openings],
        {key: tick for key, tick in ticks.items() if tick.opening_id in openings},
        openings,
    )


def _openings(rows: Iterable[_Opening]) -> Mapping[int, Opening]:
    """They are held: what is booked there, or was seen, happened."""
    known = {row.id: row for row in rows}
    facts = activity_facts({row.activity_id: row.revision for row in known.values()})
    found = {}
    for row in known.values():
        activity = facts[row.activity_id]
        slot = activity.slots[row.slot_id]
        found[row.id] = Opening(
            row.id, activity, slot, None, row.day, row.starts_at, row.ends_at, is_open=True
        )
    return found


def _by_key(ticks: Iterable[_Tick]) -> Mapping[Key, _Tick]:
    return {(tick.child_id, tick.opening_id): tick for tick in ticks}


@prepared
def _found(
    child_ids: Collection[int], timed: Collection[int], first: date, last: date
) -> QuerySet[Any, _Found]:
    places = PLACED.of(_live(child_ids, first, last).order_by())
    return places.union(TICKED.of(_telling(child_ids, timed, first, last).order_by()), all=True)


def _live(child_ids: Collection[int], first: date, last: date) -> QuerySet[Booking]:
    """Of whichever home: a child goes on to what another has booked."""
    rows = Booking.objects.filter(state__in=LIVE, child_id__in=child_ids, day__gte=first, day__lte=last)
    return rows.order_by("day", "starts_at", "pk")


def _telling(
    child_ids: Collection[int], timed: Collection[int], first: date, last: date
) -> QuerySet[Attendance]:
    """What was noted that says more than that a child came to what it had booked."""
    awaited = Booking.objects.filter(
        state__in=TAKEN, absence=None, child_id=OuterRef("child_id"), opening_id=OuterRef("opening_id")
    )
    rows = Attendance.objects.filter(child_id__in=child_ids, day__gte=first, day__lte=last)
    # Not an `exists`: PostgreSQL would look for it among all bookings that there are.
    rows = rows.alias(awaited=Subquery(awaited.order_by().values("pk")[:1]))
    tells = Q(present=False) | Q(left_at__gt=F("opening__ends_at"))
    if timed:
        # Of the tick's own slot: a kept plan would look for all the timed ones among all slots, each time.
        slot = activities.Slot.objects.filter(pk=OuterRef("opening__slot_id")).order_by()
        parts = Q(includes__in=timed) | Q(before__parts__in=timed)
        tells |= Q(Exists(slot.filter(Q(pk__in=timed) | parts)))
    # Last: what is looked for among all bookings is so where nothing else tells.
    return rows.filter(tells | Q(awaited=None)).order_by("day", "pk")


def earlier_of(situation: Situation, days: Days) -> Earlier:
    """What a home had in the school year before `days`; read once, as `slots_held`, if it is asked."""

    @cache
    def read() -> Sequence[HeldSlot]:
        before = days_before(days)
        if before[0] > before[1]:
            return ()
        return slots_held({situation.family_id: situation}, before, NO_SLOTS)[situation.family_id]

    return lambda authority_id: (row for row in read() if row.activity.authority_id == authority_id)


def _fetched(read: _Read) -> Mapping[Key, int]:
    """By child and opening, how many minutes after its end a child was fetched: of its last slot of the day
    in the structure alone, since from another it went on to the next, whichever home had booked that."""
    late: dict[Key, int] = {}
    for key, tick in read.ticks.items():
        minutes = _late(tick, read.openings[tick.opening_id])
        if minutes:
            late[key] = minutes
    if not late:
        return late
    there = {(place.child_id, place.opening_id) for place in read.places if place.state in TAKEN}
    there |= {key for key, tick in read.ticks.items() if tick.present}
    last: dict[tuple[int, int, date], Opening] = {}
    for child_id, opening_id in there:
        opening = read.openings[opening_id]
        where = child_id, opening.activity.structure_id, opening.day
        if where not in last or _ends(last[where]) < _ends(opening):
            last[where] = opening
    lasts = {(child_id, opening.id) for (child_id, _structure, _day), opening in last.items()}
    return {key: minutes for key, minutes in late.items() if key in lasts}


def _ends(opening: Opening) -> tuple[datetime, int]:
    return universal(opening.ends_at), opening.id


def _late(tick: _Tick, opening: Opening) -> int:
    """Minutes begun since its end, whose own minute is not late."""
    if not tick.present or tick.left_at is None:
        return 0
    late = universal(tick.left_at) - universal(opening.ends_at)
    return 0 if late < MINUTE else -(-late // MINUTE)


def _grades(read: _Read) -> Mapping[int, AbsenceGrade]:
    """Of each booking that was missed, what it is; no query where none was."""
    missed, told = [], {}
    for place in read.places:
        tick = read.ticks.get((place.child_id, place.opening_id))
        if place.told.declared_at is None and (tick is None or tick.present):
            continue
        opening = read.openings[place.opening_id]
        row = ChildBooking(place.child_id, opening, _as_place(place, opening))
        if is_missed(row.place.state, told=row.place.absent, attended=tick and tick.present):
            missed.append(row)
            told[place.id] = missed_of(place.told)
    return {one.place.id: one.grade for one in graded_missed(missed, told)}


def _as_place(place: _Place, opening: Opening) -> Place:
    return Place(
        id=place.id,
        opening_id=place.opening_id,
        state=BookingState(place.state),
        starts_at=place.starts_at or opening.starts_at,
        ends_at=place.ends_at or opening.ends_at,
        mine=False,
        absent=place.told.declared_at is not None,
        late=place.late,
    )


def seen_of_nobody(children: Collection[int], days: Days) -> list[tuple[int, Opening]]:
    """What these children were seen on without a booking, on days that no pattern says to be of one of their
    homes: with the child. One query where each has one home."""
    several = [pk for pk, homes in _homes_of(children).items() if len(homes) > 1]
    if not several:
        return []
    read = _of_homes(rounded(several), NO_SLOTS, days)
    booked = {(place.child_id, place.opening_id) for place in read.places}
    alone = [tick for key, tick in read.ticks.items() if tick.present and key not in booked]
    whose = _whose(alone, read.openings)
    return [(tick.child_id, read.openings[tick.opening_id]) for tick, home in whose if home is None]


def _whose(alone: Collection[_Tick], openings: Mapping[int, Opening]) -> Iterable[tuple[_Tick, int | None]]:
    """By the home whose day it is. Where no pattern says whose, it is nobody's: an agent is told."""
    if not alone:
        return
    homes = _homes_of({tick.child_id for tick in alone})
    away = homes_away(homes)
    patterns = custody_rows([one.pk for members in homes.values() if len(members) > 1 for one in members])
    for tick in alone:
        opening = openings[tick.opening_id]
        there = [
            one
            for one in homes[tick.child_id]
            if _is_there(one, opening.day) and not away.holds(tick.child_id, one.family_id, opening.day)
        ]
        if len(there) > 1:
            there = [
                one
                for one in there
                if one.pk in patterns and custody_on(patterns[one.pk], opening.day, opening.activity.calendar)
            ]
        yield tick, there[0].family_id if len(there) == 1 else None


def _homes_of(child_ids: Collection[int]) -> Mapping[int, list[Member]]:
    homes: dict[int, list[Member]] = defaultdict(list)
    for member in Member.objects.filter(person_id__in=child_ids, kind=Member.Kind.CHILD).order_by("pk"):
        homes[member.person_id].append(member)
    return homes


def _is_there(member: Member, day: date) -> bool:
    return member.since <= day and (member.until is None or day <= member.until)


def _seen_alone(tick: _Tick, opening: Opening, fetched: int) -> HeldSlot:
    """Where nothing is ever booked, who comes has what it came for."""
    seen, minutes = _seen_minutes(tick), minutes_of(opening)
    return HeldSlot(
        tick.child_id, opening.activity, opening.slot, opening.day, minutes,
        booked=opening.activity.then(opening.slot.id, opening.day).is_free,
        seen_minutes=minutes if seen is None else seen, opening_id=opening.id, fetched=fetched,
    )  # fmt: skip


def _own_minutes(place: _Place, opening: Opening) -> int:
    return minutes_between(place.starts_at or opening.starts_at, place.ends_at or opening.ends_at)


def _seen_minutes(tick: _Tick) -> int | None:
    """How long it was there, where both hours were noted: part of a minute is one begun."""
    if not tick.present or tick.arrived_at is None or tick.left_at is None:
        return None
    return max(0, -((universal(tick.arrived_at) - universal(tick.left_at)) // MINUTE))
