"""What a home says of what it waits for: these together or not at all, or one of these is enough.

Those of which one is enough are given in the order that the home prefers: what it is given, or takes, makes
it leave the lists of the others; while one is offered the others are not, and keep their rank.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Final

from django.db import transaction
from django.db.models import Q

from marelle.bookings.models import Booking, Passing
from marelle.bookings.reading import ChildBooking, held, ranks_of
from marelle.bookings.refusals import WaitingRefused
from marelle.bookings.rules import Opening, Place, clash
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.ledger import Short
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.saving.queue import QUEUED, Queued
from marelle.bookings.saving.services import places_freed
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import own_home_locked
from marelle.families.selectors import bookable_people, children
from marelle.journal.services import Act, record_many

TOGETHER, PREFERRED, APART, LEFT = (
    "booking.waits_together",
    "booking.waits_for_one",
    "booking.waits_apart",
    "booking.waits_no_more",
)

MOST_TOGETHER: Final = 200
"""Places waited for together: two children, all the Wednesdays of two years. More is no home's."""


@dataclass(frozen=True, slots=True)
class Waited:
    """A place that is waited for. `short`: what it lacked when it was passed, and when, if ever."""

    child_name: str
    opening: Opening
    place: Place
    rank: int | None
    short: Short | None
    passed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unit:
    """What is given all or none. `key` is the lowest of its bookings; `may_change`: the actor books for all
    of its children; `offered`: it is held for the home, which has to answer."""

    key: int
    waited: tuple[Waited, ...]
    together: bool
    one_of: int | None
    preference: int
    may_change: bool
    offered: bool


@transaction.atomic
def waiting_together(*, actor: Actor, booking_ids: Collection[int], now: datetime) -> None:
    """Wait for these, with what each goes with already, together or not at all, from when the last was asked.

    Raises NotYours, HomeGone, and WaitingRefused: "waits_no_more", "not_all_yours", "join_two",
    "join_preferred", "join_order", "join_clash", "join_authorities", "join_many".
    """
    units = _locked(actor, booking_ids, now)
    rows = [row for unit in units for row in unit]
    if any(row.one_of is not None for row in rows):
        raise WaitingRefused("join_preferred")
    bookings = held(Booking.objects.filter(pk__in=[row.booking_id for row in rows]), None)
    if _clashes(bookings):
        raise WaitingRefused("join_clash")
    if len({one.opening.activity.authority_id for one in bookings}) > 1:
        raise WaitingRefused("join_authorities")
    _write(rows, waits_with=min(row.booking_id for row in rows), queued_at=_since(rows))
    _journal(actor, TOGETHER, rows, now)


@transaction.atomic
def waiting_for_one(*, actor: Actor, order: Mapping[int, int], now: datetime) -> None:
    """One of these is enough: by booking, the place that it has in the home's order. All of them are of the
    same children, and wait from when the last was asked.

    Raises as `waiting_together`, and WaitingRefused: "same_children", "same_rank".
    """
    units = _locked(actor, order, now)
    rows = [row for unit in units for row in unit]
    if any(row.one_of is not None for row in rows):
        raise WaitingRefused("join_preferred")
    if len({frozenset(row.child_id for row in unit) for unit in units}) > 1:
        raise WaitingRefused("same_children")
    wanted = [{order[row.booking_id] for row in unit if row.booking_id in order} for unit in units]
    if any(len(ranks) > 1 for ranks in wanted) or len({min(ranks) for ranks in wanted}) < len(units):
        raise WaitingRefused("same_rank")
    number, since = min(row.booking_id for row in rows), _since(rows)
    for preference, (_rank, unit) in enumerate(
        sorted(zip((min(ranks) for ranks in wanted), units, strict=True), key=lambda one: one[0]), start=1
    ):
        _write(unit, one_of=number, preference=preference, queued_at=since)
    _journal(actor, PREFERRED, rows, now)


