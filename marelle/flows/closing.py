"""A structure closes a day, or one opening of it: bookings end, families are told, freed places handed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Opening
from marelle.activities.services import OpeningClosed, openings_close
from marelle.bookings.closing import closed_bookings_end
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.models import Closure, Structure
from marelle.places.scope import in_charge, may_decide

DAY_CLOSED = "structure.day_closed"
REASON_LENGTH = 120


class ClosingRefused(Refusal):
    """`code`: "not_yours", "past_day", "no_reason", or "nothing_open" (also what is closed already)."""


@dataclass(frozen=True, slots=True)
class Closed:
    """How many openings were closed and children touched. `closure` is None for one opening by itself."""

    openings: int
    children: int
    closure: Closure | None


def closable(actor: Actor) -> QuerySet[Structure]:
    """Structures that the actor answers for, where something is booked.

    Mornings to which an adult comes along hold visits, no bookings: they are cancelled from their own page.
    """
    if not may_decide(actor):
        return Structure.objects.none()
    booked = Opening.objects.filter(activity__structure_id=OuterRef("pk")).exclude(
        activity__booking_mode=BookingMode.ACCOMPANIED
    )
    return Structure.objects.filter(in_charge(actor), Exists(booked))


def closures_to_come(actor: Actor, *, day: date) -> QuerySet[Closure]:
    """Closures of these structures that are not over on `day`, with their structure, in order."""
    if not may_decide(actor):
        return Closure.objects.none()
    rows = Closure.objects.filter(in_charge(actor, "structure__"), last_day__gte=day)
    return rows.select_related("structure").order_by("first_day", "structure__order", "pk")


def openings_to_close(structure_id: int, day: date, *, now: datetime) -> list[Opening]:
    """What is open that day in the structure and has not begun, with slot, group and activity; one query."""
    rows = Opening.objects.filter(
        activity__structure_id=structure_id, day=day, state=Opening.State.OPEN, starts_at__gt=now
    ).exclude(activity__booking_mode=BookingMode.ACCOMPANIED)
    return list(rows.select_related("slot", "group", "activity").order_by("starts_at", "pk"))


@transaction.atomic
def day_close(
    *,
    actor: Actor,
    structure_id: int,
    day: date,
    reason: str,
    opening_id: int | None = None,
    now: datetime,
) -> Closed:
    """Close a day of a structure, or only `opening_id` of it, for a reason that families read.

    What has begun is left alone. A whole day is kept as a `Closure`, to which its openings point, so that it
    can be undone and that no opening is generated there. The locks are those of every save: children,
    quotas, and the openings last. Raises `ClosingRefused`, and then nothing is closed.
    """
    reason = reason.strip()[:REASON_LENGTH]
    if not closable(actor).filter(pk=structure_id).exists():
        raise ClosingRefused("not_yours")
    if day < local(now).date():
        raise ClosingRefused("past_day")
    if not reason:
        raise ClosingRefused("no_reason")
    wanted = openings_to_close(structure_id, day, now=now)
    if opening_id is not None:
        wanted = [opening for opening in wanted if opening.pk == opening_id]
    if not wanted:
        raise ClosingRefused("nothing_open")
    ids = [opening.pk for opening in wanted]
    ended = closed_bookings_end(
        actor=actor, structure_id=structure_id, opening_ids=ids, day=day, reason=reason, now=now
    )
    closure = _closure(actor, structure_id, day, reason, now) if opening_id is None else None
    try:
        closed: Sequence[Opening] = openings_close(
            actor=actor, opening_ids=ids, reason=reason, closure=closure, now=now
        )
    except OpeningClosed as refusal:
        raise ClosingRefused("nothing_open") from refusal
    return Closed(len(closed), len({row.child_id for row in ended}), closure)


def _closure(actor: Actor, structure_id: int, day: date, reason: str, now: datetime) -> Closure:
    closure = Closure.objects.create(structure_id=structure_id, reason=reason, first_day=day, last_day=day)
    record(
        actor=actor,
        verb=DAY_CLOSED,
        subject=Subject("closure", closure.pk, f"{closure.structure.name} · {day:%Y-%m-%d}"),
        data={"reason": reason},
        now=now,
    )
    return closure
