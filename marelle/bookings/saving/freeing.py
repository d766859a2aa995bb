"""Ending bookings outside of a save: places given back, handed on, and nothing left to answer for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import F

from marelle.bookings.models import Booking
from marelle.bookings.reading import ChildBooking, held
from marelle.bookings.saving.alone import alone_ask
from marelle.bookings.saving.ledger import Facts
from marelle.bookings.saving.locks import children_locked, counters_write, quotas_locked
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.requests import requests_withdraw_empty
from marelle.bookings.saving.services import places_freed
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.telling import tell_gone_along
from marelle.bookings.saving.together import Held, Parted, alone_on, nothing_holds, part
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor


def bookings_end(
    *,
    actor: Actor,
    booking_ids: Iterable[int],
    cause: EndCause | None,
    refusal: str = "",
    child_ids: Collection[int] = (),
    tells: bool = False,
    now: datetime,
) -> tuple[ChildBooking, ...]:
    """End those of these bookings that still live, and say how they stood; without a `cause` they are
    refused, for `refusal`.

    Joins the caller's transaction, where rights were checked. Locks the children, then the quotas; their
    places are given back, the overdraft first, and go to who waits once all is committed. What is told is
    the caller's to tell. `child_ids` are locked before `booking_ids` is read, where that is a query: what a
    save was about to add is then among them.

    What goes along (`Parting`) ends too, and its home is told; of what stays alone an agent is asked. Where
    the caller `tells` of what goes along, it is among what is returned.
    """
    if child_ids:
        children_locked(child_ids)
    wanted = Booking.objects.filter(pk__in=list(booking_ids))
    if not child_ids:
        children_locked(set(wanted.values_list("child_id", flat=True)))
    rows = held(wanted.filter(state__in=LIVE).order_by("pk"), None)
    if not rows:
        return ()
    parted = Parted() if cause is EndCause.CHANGED else parted_by(rows, now=now)
    places_given_back([*rows, *parted.go], now=now)
    _end(actor, rows, cause, refusal, now)
    if cause is not None:
        requests_withdraw_empty(actor=actor, booking_ids=[row.place.id for row in rows], now=now)
    along = parted_end(actor=actor, parted=parted, cause=cause or EndCause.STRUCTURE, tells=tells, now=now)
    places_freed(opening_ids={row.opening.id for row in rows if row.place.holds}, now=now)
    return (*rows, *along) if tells else tuple(rows)


def parted_by(rows: Sequence[ChildBooking], *, now: datetime) -> Parted:
    """What requires these bookings, which are about to hold no more: what goes along, and what stays alone.
    The caller has locked their children. One query, none where nothing requires them."""
    days = {
        (row.child_id, row.opening.day) for row in rows if row.place.holds and row.opening.slot.is_required
    }
    if not days:
        return Parted()
    there = places_on({child_id for child_id, _day in days}, {day for _child_id, day in days}, None)
    standing = Standing(Facts(openings=there.openings, quotas_of={}, quotas={}, places=there.places), now)
    before = alone_on(standing, days)
    for row in rows:
        if row.opening.id in there.openings:
            standing.lift(row.child_id, row.opening.id)
    return part(standing, days, before, nothing_holds)[0]


def parted_end(
    *,
    actor: Actor,
    parted: Parted,
    cause: EndCause = EndCause.STRUCTURE,
    tells: bool = False,
    now: datetime,
) -> tuple[ChildBooking, ...]:
    """End what goes along with bookings that hold no more, once its places are given back; of what stays
    alone an agent is asked. Where the caller `tells` of what went, nobody else does."""
    along = tuple(ChildBooking(*one) for one in parted.go)
    if along:
        _end(actor, along, cause, "", now)
        requests_withdraw_empty(actor=actor, booking_ids=[row.place.id for row in along], now=now)
        places_freed(opening_ids={row.opening.id for row in along}, now=now)
        if not tells:
            tell_gone_along(actor, along, now=now)
    alone_ask([place.id for _child_id, _opening, place in parted.stay], now=now)
    return along


def _end(
    actor: Actor, rows: Sequence[ChildBooking], cause: EndCause | None, refusal: str, now: datetime
) -> None:
    Booking.objects.filter(pk__in=[row.place.id for row in rows]).update(
        state=BookingState.REFUSED if cause is None else BookingState.CANCELLED,
        ended_state=F("state"),
        ended_at=now,
        ended_by=actor.label[:150],
        end_cause=cause.value if cause else "",
        refusal=refusal[:300],
    )


def places_given_back(rows: Iterable[Held], *, now: datetime) -> None:
    """Take off the counters what these bookings alone hold: a child stays on a quota while another of its
    places draws on it. The caller has locked their children, and ends them next."""
    rows = list(rows)
    if not rows:
        return
    quotas = quotas_locked({opening.id for _child_id, opening, _place in rows})
    there = places_on(
        {child_id for child_id, _opening, _place in rows},
        {opening.day for _child_id, opening, _place in rows},
        None,
    )
    facts = Facts(
        openings=there.openings, quotas=quotas, quotas_of=there.draws_among(quotas), places=there.places
    )
    standing = Standing(facts, now)
    for child_id, opening, _place in rows:
        standing.lift(child_id, opening.id)
    counters_write(quotas.values())
