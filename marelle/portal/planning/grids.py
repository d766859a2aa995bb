"""From the planning as read to what `ui` draws: tables, children, toolbar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.urls import reverse
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
from marelle.families.selectors import Child
from marelle.portal.planning.address import ALL_ACTIVITIES, Address, View
from marelle.portal.planning.cells import Words, grid_cell
from marelle.ui.components import Choice, Filter, Kid, Link, Toolbar
from marelle.ui.planning import Grid, GridCell, GridColumn, GridColumnGroup, GridRow

SATURDAY = 5


def grids(planning: Planning, address: Address, words: Words, *, today: date) -> list[Grid]:
    """A table for each child that has something to book; days of the weekend only when something is there."""
    days = shown_days(planning.shown, address)
    return [_grid(child, days, words, today) for child in planning.shown if child.columns]


def shown_days(shown: Iterable[ChildPlanning], address: Address) -> list[date]:
    first, last = address.span
    every = [first + timedelta(days=shift) for shift in range((last - first).days + 1)]
    if address.view is View.DAY:
        return every
    busy = {day for child in shown for day, _slot in child.cells}
    return [day for day in every if day.weekday() < SATURDAY or day in busy]


def _grid(planned: ChildPlanning, days: Sequence[date], words: Words, today: date) -> Grid:
    width = _widths(planned)
    rows = tuple(
        GridRow(
            day=day,
            short=_(SHORT_WEEKDAYS[day.weekday()]),
            number=str(day.day),
            long=_capitalised(day_long(day)),
            is_today=day == today,
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


def toolbar(planning: Planning, address: Address, *, today: date) -> Toolbar:
    page = reverse("planning")
    names = {View.DAY: _("Jour"), View.WEEK: _("Semaine"), View.MONTH: _("Mois")}
    first, last = address.span
    offered = list(planning.activities)
    if address.activity is not None and address.activity not in dict(offered):
        offered.append((address.activity, _("rien sur cette période")))
    choices = (
        Choice(ALL_ACTIVITIES, _("toutes"), selected=address.activity is None),
        *(Choice(str(ident), name, selected=ident == address.activity) for ident, name in offered),
    )
    return Toolbar(
        title=title(address),
        previous=Link(_("précédent"), page + address.previous.query),
        next=Link(_("suivant"), page + address.next.query),
        today=Link(_("Aujourd’hui"), page + address.at(today).query, current=first <= today <= last),
        views=tuple(
            Link(names[view], page + replace(address, view=view).query, current=view is address.view)
            for view in View
        ),
        filter=Filter("activite", _("Activité"), choices, keep=address.pairs[:3], action=page),
        repeat=(
            Link(_("Répéter…"), reverse("planning_repeat") + address.query)
            if address.child is not None and any(child.columns for child in planning.shown)
            else None
        ),
    )


def kids(children: Sequence[Child], address: Address) -> list[Kid]:
    page = reverse("planning")
    tabs = [
        Kid(
            child.first_name,
            page + replace(address, child=child.id, activity=None).query,
            child.first_name[:1],
            current=child.id == address.child,
        )
        for child in children
    ]
    if len(children) > 1:
        everyone = replace(address, child=None, activity=None)
        tabs.append(Kid(_("Tous"), page + everyone.query, str(len(children)), current=address.child is None))
    return tabs


def heading(planning: Planning, address: Address) -> str:
    names = {child.id: child.first_name for child in planning.children}
    if address.child in names:
        return _("Réservations %s") % of_name(names[address.child])
    return _("Réservations de tous les enfants") if names else _("Mes réservations")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
