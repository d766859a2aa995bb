"""Every write of bookings. One transaction: lock, read again, settle, write, tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from marelle.activities import models as activities
from marelle.activities.selectors import decides_activity
from marelle.bookings.models import Booking
from marelle.bookings.reading import (
    OPENING,
    PLACE,
    OpeningRow,
    PlaceRow,
    openings_of,
    place_of,
    stays_of,
)
from marelle.bookings.rules import Home, Opening, Place
from marelle.bookings.saving.ledger import Change, Facts, Outcome, Result, Settled
from marelle.bookings.saving.locks import counters_write, lock, quotas_of_openings
from marelle.bookings.saving.queue import has_moved, queue_on, waiters, with_room
from marelle.bookings.saving.queueing import state_once_served
from marelle.bookings.saving.requests import Asked, requests_open, requests_withdraw_empty
from marelle.bookings.saving.settling import settle
from marelle.bookings.saving.telling import journal_saved, tell_placed
from marelle.bookings.states import LIVE, BookingState
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.listed import Listed, integers
from marelle.core.prepared import prepared
from marelle.core.refusals import Refusal
from marelle.core.rows import columns
from marelle.families.models import Member, Person
from marelle.families.nearby import lived, lived_by
from marelle.families.selectors import bookable_people, current, custody_rows, members

__all__ = ["Change", "Outcome", "Result", "bookings_save", "places_freed", "waiting_served"]

MOST_CHANGES = 2_000
"""Cells in one save: four children, a whole year of months. More is no person at a screen."""

ONCE = 20
"""Openings served by one transaction of the follow-up: few, so that it holds few locks."""

BIGGEST_ID = 2**63 - 1
"""Ids that a database can hold; a browser may send any number."""


def bookings_save(
    *,
    actor: Actor,
    changes: Sequence[Change],
    derogation: str = "",
    past_capacity: bool = False,
    now: datetime,
) -> tuple[Outcome, ...]:
    """Save what a home wants, cell by cell: what is possible is kept, what is not says why.

    `now` is when the request arrived. `derogation` is the reason that an agent acting for the family gives
    to pass a deadline, an age or, where it says so (`past_capacity`), a capacity, in an activity that it is
    in charge of. Raises `Refusal`, "too_many" or "no_home"; every other "no" is an outcome.
    """
    reason = derogation.strip()[:300]
    return _save(actor, changes, derogation=reason, past_capacity=past_capacity, now=now, locked=True)


def places_freed(*, opening_ids: Collection[int], now: datetime) -> None:
    """Every way of freeing a place ends here: those who wait are served once the transaction is committed.

    If the process dies in between, `waiting_served` finds them: what waits and what is free are in the
    tables, and nobody passes the queue meanwhile (`saving` counts those who wait first).
    """
    ids = frozenset(opening_ids)
    transaction.on_commit(lambda: _serve(ids, now), robust=True)


def waiting_served(*, now: datetime) -> int:
    """Give every free place that someone waits for. The worker calls it over and over. Returns how many."""
    ids = with_room(now)
    return sum(_serve(ids[start : start + ONCE], now) for start in range(0, len(ids), ONCE))


def _save(
    actor: Actor,
    changes: Sequence[Change],
    *,
    derogation: str = "",
    past_capacity: bool = False,
    now: datetime,
    locked: bool,
) -> tuple[Outcome, ...]:
    """Not `locked`, it is the control of the races' test, which shows what the locks are for."""
    if len(changes) > MOST_CHANGES:
        raise Refusal("too_many", most=MOST_CHANGES)
    asked = [change for change in changes if change.seen != change.wanted or change.starts or change.ends]
    if not asked:
        return ()
    if actor.family_id is None:
        raise Refusal("no_home")
    frees = any(change.seen for change in asked)
    with transaction.atomic():
        facts = read_locked(actor, asked, {c.opening_id for c in asked}, now=now, locked=locked, serve=frees)
        done = settle(
            facts,
            asked,
            now=now,
            agent=actor.on_behalf_of,
            in_charge=partial(decides_activity, actor),
            derogation=derogation,
            past_capacity=past_capacity,
        )
        _write(actor, facts, done, now=now)
        if frees and not facts.serve:
            places_freed(opening_ids={change.opening_id for change in asked}, now=now)
    return tuple(done.outcomes)


def _serve(opening_ids: Collection[int], now: datetime) -> int:
    with transaction.atomic():
        facts = read_locked(SYSTEM, (), set(opening_ids), now=now, locked=True, serve=True)
        done = settle(facts, (), now=now)
        _write(SYSTEM, facts, done, now=now)
        if not facts.serve:
            places_freed(opening_ids=opening_ids, now=now)
    return len(done.placed)


