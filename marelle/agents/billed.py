"""What a change makes of months that are billed already, told when it is saved."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils.translation import ngettext

from marelle.billing.runs.selectors import MonthBilled, is_something_billed
from marelle.core.french import day_plain, month_text
from marelle.flows.bills.known import months_to_correct


def billed_lines(
    authority_id: int,
    since: date | None,
    until: date | None = None,
    structure_ids: Collection[int] | None = None,
) -> list[str]:
    """« Novembre 2026 est déjà facturé (12 foyers)… », for each month that the next bills put right. `since`
    None: all days; see `months_billed`."""
    first = since or date.min
    return [_line(month, first) for month in months_to_correct(authority_id, first, until, structure_ids)]


def day_begun(day: date) -> date | None:
    """What a form begins with of the first day of a change: none as long as nothing is billed, where a fault
    of the first days is put right whole."""
    return day if is_something_billed() else None


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
