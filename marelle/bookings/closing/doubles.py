"""What two records of one child hold between them that one child may not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marelle.bookings.models import Absence, Booking
from marelle.bookings.reading import ChildBooking, held
from marelle.bookings.rules import Opening, clash
from marelle.bookings.saving.freeing import bookings_end
from marelle.bookings.saving.ledger import Facts
from marelle.bookings.saving.locks import counters_write, quotas_locked
from marelle.bookings.saving.places import places_on
from marelle.bookings.saving.services import places_freed
from marelle.bookings.saving.standing import Standing
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor

SUREST = (BookingState.BOOKED, BookingState.OFFERED, BookingState.REQUESTED, BookingState.WAITING)


@dataclass(frozen=True, slots=True)
class Double:
    """`ended_id` gives way to `kept_id`, on the same opening or on one that excludes it."""

    kept_id: int
    ended_id: int
    opening: Opening


def doubles(pairs: Mapping[int, int], *, day: date) -> tuple[Double, ...]:
    """Among live bookings of children who are the same, by id of who goes and of who stays; one query.

    The surest state is kept, then that of the record that stays. On days before `day` only the same opening
    counts: what was lived is not judged again.
    """
    if not pairs:
        return ()
    rows = Booking.objects.filter(child_id__in={*pairs, *pairs.values()}, state__in=LIVE)
    by_child: dict[int, list[ChildBooking]] = {}
    for row in held(rows.order_by("pk"), None):
        by_child.setdefault(pairs.get(row.child_id, row.child_id), []).append(row)
    return tuple(found for stays, mine in by_child.items() for found in _doubles(stays, mine, day))


def doubles_end(*, actor: Actor, found: Iterable[Double], now: datetime) -> int:
    """End the bookings that give way; their places are given back. An absence told of one is told of the
    other. Joins the caller's transaction, which has locked the children. Returns how many."""
    ended = list(found)
    for double in ended:
        if not Absence.objects.filter(booking_id=double.kept_id).exists():
            Absence.objects.filter(booking_id=double.ended_id).update(booking_id=double.kept_id)
    return len(
        bookings_end(
            actor=actor, booking_ids=[double.ended_id for double in ended], cause=EndCause.CHANGED, now=now
        )
    )


def counted_once(pairs: Mapping[int, int], *, now: datetime) -> None:
    """Of children who are the same, by id of who goes and of who stays: where both hold a place on a quota,
    one child is on it from now on, and the place of the other goes to who waits.

    Joins the caller's transaction, which has locked the children, ended the `doubles`, and makes one child of
    each pair next.
    """
    going = Booking.objects.holding().filter(child_id__in=pairs).order_by()
    opening_ids = set(going.values_list("opening_id", flat=True))
    if not opening_ids:
        return
    quotas = quotas_locked(opening_ids)
    held_by = places_on({*pairs, *pairs.values()}, set(going.values_list("day", flat=True)), None)
    facts = Facts(held_by.openings, held_by.draws_among(quotas), quotas, held_by.places)
    standing = Standing(facts, now)
    for child_id, stays in pairs.items():
        for place in held_by.places.get(child_id, ()):
            if place.holds:
                standing.lift(child_id, place.opening_id)
                opening = held_by.openings[place.opening_id]
                standing.put(stays, opening, place, place.state, place.kept)
    counters_write(quotas.values())
    places_freed(opening_ids=opening_ids, now=now)


def _doubles(stays: int, mine: list[ChildBooking], day: date) -> Iterable[Double]:
    """Two that exclude each other share a day, so each is compared with those kept of its days alone: two
    records of a year hold a thousand bookings."""
    kept: list[ChildBooking] = []
    of_day: dict[date, list[int]] = defaultdict(list)
    for row in sorted(
        mine, key=lambda one: (SUREST.index(one.place.state), one.child_id != stays, one.place.id)
    ):
        days = _days(row)
        near = sorted({number for one_day in days for number in of_day[one_day]})
        rival = next(
            (
                other
                for other in map(kept.__getitem__, near)
                if other.child_id != row.child_id and _excluded(row, other, day)
            ),
            None,
        )
        if rival is None:
            for one_day in days:
                of_day[one_day].append(len(kept))
            kept.append(row)
        else:
            yield Double(rival.place.id, row.place.id, row.opening)


def _days(row: ChildBooking) -> set[date]:
    """The day of the opening, and each that the hours booked touch."""
    first, last = row.place.starts_at.date(), row.place.ends_at.date()
    return {row.opening.day, *(first + timedelta(days=number) for number in range((last - first).days + 1))}


def _excluded(row: ChildBooking, other: ChildBooking, day: date) -> bool:
    if row.opening.id == other.opening.id:
        return True
    hours = row.place.starts_at, row.place.ends_at
    return row.opening.day >= day and clash(row.opening, *hours, other.opening, other.place) is not None
