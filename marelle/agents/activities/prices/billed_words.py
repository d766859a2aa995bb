"""Which days a change of tariffs is about, for what it makes of months that are billed already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from marelle.activities.models import Slot
from marelle.agents.billed import billed_lines
from marelle.pricing.about import Row, row_slots
from marelle.pricing.tariffs import Slots

DAY: Final = timedelta(days=1)

Change = tuple[date, date | None, Slots]
"""The first day on which prices may change, the last, and those of which slots; none named: of all."""


def changed_lines(authority_id: int, rows: Iterable[tuple[Row, Row | None]]) -> list[str]:
    """Once these are written, each in the place of its other: whatever either would have held for."""
    changes: list[Change] = []
    for new, old in rows:
        changes += [(new.since, row.until, row_slots(row)) for row in (new, old) if row]
    return _lines(authority_id, changes)


def ended_lines(authority_id: int, rows: Iterable[Row], until: date) -> list[str]:
    """Once `until` is their last day."""
    return _lines(authority_id, [(until + DAY, row.until, row_slots(row)) for row in rows])


def _lines(authority_id: int, changes: Iterable[Change]) -> list[str]:
    """A few queries for each date."""
    spans: dict[tuple[date, date | None], list[Slots]] = defaultdict(list)
    for since, until, slots in changes:
        spans[since, until].append(slots)
    found = [
        line
        for (since, until), named in spans.items()
        for line in billed_lines(authority_id, since, until, _structures(named))
    ]
    return list(dict.fromkeys(found))


def _structures(named: Sequence[Slots]) -> frozenset[int] | None:
    """Those of all these slots; None: any."""
    if not all(named):
        return None
    rows = Slot.objects.filter(pk__in=frozenset[int]().union(*named)).order_by()
    return frozenset(rows.values_list("activity__structure_id", flat=True))
