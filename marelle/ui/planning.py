"""The planning grid: frozen data in, one accessible table out.

Written by a plain function instead of the template engine because a month has some 200 cells and the page
must stay quick and light: short class names, symbols and colours in `marelle.css`, names of the controls
made of ids (`aria-labelledby`) that point to what the table already says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape as escape_text
from itertools import count
from json import dumps
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import until_short
from marelle.ui.grid import CellKind, Grid, GridCell, GridRow, HoursCell
from marelle.ui.planning_phone import has_strip, is_something, write_strip, write_unfold
from marelle.ui.shell import Text


@dataclass(frozen=True, slots=True)
class _Look:
    css: str
    word: Text
    legend: Text
    always: bool = False


_LOOKS: Final[dict[CellKind, _Look]] = {
    CellKind.FREE: _Look("free", _("libre"), _("libre"), always=True),
    CellKind.BOOKED: _Look("on", _("Réservé"), _("réservé"), always=True),
    CellKind.TO_ADD: _Look("add", _("À enregistrer"), _("à enregistrer"), always=True),
    CellKind.TO_CANCEL: _Look("del", _("Réservé"), _("annulation à enregistrer"), always=True),
    CellKind.REQUESTED: _Look("ask", _("Demandé"), _("en attente de validation")),
    CellKind.WAITING: _Look("wait", _("En attente"), _("liste d’attente"), always=True),
    CellKind.OFFERED: _Look("offer", _("Place proposée"), _("place proposée")),
    CellKind.FULL: _Look("full", _("Complet"), _("complet"), always=True),
    CellKind.LOCKED: _Look("lock", _("délai dépassé"), _("délai dépassé"), always=True),
    CellKind.NOT_YET: _Look("soon", _("Bientôt"), _("pas encore ouvert")),
    CellKind.CLOSED: _Look("shut", _("Fermé"), _("fermé"), always=True),
    CellKind.CANCELLED_BY_STRUCTURE: _Look("off", _("Annulé"), _("annulé par la structure")),
    CellKind.NOT_OFFERED: _Look("no", _("non proposé"), _("non proposé"), always=True),
    CellKind.OTHER_HOME: _Look("home", _("Réservé"), _("réservé par l’autre foyer")),
    CellKind.PRESENT: _Look("here", _("Présent"), _("présent")),
    CellKind.ABSENT: _Look("away", _("Absent"), _("absent")),
    CellKind.ABSENT_JUSTIFIED: _Look("just", _("Absent"), _("absent, justifié")),
    CellKind.REFUSED: _Look("ref", _("Refusé"), _("refusé")),
}


def cell_text(cell: GridCell) -> str:
    """A cell said in a line, out of a planning: "libre · jusqu’à demain 12 h"."""
    said_by_detail = cell.kind is CellKind.LOCKED and not cell.checked and cell.detail
    word = cell.word or ("" if said_by_detail else _LOOKS[cell.kind].word)
    return " · ".join(str(part) for part in (word, cell.detail) if part)


_NONE_CELL: Final = '<td class="c no bare"></td>'


class _Memo(dict[str, str]):
    """Escaped texts by text: the same few sentences come back in every cell."""

    def __missing__(self, text: str) -> str:
        escaped = self[text] = escape_text(text)
        return escaped


@dataclass(frozen=True, slots=True)
class _Writer:
    """What one page shares: escaped texts, the words of the kinds, the numbers that ids are made of."""

    memo: _Memo
    words: dict[CellKind, str]
    numbers: Iterator[int]
    options: dict[tuple[tuple[str, str], ...], str]


def render_grids(grids: Sequence[Grid], *, now: datetime) -> SafeString:
    """The tables of `grids`, then the hidden fields `seen` and `full`: the keys that the page shows so.

    `now` is for the words of limits. Every text and key is escaped here. 207 cells take about half a
    millisecond.
    """
    writer = _Writer(
        _Memo(), {kind: escape_text(str(look.word)) for kind, look in _LOOKS.items()}, count(), {}
    )
    several = len(grids) > 1
    parts = [_words_for_script(_limits(grids), now, ticks=_opens(grids))]
    for grid in grids:
        _write_grid(parts.append, grid, writer, several=several)
    parts.append(f'<input type="hidden" name="seen" value="{escape_text(" ".join(seen_keys(grids)))}">')
    if full := full_keys(grids):
        parts.append(f'<input type="hidden" name="full" value="{escape_text(" ".join(full))}">')
    return mark_safe("".join(parts))  # noqa: S308 - escaped above, text by text


def seen_keys(grids: Sequence[Grid]) -> list[str]:
    """Keys of the editable cells that are saved as booked, requested or waiting, in the order of the page."""
    return [
        cell.key
        for grid in grids
        for row in grid.rows
        for cell in row.cells
        if cell is not None and cell.editable and _is_saved(cell)
    ]


def full_keys(grids: Sequence[Grid]) -> list[str]:
    """Keys shown as full: ticking one asks for the waiting list."""
    return [
        cell.key
        for grid in grids
        for row in grid.rows
        for cell in row.cells
        if cell is not None and cell.editable and CellKind.FULL in (cell.kind, cell.saved and cell.saved.kind)
    ]


def render_legend(grids: Sequence[Grid]) -> SafeString:
    """The legend: always the usual states, and the rarer ones that `grids` show."""
    shown = {cell.kind for grid in grids for row in grid.rows for cell in row.cells if cell is not None}
    items = [
        f'<li><span class="sw {look.css}" aria-hidden="true"><b></b></span>'
        f"{escape_text(str(look.legend))}</li>"
        for kind, look in _LOOKS.items()
        if look.always or kind in shown
    ]
    title = escape_text(gettext("Légende"))
    return mark_safe(f'<ul class="legend" aria-label="{title}">{"".join(items)}</ul>')  # noqa: S308


def _is_saved(cell: GridCell) -> bool:
    if cell.kind is CellKind.TO_ADD:
        return cell.saved is not None and cell.saved.checked
    return cell.checked or cell.kind is CellKind.TO_CANCEL or bool(cell.hours and cell.hours.start)


def _limits(grids: Sequence[Grid]) -> set[datetime]:
    """When the cells that may be changed close."""
    return {
        cell.closes_at
        for grid in grids
        for row in grid.rows
        for cell in row.cells
        if cell is not None and cell.editable and cell.closes_at is not None
    }


def _opens(grids: Sequence[Grid]) -> bool:
    """Whether a cell opens by itself."""
    return any(
        cell is not None and cell.opens_at is not None
        for grid in grids
        for row in grid.rows
        for cell in row.cells
    )


def _words_for_script(limits: Iterable[datetime], now: datetime, *, ticks: bool) -> str:
    """Hidden words that name the selects, and those that `planning.js` puts on cells and in the save bar: one
    and several of what is not saved, and each limit by its instant; where cells open by themselves (`ticks`),
    what time it is here."""
    arrival, departure = escape_text(gettext("Arrivée")), escape_text(gettext("Départ"))
    words = {
        "add": gettext("À enregistrer"),
        "queue": gettext("en liste d’attente"),
        "cancel": gettext("à annuler"),
        "change": gettext("À modifier"),
        "added": gettext("ajout|ajouts"),
        "changed": gettext("modification|modifications"),
        "cancelled": gettext("annulation|annulations"),
        "save": gettext("À enregistrer"),
        "before": gettext("{limit} pour {day}"),
        "limits": dumps({int(at.timestamp()): until_short(at, now) for at in sorted(limits)}),
    }
    if ticks:
        words["now"] = f"{now.timestamp():.3f}"
    data = "".join(f' data-{name}="{escape_text(word)}"' for name, word in words.items())
    return (
        f'<p hidden id="plan-words"{data}><span id="ha">{arrival}</span> <span id="hd">{departure}</span></p>'
    )


def _write_grid(write: Callable[[str], None], grid: Grid, writer: _Writer, *, several: bool) -> None:
    memo, number = writer.memo, next(writer.numbers)
    columns = [(group, column) for group in grid.groups for column in group.columns]
    css = "plan many" if len(columns) > 7 else "plan"
    who = f" w{number}" if grid.who else ""
    name_of_child = f'<span hidden id="w{number}">{memo[grid.who]}</span>' if grid.who else ""
    caption_css = "cap" if several else "v"
    idents = [next(writer.numbers) for _row in grid.rows]
    if stripped := has_strip(grid):
        write_strip(write, grid, idents, memo)
    write_unfold(write, grid, number)
    write(
        f'<div class="scroll"><table class="{css}"><caption class="{caption_css}">{memo[str(grid.caption)]}'
    )
    write(f'{name_of_child}</caption><thead><tr><td rowspan="2"></td>')
    for place, group in enumerate(grid.groups):
        write(f'<th scope="colgroup" colspan="{len(group.columns)}" id="g{number}-{place}">')
        write(_title(memo, group.title, group.subtitle))
    write("</tr><tr>")
    names: list[str] = []
    whats: list[str] = []
    for group_place, group in enumerate(grid.groups):
        for column in group.columns:
            ident = f"c{next(writer.numbers)}"
            write(f'<th scope="col" id="{ident}">{_title(memo, column.title, column.subtitle)}')
            names.append(f"{ident} g{number}-{group_place}{who}")
            whats.append(
                f"<span class=w>{memo[str(column.title)]}<small>{memo[str(group.title)]}</small></span>"
            )
    write("</tr></thead><tbody>")
    week = grid.rows[0].day.isocalendar()[:2] if grid.rows else None
    for row, of_row in zip(grid.rows, idents, strict=True):
        if row.day.isocalendar()[:2] != week:
            week = row.day.isocalendar()[:2]
            write("</tbody><tbody>")
        _write_row(write, row, of_row, f' id="j{of_row}"' * stripped, names, whats, writer)
    write("</tbody></table></div>")


def _title(memo: _Memo, title: Text, subtitle: Text) -> str:
    small = f"<small>{memo[str(subtitle)]}</small>" if subtitle else ""
    return f"{memo[str(title)]}{small}</th>"


def _write_row(
    write: Callable[[str], None],
    row: GridRow,
    number: int,
    target: str,
    names: list[str],
    whats: list[str],
    writer: _Writer,
) -> None:
    memo, ident = writer.memo, f"r{number}"
    today = f" · {escape_text(gettext('aujourd’hui'))}" if row.is_today else ""
    css = "today" * row.is_today + "past" * row.is_past + " none" * (not any(map(is_something, row.cells)))
    write(f'<tr{target} class="{css.strip()}">' if css else f"<tr{target}>")
    link = (
        f'<a class="off-day" href="{memo[row.link_url]}" aria-describedby="{ident}">'
        f"{memo[gettext('Absence ce jour')]}</a>"
        if row.link_url
        else ""
    )
    write(
        f'<th scope="row"><span class="wide" aria-hidden="true">{memo[str(row.short)]} '
        f"<b>{memo[row.number]}</b></span>"
        f'<span class="tall" id="{ident}">{memo[str(row.long)]}{today}</span>{link}</th>'
    )
    for cell, name, what in zip(row.cells, names, whats, strict=True):
        if cell is None:
            write(_NONE_CELL)
        else:
            write(_cell(cell, name, ident, what, writer))
    write("</tr>")


def _cell(cell: GridCell, column: str, row: str, what: str, writer: _Writer) -> str:
    memo = writer.memo
    css = _LOOKS[cell.kind].css
    word = memo[str(cell.word)] if cell.word else writer.words[cell.kind]
    detail = f"<small>{memo[str(cell.detail)]}</small>" if cell.detail else ""
    if cell.kind is CellKind.LOCKED and cell.checked:
        css += " on"
        word = memo[str(cell.word)] if cell.word else writer.words[CellKind.BOOKED]
    elif cell.kind is CellKind.LOCKED:
        word = memo[str(cell.word)] if cell.word or cell.detail else writer.words[CellKind.LOCKED]
    elif cell.kind is CellKind.NOT_OFFERED and not (cell.word or cell.detail):
        return f'<td class="c no bare"><span class=v>{word}</span></td>'
    elif cell.kind is CellKind.CLOSED and not cell.detail:
        css += " bare"
    link = f'<a href="{memo[cell.link_url]}">{memo[str(cell.link_label)]}</a>' if cell.link_url else ""
    if not cell.editable:
        return f'<td class="c {css}"><div>{what}<span class=b><b>{word}</b>{detail}{link}</span></div></td>'
    # On phones a name stands in the first of two columns: there is none here.
    beside = f"<i></i><small>{link}</small>" if link else ""
    ident = f"s{next(writer.numbers)}"
    attributes = _data(cell, memo)
    state = f"<span class=b id={ident}><b>{word}</b>{detail}</span>"
    name = (
        f'aria-label="{memo[str(cell.label)]}"' if cell.label else f'aria-labelledby="{column} {row} {ident}"'
    )
    if cell.hours is not None:
        selects = _hours(cell, cell.hours, column, row, writer)
        return f'<td class="c h {css}"><div{attributes}>{what}{state}{selects}{beside}</div></td>'
    checked = " checked" if cell.checked else ""
    disabled = " disabled" if cell.disabled else ""
    return (
        f'<td class="c {css}"><label><input type=checkbox name=c value="{escape_text(cell.key)}" '
        f"{name}{attributes}{checked}{disabled}>{what}{state}</label>"
        f"{f'<div>{beside}</div>' if beside else ''}</td>"
    )


def _data(cell: GridCell, memo: _Memo) -> str:
    """Closing instant (seconds since 1970), bundle, what taking it back changes, and what was saved; or the
    opening instant, and what it is from then on."""
    data = f" data-t={int(cell.closes_at.timestamp())}" if cell.closes_at else ""
    if cell.bundle:
        data += f' data-b="{memo[cell.bundle]}"'
    if cell.back:
        data += f' data-p="{memo[str(cell.back)]}"'
    if cell.opens_at is not None and cell.opened is not None:
        look = _LOOKS[cell.opened.kind]
        word = memo[str(cell.opened.word or look.word)]
        data += f" data-o={int(cell.opens_at.timestamp())}"
        data += f' data-k="{look.css}" data-w="{word}" data-d="{memo[str(cell.opened.detail)]}"'
    elif cell.saved is not None:
        look = _LOOKS[cell.saved.kind]
        word = memo[str(cell.saved.word or look.word)]
        data += f' data-k="{look.css}" data-w="{word}" data-d="{memo[str(cell.saved.detail)]}"'
        if cell.saved.hours is not None:
            data += f' data-h="{memo[cell.saved.hours.start]} {memo[cell.saved.hours.end]}"'
    return data


def _hours(cell: GridCell, hours: HoursCell, column: str, row: str, writer: _Writer) -> str:
    key = escape_text(cell.key)
    disabled = " disabled" if cell.disabled else ""
    return (
        "<span class=hh>"
        + "".join(
            f'<select name="h-{key}-{end}" aria-labelledby="h{end} {column} {row}"{disabled}>'
            f"{_options(hours.choices, chosen, writer)}</select>"
            for end, chosen in (("a", hours.start), ("d", hours.end))
        )
        + "</span>"
    )


def _options(choices: tuple[tuple[str, str], ...], chosen: str, writer: _Writer) -> str:
    memo = writer.memo
    options = writer.options.get(choices)
    if options is None:
        options = '<option value="">–' + "".join(
            f'<option value="{memo[value]}">{memo[label]}' for value, label in choices
        )
        writer.options[choices] = options
    mark = f'value="{memo[chosen]}"'
    return options.replace(f"{mark}>", f"{mark} selected>", 1)
