"""Children change groups: each later booking goes to the same slot of the same day in the other group.

What belongs together (a day, a bundle) moves whole or not at all. A place for which somebody waits is not
taken. Of several children, each finds the places that those before it have left. A child has one booking of
an opening: one that waits ends where there is already one, and a place that arrives ends one that waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2s

from django.db.models import F, Q

from marelle.activities import models as activities
from marelle.bookings.models import Booking
from marelle.bookings.reading import OPENING, ChildBooking, held, openings_of
from marelle.bookings.rules import Opening, Place, Why
from marelle.bookings.saving.freeing import bookings_end, parted_by, parted_end, places_given_back
from marelle.bookings.saving.ledger import Facts, Hours
from marelle.bookings.saving.locks import (
    QUOTA,
    counters_write,
    lock,
    openings_along,
    quotas_drawn,
    with_parts,
)
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.requests import requests_withdraw_empty
from marelle.bookings.saving.services import places_freed
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor


class Fate(StrEnum):
    """What becomes of a booking: it moves; it waits for what the child has, or waits for, there already, and
    ends; or it does not move because the other group is full that day, does not hold the slot, or the child
    is elsewhere at that time, or has a place of other hours in that very slot."""

    MOVES = "moves"
    THERE = "there"
    FULL = "full"
    NOT_HELD = "not_held"
    ELSEWHERE = "elsewhere"


class Then(StrEnum):
    """What the agent wants of the bookings that cannot move."""

    KEEP = "keep"
    QUEUE = "queue"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Moving:
    """A later booking. `target` is the opening of the other group, None where there is none; `waits_there`
    the booking by which the child waits for it already, as long as this one holds a place."""

    child_id: int
    opening: Opening
    place: Place
    target: Opening | None
    fate: Fate
    waits_there: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What moving would do, in the order of the days; `mark` says what the agent was shown."""

    moves: tuple[Moving, ...]
    mark: str

    @property
    def moving(self) -> tuple[Moving, ...]:
        return tuple(one for one in self.moves if one.fate is Fate.MOVES)

    @property
    def stuck(self) -> tuple[Moving, ...]:
        """Those for which the agent chooses."""
        return tuple(one for one in self.moves if one.fate not in {Fate.MOVES, Fate.THERE})


@dataclass(frozen=True, slots=True)
class Moved:
    """How many bookings moved, were kept, wait, were cancelled; how many waits ended there."""

    moved: int = 0
    kept: int = 0
    queued: int = 0
    cancelled: int = 0
    there: int = 0


def settle_moves(
    standing: Standing,
    child_id: int,
    rows: Sequence[tuple[Opening, Place, Opening | None]],
    awaited: Collection[int],
    claimed: set[tuple[int, int]],
) -> tuple[Moving, ...]:
    """What becomes of each booking; `awaited` are the openings for which another child waits. Pure.

    The standing is left as it is once what can move has moved, and `claimed` knows the openings (of each
    child) that a booking goes to or may wait for: no other of the same child does.
    """
    units: dict[object, list[tuple[Opening, Place, Opening | None]]] = {}
    for row in rows:
        opening, _place, _target = row
        bundle = opening.bundle_id
        units.setdefault(("bundle", bundle) if bundle is not None else opening.day, []).append(row)
    found: list[Moving] = []
    for unit in units.values():
        mark = standing.mark
        for opening, _place, _target in unit:
            standing.lift(child_id, opening.id)
        # A place goes before a wait for the same.
        told = [_put(standing, child_id, row, awaited, claimed) for row in sorted(unit, key=_waits)]
        no = next((one.fate for one in told if one.fate not in {Fate.MOVES, Fate.THERE}), None)
        if no is not None:
            standing.back_to(mark)
            told = [replace(one, fate=no) if one.fate is Fate.MOVES else one for one in told]
        found += told
    return tuple(sorted(found, key=lambda one: (one.opening.day, one.opening.starts_at, one.place.id)))


def _waits(row: tuple[Opening, Place, Opening | None]) -> bool:
    _opening, place, _target = row
    return not place.holds


def _put(
    standing: Standing,
    child_id: int,
    row: tuple[Opening, Place, Opening | None],
    awaited: Collection[int],
    claimed: set[tuple[int, int]],
) -> Moving:
    opening, place, target = row
    fate = Fate.NOT_HELD if target is None else _fate(standing, child_id, place, target, awaited, claimed)
    if target is None or fate not in {Fate.MOVES, Fate.FULL}:
        return Moving(child_id, opening, place, target, fate)
    there = standing.place(child_id, target.id)
    if fate is Fate.MOVES:
        standing.put(child_id, target, _hours(place, target), place.state, place.kept)
    claimed.add((child_id, target.id))
    return Moving(child_id, opening, place, target, fate, None if there is None else there.id)