def read_locked(
    actor: Actor, asked: Sequence[Change], touched: set[int], *, now: datetime, locked: bool, serve: bool
) -> Facts:
    """Lock the children, then the quotas, each in the order of their keys, then read everything again.

    Who waits is read before the locks, to know what to lock, and its order and state again after them.
    Someone who joined in between has the claim of any who waits; but as its child is not locked, nobody is
    served here then: a follow-up does it.
    """
    touched = {pk for pk in touched if 0 < pk <= BIGGEST_ID}
    queue = queue_on(touched, now)
    chosen = touched | {row.opening_id for row in queue}
    waiting_children = {row.child_id for row in queue}
    wanted = {change.child_id for change in asked if 0 < change.child_id <= BIGGEST_ID}
    home = _people_locked(actor, wanted, waiting_children if serve else set(), now=now, locked=locked)
    quotas = {quota.id: quota for quota in quotas_of_openings(chosen, locked=locked)}
    rows = _touched_rows(touched, now)
    moved = has_moved(queue, {row.last_waiting for row in rows})
    if moved or (serve and queue):  # an agent may have changed the order while the locks were waited for
        queue = queue_on(touched, now)
        moved = moved or not {row.opening_id for row in queue} <= chosen
        moved = moved or not {row.child_id for row in queue} <= waiting_children
        waiting_children = {row.child_id for row in queue}
    rows += _other_rows(rows, {row.opening_id for row in queue} - touched)
    quotas_of: dict[int, list[int]] = {}
    for row in rows:
        if row.quota_id in quotas:
            quotas_of.setdefault(row.opening.id, []).append(row.quota_id)
    openings = openings_of(row.opening for row in rows)
    days = {opening.day for opening in openings.values()}
    held = places_on(set(home) | waiting_children, days, actor.family_id)
    openings = held.openings | openings
    quotas_of = held.draws_among(quotas) | quotas_of
    custody = custody_rows([one.member_id for one in home.values() if one.is_shared])
    return Facts(
        openings=openings,
        quotas_of=quotas_of,
        quotas=quotas,
        places=held.places,
        stays=(
            stays_of(home, actor.home_id, first=min(days), last=max(days), today=local(now).date())
            if home and days
            else {}
        ),
        homes={one.id: Home(lived(one.lived), custody.get(one.member_id, ())) for one in home.values()},
        names={one.id: one.first_name for one in home.values()},
        bundles=_bundles(openings.values()),
        waiters=waiters(queue, held.places),
        serve=serve and not moved,
    )


class _Drawing(NamedTuple):
    """An opening with a quota that it draws on, and the last booking that waits for a place of it."""

    opening: OpeningRow
    quota_id: int
    last_waiting: int | None = None


DRAWING = columns(_Drawing, opening=OPENING, quota_id="quotas")
WAITED_FOR = columns(_Drawing, "last_waiting", opening=OPENING, quota_id="quotas")


@prepared
def _touched_rows(opening_ids: Collection[int], now: datetime) -> QuerySet[activities.Opening, _Drawing]:
    waiting = Booking.objects.filter(
        state=BookingState.WAITING, opening__quotas=OuterRef("quotas"), opening__starts_at__gt=now
    )
    # An aggregate: for the first by falling id, PostgreSQL walks the whole table when few wait.
    last = waiting.order_by().values("opening__quotas").annotate(last=Max("pk")).values("last")
    rows = activities.Opening.objects.filter(pk__in=opening_ids).order_by("pk")
    return WAITED_FOR.of(rows.annotate(last_waiting=Subquery(last)))


def _other_rows(touched: Sequence[_Drawing], waited_for: Collection[int]) -> list[_Drawing]:
    """The openings that others wait for, and the other days of a bundle, which is booked all or none."""
    bundles = {row.opening.bundle_id for row in touched if row.opening.bundle_id is not None}
    if not bundles and not waited_for:
        return []
    rows = activities.Opening.objects.filter(Q(pk__in=waited_for) | Q(bundle_id__in=bundles))
    rows = rows.exclude(pk__in={row.opening.id for row in touched}).order_by("pk")
    return list(DRAWING.of(rows))


class _Child(NamedTuple):
    """A child as read under lock; `is_mine`: the actor may book for it."""

    id: int
    is_mine: bool
    first_name: str
    member_id: int
    is_shared: bool
    lived: str | None


CHILD = columns(_Child, "is_mine", "first_name", "member_id", "is_shared", "lived", id="pk")


