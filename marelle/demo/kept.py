"""Places that the director of Brisecombe keeps for some."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from marelle.activities.audiences import AudienceKind
from marelle.activities.rules import Counting
from marelle.bookings.kept import kept_add, kept_name
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment

KNOWN: Final = "F00004"
"""The last of the families with whom one visits the demo: none of theirs is named."""


def keep_places(director: Actor, places: Places, year: SchoolYear) -> None:
    """One of each Wednesday for a child sent by the social services, and two of the next holidays for
    Montperreux-le-Vieux, which pays for them."""
    at = instant_at(year.today - timedelta(days=2), time(9, 15))
    wednesdays = places.activities["mercredis-brisecombe"]
    row = _keep(
        director,
        at,
        wednesdays.pk,
        name="Suivi social",
        gauge=places.gauges["brisecombe", "matin-grands"],
        places=1,
        audience=AudienceKind.NAMED.value,
        since=wednesdays.first_day,
    )
    group = places.groups["mercredis-brisecombe", "grands"]
    stays = Enrolment.objects.filter(activity=wednesdays, state=Enrolment.State.ACCEPTED, groups__group=group)
    known = stays.filter(ends_on__gte=year.today).exclude(family__number__lte=KNOWN).order_by("pk").first()
    if known is not None:
        kept_name(actor=director, pk=row.pk, enrolment_ids=[known.pk], now=at)
    holidays = places.activities["vacances-brisecombe"]
    coming = holidays.openings.filter(day__gt=year.today).order_by("day").values_list("day", flat=True)
    first = coming.first() or holidays.first_day
    _keep(
        director,
        at,
        holidays.pk,
        name="Convention avec Montperreux",
        gauge=places.gauges["brisecombe", "matin-grands"],
        places=2,
        audience=AudienceKind.COMMUNES.value,
        communes=[places.communes["Montperreux-le-Vieux"]],
        since=first,
        until=first + timedelta(days=4),
        release_n=7,
    )


def _keep(director: Actor, at: datetime, activity_id: int, **fields: Any) -> Any:
    values = {
        "communes": [],
        "schools": [],
        "until": None,
        "release_n": 1,
        "release_counting": Counting.CALENDAR.value,
        "release_time": time(18),
        "release_at": None,
        **fields,
    }
    return kept_add(actor=director, activity_id=activity_id, values=values, now=at)
