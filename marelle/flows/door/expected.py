"""« Présences »: who is expected at a door on a day, where each child stands, and what its team must know.

Who sees what is said in `care_team`: signs of health and who may fetch are for the team alone, never of an
agent's own child but its health. Nothing of income nor of bills is read here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Opening
from marelle.attendance.models import Call
from marelle.attendance.selectors import calls
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import HOLDING, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.core.spelling import plain
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.care.safety import Safety
from marelle.families.models import Person
from marelle.flows.care.lists import LISTED
from marelle.flows.care.team import TEAM, reachable, safety
from marelle.journal.services import record
from marelle.places.models import Structure
from marelle.places.rules import DAY
from marelle.places.scope import in_charge


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a child on an opening. `last_tick` is what the next tick comes `after`."""

    present: bool
    arrived_at: datetime | None
    left_at: datetime | None
    reason: str
    reason_text: str
    handed_to: str
    is_late: bool
    in_conflict: bool
    last_tick: UUID | None
    noted_at: datetime
    noted_by: str


@dataclass(frozen=True, slots=True)
class DoorSlot:
    """A child on an opening. `state` is None when it is not booked; `declared`: its family told it absent."""

    opening_id: int
    state: BookingState | None
    declared: bool = False
    seen: Seen | None = None


@dataclass(slots=True)
class DoorRow:
    """A child, its slots of the day in their order. `safety` is None for who reads none of it."""

    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    group: str
    slots: list[DoorSlot] = field(default_factory=list)
    safety: Safety | None = None

    @property
    def initials(self) -> str:
        return initials(self.first_name, self.last_name)


@dataclass(frozen=True, slots=True)
class DoorOpening:
    """An opening of the day, and its call once it was closed."""

    id: int
    activity_id: int
    activity: str
    slot: str
    group_id: int | None
    group: str
    starts_at: datetime
    ends_at: datetime
    is_open: bool
    reason: str
    has_meal: bool
    asks_times: bool
    is_free: bool
    call: Call | None = None


@dataclass(slots=True)
class Enrolled:
    """A child enrolled at the structure, expected or not. `safety` as in `DoorRow`."""

    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    safety: Safety | None = None

    @property
    def initials(self) -> str:
        return initials(self.first_name, self.last_name)


@dataclass(frozen=True, slots=True)
class Door:
    """`openings` are all those of the day, whatever is chosen; `rows` the children of what is, by name.

    `sees_care`: the actor is of the team. `may_tick`: today, or an earlier day for who answers for it.
    `enrolled`: who may come though not expected, where that was asked for and may be ticked.
    """

    structure: Structure
    day: date
    openings: tuple[DoorOpening, ...]
    rows: tuple[DoorRow, ...]
    sees_care: bool
    may_tick: bool
    enrolled: tuple[Enrolled, ...] = ()


def initials(first_name: str, last_name: str) -> str:
    return f"{first_name[:1]}{last_name[:1]}".upper()


def doors(actor: Actor) -> QuerySet[Structure]:
    """Structures at whose door the actor may stand."""
    return reachable(actor).order_by("order", "name", "pk")


def door_of(
    actor: Actor,
    structure_id: int,
    day: date,
    *,
    activity_id: int | None = None,
    group_id: int | None = None,
    now: datetime,
    notes: bool = True,
    enrolled: bool = False,
) -> Door | None:
    """The door of a structure on a day, in a fixed number of queries; None out of the actor's reach.

    An animator sees today and tomorrow. A list that shows signs of health is written down as a reading, once;
    `notes` is false for who asks for the same list again. `enrolled`: with those who may come though not
    expected, of whom as much must be known, and one query more.
    """
    structure = _structure(actor, structure_id, day, now)
    if structure is None:
        return None
    openings = _openings(structure_id, day)
    chosen = [
        one.id
        for one in openings.values()
        if (activity_id is None or one.activity_id == activity_id)
        and (group_id is None or one.group_id in {None, group_id})
    ]
    rows = _rows(chosen, group_id)
    sees_care = structure_id in actor.structures(*TEAM)
    today = local(now).date()
    may_tick = day == today or (day < today and _answers(actor, structure_id))
    others = enrolled_there(structure_id, day) if enrolled and may_tick else ()
    there = [row.id for row in rows.values() if any(slot.seen for slot in row.slots)]
    known = [*rows, *(one.id for one in others if one.id not in rows)]
    facts = safety(actor, known, day=day, there=there) if sees_care and known else {}
    if facts and notes:
        record(actor=actor, verb=LISTED, subject=Subject("structure", structure_id, structure.name), now=now)
    for row in rows.values():
        row.safety = facts.get(row.id)
    for one in others:
        one.safety = facts.get(one.id)
    told = calls(openings)
    return Door(
        structure=structure,
        day=day,
        openings=tuple(replace(one, call=told.get(one.id)) for one in openings.values()),
        rows=tuple(
            sorted(rows.values(), key=lambda row: (plain(row.last_name), plain(row.first_name), row.id))
        ),
        sees_care=sees_care,
        may_tick=may_tick,
        enrolled=others,
    )


def enrolled_there(structure_id: int, day: date) -> tuple[Enrolled, ...]:
    """Who is enrolled at a structure on a day, by name; one query. Rights are the caller's to check."""
    enrolled = Enrolment.objects.filter(
        activity__structure_id=structure_id,
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED),
        starts_on__lte=day,
        ends_on__gte=day,
    )
    people = Person.objects.filter(pk__in=enrolled.values("person_id"))
    rows = people.order_by("last_name", "first_name", "pk")
    return tuple(columns(Enrolled, "first_name", "last_name", "birth_date", id="pk").of(rows))