@transaction.atomic
def waiting_apart(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """Wait for each place by itself again, at the rank that it has: of all that was together with this one,
    or of which one was enough. Raises NotYours, HomeGone, and WaitingRefused: "waits_no_more",
    "not_all_yours", "answer_first" while one of them is offered."""
    (unit,) = _locked(actor, [booking_id], now, least=1)
    rows = _linked(actor, unit)
    if any(row.state != BookingState.WAITING for row in rows):
        raise WaitingRefused("answer_first")
    _may_book(actor, {row.child_id for row in rows}, now)
    ids = [row.pk for row in rows]
    Booking.objects.filter(pk__in=ids).update(waits_with=None, one_of=None, preference=0)
    _journal(actor, APART, unit, now)
    places_freed(opening_ids={row.opening_id for row in rows}, now=now)


@transaction.atomic
def waiting_leave(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """Leave the list, with all that is waited for together with this. Raises NotYours, HomeGone, and
    WaitingRefused: "waits_no_more", "not_all_yours"."""
    (unit,) = _locked(actor, [booking_id], now, least=1)
    bookings_end(actor=actor, booking_ids=[row.booking_id for row in unit], cause=EndCause.FAMILY, now=now)
    _journal(actor, LEFT, unit, now)
    places_freed(opening_ids={row.opening_id for row in unit}, now=now)


def waits_of(actor: Actor, *, now: datetime) -> tuple[Unit, ...]:
    """What the actor's home waits for from now on, and what of it is offered, in the order of the days; those
    of which one is enough beside each other, in its order. A fixed number of queries."""
    home = {child.id: child for child in children(actor, day=local(now).date())}
    rows = Booking.objects.filter(
        Q(state=BookingState.WAITING)
        | Q(state=BookingState.OFFERED) & (Q(waits_with__isnull=False) | Q(one_of__isnull=False)),
        family_id=actor.home_id,
        child_id__in=home,
        opening__starts_at__gt=now,
    )
    found = {row.place.id: row for row in held(rows.order_by("starts_at", "pk"), actor.family_id)}
    if not found:
        return ()
    ranks = ranks_of({(row.child_id, row.opening.id) for row in found.values()})
    passed = {one.booking_id: one for one in Passing.objects.filter(booking_id__in=found)}
    units: dict[object, list[Queued]] = {}
    for queued in (row.at(now) for row in QUEUED.of(rows.order_by("starts_at", "pk"))):
        units.setdefault(queued.unit, []).append(queued)

    def waited(row: Queued) -> Waited:
        one, short = found[row.booking_id], passed.get(row.booking_id)
        return Waited(
            child_name=row.child_name,
            opening=one.opening,
            place=one.place,
            rank=ranks.get((row.child_id, row.opening_id)),
            short=Short(short.needed, short.left) if short else None,
            passed_at=short.at if short else None,
        )

    made = [
        Unit(
            key=min(row.booking_id for row in unit),
            waited=tuple(waited(row) for row in unit),
            together=unit[0].waits_with is not None and len(unit) > 1,
            one_of=unit[0].one_of,
            preference=unit[0].preference,
            may_change=all(home[row.child_id].may_book for row in unit),
            offered=any(found[row.booking_id].place.holds for row in unit),
        )
        for unit in units.values()
    ]
    first = {one.one_of: number for number, one in reversed(list(enumerate(made))) if one.one_of is not None}
    order = sorted(
        enumerate(made),
        key=lambda one: (first.get(one[1].one_of, one[0]) if one[1].one_of else one[0], one[1].preference),
    )
    return tuple(unit for _number, unit in order)


def _locked(actor: Actor, booking_ids: Iterable[int], now: datetime, *, least: int = 2) -> list[list[Queued]]:
    """The units of these bookings, once the home and their children are locked."""
    own_home_locked(actor)
    wanted = set(booking_ids)
    mine = Booking.objects.filter(family_id=actor.home_id)
    if mine.filter(pk__in=wanted).count() < len(wanted):
        raise NotYours
    rows = mine.filter(state=BookingState.WAITING, opening__starts_at__gt=now)
    children_locked(set(rows.values_list("child_id", flat=True)))
    units: dict[object, list[Queued]] = {}
    for row in (row.at(now) for row in QUEUED.of(rows.order_by("starts_at", "pk"))):
        units.setdefault(row.unit, []).append(row)
    found = [unit for unit in units.values() if any(row.booking_id in wanted for row in unit)]
    if not wanted <= {row.booking_id for unit in found for row in unit}:
        raise WaitingRefused("waits_no_more")
    _may_book(actor, {row.child_id for unit in found for row in unit}, now)
    if len(found) < least:
        raise WaitingRefused("join_two")
    if sum(len(unit) for unit in found) > MOST_TOGETHER:
        raise WaitingRefused("join_many")
    if len({row.priority for unit in found for row in unit}) > 1 and least > 1:
        raise WaitingRefused("join_order")
    return found


def _may_book(actor: Actor, child_ids: Collection[int], now: datetime) -> None:
    people = bookable_people(actor, day=local(now).date()).filter(pk__in=child_ids)
    if people.count() < len(child_ids):
        raise WaitingRefused("not_all_yours")


def _linked(actor: Actor, unit: Sequence[Queued]) -> list[Booking]:
    """All live bookings of the home that go together with these, or of which one was enough."""
    beside = Q(pk__in=[row.booking_id for row in unit])
    if unit[0].waits_with is not None:
        beside |= Q(waits_with=unit[0].waits_with)
    if unit[0].one_of is not None:
        beside |= Q(one_of=unit[0].one_of)
    return list(Booking.objects.live().filter(beside, family_id=actor.home_id).order_by("pk"))


def _clashes(found: Sequence[ChildBooking]) -> bool:
    """Whether a child would be in two places at once."""
    return any(
        one.child_id == two.child_id
        and clash(
            one.opening,
            one.place.starts_at,
            one.place.ends_at,
            two.opening,
            replace(two.place, state=BookingState.BOOKED),
        )
        is not None
        for one, two in combinations(found, 2)
    )


def _since(rows: Iterable[Queued]) -> datetime | None:
    """When the last of them was asked: nobody gets before others by what it adds."""
    return max((row.queued_at for row in rows if row.queued_at is not None), default=None)


def _write(rows: Iterable[Queued], **fields: object) -> None:
    Booking.objects.filter(pk__in=[row.booking_id for row in rows]).update(**fields)


def _journal(actor: Actor, verb: str, rows: Iterable[Queued], now: datetime) -> None:
    by_child: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        by_child.setdefault((row.child_id, row.child_name), []).append(row.opening_id)
    acts = [
        Act(
            verb=verb,
            subject=Subject("person", child_id, name),
            family_id=actor.home_id,
            data={"openings": opening_ids},
        )
        for (child_id, name), opening_ids in by_child.items()
    ]
    record_many(actor=actor, acts=acts, now=now)
