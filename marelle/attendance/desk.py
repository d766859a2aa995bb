"""Ticks that could not be applied: one case for a day of a structure, where somebody keeps them or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from marelle.activities.models import Opening
from marelle.attendance.models import Tick, TickQuerySet, UnsettledDay
from marelle.attendance.outcomes import TO_SETTLE, UNTRUSTED, DayFacts, OutcomeCode
from marelle.attendance.projecting import attendance_project, calls_project
from marelle.attendance.refusals import AlreadySettled, CannotKeep, HourMissing, WrongHour
from marelle.attendance.rules import CALL_KINDS, TIMED, TickKind, hour_of
from marelle.bookings.saving.locks import children_locked, lock
from marelle.cases.models import Case
from marelle.cases.services import CaseState, OwnFile, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local, universal
from marelle.core.french import day_long
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member, Person
from marelle.families.selectors import current, own_child
from marelle.journal.services import record
from marelle.places.models import Structure
from marelle.places.scope import check_decides, in_charge, may_decide

KIND, SUBJECT = "attendance", "attendance_day"
SETTLED = "door.settled"


def settle_open(*, actor: Actor, structure: Structure, rows: Sequence[Tick], now: datetime) -> None:
    """Open the cases of the days of these ticks of which something waits for somebody."""
    wanted = {row.day for row in rows if row.outcome in TO_SETTLE}
    for day in sorted(wanted):
        if not Tick.objects.to_settle().filter(structure=structure, day=day).exists():
            continue
        subject, _made = UnsettledDay.objects.get_or_create(structure=structure, day=day)
        list(lock(UnsettledDay.objects.filter(pk=subject.pk)))
        if not Case.objects.open().filter(kind=KIND, subject_kind=SUBJECT, subject_id=subject.pk).exists():
            open_case(
                actor=actor,
                kind=KIND,
                subject=Subject(SUBJECT, subject.pk, f"{structure.name} · {day_long(day)}"),
                authority_id=structure.authority_id,
                structure_id=structure.pk,
                now=now,
            )


def set_aside_undone(rows: Sequence[Tick], *, by: str, now: datetime) -> None:
    """A tick that waits and that its team took back is not for anybody to settle, nor is the taking back."""
    if not any(row.kind == TickKind.UNDONE or row.outcome in TO_SETTLE for row in rows):
        return
    undone = Tick.objects.filter(kind=TickKind.UNDONE).exclude(outcome__in=UNTRUSTED)
    mine = [row for row in rows if row.kind == TickKind.UNDONE and row.outcome not in UNTRUSTED]
    gone = {row.value["undoes"] for row in mine}
    waiting = [str(row.pk) for row in rows if row.outcome in TO_SETTLE]
    structure = rows[0].structure
    gone |= set(
        undone.filter(structure=structure, value__undoes__in=waiting).values_list("value__undoes", flat=True)
    )
    Tick.objects.to_settle().filter(structure=structure).filter(
        Q(pk__in=gone) | Q(pk__in=[row.pk for row in mine])
    ).update(settled=Tick.Settled.SET_ASIDE, settled_at=now, settled_by=by[:150])
    for day in {row.day for row in mine}:
        _close_when_done(structure_id=structure.pk, day=day, by=None, now=now)


@transaction.atomic
def tick_settle(
    *,
    actor: Actor,
    tick_id: UUID,
    keep: bool,
    child_id: int | None = None,
    opening_id: int | None = None,
    hour: time | None = None,
    now: datetime,
) -> Tick:
    """Count a tick that could not be applied, or set it aside; the last one of its day closes the case.

    `child_id`, of a child enrolled at the structure, `opening_id`, of that day there, and `hour` complete one
    that did not say. Raises NotYours, DecidedElsewhere, OwnFile, AlreadySettled, CannotKeep, HourMissing,
    WrongHour.
    """
    found = ticks_in_charge(actor).filter(pk=tick_id).first()
    if found is None:
        raise NotYours
    child_id = found.child_id or _enrolled_there(found, child_id)
    children_locked([child_id] if child_id else [])
    row = lock(Tick.objects.filter(pk=found.pk)).get()
    if row.settled or row.outcome not in TO_SETTLE:
        raise AlreadySettled(row.settled_by)
    check_decides(actor, _case(row))
    if child_id in own_children(actor, [child_id], now):
        raise OwnFile
    if keep:
        _complete(row, child_id, opening_id)
        _set_right(row, hour)
    row.settled = Tick.Settled.KEPT if keep else Tick.Settled.SET_ASIDE
    row.settled_at, row.settled_by = now, actor.label[:150]
    row.save(update_fields=["settled", "settled_at", "settled_by", "kind", "child", "opening", "at", "value"])
    if row.opening_id and row.kind in CALL_KINDS:
        calls_project({row.opening_id})
    elif row.opening_id and row.child_id:
        standing = attendance_project({(row.opening_id, row.child_id)})[row.opening_id, row.child_id]
        if keep and row.pk in standing.refused:
            raise WrongHour
    record(actor=actor, verb=SETTLED, subject=_subject(row), data={"kept": keep}, now=now)
    _close_when_done(structure_id=row.structure_id, day=row.day, by=actor, now=now)
    return row


def ticks_in_charge(actor: Actor) -> TickQuerySet:
    """Ticks of the structures that the actor answers for."""
    if not may_decide(actor):
        return Tick.objects.none()
    return Tick.objects.filter(in_charge(actor, "structure__"))


def _enrolled_there(tick: Tick, child_id: int | None) -> int | None:
    """The child that an agent names for a tick, if it was ever enrolled at its structure."""
    if child_id is None:
        return None
    enrolled = Enrolment.objects.filter(person_id=child_id, activity__structure_id=tick.structure_id)
    if not enrolled.exists():
        raise NotYours
    return child_id


def _complete(row: Tick, child_id: int | None, opening_id: int | None) -> None:
    if row.opening_id is None and opening_id is not None:
        there = Opening.objects.filter(
            pk=opening_id, day=row.day, activity__structure_id=row.structure_id
        ).first()
        if there is None:
            raise NotYours
        row.opening = there
    if row.kind in CALL_KINDS:
        if row.opening_id is None:
            raise CannotKeep
        return
    if row.opening_id is None or child_id is None:
        raise CannotKeep
    row.child_id = child_id
    if row.kind == TickKind.NOTED:
        row.kind = TickKind.PRESENT.value


def hour_unknown(row: Tick) -> bool:
    """Whether a tick tells no hour of its opening: none was typed; its clock was wrong or the day over."""
    if row.value.get("time"):
        return False
    held = row.opening is not None and DayFacts(row.opening.day, row.opening.ends_at).holds(row.at)
    return row.outcome == OutcomeCode.WRONG_CLOCK or not held


def hour_needed(row: Tick) -> bool:
    """Whether it counts only once somebody has said that hour."""
    return row.kind in TIMED and row.opening is not None and hour_unknown(row)


def _set_right(row: Tick, hour: time | None) -> None:
    """Give a tick that tells no hour the one that somebody knows."""
    opening = row.opening
    if hour is None and hour_needed(row):
        raise HourMissing
    if hour is None or opening is None or not hour_unknown(row):
        return
    at = hour_of(hour, day=opening.day, starts_at=opening.starts_at, ends_at=opening.ends_at)
    if at > universal(row.received_at):
        raise WrongHour(before=row.received_at)
    if row.kind in TIMED:
        row.value = row.value | {"time": at.isoformat()}
    else:
        row.at = at


def _close_when_done(*, structure_id: int, day: date, by: Actor | None, now: datetime) -> None:
    """Close the case of a day once nothing of it waits; without `by`, because its team took all back."""
    subject = lock(UnsettledDay.objects.filter(structure_id=structure_id, day=day)).first()
    if subject is None or Tick.objects.to_settle().filter(structure_id=structure_id, day=day).exists():
        return
    case = Case.objects.open().filter(kind=KIND, subject_kind=SUBJECT, subject_id=subject.pk).first()
    if case is not None:
        state = CaseState.WITHDRAWN if by is None else CaseState.ACCEPTED
        decide_case(actor=by or SYSTEM, case_id=case.pk, state=state, now=now)


def _case(row: Tick) -> Case:
    """The case in which a tick waits."""
    subject = UnsettledDay.objects.get(structure_id=row.structure_id, day=row.day)
    return Case.objects.open().get(kind=KIND, subject_kind=SUBJECT, subject_id=subject.pk)


def own_children(actor: Actor, child_ids: Iterable[int | None], now: datetime) -> frozenset[int]:
    """Those of these children of whom the actor is guardian, or who live in its home."""
    wanted = [child_id for child_id in child_ids if child_id is not None]
    if actor.person_id is None or not wanted:
        return frozenset()
    day = local(now).date()
    wards = Person.objects.filter(own_child(actor.person_id, day), pk__in=wanted)
    homes = Member.objects.filter(current(day), person_id=actor.person_id).values("family_id")
    at_home = Member.objects.filter(current(day), family_id__in=homes, person_id__in=wanted)
    return frozenset(wards.values_list("pk", flat=True)) | frozenset(
        at_home.values_list("person_id", flat=True)
    )


def _subject(row: Tick) -> Subject:
    if row.child_id:
        return Subject("person", row.child_id, str(Person.objects.get(pk=row.child_id)))
    return Subject(SUBJECT, None, row.name or row.structure.name)
