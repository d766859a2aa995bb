"""A month of last minutes in French, as both sides print it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import BookingMode
from marelle.activities.labels import after_label
from marelle.activities.month import MonthLine, month_after, month_before, month_lines
from marelle.activities.rules import After, OpeningFacts, Window
from marelle.core.french import day_long, month_text, until_long


@dataclass(frozen=True, slots=True)
class MonthRow:
    """`day` is "" where it is that of the row above."""

    day: str
    slots: str
    book: str
    cancel: str


@dataclass(frozen=True, slots=True)
class MonthTold:
    """`before` and `after` are the months around it, as an address names them; "" where the activity has no
    day there."""

    title: str
    rows: list[MonthRow]
    before: str
    after: str


def month_told(facts: ActivityFacts, openings: Iterable[tuple[int, OpeningFacts]], first: date) -> MonthTold:
    """The month that begins on `first`; `openings` are its own."""
    lines = month_lines(facts, openings)
    before, after = month_before(first), month_after(first)
    told = {"activity": facts.name, "month": month_text(first)}
    return MonthTold(
        title=_("%(activity)s, %(month)s\u00a0: jusqu’à quand") % told,
        rows=[_row(facts, line, lines[rank - 1] if rank else None) for rank, line in enumerate(lines)],
        before=_named(before) if first > facts.first_day else "",
        after=_named(after) if after <= facts.last_day else "",
    )


def _named(month: date) -> str:
    return f"{month:%Y-%m}"


def _row(facts: ActivityFacts, line: MonthLine, above: MonthLine | None) -> MonthRow:
    day = "" if above is not None and above.day == line.day else day_long(line.day)
    slots = ", ".join(facts.slots[slot_id].name for slot_id in line.slot_ids)
    return MonthRow(day, slots, _book(facts, line.window), _cancel(facts, line.window))


def _book(facts: ActivityFacts, window: Window | None) -> str:
    if facts.booking_mode is BookingMode.STRUCTURE:
        return _("la structure réserve")
    if window is None:
        return _("jamais en ligne")
    told = _until(window.closes_at)
    return told if window.after is After.REFUSE else f"{told}\u00a0; {after_label(window.after)}"


def _cancel(facts: ActivityFacts, window: Window | None) -> str:
    if facts.booking_mode is BookingMode.STRUCTURE:
        return _("la structure annule")
    return _("jamais en ligne") if window is None else _until(window.cancel_until)


def _until(limit: datetime | None) -> str:
    return until_long(limit) if limit else _("jamais en ligne")
