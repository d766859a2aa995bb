"""What the CAF may still check of a home, the present year and the three before: how long, and which rows.

Attendance and contracts are rows that an erasure empties and keeps; here is until when they must say of whom,
and what proves the resources that their prices stood on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from django.db import models
from django.db.models import Q

from marelle.bookings.models import Attendance, Booking
from marelle.bookings.states import HOLDING
from marelle.families.models import Income, Member
from marelle.papers.models import Paper, PaperPage, PaperType

PAST_YEARS: Final = 3
"""Of the agreements with a CAF (PSU, ALSH): it checks the present year and the three before."""


def checked_until(family_id: int) -> date | None:
    """The last day on which the CAF may check how the children of a home came; None where none ever did."""
    children = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD).values("person_id")
    days = (
        Booking.objects.filter(family_id=family_id, state__in=HOLDING).aggregate(last=models.Max("day"))[
            "last"
        ],
        Attendance.objects.filter(child__in=children, present=True).aggregate(last=models.Max("day"))["last"],
    )
    last = max(filter(None, days), default=None)
    return None if last is None else date(last.year + PAST_YEARS, 12, 31)


def first_day(day: date) -> date:
    """Since when a check on `day` may ask."""
    return date(day.year - PAST_YEARS, 1, 1)


def _incomes(since: date) -> Q:
    return Q(until=None) | Q(until__gte=since)


def _papers(since: date, prefix: str = "") -> Q:
    """Those of the home itself, which were accepted and counted then: an attestation, a tax notice. Never one
    of health."""
    of_home = {
        f"{prefix}paper_type__about": PaperType.About.FAMILY,
        f"{prefix}paper_type__is_health": False,
        f"{prefix}state": Paper.State.ACCEPTED,
    }
    counted = Q(**{f"{prefix}expires_on": None}) | Q(**{f"{prefix}expires_on__gte": since})
    return Q(**of_home) & counted


ROWS: Final[Mapping[type[models.Model], Callable[[date], Q]]] = {
    Income: _incomes,
    Paper: _papers,
    PaperPage: lambda since: _papers(since, "paper__"),
}
"""Of a table of which rows stay, which ones, since a day; all of them where it is not said."""
