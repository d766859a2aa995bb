"""Who comes on that morning and what is wanted: homes of the demo's world, a week made scarce."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from marelle.accounts.models import User
from marelle.activities.models import AwaitedOpening, Opening, Quota
from marelle.demo.accounts import PASSWORD
from marelle.demo.bench import AT_SCHOOL, BenchError, month_after
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.planning.address import monday_of
from marelle.portal.access.stand_ins import session_of

MONTHS_TO_FILL: Final = (2, 3, 4, 5)
"""The first week of school from that month on: few have booked so far ahead."""
SCHOOL_DAYS: Final = 4
SHARE: Final = 0.4
"""Places for so many of the children who come."""
WITHIN: Final = 60.0
"""Seconds within which all arrive."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A home: its account, one child, whether it was logged in already."""

    user: User
    child_id: int
    is_in: bool


def homes_coming(count: int) -> list[Coming]:
    """`count` homes that have a child at school and an account; every other one is logged in."""
    rows = (
        Enrolment.objects.filter(
            state=Enrolment.State.ACCEPTED,
            activity__kind__in=AT_SCHOOL,
            family__members__kind=Member.Kind.ADULT,
            family__members__person__account__isnull=False,
        )
        .order_by("family_id", "person_id", "family__members__person__account")
        .values_list("family_id", "person_id", "family__members__person__account", named=True)
    )
    first: dict[int, tuple[int, int]] = {}
    for row in rows:
        first.setdefault(row.family_id, (row.person_id, row.family__members__person__account))
    chosen = list(first.values())[:count]
    if len(chosen) < count:
        raise BenchError(f"{len(chosen)} homes of this world could come, not {count}.")
    users = User.objects.in_bulk([account for _child, account in chosen])
    return [Coming(users[account], child, number % 2 == 0) for number, (child, account) in enumerate(chosen)]


def scarce_week(today: date, children: Collection[int], *, share: float = SHARE) -> tuple[date, list[int]]:
    """A Monday and the openings at school of its week, now with places for a `share` of the `children`."""
    for ahead in MONTHS_TO_FILL:
        first = month_after(today, ahead)
        rows = Opening.objects.filter(
            activity__kind__in=AT_SCHOOL,
            state=Opening.State.OPEN,
            day__gte=first,
            day__lt=month_after(first, 1),
        )
        days = Counter(monday_of(day) for day in set(rows.values_list("day", flat=True)))
        full = sorted(monday for monday, count in days.items() if count >= SCHOOL_DAYS and monday >= first)
        if not full:
            continue
        week = rows.filter(day__gte=full[0], day__lt=full[0] + timedelta(days=7))
        _make_scarce(week, children, share)
        return full[0], sorted(week.values_list("pk", flat=True))
    raise BenchError("No week of school is open in the months to come.")


def _make_scarce(week: Any, children: Collection[int], share: float) -> None:
    """Free places on each quota of the week: for a share of the children enrolled in what draws on it."""
    enrolled = Counter(
        Enrolment.objects.filter(
            person_id__in=children, state=Enrolment.State.ACCEPTED, activity__kind__in=AT_SCHOOL
        ).values_list("activity_id", flat=True)
    )
    free: dict[int, int] = {}
    for row in week.values_list("activity_id", "quotas", named=True):
        if row.quotas is not None:
            free[row.quotas] = max(free.get(row.quotas, 0), ceil(enrolled[row.activity_id] * share))
    for places in set(free.values()):
        quotas = [pk for pk, wanted in free.items() if wanted == places]
        Quota.objects.filter(pk__in=quotas).update(capacity=F("taken") + places, overdraft=0, withheld=0)


def await_now(openings: Collection[int]) -> None:
    """Name the opening of bookings, now: the waiting room is open from the first visitor on."""
    opening = Opening.objects.filter(pk__in=openings)[0]
    at = timezone.now().replace(second=0, microsecond=0)
    AwaitedOpening.objects.get_or_create(activity_id=opening.activity_id, at=at)


def written(
    coming: Sequence[Coming], monday: date, openings: Sequence[int], *, port: int, within: float, ticket: str
) -> dict[str, Any]:
    """The plan as `visitors` reads it; `ticket` names the cookie of the waiting room."""
    return {
        "port": port,
        "within": within,
        "week": {
            "day": monday.isoformat(),
            "openings": list(openings),
            "host": urlsplit(settings.PUBLIC_URL).hostname or "localhost",
            "ticket_name": ticket,
        },
        "homes": [
            {
                "identifier": one.user.identifier,
                "password": PASSWORD,
                "child": one.child_id,
                "session": session_of(one.user) if one.is_in else "",
                "session_name": settings.SESSION_COOKIE_NAME,
            }
            for one in coming
        ],
    }