def _structure(actor: Actor, structure_id: int, day: date, now: datetime) -> Structure | None:
    """A structure of the actor's, on a day that it may see there."""
    today = local(now).date()
    answering = day not in {today, today + DAY}
    return next(iter(_reached(actor, structure_id, answering=answering)), None)


@prepared
def _reached(actor: Actor, structure_id: int, *, answering: bool) -> QuerySet[Structure]:
    """The structure, if the actor sees its children; `answering`: if it answers for it."""
    seen = reachable(actor).filter(pk=structure_id)
    return (seen.filter(in_charge(actor)) if answering else seen).select_related("authority")


def _answers(actor: Actor, structure_id: int) -> bool:
    return bool(_reached(actor, structure_id, answering=True))


def _openings(structure_id: int, day: date) -> dict[int, DoorOpening]:
    return {opening.id: opening for opening in _held(structure_id, day)}


def _opening(
    pk: int, activity_id: int, activity: str, slot: str, title: str, group_id: int | None, group: str | None,
    starts_at: datetime, ends_at: datetime, state: str, reason: str, has_meal: bool, asks_times: bool,
    mode: str,
) -> DoorOpening:  # fmt: skip
    return DoorOpening(
        id=pk,
        activity_id=activity_id,
        activity=activity,
        slot=title or slot,
        group_id=group_id,
        group=group or "",
        starts_at=starts_at,
        ends_at=ends_at,
        is_open=state == Opening.State.OPEN,
        reason=reason,
        has_meal=has_meal,
        asks_times=asks_times,
        is_free=mode == BookingMode.FREE,
    )


OPENING = columns(
    _opening,
    "pk", "activity_id", "title", "group_id", "starts_at", "ends_at", "state", "reason",
    activity="activity__name",
    slot="slot__name",
    group="group__name",
    has_meal="slot__has_meal",
    asks_times="activity__asks_times",
    mode="activity__booking_mode",
)  # fmt: skip


@prepared
def _held(structure_id: int, day: date) -> QuerySet[Opening, DoorOpening]:
    """The openings that are ticked: those to which an adult comes with children are not."""
    return OPENING.of(
        Opening.objects.filter(activity__structure_id=structure_id, day=day)
        .exclude(activity__booking_mode=BookingMode.ACCOMPANIED)
        .order_by("starts_at", "activity__order", "activity_id", "slot__order", "group__name", "pk")
    )


class _Child(NamedTuple):
    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    group: str | None

    def row(self) -> DoorRow:
        return DoorRow(self.id, self.first_name, self.last_name, self.birth_date, self.group or "")


class _Booked(NamedTuple):
    opening_id: int
    child: _Child
    of_group: int | None
    state: str
    absence_id: int | None


class _Attended(NamedTuple):
    opening_id: int
    child_id: int
    seen: Seen
    first_name: str
    last_name: str
    birth_date: date | None
    group: str | None


CHILD = columns(
    _Child,
    "group",
    id="child_id",
    first_name="child__first_name",
    last_name="child__last_name",
    birth_date="child__birth_date",
)

BOOKED = columns(_Booked, "opening_id", "of_group", "state", child=CHILD, absence_id="absence__pk")

SEEN = columns(
    Seen,
    "present", "arrived_at", "left_at", "reason", "reason_text", "handed_to", "is_late", "in_conflict",
    "last_tick", "noted_at", "noted_by",
)  # fmt: skip

ATTENDED = columns(
    _Attended,
    "opening_id",
    "child_id",
    seen=SEEN,
    first_name="child__first_name",
    last_name="child__last_name",
    birth_date="child__birth_date",
    group="opening__group__name",
)


def _rows(opening_ids: list[int], group_id: int | None) -> dict[int, DoorRow]:
    """Who is booked on these openings, in their order, or was seen there, by child; two queries."""
    asked = rounded(opening_ids)
    rank = {opening_id: number for number, opening_id in enumerate(opening_ids)}
    seen = {(one.opening_id, one.child_id): one for one in _attended(asked)}
    rows: dict[int, DoorRow] = {}
    for line in _booked(asked):
        child_id = line.child.id
        found = seen.pop((line.opening_id, child_id), None)
        if group_id is not None and line.of_group not in {None, group_id}:
            continue
        row = rows.get(child_id)
        if row is None:
            row = rows[child_id] = line.child.row()
        told = found.seen if found else None
        state = BookingState(line.state)
        row.slots.append(DoorSlot(line.opening_id, state, line.absence_id is not None, told))
    for one in seen.values():
        child = _Child(one.child_id, one.first_name, one.last_name, one.birth_date, one.group)
        row = rows.setdefault(one.child_id, child.row())
        row.slots.append(DoorSlot(one.opening_id, None, seen=one.seen))
        row.slots.sort(key=lambda slot: rank[slot.opening_id])
    return rows


@prepared
def _booked(opening_ids: Collection[int]) -> QuerySet[Booking, _Booked]:
    choice = GroupChoice.objects.filter(enrolment=OuterRef("enrolment_id"), since__lte=OuterRef("day"))
    latest = choice.order_by("-since")
    of_group = Subquery(latest.values("group_id")[:1])
    return BOOKED.of(
        Booking.objects.filter(opening_id__in=opening_ids, state__in=HOLDING)
        .annotate(
            of_group=Coalesce("opening__group_id", of_group, output_field=BigIntegerField()),
            group=Coalesce("opening__group__name", Subquery(latest.values("group__name")[:1])),
        )
        .order_by("starts_at", "pk")
    )


@prepared
def _attended(opening_ids: Collection[int]) -> QuerySet[Attendance, _Attended]:
    return ATTENDED.of(Attendance.objects.filter(opening_id__in=opening_ids).order_by("pk"))
