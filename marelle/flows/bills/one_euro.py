"""The meals of canteens in four months: what bills ask of each, and whether it was served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from marelle.activities.kinds import ActivityKind
from marelle.activities.models import Activity, Slot
from marelle.attendance.models import Call
from marelle.billing.accounting.one_euro import Billed, Claim, Meal, Period, Served, claims_of, per_day
from marelle.billing.models import InvoiceLine
from marelle.bookings.models import Attendance
from marelle.core.rows import columns
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Sets, Tariff

MEAL = columns(Meal, "child_id", "day", activity_id="opening__activity_id")


@dataclass(frozen=True, slots=True)
class CanteenClaim:
    """`tariffs`: those by which its meals had a price in the period."""

    activity: Activity
    claim: Claim
    tariffs: tuple[Tariff, ...]


def canteen_claims(authority_id: int, period: Period) -> list[CanteenClaim]:
    """Of each canteen that has a meal billed or served, in their order; a fixed number of queries. The caller
    has seen that its actor is the office of the authority."""
    canteens = Activity.objects.filter(structure__authority=authority_id, kind=ActivityKind.CANTEEN)
    activities = {one.pk: one for one in canteens.select_related("structure").order_by("structure", "name")}
    tariffs = _tariffs(authority_id, activities, period)
    claims = claims_of(_billed(activities, period), _served(activities, period), tariffs)
    return [
        CanteenClaim(activity, claims[pk], tariffs[pk]) for pk, activity in activities.items() if pk in claims
    ]


def _tariffs(
    authority_id: int, activities: Mapping[int, Activity], period: Period
) -> dict[int, tuple[Tariff, ...]]:
    slots: dict[int, set[int]] = defaultdict(set)
    for activity_id, pk in Slot.objects.filter(activity__in=activities).values_list("activity_id", "pk"):
        slots[activity_id].add(pk)
    book = book_of(authority_id).tariffs
    return {
        pk: tuple(one for one in book if _prices(one, slots[pk]) and _overlaps(one, period))
        for pk in activities
    }


def _prices(tariff: Tariff, slots: set[int]) -> bool:
    what = tariff.what
    return isinstance(what, Sets) and any(one & slots for one in what.sets)


def _overlaps(tariff: Tariff, period: Period) -> bool:
    return tariff.since <= period.last and (tariff.until is None or tariff.until >= period.first)


def _billed(activities: Mapping[int, Activity], period: Period) -> dict[Meal, Billed]:
    found: dict[Meal, Billed] = defaultdict(Billed)
    for activity_id, child_id, day, amount in _days(activities, period):
        found[Meal(activity_id, child_id, day)].add(amount)
    return dict(found)


def _days(activities: Mapping[int, Activity], period: Period) -> Iterator[tuple[int, int, date, Decimal]]:
    """Of lines of bills that stand; a day is on a bill of its month or of a later one."""
    rows = InvoiceLine.objects.filter(
        of_activity__in=activities,
        child__isnull=False,
        invoice__month__gte=period.first,
        invoice__cancelled_on=None,
    ).order_by()
    for activity_id, child_id, days, amount in rows.values_list(
        "of_activity_id", "child_id", "days", "amount"
    ):
        for day, part in per_day(amount, [date.fromisoformat(one) for one in days]):
            if activity_id and child_id and period.first <= day <= period.last:
                yield activity_id, child_id, day, part


def _served(activities: Mapping[int, Activity], period: Period) -> Served:
    rows = Attendance.objects.filter(
        opening__activity__in=activities, day__range=(period.first, period.last), present=True
    ).order_by()
    closed = Q(opening__call__state=Call.State.CLOSED)
    return Served(set(MEAL.of(rows)), set(MEAL.of(rows.filter(closed))))
