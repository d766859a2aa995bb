"""From the planning as read to what `ui` draws: tables, and how to move."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from marelle.bookings.planning import ChildPlanning, Column, Planning
from marelle.core.french import (
    SHORT_WEEKDAYS,
    day_long,
    day_long_year,
    hours_text,
    month_text,
    of_name,
    range_sentence,
    range_text,
)
from marelle.planning.address import Address, View
from marelle.planning.cells import Words, can_be_absent, can_be_done, grid_cell
from marelle.ui.components import Link, Toolbar
from marelle.ui.grid import Grid, GridCell, GridColumn, GridColumnGroup, GridRow

SATURDAY = 5


def grids(planning: Planning, address: Address, words: Words, *, today: date) -> list[Grid]:
    """A table for each child that has something to book; days of the weekend only when something is there."""
    days = shown_days(planning.shown, address)
    return [_grid(child, days, words, today) for child in planning.shown if child.columns]


AHEAD: Final = (4, 8)
"""Weeks from today in which a planning looks for a day to open on: four, then eight more."""


def opening_day(
    read: Callable[[date, date], Iterable[ChildPlanning]], *, today: date, now: datetime
) -> date | None:
    """The first day from today on which something can still be done, of what `read` gives between two days,
    both included. What is far is looked at only when there is nothing near, as at the beginning of the
    summer."""
    since = today
    for weeks in AHEAD:
        until = since + timedelta(weeks=weeks)
        day = first_to_do(read(since, until - timedelta(days=1)), today=today, now=now)
        if day is not None:
            return day
        since = until
    return None


def first_to_do(shown: Iterable[ChildPlanning], *, today: date, now: datetime) -> date | None:
    """The first day, from today on, on which something can still be done."""
    days = (
        day
        for child in shown
        if child.child.may_book
        for (day, _slot), cells in child.cells.items()
        if day >= today and any(can_be_done(cell, now) for cell in cells)
    )
    return min(days, default=None)


def shown_days(shown: Iterable[ChildPlanning], address: Address) -> list[date]:
    first, last = address.span
    every = [first + timedelta(days=shift) for shift in range((last - first).days + 1)]
    if address.view is View.DAY:
        return every
    busy = {day for child in shown for day, _slot in child.cells}
    return [day for day in every if day.weekday() < SATURDAY or day in busy]


def _grid(planned: ChildPlanning, days: Sequence[date], words: Words, today: date) -> Grid:
    width = _widths(planned)
    absent = _absent_days(planned, words, today)
    ahead = days[-1] >= today
    rows = tuple(
        GridRow(
            day=day,
            short=_(SHORT_WEEKDAYS[day.weekday()]),
            number=str(day.day),
            long=_capitalised(day_long(day)),
            is_today=day == today,
            is_past=ahead and day < today,
            link_url=words.day_url(planned.child.id, day) if day in absent else "",
            cells=tuple(
                cell
                for column in planned.columns
                for cell in _cells(planned, day, column, width[column.slot.id], words)
            ),
        )
        for day in days
    )
    who = planned.child.first_name
    return Grid(_caption(who, days), _groups(planned.columns, width), rows, who=who)


def _absent_days(planned: ChildPlanning, words: Words, today: date) -> frozenset[date]:
    """The days of which it can be told that the child will not come."""
    if words.narrow or not planned.child.may_book:
        return frozenset()
    return frozenset(
        day
        for (day, _slot), cells in planned.cells.items()
        if day >= today and any(can_be_absent(cell, words.now) for cell in cells)
    )


def _widths(planned: ChildPlanning) -> dict[int, int]:
    """Columns of each slot: two outings of one day stand side by side."""
    width = {column.slot.id: 1 for column in planned.columns}
    for (_day, slot_id), cells in planned.cells.items():
        width[slot_id] = max(width.get(slot_id, 1), len(cells))
    return width


def _cells(
    planned: ChildPlanning, day: date, column: Column, width: int, words: Words
) -> list[GridCell | None]:
    found: list[GridCell | None] = [
        grid_cell(cell, words, may_book=planned.child.may_book)
        for cell in planned.cells.get((day, column.slot.id), ())
    ]
    return found + [None] * (width - len(found))


def _groups(columns: Sequence[Column], width: dict[int, int]) -> tuple[GridColumnGroup, ...]:
    by_activity: dict[int, list[Column]] = {}
    for column in columns:
        by_activity.setdefault(column.activity.id, []).append(column)
    return tuple(
        GridColumnGroup(
            title=found[0].activity.name,
            subtitle=found[0].group_name or found[0].activity.structure_name,
            columns=tuple(
                GridColumn(
                    f"{column.slot.id}-{place}",
                    column.slot.name,
                    hours_text(column.slot.starts, column.slot.ends),
                )
                for column in found
                for place in range(width[column.slot.id])
            ),
        )
        for found in by_activity.values()
    )


def _caption(who: str, days: Sequence[date]) -> str:
    when = range_sentence(days[0], days[-1])
    return _("Réservations %(of_who)s, %(when)s") % {"of_who": of_name(who), "when": when}


def title(address: Address) -> str:
    """ "30 novembre – 4 décembre 2026", "Lundi 30 novembre 2026", "Novembre 2026"."""
    first, last = address.span
    if address.view is View.DAY:
        return _capitalised(day_long_year(first))
    if address.view is View.MONTH:
        return _capitalised(month_text(first))
    return range_text(first, last - timedelta(days=2))


def can_save(tables: Iterable[Grid]) -> bool:
    return next(editable(tables), None) is not None


def editable(tables: Iterable[Grid]) -> Iterator[GridCell]:
    return (
        cell
        for table in tables
        for row in table.rows
        for cell in row.cells
        if cell is not None and cell.editable
    )


def moves(address: Address, url: Callable[[Address], str], *, today: date) -> Toolbar:
    """The span shown, how to move and the views; `url` is the page at an address."""
    names = {View.DAY: _("Jour"), View.WEEK: _("Semaine"), View.MONTH: _("Mois")}
    first, last = address.span
    return Toolbar(
        title=title(address),
        previous=Link(_("précédent"), url(address.previous)),
        next=Link(_("suivant"), url(address.next)),
        today=Link(_("Aujourd’hui"), url(address.at(today)), current=first <= today <= last),
        views=tuple(
            Link(names[view], url(replace(address, view=view)), current=view is address.view) for view in View
        ),
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
