"""Cells that open by themselves: a page read before the instant holds what they are from then on.

Nothing is asked of the server when it comes, by nobody: thousands who would all reload at that second do not.
What has been taken meanwhile is told by the save, as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from marelle.bookings.cells import Cell
from marelle.bookings.planning import ChildPlanning
from marelle.core.clock import local
from marelle.core.french import time_text
from marelle.planning.grids import editable
from marelle.ui.grid import CellKind, Grid, GridCell

SOON: Final = timedelta(hours=1)
"""Who opens the page longer before opens it again."""

Opens = Mapping[str, datetime]
"""When cells open, by their keys."""


def opening_soon(shown: Iterable[ChildPlanning], now: datetime) -> Opens:
    """Of the cells that cannot be booked yet, those that can be within the hour."""
    return {
        cell.key: cell.state.since
        for child in shown
        if child.child.may_book
        for cells in child.cells.values()
        for cell in cells
        if cell.state.cell is Cell.NOT_YET
        and cell.state.since is not None
        and now < cell.state.since <= now + SOON
    }


def opened_by_themselves(tables: Sequence[Grid], later: Iterable[Grid], opens: Opens) -> list[Grid]:
    """The tables with the cells that will be free to be ticked: `later` are the same tables, once all are
    open. What will be full already, or is booked by the hour, opens with the page."""
    free = {
        cell.key: cell
        for cell in editable(later)
        if cell.key in opens and cell.kind is CellKind.FREE and cell.hours is None
    }
    return [
        replace(
            table,
            rows=tuple(
                replace(row, cells=tuple(cell and _cell(cell, free, opens) for cell in row.cells))
                for row in table.rows
            ),
        )
        for table in tables
    ]


def _cell(cell: GridCell, free: Mapping[str, GridCell], opens: Opens) -> GridCell:
    opened = free.get(cell.key)
    if opened is None or cell.editable:
        return cell
    return replace(
        cell,
        editable=True,
        disabled=True,
        closes_at=opened.closes_at,
        bundle=opened.bundle,
        opens_at=opens[cell.key],
        opened=opened,
    )


def opening_words(opens: Opens) -> str:
    """ "Les réservations ouvrent à 8 h 30…"; "" where nothing opens soon."""
    instants = sorted(set(opens.values()))
    if not instants:
        return ""
    told = _("à partir de %s") if len(instants) > 1 else _("à %s")
    return _(
        "Les réservations ouvrent %(when)s, à l’heure du site\u00a0: les cases s’ouvrent alors d’elles-mêmes."
    ) % {"when": told % time_text(local(instants[0]).time())}
