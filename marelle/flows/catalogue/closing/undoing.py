"""Undoing a closing: what it closed opens again, what it took comes back where it can, families are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.capacity import quotas_follow
from marelle.activities.closing import closed_by, openings_reopen
from marelle.bookings.closing.reducing import openings_drawing_on
from marelle.bookings.closing.restoring import bookings_restore, taken_by, taken_locked
from marelle.bookings.closing.services import bookings_locked
from marelle.bookings.saving.services import places_freed
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.flows.catalogue.closing.closing import activities_locked, closed_days_changed, closing_record
from marelle.flows.catalogue.closing.targets import ClosingRefused, closures
from marelle.places.models import Closure
from marelle.relay.closing import visitors_locked, visits_restore, visits_taken

UNDONE = "structure.closing_undone"


@dataclass(frozen=True, slots=True)
class Undone:
    """How many openings are open again, children and visits back, bookings that could not come back; and how
    many of the children now have more than may be booked."""

    openings: int
    children: int
    visits: int
    missing: int
    past: int = 0


@transaction.atomic
def closing_undo(*, actor: Actor, closure_id: int, day: date | None = None, now: datetime) -> Undone:
    """Undo a closing, or one `day` of it; fewer places for some days are undone whole. What has begun by then
    stays. A capacity that was changed is not undone but changed again.

    The closing is locked first, so that of two agents one undoes it. Raises NotYours or
    `ClosingRefused`: "undone" (also when nothing of it is left to open), "level", and then nothing changes.
    """
    closure = closing_locked(actor, closure_id)
    if closure.fewer:
        return _places_back(actor, closure, now)
    activities_locked(closure.structure_id)
    closed = closed_by(closure, now=now)
    touched = closed | taken_by(closure, now=now)
    ids = [pk for pk, its_day in touched.items() if day in (None, its_day)]
    if not ids:
        raise ClosingRefused("undone")
    visitors_locked(visits_taken(closure, ids))
    taken_locked(closure, ids)
    left = len(touched) - len(ids)
    reopened = openings_reopen(
        actor=actor, opening_ids=[pk for pk in ids if pk in closed], by_hand=left > 0, now=now
    )
    restored = bookings_restore(actor=actor, closure=closure, opening_ids=ids, now=now)
    visits = visits_restore(actor=actor, closure=closure, opening_ids=ids, now=now)
    if not left:
        closing_end(actor, closure, now)
    elif day is not None:
        closure.reopened = sorted({*(closure.reopened or ()), day.isoformat()})
        closure.save(update_fields=["reopened"])
    closed_days_changed(closure)
    closing_record(actor, UNDONE, closure, now)
    return Undone(len(reopened), restored.children, visits, restored.missing, restored.past)


def days_undoable(closure: Closure, *, now: datetime) -> list[date]:
    """The days that undoing a closing would still change, in order; two queries."""
    return sorted({*closed_by(closure, now=now).values(), *taken_by(closure, now=now).values()})


def _places_back(actor: Actor, closure: Closure, now: datetime) -> Undone:
    """A minimum service is over before its time: its days have their places again."""
    today = local(now).date()
    if closure.last_day < today:
        raise ClosingRefused("undone")
    gauges = list(closure.cuts.values_list("gauge_id", flat=True))
    if not gauges:
        raise ClosingRefused("level")
    first = max(closure.first_day, today)
    taken = closure.bookings.filter(booking__starts_at__gt=now).order_by("booking__opening_id")
    ids = list(taken.values_list("booking__opening_id", flat=True).distinct())
    drawing = openings_drawing_on(gauges, first=first, last=closure.last_day)
    bookings_locked(sorted({*ids, *drawing}))
    closing_end(actor, closure, now)
    quotas_follow(gauges, first=first, last=closure.last_day)
    restored = bookings_restore(actor=actor, closure=closure, opening_ids=ids, now=now)
    places_freed(opening_ids=drawing, now=now)
    closing_record(actor, UNDONE, closure, now)
    return Undone(0, restored.children, 0, restored.missing, restored.past)


def closing_locked(actor: Actor, closure_id: int) -> Closure:
    """The closing, locked, that holds; raises NotYours, `ClosingRefused`."""
    mine = closures(actor).filter(pk=closure_id)
    closure = mine.select_for_update(no_key=True, of=("self",)).first()
    if closure is None:
        raise NotYours
    if closure.undone_at is not None:
        raise ClosingRefused("undone")
    return closure


def closing_end(actor: Actor, closure: Closure, now: datetime) -> None:
    """Note that it holds no more."""
    closure.undone_at, closure.undone_by = now, actor.label[:150]
    closure.save(update_fields=["undone_at", "undone_by"])
