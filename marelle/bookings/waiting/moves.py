"""What an agent does to a waiting list: change its order, give a place, take a child off it, for a reason
that the next agent reads."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet, Value

from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import given_by, is_own_of, may_give, place_offered
from marelle.bookings.refusals import WaitingRefused
from marelle.bookings.rules import QUEUE_ORDER, Why
from marelle.bookings.saving.facts import facts_locked
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.ledger import Facts, Waiter
from marelle.bookings.saving.locks import counters_write
from marelle.bookings.saving.queueing import Queue
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.telling import PRIORITISED, REMOVED, tell_placed, tell_removed
from marelle.bookings.saving.writing import queue_write
from marelle.bookings.states import BookingState
from marelle.cases.services import OwnFile
from marelle.core.actor import SYSTEM, Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.scope import in_charge, may_decide

PRIORITIES: Final = (2, 1, 0, -1)
"""First of all, before the others, in turn, after the others; among equals, who waits longest is first."""


def movable(actor: Actor) -> QuerySet[Booking]:
    """Waiting bookings that the actor may move: where the office alone decides, a director reads."""
    if not may_decide(actor):
        return Booking.objects.none()
    return Booking.objects.filter(given_by(actor, "opening__activity__"), state=BookingState.WAITING)


@transaction.atomic
def waiting_prioritise(
    *, actor: Actor, booking_id: int, priority: int, seen: int, reason: str, now: datetime
) -> Waiter:
    """Move a child in the queue, with its whole bundle. The places that come free follow the new order.

    `seen` is the priority that the page showed. Raises `NotYours`, `OwnFile`, and `WaitingRefused`:
    "order_reason_missing", "waits_no_more", "moved", "reordered" (its `priority` now).
    """
    if not (reason := reason.strip()[:300]):
        raise WaitingRefused("order_reason_missing")
    if priority not in PRIORITIES:
        raise WaitingRefused("moved")
    waiter, _facts = _locked(actor, booking_id, now)
    held = Booking.objects.get(pk=booking_id)
    if held.priority != seen:
        raise WaitingRefused("reordered", priority=held.priority)
    Booking.objects.filter(pk__in=waiter.booking_ids).update(
        priority=priority, priority_reason=reason, priority_by=actor.label[:150]
    )
    _journal(actor, PRIORITISED, waiter, {"priority": priority, "reason": reason}, now)
    return waiter


@transaction.atomic
def waiting_place(
    *, actor: Actor, booking_id: int, derogation: str, past_capacity: bool = False, now: datetime
) -> Waiter:
    """Give a child the place that it waits for; its home is told.

    Past the capacity, or past who could take the place before, it is a `derogation`, with its reason. To pass
    the capacity is said as well (`past_capacity`). In its turn, the child keeps the one by which it waits, if
    any.
    Raises `NotYours`, `OwnFile`, and `WaitingRefused`: "derogation_missing" (`full`: there is no room),
    "full", "cannot_have_it", "waits_no_more", "moved".
    """
    _waiter, facts = _locked(actor, booking_id, now)
    queue = Queue(Standing(facts, now))
    placing = queue.place(booking_id)
    if placing is None:
        raise WaitingRefused("cannot_have_it")
    reason = "" if placing.in_turn else derogation.strip()[:300]
    passed = QUEUE_ORDER if placing.lacks is None else placing.lacks.value
    full = placing.lacks is Why.FULL
    if not placing.in_turn and not reason:
        raise WaitingRefused("derogation_missing", full=full)
    if full and not past_capacity:
        raise WaitingRefused("full", full=True)
    Booking.objects.filter(pk__in=placing.waiter.booking_ids).update(
        state=BookingState.BOOKED,
        derogation_before=F("derogation"),
        passed_before=F("passed"),
        derogation=Value(reason) if reason else F("derogation"),
        passed=Value(passed) if reason else F("passed"),
        changed_at=now,
    )
    counters_write(facts.quotas.values())
    queue_write(queue.left, queue.passed, now=now)
    with place_offered(actor=actor, opening_ids=placing.waiter.opening_ids, now=now):
        tell_placed(facts, [placing.waiter], actor=actor, derogation=reason, passed=passed, now=now)
    return placing.waiter


@transaction.atomic
def waiting_remove(*, actor: Actor, booking_id: int, reason: str, now: datetime) -> Waiter:
    """Take a child off the list, for a reason that its home reads.

    Raises `NotYours`, `OwnFile`, and `WaitingRefused`: "reason_missing", "waits_no_more", "moved".
    """
    if not (reason := reason.strip()[:300]):
        raise WaitingRefused("reason_missing")
    waiter, facts = _locked(actor, booking_id, now)
    bookings_end(actor=actor, booking_ids=waiter.booking_ids, cause=None, refusal=reason, now=now)
    _journal(actor, REMOVED, waiter, {"reason": reason}, now)
    for one in waiter.by_child():
        tell_removed([facts.openings[pk] for pk in one.opening_ids], one, reason, now=now)
    return waiter


def _locked(actor: Actor, booking_id: int, now: datetime) -> tuple[Waiter, Facts]:
    """Who waits with this booking, once all who wait there and all that they wait for are locked."""
    opening_id = movable(actor).filter(pk=booking_id).values_list("opening_id", flat=True).first()
    if opening_id is None:
        raise _gone(actor, booking_id)
    facts = facts_locked(SYSTEM, (), {opening_id}, serve=True, now=now)
    if not facts.serve:
        raise WaitingRefused("moved")
    waiter = next((one for one in facts.waiters if booking_id in one.booking_ids), None)
    if waiter is None:
        raise WaitingRefused("waits_no_more")
    if not may_give(actor, waiter):
        raise WaitingRefused("elsewhere_too")
    if is_own_of(actor, waiter, now):
        raise OwnFile
    return waiter, facts


def _gone(actor: Actor, booking_id: int) -> Exception:
    """A booking of the actor's that waits no more is told; any other is not there."""
    mine = Booking.objects.filter(in_charge(actor, "opening__activity__structure__"), pk=booking_id)
    known = may_decide(actor) and mine.exclude(state=BookingState.WAITING).exists()
    return WaitingRefused("waits_no_more") if known else NotYours()


def _journal(actor: Actor, verb: str, waiter: Waiter, data: dict[str, object], now: datetime) -> None:
    for one in waiter.by_child():
        record(
            actor=actor,
            verb=verb,
            subject=Subject("person", one.child_id, one.child_name),
            family_id=one.family_id,
            data={"openings": list(one.opening_ids), **data},
            now=now,
        )
