"""From rows to the facts of the rules. Shared by the page and by the save: both see the same thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from marelle.activities import models as activities
from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.activities.kept import NO_MARKS, Marks
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.owing import owing
from marelle.bookings.rules import Opening, Place, Stay
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.listed import integers
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.enrolments.models import Enrolment
from marelle.papers.guards import bookings_closed_from

OPEN: Final[str] = activities.Opening.State.OPEN.value
"""Looked up once: an enum is slow to ask, and a page has hundreds of openings."""


class OpeningRow(NamedTuple):
    id: int
    activity_id: int
    revision: int
    slot_id: int
    group_id: int | None
    day: date
    starts_at: datetime
    ends_at: datetime
    state: str
    reason: str
    title: str
    bundle_id: int | None
    alone_at: datetime | None


OPENING = columns(
    OpeningRow,
    "activity_id", "slot_id", "group_id", "day", "starts_at", "ends_at", "state", "reason", "title",
    "bundle_id",
    id="pk",
    revision="activity__revision",
    alone_at="bundle__alone_at",
)  # fmt: skip


def openings_of(rows: Iterable[OpeningRow]) -> dict[int, Opening]:
    """Openings by id."""
    kept = list(rows)
    facts = activity_facts({row.activity_id: row.revision for row in kept})
    return {row.id: _opening(row, facts[row.activity_id]) for row in kept}


def _opening(row: OpeningRow, activity: ActivityFacts) -> Opening:
    return Opening(
        id=row.id,
        activity=activity,
        slot=activity.slots[row.slot_id],
        group_id=row.group_id,
        day=row.day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_open=row.state == OPEN,
        reason=row.reason,
        title=row.title,
        bundle_id=row.bundle_id,
        alone_at=row.alone_at,
    )


def openings_between(activity_ids: Collection[int], first: date, last: date) -> list[Opening]:
    """Those of these activities on these days; one query."""
    rows = activities.Opening.objects.filter(activity_id__in=activity_ids, day__gte=first, day__lte=last)
    return list(openings_of(OPENING.of(rows.order_by("starts_at", "pk"))).values())


def stays_of(
    child_ids: Collection[int], family_id: int, *, first: date, last: date, today: date
) -> dict[int, list[Stay]]:
    """Accepted enrolments of these children by this home that touch these days, by child; one query.

    An ended one still counts for the days that it covered. Papers count as they stand `today`.
    """
    stays: dict[int, list[Stay]] = {}
    for person_id, stay in _stays(_enrolled(child_ids, family_id, first, last, today)):
        stays.setdefault(person_id, []).append(stay)
    return stays


def stays_by_id(enrolment_ids: Collection[int], *, today: date) -> dict[int, Stay]:
    """Those of these enrolments that were accepted, by id; one query."""
    rows = Enrolment.objects.filter(pk__in=enrolment_ids)
    return {stay.id: stay for _person_id, stay in _stays(_with_groups(rows, today))}


class _Grouped(NamedTuple):
    """An enrolment with one of its groups, if it has any."""

    id: int
    person_id: int
    activity_id: int
    starts_on: date
    ends_on: date
    closed_from: date | None
    owes: bool
    suspended_from: date | None
    suspended_until: date | None
    since: date
    group_id: int | None


GROUPED = columns(
    _Grouped,
    "person_id", "activity_id", "starts_on", "ends_on", "closed_from", "owes",
    "suspended_from", "suspended_until",
    id="pk",
    since="groups__since",
    group_id="groups__group_id",
)  # fmt: skip


@prepared
def _enrolled(
    child_ids: Collection[int], family_id: int, first: date, last: date, today: date
) -> QuerySet[Enrolment, _Grouped]:
    """Each enrolment, once for each of its groups."""
    rows = Enrolment.objects.filter(person_id__in=child_ids, family_id=family_id)
    return _with_groups(rows.filter(starts_on__lte=last, ends_on__gte=first), today)


def _with_groups(rows: QuerySet[Enrolment], today: date) -> QuerySet[Enrolment, _Grouped]:
    accepted = rows.filter(state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED))
    dated = accepted.annotate(closed_from=bookings_closed_from(today), owes=owing(today))
    return GROUPED.of(dated.order_by("pk", "groups__since"))


def _stays(rows: Iterable[_Grouped]) -> list[tuple[int, Stay]]:
    groups: dict[int, list[tuple[date, int]]] = {}
    found: dict[int, _Grouped] = {}
    for row in rows:
        found[row.id] = row
        if row.group_id is not None:
            groups.setdefault(row.id, []).append((row.since, row.group_id))
    return [
        (
            row.person_id,
            Stay(
                id=row.id,
                activity_id=row.activity_id,
                first_day=row.starts_on,
                last_day=row.ends_on,
                groups=tuple(groups.get(row.id, ())),
                closed_from=row.closed_from,
                owes=row.owes,
                suspended=_suspended(row),
            ),
        )
        for row in found.values()
    ]


def _suspended(row: _Grouped) -> tuple[date, date] | None:
    if row.suspended_from is None or row.suspended_until is None:
        return None
    return row.suspended_from, row.suspended_until


class PlaceRow(NamedTuple):
    id: int
    child_id: int
    opening_id: int
    family_id: int
    state: str
    starts_at: datetime
    ends_at: datetime
    cause: str
    offered_until: datetime | None
    derogation: str
    justified: bool | None
    refusal: str
    kept: str
    late: bool


PLACE = columns(
    PlaceRow,
    "child_id", "opening_id", "family_id", "state", "starts_at", "ends_at", "offered_until", "derogation",
    "refusal", "kept", "late",
    id="pk",
    cause="end_cause",
    justified="absence__justified",
)  # fmt: skip


class ToldRow(NamedTuple):
    """What is known of the absence of a booking: nothing where none was told."""

    declared_at: datetime | None = None
    sent_at: datetime | None = None
    proof: str | None = None
    derogation: str | None = None


TOLD = columns(
    ToldRow,
    declared_at="absence__declared_at",
    sent_at="absence__proof__sent_at",
    proof="absence__proof__state",
    derogation="absence__proof__derogation",
)


def marks_read(text: str) -> Marks:
    """For which places kept a booking counts, as its row lists them."""
    return frozenset(integers(text)) if text else NO_MARKS


def marks_text(marks: Marks) -> str:
    """The same as a row lists them."""
    return ",".join(map(str, sorted(marks)))


def place_of(row: PlaceRow, family_id: int | None, *, rank: int | None = None) -> Place:
    """A place as this home sees it, with its rank in the queue where that is known."""
    return Place(
        id=row.id,
        opening_id=row.opening_id,
        state=BookingState(row.state),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        mine=row.family_id == family_id,
        cause=EndCause(row.cause) if row.cause else None,
        rank=rank,
        offered_until=row.offered_until,
        absent=row.justified is not None,
        justified=bool(row.justified),
        derogation=row.derogation,
        refusal=row.refusal,
        kept=marks_read(row.kept),
        late=row.late,
    )


def bookings_on(child_ids: Collection[int], *, first: date, last: date) -> QuerySet[Booking]:
    """Live bookings of these children on these days, and those whose end a page must still show."""
    return Booking.objects.filter(
        Q(state__in=LIVE) | Q(state=BookingState.REFUSED) | Q(end_cause=EndCause.STRUCTURE),
        child_id__in=child_ids,
        day__gte=first,
        day__lte=last,
    ).order_by("pk")


def _rank() -> Subquery:
    """Rank in the queue of a waiting booking, from 1. Derived, never stored."""
    ahead = (
        Booking.objects.filter(opening_id=OuterRef("opening_id"), state=BookingState.WAITING)
        .filter(
            Q(priority__gt=OuterRef("priority"))
            | Q(priority=OuterRef("priority"), queued_at__lt=OuterRef("queued_at"))
            | Q(priority=OuterRef("priority"), queued_at=OuterRef("queued_at"), pk__lte=OuterRef("pk"))
        )
        .order_by()
        .values("opening_id")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Subquery(ahead)


def ranks_of(keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The rank of those who wait, by child and opening; one query, none for nobody."""
    if not keys:
        return {}
    child_ids, opening_ids = {child for child, _opening in keys}, {opening for _child, opening in keys}
    found = _ranked(sorted(child_ids), rounded(sorted(opening_ids)))
    return {(row.child_id, row.opening_id): row.rank for row in found}


