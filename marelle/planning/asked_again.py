"""What an agent asked for and must give a reason for, and an arrival without its departure: kept until the
next page, which shows it as asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.http import QueryDict
from django.utils.translation import gettext as _

from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.planning.forms import Posted, read_posted
from marelle.planning.outcomes import KEPT_AT_MOST
from marelle.ui.grid import CellKind, Grid, GridCell, HoursCell

_SESSION_KEY: Final = "planning_asked"

Hours = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """`wanted` by the key of a cell: the hours chosen, two empty ones where none are; None for a place to
    take back. `asks_reason` once one waits for a derogation, `reason` is what was given, `asks_past` whether
    passing a capacity is to be said as well."""

    wanted: Mapping[str, Hours | None] = field(default_factory=dict)
    reason: str = ""
    asks_past: bool = False
    asks_reason: bool = False

    @property
    def reason_error(self) -> str:
        if self.reason or not self.asks_reason:
            return ""
        return _("Donnez un motif, ou décochez ce qui en demande un.")


def undone(outcomes: Sequence[Outcome]) -> tuple[Change, ...]:
    """What was not done: a slot may be refused for want of another, or one kept that was to be replaced."""
    return tuple(one.change for one in outcomes if one.result is Result.REFUSED or one.why is Why.KEPT)


def remember_asked(
    session: SessionBase, page: str, outcomes: Sequence[Outcome], posted: Posted, *, asks_past: bool
) -> None:
    """Keep for the `page` that the save leads to the halves of hours that were refused; once one waits for a
    derogation, all that was not done. `asks_past`: for some of it, a capacity is to be passed."""
    session.pop(_SESSION_KEY, None)
    asks_reason = any(outcome.needs_derogation for outcome in outcomes)
    left = undone(outcomes)
    if not asks_reason:
        left = tuple(change for change in left if (change.child_id, change.opening_id) in posted.halves)
    if not left:
        return
    kept = {
        f"{change.child_id}.{change.opening_id}": posted.halves.get(
            (change.child_id, change.opening_id), _hours(change)
        )
        for change in left[:KEPT_AT_MOST]
    }
    session[_SESSION_KEY] = [page, kept, posted.derogation, asks_past, asks_reason]


def recall_asked(session: SessionBase, page: str, unsent: QueryDict | None = None) -> Asked:
    """What is asked again on this page, once: by `unsent`, a form that came after its session had ended, else
    by what the last save left."""
    if unsent is not None:
        return asked_of(read_posted(unsent, on_behalf_of=False))
    if _SESSION_KEY not in session or session[_SESSION_KEY][0] != page:
        return Asked()
    _page, kept, *told = session.pop(_SESSION_KEY)
    return Asked({key: tuple(hours) if hours else None for key, hours in kept.items()}, *told)


def asked_of(posted: Posted) -> Asked:
    """What was posted and has not been looked at by a save, asked as it was."""
    return Asked(
        {
            f"{change.child_id}.{change.opening_id}": posted.halves.get(
                (change.child_id, change.opening_id), _hours(change)
            )
            for change in posted.changes
        }
    )


def shown_as_asked(tables: Sequence[Grid], asked: Asked) -> list[Grid]:
    """The tables with what was asked as it was, not saved; what a cell can no longer be asked is left out."""
    if not asked.wanted:
        return list(tables)
    return [
        replace(
            table,
            rows=tuple(
                replace(row, cells=tuple(cell and _cell(cell, asked) for cell in row.cells))
                for row in table.rows
            ),
        )
        for table in tables
    ]


def _hours(change: Change) -> Hours | None:
    if not change.wanted:
        return None
    return _time(change.starts), _time(change.ends)


def _time(chosen: time | None) -> str:
    return f"{chosen:%H:%M}" if chosen else ""


def _cell(cell: GridCell, asked: Asked) -> GridCell:
    if not cell.editable or cell.key not in asked.wanted:
        return cell
    hours = asked.wanted[cell.key]
    unsaved: dict[str, Any] = {"saved": cell, "word": "", "checked": hours is not None}
    if hours is None:
        unsaved |= {
            "kind": CellKind.TO_CANCEL,
            "detail": " · ".join(filter(None, (_("à annuler"), str(cell.back)))),
        }
    else:
        unsaved["kind"] = CellKind.TO_ADD
    if cell.hours is not None:
        start, end = hours or ("", "")
        if (start, end) == (cell.hours.start, cell.hours.end):
            return cell
        unsaved["hours"] = HoursCell(start, end, cell.hours.choices)
        if bool(start) is not bool(end):
            unsaved["detail"] = _("Donnez aussi le départ.") if start else _("Donnez aussi l’arrivée.")
    elif cell.checked is (hours is not None):
        return cell
    return replace(cell, **unsaved)
