"""A closing is undone: the bookings that it took live again, as new rows, where they still can.

Under the locks of every save. A deadline does not count again, for it was met the first time, nor how much
may be booked, which counted when it was asked for, and is told where it is passed; places, the other bookings
of the child and its enrolment do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from django.db import transaction

from marelle.activities import models as activities
from marelle.activities.kept import NO_MARKS, Marks
from marelle.bookings.closing.services import BATCH, PRIORITY
from marelle.bookings.models import Absence, Booking, ClosedBooking
from marelle.bookings.reading import OPENING, marks_read, openings_of, stays_by_id
from marelle.bookings.rules import Stay, Why
from marelle.bookings.saving.ledger import Facts, Hours
from marelle.bookings.saving.locks import children_locked, counters_write, quotas_drawn, quotas_locked
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.requests import requests_open
from marelle.bookings.saving.services import places_freed
from marelle.bookings.saving.standing import Standing
from marelle.bookings.saving.telling import by_home_and_child, journal_cells, tell_back
from marelle.bookings.shortfalls import children_past
from marelle.bookings.states import HOLDING, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.places.models import Closure

RESTORED = "booking.restored"

NO_ROOM: Final[Mapping[int, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Taken:
    """A booking that a closing took. `state` is the one to give back; `waits`: it was put on the waiting
    list, and still is there."""

    id: int
    child_id: int
    opening_id: int
    stay: Stay | None
    hours: Hours
    state: BookingState
    derogation: str = ""
    waits: bool = False
    kept: Marks = NO_MARKS


@dataclass(frozen=True, slots=True)
class Missing:
    """A booking that could not come back."""

    taken: Taken
    why: Why


@dataclass(frozen=True, slots=True)
class Restored:
    """Bookings back, of how many children, of whom `past` now have more than may be booked; and how many
    bookings could not come back."""

    back: int
    children: int
    missing: int
    past: int = 0


def settle_back(
    facts: Facts,
    taken: Iterable[Taken],
    *,
    begun: bool = False,
    room: Mapping[int, int] = NO_ROOM,
    now: datetime,
) -> tuple[list[Taken], list[Missing]]:
    """Which of these may live again, in their order, and which may not and why. Pure.

    What goes together (a bundle) comes back whole or not at all. An agent's derogation still holds. What was
    booked anew meanwhile is in neither. What has `begun` comes back only when asked for. `room` is how many
    places a quota may hold, by its id, where that is more than its capacity.
    """
    standing = Standing(facts, now)
    units: dict[object, list[Taken]] = {}
    for one in taken:
        if not one.waits and standing.place(one.child_id, one.opening_id) is not None:
            continue
        bundle = facts.openings[one.opening_id].bundle_id
        key = (one.child_id, bundle) if bundle is not None else one.id
        units.setdefault(key, []).append(one)
    back: list[Taken] = []
    missing: list[Missing] = []
    for unit in units.values():
        mark = standing.mark
        no = next(
            (no for one in unit if (no := _why_not(one, standing, room, begun=begun)) is not None), None
        )
        if no is None:
            back += unit
        else:
            standing.back_to(mark)
            missing += [Missing(one, no.why) for one in unit]
    return _without_orphans(back, missing, standing)


def _why_not(one: Taken, standing: Standing, room: Mapping[int, int], *, begun: bool) -> Missing | None:
    """Put the child back, or say why not."""
    opening, stay = standing.facts.openings[one.opening_id], one.stay
    if opening.starts_at <= standing.now and not begun:
        return Missing(one, Why.TOO_LATE)
    if not opening.is_open:
        return Missing(one, Why.CLOSED)
    if stay is None or not stay.first_day <= opening.day <= stay.last_day:
        return Missing(one, Why.OUTSIDE_ENROLMENT)
    if opening.group_id not in (None, stay.group_on(opening.day)) and not one.derogation:
        return Missing(one, Why.OTHER_GROUP)
    if one.state in HOLDING:
        rival = standing.rival(one.child_id, opening, one.hours)
        if rival is not None:
            return Missing(one, rival[0])
        full = any(
            quota.now_taken >= max(quota.capacity, room.get(quota.id, 0))
            for quota in standing.comes_onto(one.child_id, opening, one.hours)
        )
        if full and not one.derogation:
            return Missing(one, Why.FULL)
    standing.put(one.child_id, opening, one.hours, one.state, one.kept)
    return None


def _without_orphans(
    back: list[Taken], missing: list[Missing], standing: Standing
) -> tuple[list[Taken], list[Missing]]:
    """A slot does not come back without the one that it requires; again until nothing changes."""
    while True:
        alone = [one for one in back if one.state in HOLDING and _is_orphan(one, standing)]
        if not alone:
            return back, missing
        for one in alone:
            standing.lift(one.child_id, one.opening_id)
            missing.append(Missing(one, Why.REQUIRES))
        back = [one for one in back if one not in alone]


def _is_orphan(one: Taken, standing: Standing) -> bool:
    opening = standing.facts.openings[one.opening_id]
    return opening.id in standing.orphans(one.child_id, opening.day)


@transaction.atomic
def bookings_restore(
    *, actor: Actor, closure: Closure, opening_ids: Collection[int], now: datetime
) -> Restored:
    """Let what `closure` took on these openings live again where it can; homes are told, and of what cannot.

    Joins the transaction of who undoes the closing, who has checked that the actor may, holds
    `taken_locked`, and has opened what was closed. Those who held a place come first, in the order in which
    they had booked, then the waiting list, each where it stood.
    """
    rows = list(
        ClosedBooking.objects.filter(closure=closure, booking__opening__in=opening_ids, back=None)
        .select_related("booking__child")
        .order_by("booking__created_at", "booking_id")
    )
    rows.sort(key=lambda row: row.state == BookingState.WAITING)
    of = {row.booking_id: row for row in rows}
    facts = facts_back(opening_ids, {row.booking.child_id for row in rows})
    taken = _taken(rows, now)
    back, missing = settle_back(facts, taken, now=now)
    _write(actor, facts, back, of, now)
    _remember(of.values(), missing, facts)
    results = [(one.id, facts.openings[one.opening_id], one.state.value) for one in back]
    gone = [
        (no.taken.id, facts.openings[no.taken.opening_id], "not_back") for no in missing if not no.taken.waits
    ]
    if results:
        journal_cells(actor, RESTORED, by_home_and_child(results), now)
    if results or gone:
        tell_back(by_home_and_child([*results, *gone]), closure=closure, now=now)
    places_freed(opening_ids=opening_ids, now=now)
    cells = [(of[one.id].booking.family_id, one.child_id, facts.openings[one.opening_id]) for one in back]
    return Restored(
        back=len(back),
        children=len({one.child_id for one in back}),
        missing=len(missing),
        past=len(children_past(cells)),
    )


def taken_by(closure: Closure, *, now: datetime) -> dict[int, date]:
    """Openings that have not begun where a closing took bookings that nobody has asked back yet: the day of
    each by its id. Of what stays open to others it is all that the closing did."""
    rows = ClosedBooking.objects.filter(
        closure=closure, back=None, why="", booking__opening__starts_at__gt=now
    )
    return dict(rows.order_by("booking__opening_id").values_list("booking__opening_id", "booking__day"))


def taken_locked(closure: Closure, opening_ids: Collection[int]) -> None:
    """Lock the children whose bookings a closing took, then what these openings draw on."""
    rows = ClosedBooking.objects.filter(closure=closure, booking__opening__in=opening_ids)
    children_locked(set(rows.order_by().values_list("booking__child_id", flat=True)))
    quotas_locked(opening_ids)


def facts_back(opening_ids: Collection[int], children: Collection[int]) -> Facts:
    """What `settle_back` needs, the quotas locked; the children already are."""
    found = activities.Opening.objects.filter(pk__in=opening_ids).order_by("pk")
    openings = openings_of(OPENING.of(found))
    held = places_on(children, {opening.day for opening in openings.values()}, None)
    quotas = quotas_locked(opening_ids)
    return Facts(
        openings=held.openings | openings,
        quotas_of=held.draws_among(quotas) | quotas_drawn(opening_ids),
        quotas=quotas,
        places=held.places,
    )


def _taken(rows: Sequence[ClosedBooking], now: datetime) -> list[Taken]:
    """What may come back: not what its home has given up since it waits."""
    enrolments = {row.booking.enrolment_id for row in rows}
    stays = stays_by_id(enrolments, today=local(now).date())
    found = []
    for row in rows:
        booking = row.booking
        waits = booking.state == BookingState.WAITING
        if not waits and booking.end_cause != EndCause.STRUCTURE:
            continue
        found.append(
            Taken(
                id=booking.pk,
                child_id=booking.child_id,
                opening_id=booking.opening_id,
                stay=stays.get(booking.enrolment_id),
                hours=Hours(booking.starts_at, booking.ends_at),
                state=_given_back(BookingState(row.state)),
                derogation=booking.derogation,
                waits=waits,
                kept=marks_read(booking.kept),
            )
        )
    return found


def _given_back(state: BookingState) -> BookingState:
    """An offer had its time: the child waits again, where it stood."""
    return BookingState.WAITING if state is BookingState.OFFERED else state


def _write(
    actor: Actor, facts: Facts, back: Sequence[Taken], of: dict[int, ClosedBooking], now: datetime
) -> None:
    asked = [
        (one.child_id, of[one.id].booking.family_id, facts.openings[one.opening_id])
        for one in back
        if one.state is BookingState.REQUESTED
    ]
    opened = requests_open(actor=actor, asked=asked, now=now)
    counters_write(facts.quotas.values())
    made: list[Booking] = []
    for one in back:
        old = of[one.id].booking
        request = opened.get((one.child_id, facts.openings[one.opening_id].activity.id))
        request_id = request if one.state is BookingState.REQUESTED else None
        if one.waits:
            old.state, old.request_id, old.changed_at = one.state, request_id, now
            for name in PRIORITY:
                setattr(old, name, getattr(of[one.id], name))
            continue
        made.append(
            Booking(
                opening_id=old.opening_id,
                child_id=old.child_id,
                family_id=old.family_id,
                enrolment_id=old.enrolment_id,
                day=old.day,
                starts_at=old.starts_at,
                ends_at=old.ends_at,
                state=one.state,
                priority=old.priority,
                priority_reason=old.priority_reason,
                priority_by=old.priority_by,
                queued_at=old.queued_at,
                late=old.late,
                derogation=old.derogation,
                passed=old.passed,
                kept=old.kept,
                created_at=old.created_at,
                created_by=old.created_by,
                by_family=old.by_family,
                changed_at=now,
                request_id=request_id,
            )
        )
    still = [of[one.id].booking for one in back if one.waits]
    columns = ["state", "request", "changed_at", *PRIORITY]
    Booking.objects.bulk_update(still, columns, batch_size=BATCH)
    Booking.objects.bulk_create(made, batch_size=BATCH)
    new = iter(made)
    for one in back:
        of[one.id].back = of[one.id].booking if one.waits else next(new)
    _absences_follow([of[one.id] for one in back if not one.waits])


def _remember(rows: Iterable[ClosedBooking], missing: Iterable[Missing], facts: Facts) -> None:
    """Keep which booking is back, also one made anew meanwhile, and why there is none."""
    why = {no.taken.id: no.why for no in missing}
    live = {
        (child_id, place.opening_id): place.id
        for child_id, places in facts.places.items()
        for place in places
        if place.id
    }
    kept = list(rows)
    for row in kept:
        row.why = why.get(row.booking_id, "")
        if row.back_id is None and not row.why:
            row.back_id = live.get((row.booking.child_id, row.booking.opening_id))
    ClosedBooking.objects.bulk_update(kept, ["back", "why"], batch_size=BATCH)


def _absences_follow(rows: Sequence[ClosedBooking]) -> None:
    """A child told absent is still told absent."""
    now_on = {row.booking_id: row.back_id for row in rows}
    absences = list(Absence.objects.filter(booking_id__in=now_on))
    for absence in absences:
        absence.booking_id = now_on[absence.booking_id]  # type: ignore[assignment]
    Absence.objects.bulk_update(absences, ["booking"], batch_size=BATCH)