class _Ranked(NamedTuple):
    child_id: int
    opening_id: int
    rank: int


RANKED: Final = columns(_Ranked, "child_id", "opening_id", "rank")


@prepared
def _ranked(child_ids: Collection[int], opening_ids: Collection[int]) -> QuerySet[Booking, _Ranked]:
    rows = Booking.objects.filter(
        state=BookingState.WAITING, child_id__in=child_ids, opening_id__in=opening_ids
    )
    return RANKED.of(rows.annotate(rank=_rank()))


class ChildBooking(NamedTuple):
    """A booking of a child, as rules see it."""

    child_id: int
    opening: Opening
    place: Place


class HomeBooking(NamedTuple):
    """A place that the home has taken, on a day."""

    child_id: int
    activity: ActivityFacts
    slot: SlotFacts
    day: date
    place: Place
    told: ToldRow

    @property
    def child_booking(self) -> ChildBooking:
        """As rules of absences see it: its opening has the hours of the place."""
        place = self.place
        opening = Opening(
            place.opening_id, self.activity, self.slot, None, self.day,
            place.starts_at, place.ends_at, is_open=True,
        )  # fmt: skip
        return ChildBooking(self.child_id, opening, place)


class Placed(NamedTuple):
    """A booking with its opening, as they are read."""

    place: PlaceRow
    opening: OpeningRow


PLACED = columns(Placed, place=PLACE, opening=OPENING.through("opening"))


def held(rows: QuerySet[Booking], family_id: int | None) -> list[ChildBooking]:
    """These bookings, in the order of the query; one query."""
    return placed(list(PLACED.of(rows)), family_id)


def placed(found: Collection[Placed], family_id: int | None) -> list[ChildBooking]:
    """The same of rows that are read."""
    openings = openings_of(row.opening for row in found)
    return [
        ChildBooking(row.place.child_id, openings[row.opening.id], place_of(row.place, family_id))
        for row in found
    ]


def seen_at_the_door(child_ids: Collection[int], opening_ids: Collection[int]) -> dict[tuple[int, int], bool]:
    """Whether a child was there, by child and opening, where it was noted; one query."""
    rows = _at_the_door(rounded(child_ids), rounded(opening_ids))
    return {(row.child_id, row.opening_id): row.present for row in rows}


class _Noted(NamedTuple):
    child_id: int
    opening_id: int
    present: bool


NOTED = columns(_Noted, "child_id", "opening_id", "present")


@prepared
def _at_the_door(child_ids: Collection[int], opening_ids: Collection[int]) -> QuerySet[Attendance, _Noted]:
    return NOTED.of(Attendance.objects.filter(child_id__in=child_ids, opening_id__in=opening_ids))