def _people_locked(
    actor: Actor, wanted: set[int], waiting: set[int], *, now: datetime, locked: bool
) -> dict[int, _Child]:
    """Lock the children whose places may change, and say for which of them the actor may book; one query."""
    rows = _people(actor, wanted | waiting, local(now).date(), locked=locked)
    return {row.id: row for row in rows if row.is_mine}


@prepared
def _people(actor: Actor, ids: Collection[int], today: date, *, locked: bool) -> QuerySet[Person, _Child]:
    family_id = actor.family_id or 0
    mine = members(actor, day=today).filter(person_id=OuterRef("pk"), kind=Member.Kind.CHILD)
    elsewhere = Member.objects.filter(
        current(today), person_id=OuterRef("pk"), kind=Member.Kind.CHILD
    ).exclude(family_id=family_id)
    rows = CHILD.of(
        Person.objects.filter(pk__in=ids)
        .annotate(
            is_mine=Exists(bookable_people(actor, day=today).filter(pk=OuterRef("pk"))),
            member_id=Subquery(mine.values("pk")[:1]),
            is_shared=Exists(elsewhere),
            lived=Subquery(lived_by(family_id)),
        )
        .order_by("pk")
    )
    return lock(rows) if locked else rows


@dataclass(frozen=True, slots=True)
class Held:
    """Live bookings by child, with the openings that they are on and the quotas that these draw on."""

    places: dict[int, list[Place]]
    openings: dict[int, Opening]
    quotas_of: dict[int, list[int]]

    def draws_among(self, quotas: Collection[int]) -> dict[int, list[int]]:
        """By opening, which of these quotas it draws on."""
        return {pk: [quota for quota in drawn if quota in quotas] for pk, drawn in self.quotas_of.items()}


def places_on(child_ids: Collection[int], days: Collection[date], family_id: int | None) -> Held:
    """Live bookings of these children on these days; one query."""
    places: dict[int, list[Place]] = {}
    if not days or not child_ids:
        return Held(places, {}, {})
    rows = _live_bookings(child_ids, days)
    for row in rows:
        places.setdefault(row.place.child_id, []).append(place_of(row.place, family_id))
    drawn = {row.opening.id: integers(row.drawn) for row in rows}
    return Held(places, openings_of(row.opening for row in rows), drawn)


class _Live(NamedTuple):
    """A live booking, its opening, and the quotas that this draws on, listed."""

    place: PlaceRow
    opening: OpeningRow
    drawn: str | None


LIVE_ROWS = columns(_Live, "drawn", place=PLACE, opening=OPENING.through("opening"))


@prepared
def _live_bookings(child_ids: Collection[int], days: Collection[date]) -> QuerySet[Booking, _Live]:
    drawn: QuerySet[Any] = activities.Opening.quotas.through.objects.filter(opening_id=OuterRef("opening_id"))
    listed = drawn.order_by().values("opening_id").annotate(ids=Listed("quota_id")).values("ids")
    rows = Booking.objects.filter(child_id__in=child_ids, day__in=days, state__in=LIVE).order_by("pk")
    return LIVE_ROWS.of(rows.annotate(drawn=Subquery(listed)))


def _bundles(openings: Iterable[Opening]) -> dict[tuple[int, int | None], frozenset[int]]:
    """What must be booked together, by bundle and group; a closed day is left out."""
    kept = [opening for opening in openings if opening.bundle_id is not None and opening.is_open]
    return {
        (bundle_id, group_id): frozenset(
            opening.id
            for opening in kept
            if opening.bundle_id == bundle_id and opening.group_id in (None, group_id)
        )
        for bundle_id, group_id in {(o.bundle_id, o.group_id) for o in kept if o.bundle_id is not None}
    }


def _write(actor: Actor, facts: Facts, done: Settled, *, now: datetime) -> None:
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
    for waiter in done.placed:
        for booking_id, opening_id in zip(waiter.booking_ids, waiter.opening_ids, strict=True):
            opening = facts.openings[opening_id]
            request_id = opened.get((waiter.child_id, opening.activity.id))
            served.setdefault((state_once_served(opening), request_id), []).append(booking_id)
    for (state, request_id), ids in served.items():
        Booking.objects.filter(pk__in=ids).update(state=state, request_id=request_id, changed_at=now)
    counters_write(facts.quotas.values())
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
    journal_saved(actor, done.outcomes, now=now)
    if done.placed:
        tell_placed(facts, done.placed, now=now)


def _asked(actor: Actor, facts: Facts, done: Settled) -> list[Asked]:
    """The cells that an agent must now answer: asked for in this save, or given from the waiting list."""
    asked: list[Asked] = [
        (added.child_id, actor.home_id, added.opening)
        for added in done.added
        if added.state is BookingState.REQUESTED
    ]
    for waiter in done.placed:
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
