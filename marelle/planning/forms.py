"""What the page posts, read into changes. Pure and total: what is malformed is counted, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Final

from django.http import QueryDict

from marelle.bookings.saving.ledger import Change

LONGEST_REASON: Final = 300

_KEY = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})")
_HOURS = re.compile(r"h-(.+)-([ad])")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")

Key = tuple[int, int]
"""Child and opening."""


@dataclass(frozen=True, slots=True)
class Posted:
    """`unreadable` counts the keys and hours that make no sense; the rest of the submission is kept.

    `past_capacity`: an agent who gives a reason means to pass a capacity too. `halves` are the arrivals
    without a departure, and the contrary, as they were chosen.
    """

    changes: tuple[Change, ...]
    unreadable: int
    derogation: str = ""
    past_capacity: bool = False
    halves: Mapping[Key, tuple[str, str]] = field(default_factory=dict)


def read_key(text: str) -> Key | None:
    found = _KEY.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def read_posted(data: QueryDict, *, on_behalf_of: bool) -> Posted:
    """Changes in the order of the page. A family's derogation is not even read.

    Ticking what was shown as full asks for the waiting list, unless an agent gives a reason to pass.
    """
    if "attente" in data:
        return _read_queueing(data.getlist("attente"))
    seen, wrong_seen = _keys(data.get("seen", "").split())
    ticked, wrong_ticked = _keys(data.getlist("c"))
    full, _ignored = _keys(data.get("full", "").split())
    hours, wrong_hours, halves = _hours(data)
    derogation = _reason(data.get("derogation", "")) if on_behalf_of else ""
    changes = [
        Change(
            child_id=key[0],
            opening_id=key[1],
            seen=key in seen,
            wanted=key in ticked,
            accepts_waiting=key in full and not derogation,
        )
        for key in {**seen, **ticked}
        if key not in hours and (key in seen) is not (key in ticked)
    ]
    for key, chosen in hours.items():
        if chosen is None and key not in seen:
            continue
        starts, ends = chosen or (None, None)
        changes.append(
            Change(
                child_id=key[0],
                opening_id=key[1],
                seen=key in seen,
                wanted=chosen is not None,
                starts=starts,
                ends=ends,
            )
        )
    unreadable = wrong_seen + wrong_ticked + wrong_hours
    past_capacity = bool(derogation) and "depasse" in data
    return Posted(tuple(changes), unreadable, derogation, past_capacity, halves)


def queue_value(change: Change) -> str:
    """What the button « S’inscrire sur liste d’attente » posts for a change that was refused as full."""
    hours = f" {change.starts:%H:%M} {change.ends:%H:%M}" if change.starts and change.ends else ""
    return f"{change.child_id}.{change.opening_id}{hours}"


def _read_queueing(values: Iterable[str]) -> Posted:
    changes: list[Change] = []
    unreadable = 0
    for value in (one for several in values for one in several.split(",")):
        key_text, *told = value.split(" ")
        key, hours = read_key(key_text), [_time(text) for text in told]
        if key is None or len(hours) not in {0, 2} or None in hours:
            unreadable += 1
            continue
        starts, ends = hours or (None, None)
        changes.append(
            Change(
                child_id=key[0],
                opening_id=key[1],
                seen=False,
                wanted=True,
                accepts_waiting=True,
                starts=starts,
                ends=ends,
            )
        )
    return Posted(tuple(changes), unreadable)


def _keys(texts: Iterable[str]) -> tuple[dict[Key, None], int]:
    """Keys without repeats, in order, and how many could not be read."""
    keys: dict[Key, None] = {}
    unreadable = 0
    for text in texts:
        key = read_key(text)
        if key is None:
            unreadable += 1
        else:
            keys[key] = None
    return keys, unreadable


def _hours(
    data: QueryDict,
) -> tuple[dict[Key, tuple[time, time] | None], int, dict[Key, tuple[str, str]]]:
    """Hours chosen by key, None for both left empty; half a choice is kept as start = end, and refused. How
    many cannot be read; the halves as they were chosen."""
    told: dict[Key, dict[str, str]] = {}
    unreadable = 0
    for name in data:
        found = _HOURS.fullmatch(name)
        key = read_key(found[1]) if found else None
        if found and key is None:
            unreadable += 1
        elif found and key is not None:
            told.setdefault(key, {})[found[2]] = str(data[name])
    hours: dict[Key, tuple[time, time] | None] = {}
    halves: dict[Key, tuple[str, str]] = {}
    for key, ends in told.items():
        first, last = ends.get("a", ""), ends.get("d", "")
        start, end = _time(first or last), _time(last or first)
        if not first and not last:
            hours[key] = None
        elif start is None or end is None:
            unreadable += 1
        else:
            hours[key] = (start, end)
            if not first or not last:
                halves[key] = (first, last)
    return hours, unreadable, halves


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if _TIME.fullmatch(text) else None


def _reason(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split())[:LONGEST_REASON]
