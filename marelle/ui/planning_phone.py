"""What the planning grid has for a phone alone, where a day is a card: days in a row, what is past folded.

No script is needed for either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape as escape_text
from typing import Final

from django.utils.translation import gettext, ngettext

from marelle.ui.grid import CellKind, Grid, GridCell

WEEK: Final = 7
_HELD: Final = frozenset(
    {CellKind.BOOKED, CellKind.REQUESTED, CellKind.TO_CANCEL, CellKind.PRESENT, CellKind.OTHER_HOME}
)
"""Kinds that a dot announces."""


def is_something(cell: GridCell | None) -> bool:
    """Whether a phone, where a row is a card, has a line for the cell."""
    return cell is not None and (
        cell.kind is not CellKind.NOT_OFFERED and (cell.kind is not CellKind.CLOSED or bool(cell.detail))
    )


def has_strip(grid: Grid) -> bool:
    return 2 <= len(grid.rows) <= WEEK


def write_strip(
    write: Callable[[str], None], grid: Grid, idents: Sequence[int], memo: Mapping[str, str]
) -> None:
    """The days of a week in a row, each leading to its card; a dot where something is booked."""
    label = gettext("Jours de %s") % grid.who if grid.who else gettext("Jours")
    booked = escape_text(gettext("réservé"))
    write(f'<nav class="leap" aria-label="{memo[label]}">')
    for row, ident in zip(grid.rows, idents, strict=True):
        name = f"{memo[str(row.short)]} <b>{memo[row.number]}</b>"
        if not any(map(is_something, row.cells)):
            write(f"<span>{name}</span>")
            continue
        has = any(cell is not None and _is_booked(cell) for cell in row.cells)
        dot = f"<i></i><span class=v>{booked}</span>" if has else ""
        css = ' class="gone"' if row.is_past else ""
        today = ' aria-current="date"' if row.is_today else ""
        write(f'<a href="#j{ident}"{css}{today}>{name}{dot}</a>')
    write("</nav>")


def write_unfold(write: Callable[[str], None], grid: Grid, number: int) -> None:
    """What a phone folds away is shown by a box, without any script; an unsaved cell is never folded."""
    past = [row for row in grid.rows if row.is_past and any(map(is_something, row.cells))]
    if not past:
        return
    unsaved = any(cell is not None and cell.saved is not None for row in past for cell in row.cells)
    text = ngettext("Montrer le jour passé", "Montrer les %d jours passés", len(past))
    label = text % len(past) if len(past) > 1 else text
    write(
        f'<input type="checkbox" class="unfold" id="u{number}" autocomplete="off"{" checked" * unsaved}>'
        f'<label for="u{number}">{escape_text(label)}</label>'
    )


def _is_booked(cell: GridCell) -> bool:
    return cell.kind in _HELD or (cell.kind is CellKind.LOCKED and cell.checked)
