"""What is counted beside attendance: places taken, requests and how long they waited, who uses the portal.

A fixed number of queries each. Rights are the caller's to check.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from marelle.activities.models import Gauge, Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import percentile
from marelle.core.clock import instant_at
from marelle.core.prepared import prepared, rounded
from marelle.core.rows import columns
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.flows.figures.rows import Wanted, activities_of, openings_of
from marelle.flows.figures.rules import percent
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb

CASES_AT_MOST: Final = 20_000
"""Decisions whose wait is read, the latest first: beyond, the median is of these."""


class Of(StrEnum):
    """What places are added up by."""

    GAUGE = "gauge"
    STRUCTURE = "structure"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Filled:
    """The places of a gauge, of all those of a structure, or of a month, over the open days.

    `taken` and `offered` are places of a day, or half-hours: never added to one another. What it is of alone
    is told of `structure_id`, `name` (of the gauge) and `month` (its first day).
    """

    days: int
    taken: int
    offered: int
    by_half_hour: bool
    structure_id: int | None = None
    name: str = ""
    month: date | None = None

    @property
    def rate(self) -> int | None:
        return percent(self.taken, self.offered)


def places_filled(wanted: Wanted, of: Of = Of.GAUGE) -> list[Filled]:
    """The gauges that an open opening of the span draws on, in their order; one query."""
    if of is Of.MONTH:
        return _months_filled(wanted)
    return [
        Filled(
            days=row["days"],
            taken=row["all_taken"],
            offered=row["offered"],
            by_half_hour=row["gauge__unit"] == Gauge.Unit.HALF_HOUR,
            structure_id=row["gauge__structure_id"],
            name=row.get("gauge__name", ""),
        )
        for row in _filled(of, *wanted.span)
    ]


def _months_filled(wanted: Wanted) -> list[Filled]:
    found: dict[tuple[date, bool], tuple[int, int, int]] = {}
    for row in _filled(Of.MONTH, *wanted.span):
        key = row["day"].replace(day=1), row["gauge__unit"] == Gauge.Unit.HALF_HOUR
        days, taken, offered = found.get(key, (0, 0, 0))
        found[key] = days + 1, taken + row["all_taken"], offered + row["offered"]
    return [Filled(*sums, by_half_hour, month=month) for (month, by_half_hour), sums in sorted(found.items())]


GROUPED: Final = {
    Of.GAUGE: ("gauge__structure_id", "gauge__name", "gauge_id", "gauge__unit"),
    Of.STRUCTURE: ("gauge__structure_id", "gauge__unit"),
    Of.MONTH: ("day", "gauge__unit"),
}


@prepared
def _filled(of: Of, *span: Any) -> QuerySet[Any, Any]:
    structure_ids, _activity_id, first, last = span
    openings = openings_of(*span).filter(state=Opening.State.OPEN)
    drawn = Opening.quotas.through.objects.filter(opening__in=openings).values("quota_id")
    rows = Quota.objects.filter(
        pk__in=drawn, gauge__structure_id__in=structure_ids, day__gte=first, day__lte=last
    )
    grouped: QuerySet[Any, Any] = rows.order_by().values(*GROUPED[of])
    summed: QuerySet[Any, Any] = grouped.annotate(
        days=Count("day", distinct=True), all_taken=Sum("taken"), offered=Sum("capacity")
    )
    return summed.order_by(*GROUPED[of])


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests of one kind: received and decided in the span, and the days that half of these waited."""

    kind: str
    received: int
    decided: int
    median: float | None


def requests_counted(wanted: Wanted, *, authority_ids: Collection[int] = ()) -> list[Asked]:
    """By kind, those of the structures, and of `authority_ids` those that no structure holds; two queries.

    What a family took back was received and never decided.
    """
    asked = wanted.structure_ids, authority_ids, *_instants(wanted)
    received = dict(_received(*asked))
    waits: dict[str, list[float]] = {}
    for one in _decided(*asked):
        if one.decided_at is not None:  # the database's check holds it
            waited = (one.decided_at - one.opened_at) / timedelta(days=1)
            waits.setdefault(one.kind, []).append(max(0.0, waited))
    return [
        Asked(kind, received.get(kind, 0), len(days := waits.get(kind, [])), percentile(days, 50))
        for kind in sorted({*received, *waits})
    ]


