"""Lines that are the same but for their day, told once: how often, for how much each. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marelle.pricing.lines import Line, total


@dataclass(frozen=True, slots=True)
class Alike:
    """`line` is that of the first day; each comes to the same, by the same steps."""

    line: Line
    days: tuple[date, ...]
    amount: Decimal


def alike(lines: Iterable[Line]) -> tuple[Alike, ...]:
    """In the order in which the first of each comes."""
    found: dict[Hashable, list[Line]] = {}
    for line in lines:
        found.setdefault(line.alike, []).append(line)
    return tuple(Alike(same[0], tuple(line.day for line in same), total(same)) for same in found.values())
