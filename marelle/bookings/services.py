"""Every write of bookings. One transaction: lock, read again, settle, write, tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, Min, QuerySet, Value, When

from marelle.activities import models as activities
from marelle.bookings.ledger import Change, Facts, Outcome, Quota, Result, Settled, Waiter
from marelle.bookings.models import Booking
from marelle.bookings.planning import homes_of
from marelle.bookings.reading import OPENING_COLUMNS, PLACE_COLUMNS, openings_of, place_of, stays_of
from marelle.bookings.rules import Opening, Place
from marelle.bookings.saving import settle
from marelle.bookings.states import LIVE, BookingState
from marelle.bookings.telling import journal_saved, tell_placed
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.families.models import Person
from marelle.families.selectors import Child, children

__all__ = ["Change", "Outcome", "Result", "bookings_save", "places_freed", "waiting_served"]

MOST_CHANGES = 2_000
"""Cells in one save: four children, a whole year of months. More is no person at a screen."""

MOST_WAITERS = 60
"""Waiting bookings looked at in one save, first in the queue first; the follow-up goes on with the rest."""

ONCE = 200
"""Openings served by one transaction of the follow-up."""

Row = TypeVar("Row", Person, activities.Quota)


def bookings_save(
    *, actor: Actor, changes: Sequence[Change], derogation: str = "", now: datetime
) -> tuple[Outcome, ...]:
    """Save what a home wants, cell by cell: what is possible is kept, what is not says why.

    `now` is when the request arrived. `derogation` is the reason that an agent acting for the family gives
    to pass a deadline, an age or a capacity. Raises `Refusal`, "too_many" or "no_home"; every other "no" is
    an outcome.
    """
    return _save(actor, changes, derogation=derogation.strip()[:300], now=now, locked=True)


def save_unlocked(*, actor: Actor, changes: Sequence[Change], now: datetime) -> tuple[Outcome, ...]:
    """The same without locks: the control of the races' test, which shows what the locks are for."""
    return _save(actor, changes, derogation="", now=now, locked=False)


def places_freed(*, opening_ids: Collection[int], now: datetime) -> None:
    """Every way of freeing a place ends here: those who wait are served once the transaction is committed.

    If the process dies in between, `waiting_served` finds them: what waits and what is free are in the
    tables, and nobody passes the queue meanwhile (`saving` counts those who wait first).
    """
    ids = frozenset(opening_ids)
    transaction.on_commit(lambda: _serve(ids, now), robust=True)


def waiting_served(*, now: datetime) -> int:
    """Give every free place that someone waits for. The worker calls it over and over. Returns how many."""
    rows = (
        Booking.objects.waiting()
        .filter(opening__starts_at__gt=now)
        .annotate(free=Min(F("opening__quotas__capacity") - F("opening__quotas__taken")))
        .filter(free__gt=0)
        .values_list("opening_id", flat=True)
    )
    ids = list(dict.fromkeys(rows))
    return sum(_serve(ids[start : start + ONCE], now) for start in range(0, len(ids), ONCE))


def _save(
    actor: Actor, changes: Sequence[Change], *, derogation: str, now: datetime, locked: bool
) -> tuple[Outcome, ...]:
    if len(changes) > MOST_CHANGES:
        raise Refusal("too_many", most=MOST_CHANGES)
    if not changes:
        return ()
    if actor.family_id is None:
        raise Refusal("no_home")
    home = {child.id: child for child in children(actor, day=local(now).date()) if child.may_book}
    touched = {change.opening_id for change in changes if change.child_id in home}
    frees = any(change.seen and not change.wanted for change in changes)
    with transaction.atomic():
        facts = _read(actor, home, touched, now=now, locked=locked, serve=frees)
        done = settle(facts, changes, now=now, agent=actor.on_behalf_of, derogation=derogation)
        _write(actor, facts, done, now=now)
    return tuple(done.outcomes)


