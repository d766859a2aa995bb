"""Ending bookings outside of a save: places given back, handed on, and nothing left to answer for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from marelle.bookings.ledger import Facts, quotas_held
from marelle.bookings.locks import children_locked, counters_write, quotas_drawn, quotas_locked
from marelle.bookings.models import Booking
from marelle.bookings.reading import held
from marelle.bookings.requests import requests_withdraw_empty
from marelle.bookings.rules import Opening, Place
from marelle.bookings.services import places_freed
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor


@dataclass(frozen=True, slots=True)
class EndedBooking:
    """A booking as it stood when it ended, with whose it is."""

    child_id: int
    opening: Opening
    place: Place


def bookings_end(
    *,
    actor: Actor,
    booking_ids: Iterable[int],
    cause: EndCause | None,
    refusal: str = "",
    child_ids: Collection[int] = (),
    now: datetime,
) -> tuple[EndedBooking, ...]:
    """End those of these bookings that still live; without a `cause` they are refused, for `refusal`.

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
    rows = [EndedBooking(*row) for row in held(wanted.filter(state__in=LIVE).order_by("pk"), None)]
    if not rows:
        return ()
    places_given_back(rows)
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


def places_given_back(rows: Iterable[EndedBooking]) -> None:
    """Take what these bookings hold off the counters, under the locks of their quotas."""
    rows = list(rows)
    openings = {row.opening.id: row.opening for row in rows}
    facts = Facts(
        openings=openings, quotas=quotas_locked(openings), quotas_of=quotas_drawn(openings), places={}
    )
    for row in rows:
        if row.place.holds:
            for quota in quotas_held(row.opening, row.place, facts):
                quota.delta -= 1
    counters_write(facts.quotas.values())