def _fate(
    standing: Standing,
    child_id: int,
    place: Place,
    target: Opening,
    awaited: Collection[int],
    claimed: Collection[tuple[int, int]],
) -> Fate:
    hours = _hours(place, target)
    if not target.is_open or hours.starts_at >= hours.ends_at:
        return Fate.NOT_HELD  # The hours chosen are over before the other group's begin, or the reverse.
    there = standing.place(child_id, target.id)
    if not place.holds:
        return Fate.MOVES if there is None and (child_id, target.id) not in claimed else Fate.THERE
    if (child_id, target.id) in claimed or (there is not None and there.holds):
        return Fate.ELSEWHERE
    if standing.rival(child_id, target, hours) is not None:
        return Fate.ELSEWHERE
    takes_it = target.id in awaited and bool(standing.comes_onto(child_id, target, hours))
    lacks = takes_it or standing.lacks(child_id, target, hours, place.kept) is not None
    return Fate.FULL if lacks else Fate.MOVES


def _hours(place: Place, target: Opening) -> Hours:
    """The hours chosen, by the hour; else those of the opening."""
    if target.slot.by_hour:
        return Hours(max(place.starts_at, target.starts_at), min(place.ends_at, target.ends_at))
    return Hours(target.starts_at, target.ends_at)


def moving_plan(enrolment_id: int, *, group_id: int, since: date, now: datetime) -> Plan:
    """What moving the bookings of an enrolment from a day would do."""
    return moving_plans([enrolment_id], group_id=group_id, since=since, now=now)[enrolment_id]


def moving_plans(
    enrolment_ids: Sequence[int], *, group_id: int, since: date, now: datetime
) -> dict[int, Plan]:
    """The same of several enrolments in one activity, in the order in which they are served."""
    return _plans(enrolment_ids, group_id, since, now, locked=False)[1]


def mark_of(plans: Mapping[int, Plan]) -> str:
    """What the agent was shown of several plans; of one, its own mark."""
    marks = [plan.mark for plan in plans.values()]
    return marks[0] if len(marks) == 1 else _digest([*plans, *marks])


def bookings_move(
    *,
    actor: Actor,
    enrolment_ids: Sequence[int],
    group_id: int,
    since: date,
    then: Then,
    derogation: str,
    mark: str,
    now: datetime,
) -> tuple[dict[int, Plan], dict[int, Moved] | None]:
    """Move what can, and do `then` with the rest, by enrolment; None, and nothing done, when it is not what
    was shown.

    Joins the caller's transaction, which has checked that the actor may, and holds the locks of the children.
    The quotas of both groups are locked here, in the order of their keys, with those of what goes along.
    """
    standing, plans = _plans(enrolment_ids, group_id, since, now, locked=True)
    if mark_of(plans) != mark:
        return plans, None
    stuck = [one for plan in plans.values() for one in plan.stuck]
    full = [one for one in stuck if one.fate is Fate.FULL and one.target is not None]
    queued = full if then is Then.QUEUE else []
    waiting = {one.place.id for one in queued}
    kept = [one.place.id for one in stuck] if then is Then.KEEP else []
    gone = [one.place.id for one in stuck if one.place.id not in waiting and one.place.id not in kept]
    moved = [one for plan in plans.values() for one in plan.moving]
    goes_waiting = [one for one in queued if one.waits_there is None]
    parted = parted_by([ChildBooking(one.child_id, one.opening, one.place) for one in queued], now=now)
    for one in goes_waiting:
        standing.lift(one.child_id, one.opening.id)
    # Before what moves: a child has one live booking of an opening.
    twice = [one.waits_there for one in moved if one.waits_there is not None]
    twice += [one.place.id for plan in plans.values() for one in plan.moves if one.fate is Fate.THERE]
    bookings_end(actor=actor, booking_ids=twice, cause=EndCause.CHANGED, now=now)
    counters_write(standing.facts.quotas.values())
    _write([*moved, *goes_waiting], waiting, now=now)
    twice = [one.place.id for one in queued if one.waits_there is not None]
    bookings_end(actor=actor, booking_ids=twice, cause=EndCause.CHANGED, now=now)
    kept_rows = Booking.objects.filter(pk__in=kept, derogation="")  # An older reason says more than this one.
    kept_rows.update(derogation=derogation, passed=Why.OTHER_GROUP, changed_at=now)
    requests_withdraw_empty(actor=actor, booking_ids=list(waiting), now=now)
    bookings_end(actor=actor, booking_ids=gone, cause=EndCause.STRUCTURE, now=now)
    places_given_back(parted.go, now=now)
    parted_end(actor=actor, parted=parted, now=now)
    places_freed(opening_ids={one.opening.id for one in (*moved, *queued)}, now=now)
    ends = (waiting, set(kept), set(gone))
    return plans, {pk: _counted(plan, *ends) for pk, plan in plans.items()}


