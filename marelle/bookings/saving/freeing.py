"""Ending bookings outside of a save: places given back, handed on, and nothing left to answer for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import F

from marelle.bookings.models import Booking
from marelle.bookings.reading import ChildBooking, held
from marelle.bookings.saving.ledger import Facts
from marelle.bookings.saving.locks import children_locked, counters_write, quotas_locked
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.requests import requests_withdraw_empty
from marelle.bookings.saving.services import places_freed
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor


def bookings_end(
    *,
    actor: Actor,
    booking_ids: Iterable[int],
    cause: EndCause | None,
    refusal: str = "",
    child_ids: Collection[int] = (),
    now: datetime,
) -> tuple[ChildBooking, ...]:
    """End those of these bookings that still live, and say how they stood; without a `cause` they are
    refused, for `refusal`.

    Joins the caller's transaction, where rights were checked. Locks the children, then the quotas; their
    places are given back, the overdraft first, and go to who waits once all is committed. What is told is
    the caller's to tell. `child_ids` are locked before `booking_ids` is read, where that is a query: what a
    save was about to add is then among them.
    """
    if child_ids:
        children_locked(child_ids)
    wanted = Booking.objects.filter(pk__in=list(booking_ids))
    if not child_ids:
        children_locked(set(wanted.values_list("child_id", flat=True)))
    rows = held(wanted.filter(state__in=LIVE).order_by("pk"), None)
    if not rows:
        return ()
    places_given_back(rows, now=now)
    ids = [row.place.id for row in rows]
    Booking.objects.filter(pk__in=ids).update(
        state=BookingState.REFUSED if cause is None else BookingState.CANCELLED,
        ended_state=F("state"),
        ended_at=now,
        ended_by=actor.label[:150],
        end_cause=cause.value if cause else "",
        refusal=refusal[:300],
    )
    if cause is not None:
        requests_withdraw_empty(actor=actor, booking_ids=ids, now=now)
    places_freed(opening_ids={row.opening.id for row in rows if row.place.holds}, now=now)
    return tuple(rows)


def places_given_back(rows: Iterable[ChildBooking], *, now: datetime) -> None:
    """Take off the counters what these bookings alone hold: a child stays on a quota while another of its
    places draws on it. The caller has locked their children, and ends them next."""
    rows = list(rows)
    quotas = quotas_locked({row.opening.id for row in rows})
    held = places_on({row.child_id for row in rows}, {row.opening.day for row in rows}, None)
    facts = Facts(
        openings=held.openings, quotas=quotas, quotas_of=held.draws_among(quotas), places=held.places
    )
    standing = Standing(facts, now)
    for row in rows:
        standing.lift(row.child_id, row.opening.id)
    counters_write(quotas.values())
