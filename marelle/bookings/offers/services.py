"""Places offered: past the free cancellation nobody is given a place unasked, so an agent offers it.

An offer holds the place until an instant. Declined or left without an answer, the same offer goes to the next
who waits, for as long a time, as long as the opening has not begun.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.activities.models import Opening
from marelle.activities.rules import is_before
from marelle.bookings.models import Booking
from marelle.bookings.offers.cases import given_by, is_own_of, may_give, place_offered
from marelle.bookings.reading import ChildBooking
from marelle.bookings.refusals import OfferImpossible
from marelle.bookings.saving.facts import facts_locked
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.ledger import Waiter
from marelle.bookings.saving.locks import children_locked, counters_write
from marelle.bookings.saving.queue import SHORTEST_OFFER
from marelle.bookings.saving.queueing import Queue
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.telling import (
    OFFER_ACCEPTED,
    OFFER_DECLINED,
    OFFER_EXPIRED,
    OFFERED,
    tell_offered,
)
from marelle.bookings.saving.writing import queue_write
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.services import OwnFile
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local, universal
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.models import Person
from marelle.families.selectors import bookable_people
from marelle.journal.services import record
from marelle.places.scope import in_charge, may_decide


def offer_until(hours: int, *, starts_at: datetime, now: datetime) -> datetime:
    """The minute at which an offer of some hours ends: with the opening's start at the latest."""
    return min(now + timedelta(hours=hours), starts_at).replace(second=0, microsecond=0)


@transaction.atomic
def place_offer(*, actor: Actor, opening_id: int, until: datetime, now: datetime) -> Waiter:
    """Offer a free place to the first who waits for it, until an instant; its home is told.

    Raises `NotYours`, `OfferImpossible`, and `OwnFile` when the first is of the actor's own home.
    """
    opening = offerable(actor).filter(given_by(actor), pk=opening_id).first()
    if opening is None:
        raise NotYours
    if not universal(now) + SHORTEST_OFFER <= universal(until) <= universal(opening.starts_at):
        raise OfferImpossible("bad_until")
    return _offer(actor, opening_id, until, now)