def _counted(plan: Plan, waiting: Collection[int], kept: Collection[int], gone: Collection[int]) -> Moved:
    ids = [one.place.id for one in plan.stuck]
    queued, stay, ended = (sum(pk in those for pk in ids) for those in (waiting, kept, gone))
    there = sum(one.fate is Fate.THERE for one in plan.moves)
    return Moved(len(plan.moving), stay, queued, ended, there)


def _write(rows: Iterable[Moving], waiting: Collection[int], *, now: datetime) -> None:
    """Those that go to the same opening at the same hours are one statement."""
    alike: dict[tuple[int, Hours, bool], list[int]] = {}
    for one in rows:
        if one.target is not None:
            key = (one.target.id, _hours(one.place, one.target), one.place.id in waiting)
            alike.setdefault(key, []).append(one.place.id)
    for (target_id, hours, waits), ids in alike.items():
        found = Booking.objects.filter(pk__in=ids)
        found.update(opening_id=target_id, starts_at=hours.starts_at, ends_at=hours.ends_at, changed_at=now)
        if waits:
            found.update(
                state=BookingState.WAITING,
                queued_at=F("created_at"),
                offered_until=None,
                waits_with=None,
                one_of=None,
            )


def _plans(
    enrolment_ids: Sequence[int], group_id: int, since: date, now: datetime, *, locked: bool
) -> tuple[Standing, dict[int, Plan]]:
    activity_id = activities.AgeGroup.objects.values_list("activity_id", flat=True).get(pk=group_id)
    later = activities.Opening.objects.filter(activity_id=activity_id, day__gte=since)
    openings_drawn = Q(openings__in=later)
    if locked:
        openings_drawn |= Q(openings__in=openings_along(later))
    quotas = activities.Quota.objects.filter(openings_drawn).distinct()
    drawn = activities.Quota.objects.filter(pk__in=quotas.values("pk")).order_by("pk")
    counters = with_parts(QUOTA.of(lock(drawn) if locked else drawn))
    live = Booking.objects.filter(
        enrolment_id__in=enrolment_ids, day__gte=since, starts_at__gt=now, state__in=LIVE
    )
    mine = live.exclude(opening__group_id=None).exclude(opening__group_id=group_id)
    rows = held(mine.order_by("day", "starts_at", "pk"), None)
    enrolment_of = dict(mine.values_list("pk", "enrolment_id"))
    days = {opening.day for _child, opening, _place in rows}
    theirs = openings_of(OPENING.of(later.filter(group_id=group_id, day__in=days).order_by("pk")))
    openings = {opening.id: opening for _child, opening, _place in rows} | theirs
    children = {child for child, _opening, _place in rows}
    there = places_on(children, days, None)
    facts = Facts(
        openings=there.openings | openings,
        quotas=counters,
        quotas_of=there.draws_among(counters) | quotas_drawn(openings),
        places=there.places,
    )
    by_slot = {(one.slot.id, one.day, one.title): one for one in theirs.values()}
    waiters: dict[int, set[int]] = {}
    queue = Booking.objects.filter(opening__in=theirs, state=BookingState.WAITING)
    for opening_id, child_id in queue.values_list("opening_id", "child_id"):
        waiters.setdefault(opening_id, set()).add(child_id)
    wanted: dict[int, list[ChildBooking]] = {pk: [] for pk in enrolment_ids}
    for row in rows:
        wanted[enrolment_of[row.place.id]].append(row)
    standing = Standing(facts, now)
    claimed: set[tuple[int, int]] = set()
    plans: dict[int, Plan] = {}
    for enrolment_id, those in wanted.items():
        moves: tuple[Moving, ...] = ()
        if those:
            child_id = those[0][0]
            awaited = {opening_id for opening_id, ids in waiters.items() if ids - {child_id}}
            targets = [
                (opening, place, by_slot.get((opening.slot.id, opening.day, opening.title)))
                for _child, opening, place in those
            ]
            moves = settle_moves(standing, child_id, targets, awaited, claimed)
            for one in moves:
                if one.fate is Fate.MOVES and one.target is not None and one.waits_there is not None:
                    waiters[one.target.id].discard(child_id)
        plans[enrolment_id] = Plan(moves, _mark(enrolment_id, group_id, since, moves))
    return standing, plans


def _mark(enrolment_id: int, group_id: int, since: date, moves: Iterable[Moving]) -> str:
    """Who goes where from when, and each booking with where it goes: another group or day is another plan,
    even where nothing is booked."""
    told = [
        (one.place.id, one.place.state.value, one.fate.value, one.target and one.target.id, one.waits_there)
        for one in moves
    ]
    return _digest([enrolment_id, group_id, since.isoformat(), told])


def _digest(told: Sequence[object]) -> str:
    return blake2s(repr(told).encode(), digest_size=8).hexdigest()
