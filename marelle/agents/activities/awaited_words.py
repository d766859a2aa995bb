"""« Salle d’attente », in French: when it is open, and for which opening of bookings nobody named it yet."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.activities.models import Activity, AwaitedOpening, BookingWave
from marelle.activities.rules import LimitKind
from marelle.agents.activities.sections import Row, Section
from marelle.core.french import instant_long_year


def section(activity: Activity) -> Section:
    """One query: of the openings that are named."""
    found = list(AwaitedOpening.objects.filter(activity=activity).order_by("at", "pk"))
    lines = [
        _(
            "Si beaucoup de familles viennent à la même minute, la salle d’attente les fait entrer dans "
            "l’ordre de leur arrivée, autant à la fois que le site en sert bien."
        ),
        _(
            "Des structures qui ouvrent à dix minutes l’une de l’autre font moins attendre : chacune dit son "
            "instant dans ses délais de réservation."
        ),
    ]
    new = (_("Prévoir la salle d’attente"), reverse("agents_activities:awaited_new", args=[activity.pk]))
    return Section(
        "attente", _("Salle d’attente"), [] if found else lines, [_row(one) for one in found], [new]
    )


def _row(row: AwaitedOpening) -> Row:
    told = _("ouverte un quart d’heure avant, et jusqu’à une heure après")
    return Row(instant_long_year(row.at), told, reverse("agents_activities:awaited", args=[row.pk]))


def next_opening(activity_id: int, now: datetime) -> datetime | None:
    """When bookings of the activity next open at one instant for all days, to whomever; None: never so."""
    waves = BookingWave.objects.filter(
        rule__activity=activity_id, kind=LimitKind.FIXED.value, at__gt=now
    ).order_by("at")
    return waves.values_list("at", flat=True).first()
