"""What a file says against what is held. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2s
from typing import Any

from django.utils.translation import gettext

from marelle.definitions.reading import Fault
from marelle.definitions.rules import levels_settled
from marelle.definitions.tree import Agent, Definitions, Entry, Id, short_path
from marelle.definitions.values import Field, Path, Plain


@dataclass(frozen=True, slots=True)
class Change:
    """An entry as it is to be, `held` as it is (None: it is new), and the names of what differs."""

    entry: Entry
    held: Entry | None
    attrs: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        return self.held is None


@dataclass(frozen=True, slots=True)
class Difference:
    """`same`: how many entries of the file are as it says. `left`: what is held and not in the file.
    `agents`: who is to be invited."""

    changes: tuple[Change, ...] = ()
    same: int = 0
    left: tuple[Entry, ...] = ()
    agents: tuple[Agent, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.agents)

    @property
    def mark(self) -> str:
        """The same for the same difference."""
        told = [(one.entry.id, one.attrs, _told(one)) for one in self.changes]
        agents = [(agent.email, agent.posts) for agent in self.agents]
        return blake2s(repr((told, agents)).encode(), digest_size=16).hexdigest()


def difference(wanted: Definitions, held: Mapping[Id, Entry], today: date) -> tuple[Difference, list[Fault]]:
    """In the order in which it is to be written, and faults for what may not change. Agents are not looked
    at."""
    changes, faults = [], []
    same = 0
    for entry in _ranked(wanted.entries, held):
        before = held.get(entry.id)
        if before is None:
            changes.append(Change(_whole(entry, today), None, tuple(_whole(entry, today).values)))
            continue
        values = {**entry.values}
        if "capacities" in values:
            values["capacities"] = levels_settled(values["capacities"], before.values["capacities"], today)
        attrs = tuple(name for name, value in values.items() if value != before.values[name])
        faults += [_fixed(entry, one) for one in entry.kind.fields if one.fixed and one.attr in attrs]
        if attrs:
            changes.append(Change(replace(entry, values={**before.values, **values}), before, attrs))
        else:
            same += 1
    left = tuple(one for pk, one in held.items() if pk not in wanted.entries and not one.kind.is_single)
    return Difference(tuple(changes), same, left), faults


def value_text(entry: Entry, one: Field, value: Any, entries: Mapping[Id, Entry]) -> Plain:
    """As the file writes it."""
    if value is None:
        return ""

    def shorter(kind: str, path: Path) -> Path:
        return short_path(kind, path, entry, entries)

    return one.value.write(one.value.mapped(value, shorter))


def _told(change: Change) -> list[tuple[str, Any, Any]]:
    before = change.held.values if change.held else {}
    return [(attr, before.get(attr), change.entry.values[attr]) for attr in change.attrs]


def _whole(entry: Entry, today: date) -> Entry:
    """With what stands where nothing is said. What there is one of is there already: nothing said stays."""
    if entry.kind.is_single:
        return entry
    values = {one.attr: entry.values.get(one.attr, one.default) for one in entry.kind.fields}
    if "capacities" in values:
        values["capacities"] = levels_settled(values["capacities"], (), today)
    if entry.kind.is_ordered:
        values["order"] = entry.values["order"]
    return replace(entry, values=values)


def _fixed(entry: Entry, one: Field) -> Fault:
    told = gettext(
        "« %(word)s » ne change pas une fois écrit : donnez une autre clé à ce que vous voulez à la place."
    )
    return entry.fault(told % {"word": one.word}, one.attr)


def _ranked(entries: Mapping[Id, Entry], held: Mapping[Id, Entry]) -> Iterable[Entry]:
    """With their `order`: as it is where the file says the same; after the others for what is new at the
    end."""
    beside: dict[tuple[str, Path], list[Entry]] = defaultdict(list)
    for entry in entries.values():
        if entry.kind.is_ordered:
            beside[entry.kind.name, entry.path[:-1]].append(entry)
    orders: dict[Id, int] = {}
    for (kind, under), rows in beside.items():
        there = [one for pk, one in held.items() if pk[0] == kind and pk[1][:-1] == under]
        kept = [row.id for row in rows if row.id in held]
        as_held = [one.id for one in there if one.id in entries]
        if kept == [row.id for row in rows][: len(kept)] and kept == as_held:
            last = max((one.values["order"] for one in there), default=-1)
            news = [row for row in rows if row.id not in held]
            orders |= {row.id: last + number for number, row in enumerate(news, 1)}
        else:
            orders |= {row.id: number for number, row in enumerate(rows)}
    for pk, entry in entries.items():
        yield replace(entry, values={**entry.values, "order": orders[pk]}) if pk in orders else entry
