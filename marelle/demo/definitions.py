"""The Val d’Arelle as its file says it (`val-d-arelle.yaml`), around the days of a school year.

The file is read and written as `init` does. Its days are places between < and >: an anchor of the year
("rentree", "noel"), and how many days before or after.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Final

from django.db.models import F

from marelle.activities.generation import DayScope
from marelle.activities.kinds import ActivityKind, EnrolmentMode
from marelle.activities.models import Activity, Gauge, GaugeLevel, SlotGauge
from marelle.core.clock import instant_at
from marelle.definitions.services import definitions_begin
from marelle.definitions.tree import Definitions, Entry, Id, definitions_read
from marelle.definitions.values import DAY
from marelle.demo.places import Places
from marelle.demo.plans import (
    ActivityPlan,
    ClosurePlan,
    GroupPlan,
    RulePlan,
    SlotPlan,
    StructurePlan,
    WorldPlan,
)
from marelle.demo.world import BUSY_SLOTS, BY_WEEK, LATE, busy_days_of, outings_of
from marelle.demo.year import SchoolYear

FILE: Final = Path(__file__).parent / "val-d-arelle.yaml"
PLACE: Final = re.compile(r"<([a-z0-9-]*[a-z0-9])(?: ([+-]) (\d+))?>")
VOTED: Final = timedelta(days=60)
"""Before the year begins."""

ROOM: Final = 3
"""Times as many places as in the demo, where every child comes."""

HOLIDAYS: Final = {
    "toussaint": "toussaint", "noel": "noël", "hiver": "hiver", "printemps": "printemps", "ete": "été",
}  # fmt: skip
"""Anchors by the word that the names of the holidays hold; "noel-fin" is their last day."""


def text_of(year: SchoolYear) -> str:
    """The file, for this year."""
    days = _anchors(year)

    def written(found: re.Match[str]) -> str:
        off = timedelta(days=int(f"{found[2] or '+'}{found[3] or 0}"))
        return str(DAY.write(days[found[1]] + off))

    text = FILE.read_text(encoding="utf-8").replace("<annee>", str(year.year))
    return PLACE.sub(written, text)


def plan_of(read: Definitions, year: SchoolYear) -> WorldPlan:
    """What families are given to book, of what the file says, and how they do."""
    entries = read.entries
    structures = tuple(
        StructurePlan(path[0], tuple(_closures(entries, path[0])))
        for (kind, path) in entries
        if kind == "structure"
    )
    activities = tuple(
        _activity(entries, entry, year) for (kind, _path), entry in entries.items() if kind == "activity"
    )
    return WorldPlan(year.first_day, year.last_day, structures, activities)


def write_definitions(year: SchoolYear, *, roomy: bool = False) -> tuple[WorldPlan, Places]:
    """All of the file, in an empty database, some weeks before the year begins."""
    wanted = definitions_read(text_of(year))
    plan = plan_of(wanted, year)
    rows = definitions_begin(wanted=wanted, now=instant_at(year.first_day - VOTED, time(14, 30)))
    if roomy:
        plan = _roomier(plan)
    return plan, places_of(rows)


def _anchors(year: SchoolYear) -> Mapping[str, date]:
    found = {
        "rentree": year.first_day,
        "fin": year.last_day,
        "janvier": date(year.year + 1, 1, 1),
        "aout": date(year.last_day.year, 8, 1),
        "formation": year.term_day(2, weeks_ahead=3),
        "intemperies": year.term_day(3, weeks_ahead=1),
        "greve": year.term_day(1, weeks_ahead=-3),
    }
    for anchor, word in HOLIDAYS.items():
        span = year.holiday(word)
        found |= {anchor: span.first_day, f"{anchor}-fin": span.last_day}
    return found


def _under(entries: Mapping[Id, Entry], kind: str, key: str) -> list[Entry]:
    return [entry for (name, path), entry in entries.items() if name == kind and path[0] == key]


def _said(entry: Entry) -> dict[str, Any]:
    """Its values, what stands where nothing is said among them."""
    return {one.attr: entry.values.get(one.attr, one.default) for one in entry.kind.fields}


def _closures(entries: Mapping[Id, Entry], key: str) -> Iterator[ClosurePlan]:
    for entry in _under(entries, "closure", key):
        said = _said(entry)
        yield ClosurePlan(said["reason"], said["first_day"], said["last_day"], entry.path in LATE)


def _activity(entries: Mapping[Id, Entry], entry: Entry, year: SchoolYear) -> ActivityPlan:
    key, said = entry.path[0], _said(entry)
    return ActivityPlan(
        key=key,
        kind=ActivityKind(said["kind"]),
        structure=said["structure"][0],
        ages=(said["min_age_months"], said["max_age_months"]),
        schools=tuple(entries["school", path].values["name"] for path in said["schools"]),
        enrolment_mode=EnrolmentMode(said["enrolment_mode"]),
        groups=tuple(_group(one) for one in _under(entries, "group", key)),
        slots=tuple(_slot(one) for one in _under(entries, "slot", key)),
        rules=tuple(_rule(one) for one in _under(entries, "booking_rule", key)),
        by_week=key in BY_WEEK,
        outings=outings_of(key, year),
        busy_days=busy_days_of(key, year),
        busy_slots=BUSY_SLOTS.get(key, ()),
    )


def _group(entry: Entry) -> GroupPlan:
    said = _said(entry)
    return GroupPlan(entry.path[1], (said["min_age_months"], said["max_age_months"]))


def _slot(entry: Entry) -> SlotPlan:
    said = _said(entry)
    return SlotPlan(
        key=entry.path[1],
        starts=said["starts"],
        ends=said["ends"],
        weekdays=tuple(said["weekdays"]),
        days=DayScope(said["days"]),
        one_off=said["one_off"],
        requires=tuple(path[-1] for path in said["requires"]),
    )


def _rule(entry: Entry) -> RulePlan:
    said = _said(entry)
    opens = tuple(wave.opens.at for wave in said["waves"] if wave.opens and wave.opens.at)
    return RulePlan(said["since"], said["until"], opens)


def places_of(rows: Mapping[Id, Any]) -> Places:
    """The rows written, by the keys of the file; communes and schools by their names."""

    def of(kind: str) -> dict[Any, Any]:
        return {path if len(path) > 1 else path[0]: row for (name, path), row in rows.items() if name == kind}

    def named(kind: str) -> dict[str, Any]:
        return {row.name: row for (name, _path), row in rows.items() if name == kind}

    places = Places(
        authorities=of("authority"),
        communes=named("commune"),
        schools=named("school"),
        structures=of("structure"),
        gauges=of("gauge"),
        activities=of("activity"),
        groups=of("group"),
        slots=of("slot"),
        papers=of("paper_type"),
    )
    draws: dict[tuple[int, int | None], list[Gauge]] = defaultdict(list)
    for draw in SlotGauge.objects.select_related("gauge").order_by("pk"):
        draws[draw.slot_id, draw.group_id].append(draw.gauge)
    for (activity, _key), slot in places.slots.items():
        groups: list[int | None] = [row.pk for (key, _name), row in places.groups.items() if key == activity]
        for group_id in groups or [None]:
            every = draws[slot.pk, None] if group_id is not None else []
            places.draws[slot.pk, group_id] = (*draws[slot.pk, group_id], *every)
    return places


def _roomier(plan: WorldPlan) -> WorldPlan:
    """The same territory where every child finds a place, save on the afternoons: people wait for those.

    The restaurant and the after-school care are for both schools.
    """
    enlarged = GaugeLevel.objects.exclude(gauge__name__startswith="Après-midi")
    enlarged.update(capacity=F("capacity") * ROOM)
    for activity in Activity.objects.exclude(schools=None):
        activity.schools.clear()
    return replace(plan, activities=tuple(replace(one, schools=()) for one in plan.activities))