def _cases(structure_ids: Collection[int], authority_ids: Collection[int]) -> QuerySet[Case]:
    return Case.objects.filter(
        Q(structure_id__in=structure_ids) | Q(structure_id=None, authority_id__in=authority_ids)
    ).order_by()


@prepared
def _received(
    structure_ids: Collection[int], authority_ids: Collection[int], begins: datetime, ends: datetime
) -> QuerySet[Case, tuple[str, int]]:
    rows = _cases(structure_ids, authority_ids).filter(opened_at__gte=begins, opened_at__lt=ends)
    return rows.values_list("kind").annotate(Count("pk"))


class _Decided(NamedTuple):
    kind: str
    opened_at: datetime
    decided_at: datetime | None


DECIDED = columns(_Decided, "kind", "opened_at", "decided_at")


@prepared
def _decided(
    structure_ids: Collection[int], authority_ids: Collection[int], begins: datetime, ends: datetime
) -> QuerySet[Case, _Decided]:
    rows = _cases(structure_ids, authority_ids).filter(
        decided_at__gte=begins, decided_at__lt=ends, state__in=(CaseState.ACCEPTED, CaseState.REFUSED)
    )
    return DECIDED.of(rows.order_by("-decided_at", "-pk"))[:CASES_AT_MOST]


@dataclass(frozen=True, slots=True)
class Uses:
    """Homes with a child enrolled, those of them with an account, accounts opened in the span; bookings of
    the span, cancelled since or not, and how many a parent made."""

    homes: int
    connected: int
    opened: int
    bookings: int
    by_parents: int


def portal_uses(wanted: Wanted) -> Uses:
    """Four queries."""
    homes = set(_enrolled(*wanted.span))
    accounts = list(_accounts(rounded(homes)))
    opened = _opened(rounded({account_id for _family_id, account_id in accounts}), *_instants(wanted))
    made = dict(_made(*wanted.span))
    return Uses(
        homes=len(homes),
        connected=len({family_id for family_id, _account_id in accounts}),
        opened=sum(opened),
        bookings=sum(made.values()),
        by_parents=made.get(True, 0),
    )


@prepared
def _enrolled(*span: Any) -> QuerySet[Enrolment, int]:
    """The homes, each once."""
    structure_ids, activity_id, first, last = span
    rows = Enrolment.objects.filter(
        activity__in=activities_of(structure_ids, activity_id),
        state=Enrolment.State.ACCEPTED,
        starts_on__lte=last,
    ).filter(Q(ends_on=None) | Q(ends_on__gte=first))
    return rows.order_by().values_list("family_id", flat=True).distinct()


@prepared
def _made(*span: Any) -> QuerySet[Booking, tuple[bool, int]]:
    """How many bookings families made, and how many agents. What only waited, or was refused, is none."""
    rows = (
        Booking.objects.filter(opening__in=openings_of(*span))
        .exclude(state__in=(BookingState.WAITING, BookingState.REFUSED))
        .order_by()
    )
    return rows.values_list("by_family").annotate(n=Count("pk"))


@prepared
def _accounts(homes: Collection[int]) -> QuerySet[Member, tuple[int, int]]:
    """The accounts of these homes' adults, by home."""
    rows = Member.objects.filter(
        kind=Member.Kind.ADULT, family_id__in=homes, person__account__is_active=True
    ).order_by()
    return rows.values_list("family_id", "person__account_id")


@prepared
def _opened(accounts: Collection[int], begins: datetime, ends: datetime) -> QuerySet[Entry, int]:
    """How many of these accounts were opened."""
    rows = Entry.objects.filter(
        verb=Verb.ACCOUNT_ACTIVATED,
        at__gte=begins,
        at__lt=ends,
        subject_kind="account",
        subject_id__in=accounts,
    ).order_by()
    counted = rows.values("verb").annotate(n=Count("subject_id", distinct=True))
    return counted.values_list("n", flat=True)


def _instants(wanted: Wanted) -> tuple[datetime, datetime]:
    """From the first midnight of the span, included, to the one that ends it, excluded."""
    return instant_at(wanted.first, time()), instant_at(wanted.last + timedelta(days=1), time())
