"""What is counted beside attendance: places taken, requests and how long they waited, who uses the portal.

A fixed number of queries each. Rights are the caller's to check.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from marelle.activities.models import Gauge, Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import percentile
from marelle.core.clock import instant_at
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.flows.figures import Wanted
from marelle.flows.figures_rules import percent
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb

CASES_AT_MOST: Final = 20_000
"""Decisions whose wait is read, the latest first: beyond, the median is of these."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The places of a gauge over its open days; `taken` and `offered` are places of a day, or half-hours."""

    structure_id: int
    name: str
    days: int
    taken: int
    offered: int
    by_half_hour: bool

    @property
    def rate(self) -> int | None:
        return percent(self.taken, self.offered)


def places_filled(wanted: Wanted) -> list[Filled]:
    """The gauges that an open opening of the span draws on, in their order; one query."""
    drawing = Opening.quotas.through.objects.filter(
        quota_id=OuterRef("pk"),
        opening__in=wanted.openings().filter(state=Opening.State.OPEN),
    )
    rows = (
        Quota.objects.filter(
            Exists(drawing),
            gauge__structure_id__in=wanted.structure_ids,
            day__gte=wanted.first,
            day__lte=wanted.last,
        )
        .order_by()
        .values("gauge__structure_id", "gauge__name", "gauge_id", "gauge__unit")
        .annotate(days=Count("day", distinct=True), all_taken=Sum("taken"), offered=Sum("capacity"))
        .order_by("gauge__structure_id", "gauge__name", "gauge_id")
    )
    return [
        Filled(
            structure_id=row["gauge__structure_id"],
            name=row["gauge__name"],
            days=row["days"],
            taken=row["all_taken"],
            offered=row["offered"],
            by_half_hour=row["gauge__unit"] == Gauge.Unit.HALF_HOUR,
        )
        for row in rows
    ]


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
    begins, ends = _instants(wanted)
    mine = Case.objects.filter(
        Q(structure_id__in=wanted.structure_ids) | Q(structure_id=None, authority_id__in=authority_ids)
    ).order_by()
    received = dict(
        mine.filter(opened_at__gte=begins, opened_at__lt=ends).values_list("kind").annotate(Count("pk"))
    )
    decided = (
        mine.filter(
            decided_at__gte=begins, decided_at__lt=ends, state__in=(CaseState.ACCEPTED, CaseState.REFUSED)
        )
        .order_by("-decided_at", "-pk")
        .values_list("kind", "opened_at", "decided_at")[:CASES_AT_MOST]
    )
    waits: dict[str, list[float]] = {}
    for kind, opened_at, decided_at in decided:
        if decided_at is not None:  # the database's check holds it
            waits.setdefault(kind, []).append(max(0.0, (decided_at - opened_at) / timedelta(days=1)))
    return [
        Asked(kind, received.get(kind, 0), len(days := waits.get(kind, [])), percentile(days, 50))
        for kind in sorted({*received, *waits})
    ]


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
    """Four queries. A booking is a parent's when it bears the name of an adult with an account there."""
    begins, ends = _instants(wanted)
    enrolled = Enrolment.objects.filter(
        activity__in=wanted.activities(), state=Enrolment.State.ACCEPTED, starts_on__lte=wanted.last
    ).filter(Q(ends_on=None) | Q(ends_on__gte=wanted.first))
    homes = set(enrolled.order_by().values_list("family_id", flat=True).distinct())
    made = {(family_id, label): n for family_id, label, n in _made(wanted)}
    adults = Member.objects.filter(
        kind=Member.Kind.ADULT,
        family_id__in=homes | {family_id for family_id, _label in made},
        person__account__is_active=True,
    ).order_by()
    names: dict[int, set[str]] = {}
    accounts: set[int] = set()
    for family_id, account_id, first_name, last_name, shown in adults.values_list(
        "family_id", "person__account_id", "person__first_name", "person__last_name",
        "person__account__display_name",
    ):  # fmt: skip
        names.setdefault(family_id, set()).update({f"{first_name} {last_name}", shown})
        if family_id in homes and account_id is not None:
            accounts.add(account_id)
    opened = Entry.objects.filter(
        verb=Verb.ACCOUNT_ACTIVATED,
        at__gte=begins,
        at__lt=ends,
        subject_kind="account",
        subject_id__in=accounts,
    ).order_by()
    return Uses(
        homes=len(homes),
        connected=len(homes & names.keys()),
        opened=opened.aggregate(n=Count("subject_id", distinct=True))["n"],
        bookings=sum(made.values()),
        by_parents=sum(n for (home, label), n in made.items() if label in names.get(home, ())),
    )


def _made(wanted: Wanted) -> QuerySet[Booking, tuple[int, str, int]]:
    """How many bookings each name made for each home. What only waited, or was refused, is none."""
    rows = (
        Booking.objects.filter(opening__in=wanted.openings())
        .exclude(state__in=(BookingState.WAITING, BookingState.REFUSED))
        .order_by()
    )
    return rows.values_list("family_id", "created_by").annotate(n=Count("pk"))


def _instants(wanted: Wanted) -> tuple[datetime, datetime]:
    """From the first midnight of the span, included, to the one that ends it, excluded."""
    return instant_at(wanted.first, time()), instant_at(wanted.last + timedelta(days=1), time())
