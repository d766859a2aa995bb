"""What the pages of capacities show: read once, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from marelle.activities.capacity import capacities
from marelle.activities.models import Gauge
from marelle.activities.services import kept_by
from marelle.agents.activities.closings.forms import DaysForm
from marelle.core.actor import Actor
from marelle.core.french import day_plain, range_sentence


@dataclass(frozen=True, slots=True)
class GaugeLine:
    id: int
    name: str
    structure: str
    today: str


def head(asked: DaysForm) -> dict[str, Any]:
    """Which days of which structure, and the address that says so."""
    target = asked.target
    days = {"structure": target.structure_id, "jour": target.first_day, "fin": target.last_day}
    return {
        "structure": asked.cleaned_data["structure"],
        "span": range_sentence(target.first_day, target.last_day),
        "query": urlencode(days),
    }


def gauge_lines(actor: Actor, *, day: date) -> list[GaugeLine]:
    """The gauges that the actor answers for, with what each holds on `day`; three queries."""
    rows = list(kept_by(actor, Gauge).order_by("structure__order", "structure__name", "name", "pk"))
    places = capacities([row.pk for row in rows], [day])
    return [
        GaugeLine(
            row.pk,
            row.name,
            row.structure.name,
            _("%(n)d places") % {"n": places[row.pk, day]} if (row.pk, day) in places else _("sans limite"),
        )
        for row in rows
    ]


def levels(gauge: Gauge) -> list[tuple[str, str]]:
    """Its capacities, the last first."""
    rows = gauge.levels.order_by("-since").values_list("since", "capacity")
    return [
        (_("depuis le %(day)s") % {"day": day_plain(since)}, _("%(n)d places") % {"n": capacity})
        for since, capacity in rows
    ]
