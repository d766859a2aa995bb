"""From rows to the facts of the rules. Shared by the page and by the save: both see the same thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When

from marelle.activities import models as activities
from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.rules import Opening, Place, Stay
from marelle.bookings.states import LIVE, BookingState, EndCause
from marelle.core.prepared import prepared
from marelle.enrolments.models import Enrolment
from marelle.papers.guards import bookings_closed_from

OPENING_COLUMNS = (
    "pk",
    "activity_id",
    "activity__revision",
    "slot_id",
    "group_id",
    "day",
    "starts_at",
    "ends_at",
    "state",
    "reason",
    "title",
    "bundle_id",
)


def openings_of(rows: Iterable[tuple[Any, ...]]) -> dict[int, Opening]:
    """Openings by id, from rows that begin with `OPENING_COLUMNS`; what follows them is left alone."""
    kept = list(rows)
    facts = activity_facts({row[1]: row[2] for row in kept})
    return {row[0]: _opening(row, facts[row[1]]) for row in kept}


def _opening(row: tuple[Any, ...], activity: ActivityFacts) -> Opening:
    pk, _activity, _revision, slot_id, group_id, day, starts_at, ends_at, state, reason, title, bundle = row[
        :12
    ]
    return Opening(
        id=pk,
        activity=activity,
        slot=activity.slots[slot_id],
        group_id=group_id,
        day=day,
        starts_at=starts_at,
        ends_at=ends_at,
        is_open=state == activities.Opening.State.OPEN,
        reason=reason,
        title=title,
        bundle_id=bundle,
    )


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


@prepared
def _enrolled(
    child_ids: Collection[int], family_id: int, first: date, last: date, today: date
) -> QuerySet[Enrolment, tuple[Any, ...]]:
    """Each enrolment, once for each of its groups."""
    rows = Enrolment.objects.filter(person_id__in=child_ids, family_id=family_id)
    return _with_groups(rows.filter(starts_on__lte=last, ends_on__gte=first), today)


def _with_groups(rows: QuerySet[Enrolment], today: date) -> QuerySet[Enrolment, tuple[Any, ...]]:
    return (
        rows.filter(state__in=(Enrolment.State.ACCEPTED, Enrolment.State.ENDED))
        .annotate(closed_from=bookings_closed_from(today))
        .order_by("pk", "groups__since")
        .values_list(
            "pk",
            "person_id",
            "activity_id",
            "starts_on",
            "ends_on",
            "closed_from",
            "groups__since",
            "groups__group_id",
        )
    )


def _stays(rows: Iterable[tuple[Any, ...]]) -> list[tuple[int, Stay]]:
    groups: dict[int, list[tuple[date, int]]] = {}
    found: dict[int, tuple[int, int, date, date, date | None]] = {}
    for pk, person_id, activity_id, starts_on, ends_on, closed_from, since, group_id in rows:
        found[pk] = (person_id, activity_id, starts_on, ends_on, closed_from)
        if group_id is not None:
            groups.setdefault(pk, []).append((since, group_id))
    return [
        (person_id, Stay(pk, activity_id, starts_on, ends_on, tuple(groups.get(pk, ())), closed_from))
        for pk, (person_id, activity_id, starts_on, ends_on, closed_from) in found.items()
    ]


PLACE_COLUMNS = (
    "pk",
    "child_id",
    "opening_id",
    "family_id",
    "state",
    "starts_at",
    "ends_at",
    "end_cause",
    "offered_until",
    "derogation",
    "absence__justified",
    "refusal",
)


def place_of(row: tuple[Any, ...], family_id: int | None) -> Place:
    """A place from `PLACE_COLUMNS`, followed by its rank in the queue where the query adds it."""
    (
        pk,
        _child,
        opening_id,
        family,
        state,
        starts_at,
        ends_at,
        cause,
        offered_until,
        derogation,
        justified,
        refusal,
    ) = row[:12]
    return Place(
        id=pk,
        opening_id=opening_id,
        state=BookingState(state),
        starts_at=starts_at,
        ends_at=ends_at,
        mine=family == family_id,
        cause=EndCause(cause) if cause else None,
        rank=row[12] if len(row) > 12 else None,
        offered_until=offered_until,
        absent=justified is not None,
        justified=bool(justified),
        derogation=derogation,
        refusal=refusal,
    )


def bookings_on(child_ids: Collection[int], *, first: date, last: date) -> QuerySet[Booking]:
    """Live bookings of these children on these days, and those whose end a page must still show."""
    return Booking.objects.filter(
        Q(state__in=LIVE) | Q(state=BookingState.REFUSED) | Q(end_cause=EndCause.STRUCTURE),
        child_id__in=child_ids,
        day__gte=first,
        day__lte=last,
    ).order_by("pk")


def rank() -> Case:
    """Rank in the queue of a waiting booking, from 1; null for the others. Derived, never stored."""
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
    return Case(When(state=BookingState.WAITING, then=Subquery(ahead)), default=None)


def ranks_of(keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The rank of those who wait, by child and opening; one query, none for nobody."""
    if not keys:
        return {}
    rows = Booking.objects.filter(
        state=BookingState.WAITING,
        child_id__in={child_id for child_id, _opening in keys},
        opening_id__in={opening_id for _child, opening_id in keys},
    )
    found = rows.annotate(rank=rank()).values_list("child_id", "opening_id", "rank")
    return {(child_id, opening_id): place for child_id, opening_id, place in found}


def held(rows: QuerySet[Booking], family_id: int | None) -> list[tuple[int, Opening, Place]]:
    """Bookings as rules see them, with the child of each, in the order of the query; one query."""
    columns = [f"opening__{name}" for name in OPENING_COLUMNS]
    found = list(rows.values_list(*PLACE_COLUMNS, *columns))
    cut = len(PLACE_COLUMNS)
    openings = openings_of(row[cut:] for row in found)
    return [(row[1], openings[row[2]], place_of(row[:cut], family_id)) for row in found]


def seen_at_the_door(child_ids: Collection[int], opening_ids: Collection[int]) -> dict[tuple[int, int], bool]:
    """Whether a child was there, by child and opening, where it was noted; one query."""
    rows = Attendance.objects.filter(child_id__in=child_ids, opening_id__in=opening_ids)
    return {
        (child_id, opening_id): present
        for child_id, opening_id, present in rows.values_list("child_id", "opening_id", "present")
    }