def _serve(opening_ids: Collection[int], now: datetime) -> int:
    with transaction.atomic():
        facts = _read(SYSTEM, {}, set(opening_ids), now=now, locked=True, serve=True)
        done = settle(facts, (), now=now)
        _write(SYSTEM, facts, done, now=now)
    return len(done.placed)


def _read(
    actor: Actor, home: dict[int, Child], touched: set[int], *, now: datetime, locked: bool, serve: bool
) -> Facts:
    """Lock the children, then the quotas, each in the order of their keys, then read everything again.

    Who waits is read before the locks, to know what to lock, and its state again after them.
    """
    queue = _queue_on(touched, now)
    chosen = touched | {row.opening_id for row in queue}
    waiting_children = {row.child_id for row in queue}
    locks = Person.objects.filter(pk__in=set(home) | (waiting_children if serve else set())).order_by("pk")
    list(_lock(locks.only("pk"), locked=locked))
    drawn = activities.Opening.quotas.through.objects.filter(opening_id__in=chosen)
    quota_rows = activities.Quota.objects.filter(pk__in=drawn.values("quota_id")).order_by("pk")
    quotas = {
        row.pk: Quota(row.pk, row.part, row.capacity, row.taken, row.overdraft)
        for row in _lock(quota_rows, locked=locked)
    }
    rows = list(
        activities.Opening.objects.filter(pk__in=chosen)
        .values_list(*OPENING_COLUMNS, "quotas")
        .order_by("pk")
    )
    quotas_of: dict[int, list[int]] = {}
    for row in rows:
        if row[12] is not None and row[12] in quotas:
            quotas_of.setdefault(row[0], []).append(row[12])
    openings = openings_of(rows)
    days = [opening.day for opening in openings.values()]
    people = set(home) | waiting_children
    places, others = _places(people, days, openings, actor.family_id)
    openings |= others
    return Facts(
        openings=openings,
        quotas_of=quotas_of,
        quotas=quotas,
        places=places,
        stays=stays_of(home, actor.home_id, first=min(days), last=max(days)) if home and days else {},
        homes=homes_of(actor, home.values(), (o.activity for o in openings.values()), now),
        names={child.id: child.first_name for child in home.values()},
        bundles=_bundles(openings.values()),
        waiters=_waiters(queue, places),
        serve=serve,
    )


def _lock(rows: QuerySet[Row], *, locked: bool) -> QuerySet[Row]:
    if not locked:
        return rows
    return rows.select_for_update(no_key=connection.features.has_select_for_no_key_update)


@dataclass(frozen=True, slots=True)
class _Queued:
    booking_id: int
    child_id: int
    family_id: int
    opening_id: int
    bundle_id: int | None
    day: date


def _queue_on(opening_ids: Collection[int], now: datetime) -> list[_Queued]:
    """Who waits for an opening that draws on a quota of these, in queue order; bundles come whole."""
    drawn = activities.Opening.quotas.through.objects
    quotas = drawn.filter(opening_id__in=opening_ids).values("quota_id")
    rows = (
        Booking.objects.waiting()
        .filter(
            opening_id__in=drawn.filter(quota_id__in=quotas).values("opening_id"), opening__starts_at__gt=now
        )
        .values_list("pk", "child_id", "family_id", "opening_id", "opening__bundle_id", "day")[:MOST_WAITERS]
    )
    found = [_Queued(*row) for row in rows]
    bundled = {(row.child_id, row.bundle_id) for row in found if row.bundle_id is not None}
    if not bundled:
        return found
    siblings = (
        Booking.objects.waiting()
        .filter(opening__bundle_id__in={bundle for _child, bundle in bundled})
        .exclude(pk__in=[row.booking_id for row in found])
        .values_list("pk", "child_id", "family_id", "opening_id", "opening__bundle_id", "day")
    )
    return found + [
        row for row in (_Queued(*s) for s in siblings) if (row.child_id, row.bundle_id) in bundled
    ]


