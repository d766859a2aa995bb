"""Writes what the lines of bookings add: places with their counters, absences told, ticks of the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Final
from uuid import UUID, uuid5

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import TruncMonth

from marelle.attendance.models import Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.projecting import attendance_project
from marelle.attendance.rules import TickKind, hour_of
from marelle.bookings.models import Absence, Attendance, Booking
from marelle.bookings.reading import marks_text
from marelle.bookings.rules import Why
from marelle.bookings.saving.locks import counters_write
from marelle.bookings.states import HOLDING, BookingState
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked, people_locked
from marelle.flows.moving.booked import Brought, days_lacking, plan, planning_of
from marelle.flows.moving.gone_by import openings_made
from marelle.flows.moving.lines import Said, State
from marelle.flows.moving.names import names_of
from marelle.flows.moving.plans import Fate, Plan, Planned, SumKey
from marelle.flows.moving.subjects import Measure
from marelle.journal.services import Act, record_many

MOVED: Final = "booking.moved_in"
TICKS: Final = UUID("6f0c1f4e-6a0a-5f57-9a3d-3f1f0f4c7d51")
"""The name space of the ticks that are brought: the same line twice is one tick."""

NOON: Final = time(12)


def write(
    actor: Actor, saids: Sequence[Said], *, reason: str, past_capacity: bool, day: date, now: datetime
) -> Plan:
    """Write what these lines add, under the locks of their homes, children and quotas. `reason`: why places
    are given past the capacity. Joins the caller's transaction."""
    names = names_of(actor, saids, products=False, day=day)
    openings_made(actor, days_lacking(names, saids, day), now)
    first = plan(actor, saids, past_capacity=past_capacity, day=day, now=now)
    homes_locked({one.family_id for one in first.planned})
    people_locked({one.child_id for one in first.planned if one.child_id is not None})
    found, standing = planning_of(actor, saids, past_capacity=past_capacity, locked=True, day=day, now=now)
    new = found.of(Fate.NEW)
    counters_write(standing.facts.quotas.values())
    _bookings_write(actor, new, reason, now)
    _absences_write(actor, new)
    _ticks_write(actor, new, now)
    counts = Counter((one.family_id, one.child_id, one.row.label, one.about.label) for one in new)
    acts = [
        Act(MOVED, Subject("person", child_id, f"{child} · {activity}"), family_id, {"lines": count})
        for (family_id, child_id, child, activity), count in counts.items()
    ]
    record_many(actor=actor, acts=acts, now=now)
    return found


def here(keys: Iterable[SumKey]) -> Mapping[SumKey, int]:
    """What is here now of these activities, by month; three queries."""
    wanted = list(keys)
    ids = {about.id for about, _month, _measure in wanted} - {None}
    months = {month for _about, month, _measure in wanted if month is not None}
    if not ids or not months:
        return {}
    first, last = min(months), _end(max(months))
    within = {"opening__activity__in": ids, "day__gte": first, "day__lt": last}
    missed = Attendance.objects.filter(opening=OuterRef("opening"), child=OuterRef("child"), present=False)
    booked = Booking.objects.filter(**within, state__in=HOLDING)
    absent = booked.filter(Q(absence__isnull=False) | Exists(missed))
    seen = Attendance.objects.filter(**within, present=True)
    counts: dict[tuple[int | None, date | None, Measure], int] = {}
    for measure, rows in (
        (Measure.BOOKINGS, booked),
        (Measure.ABSENT, absent),
        (Measure.PRESENT, seen),
    ):
        grouped = rows.order_by().values("opening__activity_id", month=TruncMonth("day"))
        for row in grouped.annotate(n=Count("pk")):
            counts[row["opening__activity_id"], row["month"], measure] = row["n"]
    return {key: counts.get((key[0].id, key[1], key[2]), 0) for key in wanted}


def _end(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _bookings_write(actor: Actor, new: Sequence[Planned], reason: str, now: datetime) -> None:
    rows = []
    for one in new:
        brought: Brought = one.row
        if brought.stay_id is not None and brought.hours is not None and one.child_id is not None:
            rows.append(
                Booking(
                    opening_id=brought.opening.id,
                    child_id=one.child_id,
                    family_id=one.family_id,
                    enrolment_id=brought.stay_id,
                    day=brought.opening.day,
                    starts_at=brought.hours.starts_at,
                    ends_at=brought.hours.ends_at,
                    state=BookingState.BOOKED,
                    derogation=reason if brought.past else "",
                    passed=Why.FULL.value if brought.past else "",
                    kept=marks_text(brought.marks),
                    created_at=now,
                    created_by=actor.label[:150],
                    by_family=False,
                )
            )
    Booking.objects.bulk_create(rows)


def _absences_write(actor: Actor, new: Sequence[Planned]) -> None:
    told = {(one.child_id, one.row.opening.id): one for one in new if one.row.told}
    if not told:
        return
    rows = Booking.objects.filter(
        state__in=HOLDING,
        child__in={child_id for child_id, _opening in told},
        opening__in={opening_id for _child, opening_id in told},
    ).values_list("pk", "child_id", "opening_id")
    Absence.objects.bulk_create(
        [
            _absence(booking_id, told[child_id, opening_id], actor)
            for booking_id, child_id, opening_id in rows
            if (child_id, opening_id) in told
        ]
    )


def _absence(booking_id: int, one: Planned, actor: Actor) -> Absence:
    """Told on the day that the line says; one that is excused counts as justified, whenever it was told."""
    day = one.said.told_on or one.row.opening.day
    return Absence(
        booking_id=booking_id,
        declared_at=min(instant_at(day, NOON), one.row.opening.starts_at),
        declared_by=actor.label[:150],
        justified=one.said.state is State.EXCUSED,
    )


def _ticks_write(actor: Actor, new: Sequence[Planned], now: datetime) -> None:
    rows = [tick for one in new if one.row.seen is not None for tick in _ticks(actor, one, now)]
    Tick.objects.bulk_create(rows, ignore_conflicts=True)
    attendance_project({(row.opening_id, row.child_id) for row in rows if row.opening_id and row.child_id})


def _ticks(actor: Actor, one: Planned, now: datetime) -> Iterator[Tick]:
    """Absent, or present with the hours that the line tells, each after the one before."""
    opening, said = one.row.opening, one.said
    kinds: list[tuple[TickKind, time | None]] = []
    if not one.row.seen:
        kinds.append((TickKind.ABSENT, None))
    elif said.arrived is None and said.left is None:
        kinds.append((TickKind.PRESENT, None))
    for kind, hour in ((TickKind.ARRIVED, said.arrived), (TickKind.LEFT, said.left)):
        if one.row.seen and hour is not None:
            kinds.append((kind, hour))
    after: UUID | None = None
    for kind, hour in kinds:
        at = opening.starts_at
        if hour is not None:
            at = hour_of(hour, day=opening.day, starts_at=opening.starts_at, ends_at=opening.ends_at)
        tick = Tick(
            id=uuid5(TICKS, f"{opening.id}:{one.child_id}:{kind}"),
            account_id=actor.user_id,
            by=actor.label[:150],
            structure_id=opening.activity.structure_id,
            day=opening.day,
            opening_id=opening.id,
            child_id=one.child_id,
            kind=kind.value,
            at=at,
            received_at=now,
            after=after,
            value={"time": at.isoformat()} if hour is not None else {},
            outcome=(OutcomeCode.UNBOOKED if said.state is State.UNBOOKED else OutcomeCode.APPLIED).value,
        )
        after = tick.pk
        yield tick
