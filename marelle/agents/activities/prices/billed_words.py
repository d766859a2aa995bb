"""What a change of tariffs makes of months that are billed already, told when it is saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from django.utils.translation import ngettext

from marelle.activities.models import Slot
from marelle.billing.runs.selectors import MonthBilled, months_billed
from marelle.core.french import day_plain, month_text
from marelle.pricing.about import Row, row_slots
from marelle.pricing.tariffs import ALL_SLOTS, Slots

DAY: Final = timedelta(days=1)

Change = tuple[date, date | None, Slots]
"""The first day on which prices may change, the last, and those of which slots; none named: of all."""


def changed_lines(authority_id: int, rows: Iterable[tuple[Row, Row | None]]) -> list[str]:
    """Once these are written, each in the place of its other: whatever either would have held for."""
    changes: list[Change] = []
    for new, old in rows:
        changes += [(new.since, row.until, row_slots(row)) for row in (new, old) if row]
    return billed_lines(authority_id, changes)


def ended_lines(authority_id: int, rows: Iterable[Row], until: date) -> list[str]:
    """Once `until` is their last day."""
    return billed_lines(authority_id, [(until + DAY, row.until, row_slots(row)) for row in rows])


def bounds_lines(authority_id: int, since: date) -> list[str]:
    """Once other resources count."""
    return billed_lines(authority_id, [(since, None, ALL_SLOTS)])


def billed_lines(authority_id: int, changes: Iterable[Change]) -> list[str]:
    """« Novembre 2026 est déjà facturé (12 foyers)… », for each such month; two queries for each date."""
    spans: dict[tuple[date, date | None], list[Slots]] = defaultdict(list)
    for since, until, slots in changes:
        spans[since, until].append(slots)
    found = [
        _line(month, since)
        for (since, until), named in spans.items()
        for month in months_billed(authority_id, since, until, _structures(named))
    ]
    return list(dict.fromkeys(found))


def _line(month: MonthBilled, since: date) -> str:
    text = ngettext(
        "%(month)s est déjà facturé (%(n)d foyer)\u00a0: ce qui change de prix à partir du %(day)s y sera "
        "régularisé à la prochaine facturation.",
        "%(month)s est déjà facturé (%(n)d foyers)\u00a0: ce qui change de prix à partir du %(day)s y sera "
        "régularisé à la prochaine facturation.",
        month.homes,
    )
    return text % {
        "month": month_text(month.first).capitalize(),
        "n": month.homes,
        "day": day_plain(max(since, month.first)),
    }


def _structures(named: Sequence[Slots]) -> frozenset[int] | None:
    """Those of all these slots; None: any."""
    if not all(named):
        return None
    rows = Slot.objects.filter(pk__in=frozenset[int]().union(*named)).order_by()
    return frozenset(rows.values_list("activity__structure_id", flat=True))
