"""The structure closes: what was booked or waited for is cancelled, and the guardians are told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marelle.bookings.models import Booking, ClosedBooking
from marelle.bookings.reading import ChildBooking, held
from marelle.bookings.saving.freeing import bookings_end, parted_by
from marelle.bookings.saving.locks import children_locked, openings_along, quotas_locked
from marelle.bookings.saving.telling import by_home_and_child, journal_cells, tell_closed
from marelle.bookings.saving.together import Parted
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.actor import Actor
from marelle.enrolments.models import Enrolment
from marelle.families.models import Schooling
from marelle.families.selectors import at_school
from marelle.places.models import Closure
from marelle.places.rules import school_year_of

CLOSED = "booking.closed"
BATCH = 1_000
PRIORITY = ("priority", "priority_reason", "priority_by")


@dataclass(slots=True)
class ChildTouched:
    """A child of a home booked on what closes: (day, slot, whether it only waits), in order."""

    child_id: int
    family_id: int
    name: str
    places: list[tuple[date, str, bool]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not all(waits for _day, _slot, waits in self.places)


def live_on(opening_ids: Collection[int]) -> QuerySet[Booking]:
    """What lives on these openings, waiting ones included."""
    return Booking.objects.filter(opening_id__in=opening_ids, state__in=LIVE)


def of_pupils(school_id: int, openings: Iterable[tuple[int, date]]) -> Q:
    """Bookings on these openings, each by its id and day, of the children who go to this school in the school
    year of that day; of no child whose school nobody has noted."""
    of_year: dict[int, list[int]] = {}
    for opening_id, day in openings:
        of_year.setdefault(school_year_of(day), []).append(opening_id)
    pupils = Schooling.objects.filter(child_id=OuterRef("child_id"), school_id=school_id)
    found = Q(pk__in=[])
    for year, opening_ids in of_year.items():
        there = pupils.filter(at_school(OuterRef("day")), school_year=year)
        found |= Q(opening_id__in=opening_ids) & Q(Exists(there))
    return found


def children_touched(bookings: QuerySet[Booking]) -> list[ChildTouched]:
    """Whose bookings these are, by name; one query. Rights are the caller's to check."""
    rows = bookings.order_by(
        "child__last_name", "child__first_name", "child_id", "family_id", "starts_at", "pk"
    ).values_list(
        "child_id",
        "family_id",
        "child__first_name",
        "child__last_name",
        "day",
        "opening__slot__name",
        "state",
    )
    found: dict[tuple[int, int], ChildTouched] = {}
    for child_id, family_id, first_name, last_name, day, slot, state in rows:
        one = ChildTouched(child_id, family_id, f"{first_name} {last_name}")
        one = found.setdefault((child_id, family_id), one)
        one.places.append((day, slot, state == BookingState.WAITING))
    return list(found.values())


def bookings_locked(opening_ids: Collection[int]) -> None:
    """Lock every child that could book on these openings, booked or not, then what they draw on, and what
    goes along with them does.

    A save that waits for one of them then reads what the caller is about to do, and one that came before is
    seen by it.
    """
    enrolled = Enrolment.objects.filter(
        activity__openings__in=opening_ids,
        state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED),
        starts_on__lte=F("activity__openings__day"),
        ends_on__gte=F("activity__openings__day"),
    )
    booked = live_on(opening_ids).order_by().values_list("child_id", flat=True)
    children_locked({*enrolled.order_by().values_list("person_id", flat=True).distinct(), *booked})
    quotas_locked({*opening_ids, *openings_along(opening_ids)})


@transaction.atomic
def closed_bookings_end(
    *,
    actor: Actor,
    closure: Closure,
    bookings: QuerySet[Booking],
    still_open: Collection[int] = (),
    now: datetime,
) -> tuple[ChildBooking, ...]:
    """Cancel these bookings, which a closing takes, waiting ones too, and what goes along with them; journal
    it, and tell it.

    Joins the transaction of who closes, who has checked that the actor may, holds `bookings_locked`, and
    closes the openings next, but for those `still_open` to others. Freed places of those, and of gauges
    shared with other openings, go to who waits for them.
    """
    ended = bookings_end(
        actor=actor,
        booking_ids=bookings.values_list("pk", flat=True),
        cause=EndCause.STRUCTURE,
        tells=True,
        now=now,
    )
    if ended:
        taken_note(closure, ended)
        closed = by_home_and_child([(row.place.id, row.opening, what_became(row)) for row in ended])
        journal_cells(actor, CLOSED, closed, now)
        tell_closed(closed, closure=closure, still_open=still_open, now=now)
    return ended


def parted_seen(bookings: QuerySet[Booking], *, now: datetime) -> Parted:
    """What ending these bookings would part, to look at; two queries at most."""
    return parted_by(held(bookings.order_by("pk"), None), now=now)


def taken_note(closure: Closure, rows: Iterable[ChildBooking]) -> None:
    """Keep with the closing what it took, as it stood: before its place in the queue is written over."""
    rows = list(rows)
    prioritised = {
        pk: dict(zip(PRIORITY, columns, strict=True))
        for pk, *columns in Booking.objects.filter(pk__in=[row.place.id for row in rows])
        .exclude(priority=0)
        .values_list("pk", *PRIORITY)
    }
    ClosedBooking.objects.bulk_create(
        [
            ClosedBooking(
                closure=closure,
                booking_id=row.place.id,
                state=row.place.state,
                **prioritised.get(row.place.id, {}),
            )
            for row in rows
        ],
        batch_size=BATCH,
    )


def what_became(row: ChildBooking) -> str:
    """The result of ending a booking, by how it stood."""
    return "left_queue" if row.place.state is BookingState.WAITING else "cancelled"
