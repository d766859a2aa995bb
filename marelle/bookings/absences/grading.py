"""What each missed booking is, read for many at once: told when, justified or not, due all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from marelle.activities.absences import AbsenceGrade, AbsenceRule, Awaited, Origin
from marelle.bookings.absence_rules import (
    AbsenceTerms,
    Expected,
    Missed,
    absence_grade,
    absence_terms,
    absences_begin,
    is_missed,
)
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.reading import (
    OPENING,
    PLACE,
    TOLD,
    ChildBooking,
    OpeningRow,
    Placed,
    PlaceRow,
    ToldRow,
    held,
    placed,
)
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import BookingState, ProofState
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns

LONGEST = timedelta(days=366)
"""How long before a missed day its absence may have begun."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A booking that was missed, under what terms, and what it is."""

    child_id: int
    opening: Opening
    place: Place
    terms: AbsenceTerms
    grade: AbsenceGrade


def graded(bookings: QuerySet[Booking], family_id: int | None = None) -> list[Graded]:
    """Those of these bookings that were missed, in the order of the query; two queries at most.

    `family_id` is the home that asks: a place of another is not its own.
    """
    return _graded(MAYBE.of(bookings.annotate(seen=_seen())), family_id)


def graded_by_id(booking_ids: Collection[int]) -> dict[int, AbsenceGrade]:
    """What each of these bookings that was missed is, by id; two queries at most, none of nothing."""
    rows = _by_id(rounded(booking_ids)) if booking_ids else ()
    return {one.place.id: one.grade for one in _graded(rows, None)}


class _Maybe(NamedTuple):
    """A booking with what may say that it was missed."""

    place: PlaceRow
    opening: OpeningRow
    seen: bool | None
    told: ToldRow


MAYBE = columns(_Maybe, "seen", place=PLACE, opening=OPENING.through("opening"), told=TOLD)


@prepared
def _by_id(booking_ids: Collection[int]) -> QuerySet[Booking, _Maybe]:
    return MAYBE.of(Booking.objects.filter(pk__in=booking_ids).annotate(seen=_seen()))


def _graded(rows: Iterable[_Maybe], family_id: int | None) -> list[Graded]:
    found = {row.place.id: row for row in rows}
    told = {pk: missed_of(row.told) for pk, row in found.items()}
    placed_rows = placed([Placed(row.place, row.opening) for row in found.values()], family_id)
    missed = [
        row
        for row in placed_rows
        if is_missed(row.place.state, told=row.place.absent, attended=found[row.place.id].seen)
    ]
    return graded_missed(missed, told)


def graded_missed(rows: Collection[ChildBooking], told: Mapping[int, Missed]) -> list[Graded]:
    """The same of bookings that were missed, with what is known of each by id; one query at most."""
    begun = begun_absences(rows)
    found = []
    for row in rows:
        terms = absence_terms(row.opening, row.place, begun.get(row.place.id))
        grade = absence_grade(terms, told[row.place.id])
        found.append(Graded(row.child_id, row.opening, row.place, terms, grade))
    return found


def terms_of(bookings: QuerySet[Booking]) -> dict[int, AbsenceTerms]:
    """What an absence means for each of these bookings, by id; two queries at most."""
    rows = held(bookings, None)
    begun = begun_absences(rows)
    return {row.place.id: absence_terms(row.opening, row.place, begun.get(row.place.id)) for row in rows}


def begun_absences(rows: Iterable[ChildBooking], supposed: Collection[int] = ()) -> dict[int, Awaited]:
    """When the absences of these bookings began, by booking, where a rule asks; one query, none otherwise.

    `supposed` are bookings looked at as if they were missed.
    """
    asked = [row for row in rows if _asks(row)]
    if not asked:
        return {}
    days = [row.opening.day for row in asked]
    expected = _expected(
        rounded({row.child_id for row in asked}),
        rounded({row.opening.activity.id for row in asked}),
        min(days) - LONGEST,
        max(days),
    )
    by_child: dict[tuple[int, int], list[Expected]] = {}
    for one in expected:
        told = one.absence is not None or one.id in supposed
        missed = is_missed(BookingState.BOOKED, told=told, attended=one.seen)
        line = Expected(one.id, Awaited(one.day, one.starts_at), missed)
        by_child.setdefault((one.child_id, one.activity_id), []).append(line)
    begun: dict[int, Awaited] = {}
    for lines in by_child.values():
        begun |= absences_begin(lines)
    return begun


class _Expected(NamedTuple):
    id: int
    child_id: int
    activity_id: int
    day: date
    starts_at: datetime
    absence: int | None
    seen: bool | None


EXPECTED = columns(
    _Expected,
    "child_id", "day", "starts_at", "seen",
    id="pk", activity_id="opening__activity_id", absence="absence__pk",
)  # fmt: skip


@prepared
def _expected(
    child_ids: Collection[int], activity_ids: Collection[int], first: date, last: date
) -> QuerySet[Booking, _Expected]:
    found = Booking.objects.filter(
        state=BookingState.BOOKED,
        child_id__in=child_ids,
        opening__activity_id__in=activity_ids,
        day__gte=first,
        day__lte=last,
    )
    return EXPECTED.of(found.annotate(seen=_seen()).order_by("pk"))


def _seen() -> Subquery:
    rows = Attendance.objects.filter(opening_id=OuterRef("opening_id"), child_id=OuterRef("child_id"))
    return Subquery(rows.values("present")[:1])


def _asks(row: ChildBooking) -> bool:
    """Whether what an absence is depends on when it began."""
    rule = row.opening.activity.absence_rule_for(row.opening.slot.id, row.opening.day)
    return rule is not None and begins_count(rule)


def begins_count(rule: AbsenceRule) -> bool:
    return rule.waiting_days > 0 or any(delay.origin is Origin.FIRST for delay in rule.proofs)


def missed_of(told: ToldRow) -> Missed:
    """A proof counts once it is accepted."""
    accepted = told.proof == ProofState.ACCEPTED
    return Missed(told.declared_at, told.sent_at if accepted else None, in_time=bool(told.derogation))
