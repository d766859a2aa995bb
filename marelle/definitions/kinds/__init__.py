"""What is in the file, kind by kind, in the order in which it is written: each key with what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from marelle.definitions.kinds.bills import BILLS, SETTINGS
from marelle.definitions.kinds.kind import Kind
from marelle.definitions.kinds.offer import ACTIVITY
from marelle.definitions.kinds.places import (
    AUTHORITY,
    CALENDAR,
    COMMUNE,
    PAPER_TYPE,
    PORTAL,
    SCHOOL,
    STRUCTURE,
)
from marelle.definitions.kinds.prices import PRICES

KINDS: Final = (
    AUTHORITY, PORTAL, COMMUNE, CALENDAR, SCHOOL, STRUCTURE, PAPER_TYPE, ACTIVITY, *PRICES, *BILLS, *SETTINGS,
)  # fmt: skip


def _walk(kinds: tuple[Kind, ...]) -> Iterator[Kind]:
    for kind in kinds:
        yield kind
        yield from _walk(kind.parts)


EVERY: Final = {kind.name: kind for kind in _walk(KINDS)}
DEPTH: Final = {kind.name: 2 if kind.parent else 1 for kind in EVERY.values()}
"""Keys that a path to one of it has."""

__all__ = ["DEPTH", "EVERY", "KINDS", "Kind"]
