"""The grid of an activity's gauges: what each cell draws on, in French, and why one is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.generation import DayScope
from marelle.activities.models import Activity, AgeGroup, Gauge, Slot
from marelle.activities.services import EVERY_GROUP, Draws, kept_by
from marelle.activities.services import Cell as Key
from marelle.agents.activities.forms.draws import DrawsForm, field_name
from marelle.agents.activities.forms.edit import meanwhile_text
from marelle.agents.activities.forms.parts import DAYS
from marelle.agents.activities.words import gauge_text
from marelle.core.actor import Actor
from marelle.core.french import hours_text, join_and, weekday_name
from marelle.core.refusals import ChangedMeanwhile, Refusal


@dataclass(frozen=True, slots=True)
class Cell:
    """What a slot draws on, for one group or for all; `bound` is its list to tick, None where it is kept."""

    heading: str
    gauges: list[tuple[str, str]]
    bound: BoundField | None


@dataclass(frozen=True, slots=True)
class Row:
    """A slot; `kept` says why nothing of it changes, "" where it may."""

    name: str
    hours: str
    kept: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Days:
    """The slots of the same days."""

    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Capacity:
    """A gauge of the grid; `url` is where its capacity changes, "" for one that another director keeps."""

    name: str
    told: str
    url: str


def columns(groups: Iterable[AgeGroup]) -> list[tuple[int, str]]:
    """A column for every group, then one for each."""
    found = [(group.pk, group.name) for group in groups]
    return [(EVERY_GROUP, _("Tous les groupes") if found else _("Jauges")), *found]


def cells(slots: Iterable[Slot], columns: Sequence[tuple[int, str]]) -> dict[Key, str]:
    """Each cell with the name that its list is known by."""
    return {(slot.pk, group_id): f"{slot.name}, {label}" for slot in slots for group_id, label in columns}


def offered(
    gauges: Mapping[int, Gauge], activity: Activity, drawn: Collection[int], asked: Collection[str]
) -> dict[int, Gauge]:
    """Those to tick in each cell: of the structure, those in use, and the others asked for one by one. An
    authority has hundreds."""
    return {
        pk: gauge
        for pk, gauge in gauges.items()
        if gauge.structure_id == activity.structure_id or pk in drawn or str(pk) in asked
    }


def choice(gauge: Gauge, activity: Activity, day: date) -> str:
    """ "Salle à manger (60 places par jour)"; of another structure, with its name."""
    away = "" if gauge.structure_id == activity.structure_id else f"{gauge.structure.name}, "
    return f"{gauge.name} ({away}{gauge_text(gauge, day)})"


def grid(
    slots: Iterable[Slot],
    columns: Sequence[tuple[int, str]],
    gauges: Mapping[int, Gauge],
    held: Draws,
    booked: Mapping[int, int],
    *,
    form: DrawsForm,
    day: date,
) -> list[Days]:
    """Slots by the days on which they are held, in their order."""
    told = {pk: (gauge.name, gauge_text(gauge, day)) for pk, gauge in gauges.items()}

    def cell(slot: Slot, group_id: int, heading: str) -> Cell:
        key = slot.pk, group_id
        drawn = held.get(key, frozenset())
        bound = form[field_name(key)] if form.is_shown(key) else None
        return Cell(heading, [told[pk] for pk in gauges if pk in drawn], bound)

    def row(slot: Slot) -> Row:
        kept = _kept_text(booked[slot.pk]) if booked.get(slot.pk) else ""
        return Row(slot.name, hours_text(slot.starts, slot.ends), kept, [cell(slot, *one) for one in columns])

    return [Days(name, [row(slot) for slot in found]) for name, found in groupby(slots, key=_days_text)]


def _days_text(slot: Slot) -> str:
    """ "Lundi et mardi, les semaines d’école"."""
    if slot.one_off:
        return _("Dates choisies une à une")
    days = join_and([weekday_name(number) for number in sorted(slot.weekdays)])
    return f"{days[:1].upper()}{days[1:]}, {DAYS[DayScope(slot.days)]}"


def _kept_text(n: int) -> str:
    return ngettext("%(n)d ouverture à venir est réservée", "%(n)d ouvertures à venir sont réservées", n) % {
        "n": n
    }


def capacities(actor: Actor, gauges: Iterable[Gauge], day: date) -> list[Capacity]:
    """One query."""
    kept = set(kept_by(actor, Gauge).values_list("pk", flat=True))
    return [
        Capacity(
            gauge.name,
            gauge_text(gauge, day),
            reverse("agents_closings:capacity", args=[gauge.pk]) if gauge.pk in kept else "",
        )
        for gauge in gauges
    ]


def refusal_text(refusal: Refusal, gauges: Mapping[int, Gauge]) -> str:
    """Why one cell is refused."""
    if isinstance(refusal, ChangedMeanwhile):
        held = [gauges[pk].name for pk in gauges if pk in refusal.data["held"]["gauges"]]
        return meanwhile_text(refusal, held or [_("aucune jauge")])
    if refusal.code == "booked":
        told = ngettext(
            "%(n)d ouverture à venir de ce créneau a des réservations, déjà comptées sur ses jauges : "
            "elles ne changent plus. Créez un autre créneau, ou changez la capacité des jauges.",
            "%(n)d ouvertures à venir de ce créneau ont des réservations, déjà comptées sur ses jauges : "
            "elles ne changent plus. Créez un autre créneau, ou changez la capacité des jauges.",
            refusal.data["n"],
        )
        return told % {"n": refusal.data["n"]}
    return _("Choisissez dans la liste.")