@transaction.atomic
def offer_accept(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """The home takes the place, and what is offered with it. Raises `NotYours`, `OfferImpossible`."""
    offered = _locked_offer(actor, booking_id, now)
    if any(not is_before(now, row.offered_until) for row in offered):
        raise OfferImpossible("offer_over")
    Booking.objects.filter(pk__in=[row.pk for row in offered]).update(
        state=BookingState.BOOKED, offered_until=None, changed_at=now
    )
    _one_enough(offered, now)
    _journal_each(actor, OFFER_ACCEPTED, offered, now)


@transaction.atomic
def offer_decline(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """The home leaves the place to the next. Raises `NotYours`, `OfferImpossible`."""
    offered = _locked_offer(actor, booking_id, now)
    bookings_end(actor=actor, booking_ids=[row.pk for row in offered], cause=EndCause.FAMILY, now=now)
    _journal_each(actor, OFFER_DECLINED, offered, now)
    _pass_on(offered, now)


@transaction.atomic
def offers_answer(*, actor: Actor, booking_ids: Collection[int], accepts: bool, now: datetime) -> None:
    """The home takes all of these places, of any of its children, or leaves all of them.

    Raises NotYours where one of them is not its own to answer for, and OfferImpossible: "offer_over" where
    one of them is offered no more.
    """
    if actor.family_id is None:
        raise NotYours
    people = bookable_people(actor, day=local(now).date()).values("pk")
    mine = Booking.objects.filter(family_id=actor.family_id, child_id__in=people, pk__in=booking_ids)
    children = set(mine.values_list("child_id", flat=True))
    if not booking_ids or mine.count() != len(set(booking_ids)):
        raise NotYours
    children_locked(children)
    offered = list(mine.filter(state=BookingState.OFFERED).order_by("pk"))
    if len(offered) != len(set(booking_ids)) or any(
        accepts and not is_before(now, row.offered_until) for row in offered
    ):
        raise OfferImpossible("offer_over")
    if accepts:
        mine.update(state=BookingState.BOOKED, offered_until=None, changed_at=now)
        _one_enough(offered, now)
    else:
        ids = [row.pk for row in offered]
        bookings_end(actor=actor, booking_ids=ids, cause=EndCause.FAMILY, now=now)
    verb = OFFER_ACCEPTED if accepts else OFFER_DECLINED
    for child_id in sorted(children):
        _journal(actor, verb, child_id, actor.family_id, now)


def offers_expire(*, now: datetime) -> int:
    """End the offers left without an answer and pass them on; the worker calls it. Returns how many ended."""
    over = Booking.objects.filter(state=BookingState.OFFERED, offered_until__lt=now - timedelta(minutes=1))
    homes = list(over.order_by("family_id").values_list("family_id", flat=True).distinct())
    return sum(_expire(family_id, over, now) for family_id in homes)


@transaction.atomic
def _expire(family_id: int, over: QuerySet[Booking], now: datetime) -> int:
    """A home at a time, since its children may be offered places together; what was accepted meanwhile is
    read as such once they are locked."""
    mine = over.filter(family_id=family_id).order_by("pk")
    children_locked(known := set(mine.values_list("child_id", flat=True)))
    rows = [row for row in mine if row.child_id in known]
    ended: tuple[ChildBooking, ...] = bookings_end(
        actor=SYSTEM, booking_ids=[row.pk for row in rows], cause=EndCause.EXPIRED, now=now
    )
    if ended:
        _journal_each(SYSTEM, OFFER_EXPIRED, rows, now)
        _pass_on(rows, now)
    return len(ended)


def offerable(actor: Actor) -> QuerySet[Opening]:
    """Openings of the structures that the actor answers for; `given_by` says whose places it gives."""
    if not may_decide(actor):
        return Opening.objects.none()
    return Opening.objects.filter(in_charge(actor, "activity__structure__"))


def _offer(actor: Actor, opening_id: int, until: datetime, now: datetime) -> Waiter:
    facts = facts_locked(SYSTEM, (), {opening_id}, serve=True, now=now)
    if not facts.serve:
        raise OfferImpossible("moved")
    queue = Queue(Standing(facts, now))
    waiter = queue.offer(opening_id)
    if waiter is None:
        raise OfferImpossible("nobody_waits")
    if is_own_of(actor, waiter, now):
        raise OwnFile
    if not may_give(actor, waiter):
        raise OfferImpossible("elsewhere_too")
    if waiter.child_ids:
        until = min(universal(until), *(universal(facts.openings[pk].starts_at) for pk in waiter.opening_ids))
    Booking.objects.filter(pk__in=waiter.booking_ids).update(
        state=BookingState.OFFERED, offered_until=until, changed_at=now
    )
    counters_write(facts.quotas.values())
    queue_write((), queue.passed, now=now)
    for one in waiter.by_child():
        _journal(actor, OFFERED, one.child_id, one.family_id, now)
    with place_offered(actor=actor, opening_ids=waiter.opening_ids, now=now):
        for one in waiter.by_child():
            tell_offered(facts, one, until=until, now=now)
    return waiter


def _locked_offer(actor: Actor, booking_id: int, now: datetime) -> list[Booking]:
    """The offered booking and those that go with it, read once the child is locked."""
    if actor.family_id is None:
        raise NotYours
    people = bookable_people(actor, day=local(now).date()).values("pk")
    mine = Booking.objects.filter(family_id=actor.family_id, child_id__in=people)
    one = mine.filter(pk=booking_id).select_related("opening").first()
    if one is None:
        raise NotYours
    children_locked(_children_beside(one))
    together = Q(pk=booking_id)
    if one.opening.bundle_id is not None:
        together |= Q(child_id=one.child_id, opening__bundle_id=one.opening.bundle_id)
    if one.waits_with is not None:
        together |= Q(waits_with=one.waits_with)
    offered = list(mine.filter(together, state=BookingState.OFFERED).order_by("pk"))
    if booking_id not in {row.pk for row in offered}:
        raise OfferImpossible("offer_over")
    if one.waits_with is not None:
        whole = Booking.objects.filter(waits_with=one.waits_with, family_id=one.family_id)
        if whole.filter(state=BookingState.OFFERED).count() > sum(
            row.waits_with is not None for row in offered
        ):
            raise OfferImpossible("not_all_yours")
    return offered


def _children_beside(one: Booking) -> set[int]:
    """The children of a home of what goes with a booking, or goes once it is taken: one query, none where
    nothing does."""
    if one.waits_with is None and one.one_of is None:
        return {one.child_id}
    beside = Q(waits_with=one.waits_with) & Q(waits_with__isnull=False)
    beside |= Q(one_of=one.one_of) & Q(one_of__isnull=False)
    live = Booking.objects.live().filter(beside, family_id=one.family_id)
    return {one.child_id, *live.values_list("child_id", flat=True)}


def _one_enough(taken: Sequence[Booking], now: datetime) -> None:
    """What was waited for beside what is taken leaves the list; one query, none where one is not enough."""
    numbers = {row.one_of for row in taken if row.one_of is not None}
    if numbers:
        rest = Booking.objects.waiting().filter(family_id=taken[0].family_id, one_of__in=numbers)
        queue_write(list(rest.values_list("pk", flat=True)), {}, now=now)


def _pass_on(rows: Iterable[Booking], now: datetime) -> None:
    """Once all is committed: the next who waits gets as long to answer, until the start at the latest.

    Should the process die in between, the place is free and the agent's page says who waits for it.
    """
    rows = sorted(rows, key=lambda row: row.pk)
    apart = {row.opening_id: row for row in reversed(rows) if row.waits_with is not None}
    for row in apart.values() or rows[:1]:
        _pass_one_on(row, now)


def _pass_one_on(first: Booking, now: datetime) -> None:
    if first.offered_until is None or first.changed_at is None:
        return
    length = universal(first.offered_until) - universal(first.changed_at)
    until = min(universal(now) + length, universal(first.starts_at))
    if until < universal(now) + SHORTEST_OFFER:
        return
    transaction.on_commit(lambda: _offer_next(first.opening_id, until, now), robust=True)


def _offer_next(opening_id: int, until: datetime, now: datetime) -> None:
    try:
        with transaction.atomic():
            _offer(SYSTEM, opening_id, until, now)
    except OfferImpossible:
        return


def _journal_each(actor: Actor, verb: str, rows: Iterable[Booking], now: datetime) -> None:
    for child_id, family_id in sorted({(row.child_id, row.family_id) for row in rows}):
        _journal(actor, verb, child_id, family_id, now)


def _journal(actor: Actor, verb: str, child_id: int, family_id: int, now: datetime) -> None:
    name = Person.objects.values_list("first_name", flat=True).get(pk=child_id)
    record(actor=actor, verb=verb, subject=Subject("person", child_id, name), family_id=family_id, now=now)