def _waiters(queue: Iterable[_Queued], places: dict[int, list[Place]]) -> list[Waiter]:
    waiting = {
        place.id for found in places.values() for place in found if place.state is BookingState.WAITING
    }
    units: dict[object, list[_Queued]] = {}
    for row in queue:
        if row.booking_id in waiting:
            key = (row.child_id, row.bundle_id) if row.bundle_id is not None else row.booking_id
            units.setdefault(key, []).append(row)
    return [
        Waiter(
            child_id=unit[0].child_id,
            family_id=unit[0].family_id,
            booking_ids=tuple(row.booking_id for row in unit),
            opening_ids=tuple(row.opening_id for row in unit),
        )
        for unit in units.values()
    ]


def _places(
    child_ids: set[int], days: Collection[date], openings: dict[int, Opening], family_id: int | None
) -> tuple[dict[int, list[Place]], dict[int, Opening]]:
    """Live bookings of these children on these days, with the openings that they are on; one query."""
    places: dict[int, list[Place]] = {}
    if not days or not child_ids:
        return places, {}
    columns = [f"opening__{name}" for name in OPENING_COLUMNS]
    rows = list(
        Booking.objects.filter(child_id__in=child_ids, day__in=set(days), state__in=LIVE)
        .order_by("pk")
        .values_list(*PLACE_COLUMNS, *columns)
    )
    cut = len(PLACE_COLUMNS)
    for row in rows:
        places.setdefault(row[1], []).append(place_of(row[:cut], family_id))
    return places, openings_of(row[cut:] for row in rows if row[2] not in openings)


def _bundles(openings: Iterable[Opening]) -> dict[int, frozenset[int]]:
    ids = {opening.bundle_id for opening in openings if opening.bundle_id is not None}
    found: dict[int, set[int]] = {}
    if ids:
        for bundle_id, pk in activities.Opening.objects.filter(bundle_id__in=ids).values_list(
            "bundle_id", "pk"
        ):
            found.setdefault(bundle_id, set()).add(pk)
    return {bundle_id: frozenset(ids) for bundle_id, ids in found.items()}


def _write(actor: Actor, facts: Facts, done: Settled, *, now: datetime) -> None:
    """Ends before additions, so that the database's "once" holds at every statement."""
    if done.ended:
        causes = [When(pk=end.booking_id, then=Value(end.cause.value)) for end in done.ended]
        Booking.objects.filter(pk__in=[end.booking_id for end in done.ended]).update(
            state=BookingState.CANCELLED, ended_at=now, ended_by=actor.label, end_cause=Case(*causes)
        )
    served = [booking_id for waiter in done.placed for booking_id in waiter.booking_ids]
    if served:
        Booking.objects.filter(pk__in=served).update(state=BookingState.BOOKED)
    for booking_id, derogation in done.placed_for.items():
        Booking.objects.filter(pk=booking_id).update(state=BookingState.BOOKED, derogation=derogation)
    _count(facts, done)
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
            )
            for added in done.added
        ]
    )
    journal_saved(actor, done.outcomes, now=now)
    if done.placed:
        tell_placed(facts, done.placed, now=now)


def _count(facts: Facts, done: Settled) -> None:
    """Write the counters as differences: without the locks, the database's check still stops the eleventh."""
    changed = done.quota_changes(facts)
    if not changed:
        return
    taken: dict[int, list[int]] = {}
    overdraft: dict[int, list[int]] = {}
    for quota in changed:
        taken.setdefault(quota.delta, []).append(quota.id)
        overdraft.setdefault(quota.overdraft_delta, []).append(quota.id)
    activities.Quota.objects.filter(pk__in=[quota.id for quota in changed]).update(
        taken=F("taken") + _by(taken), overdraft=F("overdraft") + _by(overdraft)
    )


def _by(deltas: dict[int, list[int]]) -> Case:
    return Case(
        *(When(pk__in=ids, then=Value(delta)) for delta, ids in deltas.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
