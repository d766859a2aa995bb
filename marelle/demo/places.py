"""The places of the demo, by the keys of its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from marelle.activities.models import Activity, AgeGroup, Gauge, Slot
from marelle.papers.models import PaperType
from marelle.places.models import Authority, Commune, School, Structure


@dataclass
class Places:
    """The rows written; communes and schools by their names, `draws` by slot and group."""

    authorities: dict[str, Authority]
    communes: dict[str, Commune]
    schools: dict[str, School]
    structures: dict[str, Structure]
    gauges: dict[tuple[str, str], Gauge]
    activities: dict[str, Activity]
    groups: dict[tuple[str, str], AgeGroup]
    slots: dict[tuple[str, str], Slot]
    papers: dict[str, PaperType]
    draws: dict[tuple[int, int | None], tuple[Gauge, ...]] = field(default_factory=dict)
