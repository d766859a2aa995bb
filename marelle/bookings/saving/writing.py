"""What a save writes: the difference that was settled, in bulk, with its journal and its mails."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Case, Value, When

from marelle.bookings.models import Booking, Passing
from marelle.bookings.reading import marks_text
from marelle.bookings.saving.alone import alone_ask
from marelle.bookings.saving.ledger import Facts, Settled, Short, Waiter
from marelle.bookings.saving.locks import counters_write
from marelle.bookings.saving.queueing import state_once_served
from marelle.bookings.saving.requests import Asked, requests_open, requests_withdraw_empty
from marelle.bookings.saving.telling import journal_saved, tell_placed
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import SYSTEM, Actor


def settled_write(actor: Actor, facts: Facts, done: Settled, *, now: datetime) -> None:
    """Ends before additions, so that the database's "once" holds at every statement."""
    if done.ended:
        causes = [When(pk=end.booking_id, then=Value(end.cause.value)) for end in done.ended]
        Booking.objects.filter(pk__in=[end.booking_id for end in done.ended]).update(
            state=BookingState.CANCELLED, ended_at=now, ended_by=actor.label, end_cause=Case(*causes)
        )
        taken_back = _of_requests(facts, done)
        if taken_back:
            requests_withdraw_empty(actor=actor, booking_ids=taken_back, now=now)
    served: dict[tuple[BookingState, int | None], list[int]] = {}
    opened = requests_open(actor=actor, asked=_asked(actor, facts, done), now=now)
    for waiter in _by_child(done):
        for booking_id, opening_id in zip(waiter.booking_ids, waiter.opening_ids, strict=True):
            opening = facts.openings[opening_id]
            request_id = opened.get((waiter.child_id, opening.activity.id))
            served.setdefault((state_once_served(opening), request_id), []).append(booking_id)
    for (state, request_id), ids in served.items():
        Booking.objects.filter(pk__in=ids).update(state=state, request_id=request_id, changed_at=now)
    counters_write(facts.quotas.values())
    queue_write(done.left, done.passed, now=now)
    Booking.objects.bulk_create(
        [
            Booking(
                opening_id=added.opening.id,
                child_id=added.child_id,
                family_id=actor.home_id,
                enrolment_id=added.stay_id,
                day=added.opening.day,
                starts_at=added.starts_at,
                ends_at=added.ends_at,
                state=added.state,
                queued_at=now if added.state is BookingState.WAITING else None,
                late=added.late,
                derogation=added.derogation,
                passed=" ".join(added.passed),
                kept=marks_text(added.kept),
                created_at=now,
                created_by=actor.label,
                by_family=not actor.on_behalf_of,
                request_id=(
                    opened[added.child_id, added.opening.activity.id]
                    if added.state is BookingState.REQUESTED
                    else None
                ),
            )
            for added in done.added
        ]
    )
    alone_ask(done.alone, now=now)
    journal_saved(actor, done.outcomes, now=now)
    if done.placed:
        tell_placed(facts, done.placed, now=now)


def _by_child(done: Settled) -> list[Waiter]:
    return [one for waiter in done.placed for one in waiter.by_child()]


def queue_write(left: Collection[int], passed: Mapping[int, Short], *, now: datetime) -> None:
    """Those who leave the list since one was enough, and what was lacked by those who were passed; no query
    where there is neither. The caller has locked their children."""
    if left:
        Booking.objects.filter(pk__in=left, state=BookingState.WAITING).update(
            state=BookingState.CANCELLED,
            ended_state=BookingState.WAITING,
            ended_at=now,
            ended_by=SYSTEM.label,
            end_cause=EndCause.ONE_ENOUGH,
        )
    if passed:
        Passing.objects.bulk_create(
            [
                Passing(booking_id=pk, at=now, needed=short.needed, left=short.left)
                for pk, short in sorted(passed.items())
            ],
            update_conflicts=True,
            unique_fields=["booking"],
            update_fields=["at", "needed", "left"],
        )


def _asked(actor: Actor, facts: Facts, done: Settled) -> list[Asked]:
    """The cells that an agent must now answer: asked for in this save, or given from the waiting list."""
    asked: list[Asked] = [
        (added.child_id, actor.home_id, added.opening)
        for added in done.added
        if added.state is BookingState.REQUESTED
    ]
    for waiter in _by_child(done):
        for opening_id in waiter.opening_ids:
            opening = facts.openings[opening_id]
            if state_once_served(opening) is BookingState.REQUESTED:
                asked.append((waiter.child_id, waiter.family_id, opening))
    return asked


def _of_requests(facts: Facts, done: Settled) -> list[int]:
    """The bookings just ended that an agent was to answer."""
    ended = {end.booking_id for end in done.ended}
    return [
        place.id
        for places in facts.places.values()
        for place in places
        if place.id in ended and place.state is BookingState.REQUESTED
    ]
