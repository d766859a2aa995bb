"""What other pages read of bookings: what is coming, and what is enrolled with nothing booked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.activities import models as activities
from marelle.activities.kinds import BookingMode
from marelle.bookings.models import Booking
from marelle.bookings.planning import homes_of
from marelle.bookings.reading import OPENING_COLUMNS, openings_of, stays_of
from marelle.bookings.rules import may_ask
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.enrolments.models import Enrolment
from marelle.families.selectors import Child

LOOK_AHEAD = timedelta(days=60)
"""How far the next bookable opening is looked for: past it, "until when" is no help to a parent today."""


@dataclass(frozen=True, slots=True)
class NothingBooked:
    """An enrolment with nothing booked ahead. `day` is the first that can still be booked and `closes_at`
    until when, both None when nothing can be booked within two months."""

    enrolment_id: int
    child_id: int
    child_first_name: str
    activity_id: int
    activity_name: str
    day: date | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComingBooking:
    """`offered_until`: for a place offered, the last instant at which the home may take it."""

    day: date
    child_id: int
    child_first_name: str
    slot_name: str
    starts_at: datetime
    ends_at: datetime
    by_hour: bool
    state: BookingState
    booking_id: int = 0
    bundle_id: int | None = None
    offered_until: datetime | None = None


def coming_days(actor: Actor, home: Sequence[Child], *, first: date, last: date) -> tuple[ComingBooking, ...]:
    """What holds a place for these children of the actor's home, from `first` to `last`; one query.

    A place offered is there whatever its day: the answer is awaited now.

    `home` is what `families.selectors.children` gave to this actor.
    What the other home of a child booked is not told here: it is no day of this home.
    """
    if actor.family_id is None:
        return ()
    rows = _coming(actor.home_id, [child.id for child in home], first, last)
    return tuple(ComingBooking(*(*row[:7], BookingState(row[7]), *row[8:])) for row in rows)


@prepared
def _coming(
    family_id: int, child_ids: Collection[int], first: date, last: date
) -> QuerySet[Booking, tuple[Any, ...]]:
    return (
        Booking.objects.holding()
        .filter(
            Q(day__lte=last) | Q(state=BookingState.OFFERED),
            family_id=family_id,
            child_id__in=child_ids,
            day__gte=first,
        )
        .order_by("day", "child__birth_date", "child_id", "starts_at")
        .values_list(
            "day",
            "child_id",
            "child__first_name",
            "opening__slot__name",
            "starts_at",
            "ends_at",
            "opening__slot__by_hour",
            "state",
            "pk",
            "opening__bundle_id",
            "offered_until",
        )
    )


def nothing_booked(actor: Actor, home: Sequence[Child], *, now: datetime) -> tuple[NothingBooked, ...]:
    """Enrolments that a parent books itself and for which nothing is booked from today on.

    One query when there are none; two more, whatever their number, to tell until when.
    """
    if actor.family_id is None:
        return ()
    today = local(now).date()
    rows = _without_booking(actor.home_id, [child.id for child in home], today)
    if not rows:
        return ()
    first_days = _first_bookable(actor, home, {(row[1], row[3]) for row in rows}, today, now)
    return tuple(NothingBooked(*row, *first_days.get((row[1], row[3]), (None, None))) for row in rows)


@prepared
def _without_booking(
    family_id: int, child_ids: Collection[int], today: date
) -> QuerySet[Enrolment, tuple[int, int, str, int, str]]:
    ahead = Booking.objects.live().filter(enrolment_id=OuterRef("pk"), day__gte=today)
    return (
        Enrolment.objects.filter(
            ~Exists(ahead),
            family_id=family_id,
            person_id__in=child_ids,
            state=Enrolment.State.ACCEPTED,
            ends_on__gte=today,
            activity__booking_mode__in=(BookingMode.PARENT, BookingMode.VALIDATED),
        )
        .order_by("person__birth_date", "person_id", "activity__order", "pk")
        .values_list("pk", "person_id", "person__first_name", "activity_id", "activity__name")
    )


def _first_bookable(
    actor: Actor, home: Sequence[Child], wanted: set[tuple[int, int]], today: date, now: datetime
) -> dict[tuple[int, int], tuple[date, datetime | None]]:
    """The first day that each child may still book in each activity, and until when."""
    last = today + LOOK_AHEAD
    found: dict[tuple[int, int], tuple[date, datetime | None]] = {}
    stays = stays_of([child.id for child in home], actor.home_id, first=today, last=last, today=today)
    openings = openings_of(_open_days({activity for _child, activity in wanted}, today, last))
    homes = homes_of(actor, home, (opening.activity for opening in openings.values()), now)
    for opening in openings.values():
        for child_id, activity_id in wanted:
            if activity_id != opening.activity.id or (child_id, activity_id) in found:
                continue
            for stay in stays.get(child_id, ()):
                if stay.activity_id != activity_id:
                    continue
                verdict = may_ask(opening, stay, homes[child_id], now)
                if verdict.why is None:
                    found[child_id, activity_id] = (opening.day, verdict.closes_at)
    return found


@prepared
def _open_days(
    activity_ids: Collection[int], first: date, last: date
) -> QuerySet[activities.Opening, tuple[Any, ...]]:
    rows = activities.Opening.objects.filter(
        activity_id__in=activity_ids, day__gte=first, day__lte=last, state=activities.Opening.State.OPEN
    )
    return rows.order_by("day", "starts_at", "pk").values_list(*OPENING_COLUMNS)
