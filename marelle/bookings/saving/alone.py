"""« Réservation seule »: a case for each booking that stays without the one that its slot requires."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.bookings.models import Booking
from marelle.bookings.reading import held
from marelle.bookings.saving.ledger import Facts
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.together import alone_on
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, AlreadyOpen, OwnFile, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.french import day_long
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.places.scope import check_decides, in_charge, may_decide
from marelle.places.undoing import decision_undo

KIND: Final = "alone"
SUBJECT: Final = "booking"
LEFT: Final = "booking.left_alone"
LEFT_UNDONE: Final = "booking.left_alone_undone"


def alone_ask(booking_ids: Collection[int], *, now: datetime) -> None:
    """Ask an agent about these bookings, unless one is asked already; no query for none. Joins the caller's
    transaction."""
    if not booking_ids:
        return
    rows = Booking.objects.filter(pk__in=booking_ids).select_related(
        "child", "opening__slot", "opening__activity__structure"
    )
    for row in rows.order_by("pk"):
        opening, activity = row.opening, row.opening.activity
        day = f"{day_long(opening.day).capitalize()} · {opening.slot.name}"
        try:
            open_case(
                actor=SYSTEM,
                kind=KIND,
                subject=Subject(SUBJECT, row.pk, f"{row.child} · {day}"),
                family_id=row.family_id,
                authority_id=activity.structure.authority_id,
                structure_id=activity.deciding_structure_id,
                until=opening.starts_at,
                now=now,
            )
        except AlreadyOpen:
            continue


def bookings_alone(child_ids: Collection[int], *, now: datetime) -> set[int]:
    """The bookings to come of these children that are without the one that their slot requires, by id; three
    queries at most, one where no slot requires another."""
    rows = Booking.objects.holding().filter(
        child_id__in=child_ids, starts_at__gt=now, opening__slot__requires__isnull=False
    )
    return _still_alone(set(rows.order_by().values_list("pk", flat=True)), now)


@transaction.atomic
def alone_leave(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """Leave a booking without the one that it requires. Raises `NotYours`, `OwnFile`, `DecidedElsewhere`,
    `AlreadyDecided`."""
    row = alone_mine(actor, booking_id)
    case = Case.objects.filter(kind=KIND, subject_id=booking_id).order_by("-pk").first() if row else None
    if row is None or case is None:
        raise NotYours
    if is_own_file(actor, family_id=row.family_id, person_id=row.child_id, day=local(now).date()):
        raise OwnFile
    check_decides(actor, case)
    decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, now=now)
    subject = Subject("person", row.child_id, row.child.first_name)
    record(actor=actor, verb=LEFT, subject=subject, family_id=row.family_id, now=now)


@transaction.atomic
def alone_undo(*, actor: Actor, booking_id: int, decided_at: datetime, now: datetime) -> None:
    """An agent is asked again. Raises `NotYours`, `OwnFile`, `CannotUndo`."""
    row = alone_mine(actor, booking_id)
    if row is None:
        raise NotYours
    decision_undo(actor=actor, kind=KIND, subject_id=booking_id, decided_at=decided_at, now=now)
    subject = Subject("person", row.child_id, row.child.first_name)
    record(actor=actor, verb=LEFT_UNDONE, subject=subject, family_id=row.family_id, now=now)


def alone_mine(actor: Actor, booking_id: int) -> Booking | None:
    """A booking of the structures that the actor answers for."""
    if not may_decide(actor):
        return None
    rows = Booking.objects.filter(in_charge(actor, "opening__activity__structure__"), pk=booking_id)
    return rows.select_related("child", "family", "opening__slot", "opening__activity__structure").first()


def alone_cases_follow(*, now: datetime) -> int:
    """Close the cases of bookings that are alone no more: ended, begun, or with what they require. The worker
    calls it; returns how many."""
    waiting = dict(Case.objects.open().filter(kind=KIND).values_list("subject_id", "pk"))
    over = waiting.keys() - _still_alone(waiting.keys(), now)
    return sum(_close(waiting[pk], now) for pk in sorted(over))


def _still_alone(booking_ids: Collection[int], now: datetime) -> set[int]:
    """Two queries, none for none."""
    if not booking_ids:
        return set()
    rows = held(Booking.objects.holding().filter(pk__in=booking_ids, starts_at__gt=now), None)
    days = {(row.child_id, row.opening.day) for row in rows}
    there = places_on({child for child, _day in days}, {day for _child, day in days}, None)
    standing = Standing(Facts(openings=there.openings, quotas_of={}, quotas={}, places=there.places), now)
    alone = alone_on(standing, days)
    return {row.place.id for row in rows if (row.child_id, row.opening.id) in alone}


def _close(case_id: int, now: datetime) -> bool:
    """False when an agent was faster."""
    try:
        decide_case(actor=SYSTEM, case_id=case_id, state=CaseState.WITHDRAWN, now=now)
    except AlreadyDecided:
        return False
    return True
