"""What may be simulated: activities that families may ask for and that have tariffs, and their open days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import Activity, Opening
from marelle.activities.selectors import offered
from marelle.core.clock import universal
from marelle.flows.prices.spans import DAY
from marelle.flows.simulating.imagined import OpenDays, weeks_around
from marelle.pricing.models import TariffSet

MONTHS_AHEAD = 370
"""In days: how far a month may be chosen."""


def simulable(day: date) -> QuerySet[Activity]:
    """With their structure."""
    lives = Q(tariff__until=None) | Q(tariff__until__gte=day)
    sets = TariffSet.objects.filter(lives, slots__activity=OuterRef("pk"))
    return offered(day).filter(Exists(sets))


def is_simulable(activity: Activity, day: date) -> bool:
    """The same of one that has tariffs; no query."""
    return activity.last_day >= day and activity.enrolment_mode != EnrolmentMode.NONE


def open_months(activity: Activity, day: date) -> list[date]:
    """The first day of each month with open days, from that of `day` on; one query."""
    first, last = day.replace(day=1), day + MONTHS_AHEAD * DAY
    rows = Opening.objects.filter(
        activity=activity, state=Opening.State.OPEN, slot__one_off=False, day__gte=first, day__lte=last
    )
    return list(rows.dates("day", "month"))


def open_days(activity: Activity, month: date) -> OpenDays:
    """Of the month that begins on `month` and of the weeks around it, whatever the groups; one query."""
    first, last = weeks_around(month)
    rows = Opening.objects.filter(
        activity=activity, state=Opening.State.OPEN, slot__one_off=False, day__gte=first, day__lte=last
    )
    found: dict[date, dict[int, tuple[datetime, datetime]]] = defaultdict(dict)
    hours = rows.order_by("day", "starts_at", "pk").values_list("day", "slot_id", "starts_at", "ends_at")
    for day, slot_id, starts_at, ends_at in hours:
        found[day].setdefault(slot_id, (universal(starts_at), universal(ends_at)))
    return found
