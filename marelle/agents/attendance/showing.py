"""A day of the door made into what the page draws: rows, calls, choices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from marelle.agents.attendance.answers import version
from marelle.agents.attendance.rows import blanks_of, others_of, rows_of
from marelle.agents.attendance.words import REASONS, clock_text
from marelle.attendance.models import Call
from marelle.attendance.selectors import undoable
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text
from marelle.flows.door import Door, DoorOpening
from marelle.ui.components import Choice
from marelle.ui.door import (
    DoorCount,
    RowState,
    render_blanks,
    render_care,
    render_counts,
    render_enrolled,
    render_fetchers,
    render_known,
    render_rows,
    render_signs,
)

FEW_CALLS: Final = 2
"""Calls that are shown unfolded: more of them would stand before the children."""

HEAVIEST: Final = 126_000
"""Characters of the list and of what is written of the other children, within a page of 150 kB."""


@dataclass(frozen=True, slots=True)
class CallLine:
    """The call of one opening, as the page says it."""

    opening: int
    label: str
    closed: bool
    told: str


def chosen_part(
    door: Door,
    *,
    activity_id: int | None = None,
    group_id: int | None = None,
    opening_ids: Collection[int] = (),
) -> Door:
    """The same door with the openings of what is chosen, and who has a place on them.

    Openings that are closed are not ticked. Openings named that are not of that day choose nothing.
    """
    openings = tuple(
        one
        for one in door.openings
        if one.is_open
        and (activity_id is None or one.activity_id == activity_id)
        and (group_id is None or one.group_id in {None, group_id})
    )
    named = tuple(one for one in openings if one.id in opening_ids)
    kept = {one.id for one in named or openings}
    rows = (replace(row, slots=[slot for slot in row.slots if slot.opening_id in kept]) for row in door.rows)
    return replace(door, openings=named or openings, rows=tuple(row for row in rows if row.slots))


def page_of(door: Door, *, address: Callable[[int], str], now: datetime) -> dict[str, Any]:
    """What `agents/attendance/sheet.html` reads, wherever it is shown. `address` is of a child's own page."""
    rows = rows_of(door, _undoable(door), address)
    several = len({one.activity_id for one in door.openings}) > 1
    calls = [_call(one, several=several) for one in door.openings]
    shown, known = render_rows(rows, may_tick=door.may_tick), render_known(rows)
    others = others_of(door)
    enrolled = render_enrolled(others)
    return {
        "found": door,
        "day": day_long_year(door.day),
        "day_iso": door.day.isoformat(),
        "at": int(now.timestamp() * 1000),
        "form_id": uuid4(),
        "version": version(),
        "rows": shown,
        "known": known,
        "is_empty": not rows,
        "count": render_counts(_counts(door), rows),
        "calls": calls,
        "calls_shut": sum(one.closed for one in calls),
        "calls_open": len(calls) <= FEW_CALLS,
        "few_calls": FEW_CALLS,
        "openings": [(one.id, label(one, several=several)) for one in door.openings],
        "all_openings": ",".join(str(one.id) for one in door.openings),
        "enrolled": enrolled,
        "blanks": render_blanks(blanks_of(door)),
        "care": render_care(others, room=HEAVIEST - len(shown) - len(known) - len(enrolled)),
        "reasons": REASONS,
    }


def child_of(door: Door, child_id: int) -> dict[str, Any] | None:
    """What `agents/attendance/child.html` reads: one child and all that may be said of it."""
    alone = replace(door, rows=tuple(one for one in door.rows if one.id == child_id))
    if not alone.rows:
        return None
    (row,) = rows_of(alone, _undoable(alone), str)
    return {
        "form_id": uuid4(),
        "name": row.name,
        "told": row.told,
        "may_tick": door.may_tick,
        "signs": render_signs(row.signs),
        "fetchers": render_fetchers(row.fetchers),
        "may_fetch": [one for one in row.fetchers if not one.is_banned],
        "known": render_known([row]),
        "child": row.child,
        "reasons": REASONS,
    }


def label(opening: DoorOpening, *, several: bool = True) -> str:
    """ "Mercredis · Matin · 3–5 ans"; the activity where there are several."""
    return " · ".join(filter(None, (opening.activity if several else "", opening.slot, opening.group)))


def moments(openings: Sequence[DoorOpening], chosen: Iterable[int]) -> tuple[Choice, ...]:
    """The whole day, then each slot for all its groups, then each opening where a slot has several."""
    asked = ",".join(str(one) for one in sorted(chosen))
    slots: dict[tuple[str, str], list[DoorOpening]] = defaultdict(list)
    for one in openings:
        slots[one.activity, one.slot].append(one)
    found = [Choice("", _("Toute la journée"), not asked)]
    for (activity, slot), ones in slots.items():
        value = ",".join(str(pk) for pk in sorted(one.id for one in ones))
        hours = hours_text(local(ones[0].starts_at).time(), local(ones[0].ends_at).time())
        found.append(Choice(value, f"{activity} · {slot} · {hours}", value == asked))
        if len(ones) > 1:
            found += [Choice(str(one.id), label(one), str(one.id) == asked) for one in ones]
    return tuple(found)


def _counts(door: Door) -> tuple[DoorCount, ...]:
    """Who is there now, who came at some time, who is expected: a day to come has the last alone."""
    expected = DoorCount(_("attendu"), _("attendus"))
    if not door.may_tick:
        return (expected,)
    here = DoorCount(_("présent"), _("présents"), (RowState.HERE,))
    came = DoorCount(_("venu"), _("venus"), (RowState.HERE, RowState.GONE))
    return (here, came) if all(one.is_free for one in door.openings) else (here, came, expected)


def _undoable(door: Door) -> dict[tuple[int, int], UUID]:
    last = {
        slot.seen.last_tick: (slot.opening_id, row.id)
        for row in door.rows
        for slot in row.slots
        if slot.seen and slot.seen.last_tick
    }
    return undoable(last)


def _call(opening: DoorOpening, *, several: bool) -> CallLine:
    call = opening.call
    closed = call is not None and call.state == Call.State.CLOSED
    told = _("appel ouvert")
    if call is not None and closed:
        told = _("appel clos à %(hour)s par %(by)s") % {
            "hour": clock_text(call.closed_at),
            "by": call.closed_by,
        }
    return CallLine(opening.id, label(opening, several=several), closed, told)
