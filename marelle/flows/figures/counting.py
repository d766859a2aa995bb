"""Attendance counted: by structure, activity, month, age on the day and commune of residence on the day.

`figures_rows` reads who is on each opening, `figures_homes` how old they are and where they live; here they
are added up, many children at a time, by the rules of `figures_rules`. Rights are the caller's to check.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

from django.db.models import QuerySet

from marelle.activities.models import Activity
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.flows.figures.homes import Children, Whence
from marelle.flows.figures.rows import (
    IDS_AT_MOST,
    Booked,
    Held,
    Place,
    Rows,
    Seen,
    Wanted,
    activities_of,
)
from marelle.flows.figures.rules import Band, Hours, Tally, is_late
from marelle.flows.figures.rules import attended as counted


@dataclass(frozen=True, slots=True)
class Key:
    """What a tally is of. `commune_id` is None where nobody knows where the child lived."""

    activity_id: int
    month: date
    band: Band
    commune_id: int | None


@dataclass(slots=True)
class Attended:
    """The tallies, and the names of what they are of: activities with their structure, communes."""

    cells: dict[Key, Tally] = field(default_factory=dict)
    activities: dict[int, tuple[str, int]] = field(default_factory=dict)
    communes: dict[int, str] = field(default_factory=dict)


def attended(wanted: Wanted, *, named_at_most: int = IDS_AT_MOST) -> Attended:
    """As many queries for a few children as for many; one when nothing is held on these days."""
    rows = Rows(wanted, named_at_most=named_at_most)
    if not rows.openings:
        return Attended()
    booked, seen, cancelled = rows.booked(), rows.seen(), rows.cancelled()
    ids = {
        *chain.from_iterable(one.children for one in booked.values()),
        *chain.from_iterable(chain(*one) for one in seen.values()),
        *(one.child_id for one in cancelled),
    }
    children = Children(ids, rows)
    adding = _Adding(children)
    varied = [pk for pk, one in booked.items() if one.hours is None]
    own = rows.own_hours(varied) if varied else {}
    _add_booked(adding, rows, booked, own)
    _add_seen(adding, rows, booked, own, seen)
    for one in cancelled:
        if is_late(one.ended, one.starts):
            adding.add(rows.openings[one.opening_id], (one.child_id,), ("late", 1))
    return Attended(
        cells=adding.cells(),
        activities={
            one.id: (one.name, one.structure_id) for one in _names(wanted.structure_ids, wanted.activity_id)
        },
        communes=children.communes,
    )


class _Named(NamedTuple):
    id: int
    name: str
    structure_id: int


NAMED = columns(_Named, "name", "structure_id", id="pk")


@prepared
def _names(structure_ids: Collection[int], activity_id: int | None) -> QuerySet[Activity, _Named]:
    return NAMED.of(activities_of(structure_ids, activity_id).order_by())


NOBODY: Final = Booked([], [], None)

Each = tuple[str, int]
"""A number of a tally, and what each child adds to it."""


class _Adding:
    """Children who count for the same are put together, and counted by age and home at the end."""

    def __init__(self, children: Children) -> None:
        self.children = children
        self.whences: list[Whence] = [*dict.fromkeys(children.settled.values())]
        self.ranks = {whence: rank for rank, whence in enumerate(self.whences)}
        self.settled = {pk: self.ranks[whence] for pk, whence in children.settled.items()}
        self.alike: defaultdict[tuple[int, date, tuple[Each, ...]], list[int]] = defaultdict(list)

    def add(self, held: Held, among: Collection[int], *each: Each) -> None:
        """Each of these children adds that much on the day of the opening."""
        ranks = self.settled
        try:
            found = [ranks[pk] for pk in among]
        except KeyError:
            found = [ranks[pk] if pk in ranks else self._rank(pk, held) for pk in among]
        self.alike[held.activity_id, held.month, each].extend(found)

    def _rank(self, child_id: int, held: Held) -> int:
        whence = self.children.whence(child_id, held.day, held.activity_id)
        if whence not in self.ranks:
            self.ranks[whence] = len(self.whences)
            self.whences.append(whence)
        return self.ranks[whence]

    def cells(self) -> dict[Key, Tally]:
        found: dict[Key, Tally] = {}
        for (activity_id, month, each), ranks in self.alike.items():
            for rank, children in Counter(ranks).items():
                tally = found.setdefault(Key(activity_id, month, *self.whences[rank]), Tally())
                for name, much in each:
                    setattr(tally, name, getattr(tally, name) + children * much)
        return found


class _Days:
    """The children of each activity and day, each once."""

    def __init__(self) -> None:
        self.found: dict[tuple[int, date], tuple[Held, set[int]]] = {}

    def add(self, held: Held, children: Iterable[int]) -> None:
        key = held.activity_id, held.day
        if key in self.found:
            self.found[key][1].update(children)
        else:
            self.found[key] = held, set(children)

    def add_to(self, adding: _Adding, name: str) -> None:
        for held, children in self.found.values():
            adding.add(held, children, (name, 1))


def _add_booked(adding: _Adding, rows: Rows, booked: dict[int, Booked], own: dict[Place, Hours]) -> None:
    days = _Days()
    for opening_id, one in booked.items():
        held = rows.openings[opening_id]
        each = ("booked", 1), ("due", int(held.day <= rows.wanted.today))
        if one.hours is None:
            for pk in one.children:
                adding.add(held, (pk,), *each, ("booked_seconds", own[opening_id, pk].seconds))
        else:
            adding.add(held, one.children, *each, ("booked_seconds", one.hours.seconds))
        if one.told:
            adding.add(held, one.told, ("told", 1))
        days.add(held, one.children)
    days.add_to(adding, "booked_days")


def _add_seen(
    adding: _Adding, rows: Rows, booked: dict[int, Booked], own: dict[Place, Hours], seen: dict[int, Seen]
) -> None:
    days = _Days()
    by_hour = [pk for pk, one in seen.items() if one.present and rows.openings[pk].by_hour]
    times = rows.times(by_hour) if by_hour else {}
    for opening_id, one in seen.items():
        held, on = rows.openings[opening_id], booked.get(opening_id, NOBODY)
        expected = set(on.children)
        for pks, is_booked in _parted(one.present, expected):
            each = ("present", 1), ("unbooked", int(not is_booked))
            planned = on.hours if is_booked else held.hours
            if planned is not None and not held.by_hour:
                adding.add(held, pks, *each, ("present_seconds", planned.seconds))
                continue
            for pk in pks:
                arrived, left = times.get((opening_id, pk), (None, None))
                hours = planned or own[opening_id, pk]
                seconds = counted(hours, by_hour=held.by_hour, arrived=arrived, left=left)
                adding.add(held, (pk,), *each, ("present_seconds", seconds))
        if one.absent:
            adding.add(held, expected.intersection(one.absent), ("absent", 1))
        days.add(held, one.present)
    days.add_to(adding, "present_days")


def _parted(children: list[int], expected: set[int]) -> Iterator[tuple[Collection[int], bool]]:
    """Those who were expected, and the others; neither when there are none."""
    came = expected.intersection(children)
    if came:
        yield came, True
    if len(came) < len(children):
        yield [pk for pk in children if pk not in came], False
