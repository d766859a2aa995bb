"""A day of the door made into what the page draws: rows, calls, choices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.utils.translation import gettext as _

from marelle.agents.attendance.answers import version
from marelle.agents.attendance.rows import Address, blanks_of, names_of, others_of, rows_of, slots_text
from marelle.agents.attendance.words import REASONS, clock_text
from marelle.attendance.models import Call
from marelle.attendance.selectors import Touches, touches
from marelle.attendance.stays import over_at, stay_now, stays_of
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text
from marelle.flows.door.expected import Door, DoorOpening
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


def page_of(door: Door, *, address: Address, now: datetime) -> dict[str, Any]:
    """What `agents/attendance/sheet.html` reads, wherever it is shown. `address` is of a child's own page."""
    names = names_of((*door.rows, *door.enrolled))
    rows = rows_of(door, _touches(door), address, names)
    several = len({one.activity_id for one in door.openings}) > 1
    calls = [_call(one, several=several) for one in door.openings]
    shown, known = render_rows(rows, may_tick=door.may_tick), render_known(rows)
    others = others_of(door, names)
    enrolled = render_enrolled(others)
    return {
        "found": door,
        "day": day_long_year(door.day),
        "day_iso": door.day.isoformat(),
        "is_today": door.day == local(now).date(),
        "at": milliseconds(now),
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
        "openings": [
            (one.id, label(one, several=several), milliseconds(one.starts_at)) for one in door.openings
        ],
        "all_openings": ",".join(str(one.id) for one in door.openings),
        "enrolled": enrolled,
        "blanks": render_blanks(blanks_of(door)),
        "care": render_care(others, room=HEAVIEST - len(shown) - len(known) - len(enrolled)),
        "reasons": REASONS,
    }


def child_of(door: Door, child_id: int, first: int | None, *, now: datetime) -> dict[str, Any] | None:
    """What `agents/attendance/child.html` reads: one child and all that may be said of it, at the stay that
    begins with `first`, else at its first of the day."""
    alone = replace(door, rows=tuple(one for one in door.rows if one.id == child_id))
    if not alone.rows:
        return None
    rows = rows_of(alone, _touches(alone), lambda *_ids: "", names_of(door.rows))
    row = next((one for one in rows if one.places[0].opening == first), rows[0])
    return {
        "form_id": uuid4(),
        "name": row.name,
        "told": " · ".join(filter(None, (str(row.detail), str(row.told)))),
        "warning": row.warning,
        "may_tick": door.may_tick,
        "is_today": door.day == local(now).date(),
        "signs": render_signs(row.signs),
        "fetchers": render_fetchers(row.fetchers),
        "may_fetch": [one for one in row.fetchers if not one.is_banned],
        "known": render_known([row]),
        "row": row.key,
        "reasons": REASONS,
    }


def label(opening: DoorOpening, *, several: bool = True) -> str:
    """ "Mercredis · Matin · 3–5 ans"; the activity where there are several."""
    return " · ".join(filter(None, (opening.activity if several else "", opening.slot, opening.group)))


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of the day to choose. `until`: of a stay, the millisecond until which it is looked at."""

    value: str
    label: str
    until: int = 0


def moment_now(openings: Sequence[DoorOpening], now: datetime) -> frozenset[int]:
    """The openings of the stay under way, else of the next to begin; none where the day is one stay."""
    stays = stays_of(openings)
    return frozenset(one.id for one in stay_now(stays, now)) if len(stays) > 1 else frozenset()


def moments(openings: Sequence[DoorOpening]) -> tuple[Moment, ...]:
    """The whole day, then each stay where there are several, each slot for all its groups, and each opening
    where a slot has several; none twice."""
    slots: dict[tuple[str, str], list[DoorOpening]] = defaultdict(list)
    for one in openings:
        slots[one.activity, one.slot].append(one)
    stays = stays_of(openings)
    whole = Moment("", _("Toute la journée"))
    found = {whole.value: whole}

    def offer(ones: Sequence[DoorOpening], told: str, until: int = 0) -> None:
        value = ",".join(str(pk) for pk in sorted(one.id for one in ones))
        found.setdefault(value, Moment(value, told, until))

    for stay in stays if len(stays) > 1 else ():
        offer(stay, f"{slots_text(stay)} · {_hours(stay)}", milliseconds(over_at(stay)))
    for (activity, slot), ones in slots.items():
        offer(ones, f"{activity} · {slot} · {_hours(ones)}")
        for one in ones:
            offer([one], label(one))
    return tuple(found.values())


def _hours(openings: Sequence[DoorOpening]) -> str:
    first, last = min(one.starts_at for one in openings), max(one.ends_at for one in openings)
    return hours_text(local(first).time(), local(last).time())


def milliseconds(instant: datetime) -> int:
    """As a script counts them."""
    return int(instant.timestamp() * 1000)


def _counts(door: Door) -> tuple[DoorCount, ...]:
    """Who is there now, who came at some time, who is expected: a day to come has the last alone."""
    expected = DoorCount(_("attendu"), _("attendus"))
    if not door.may_tick:
        return (expected,)
    here = DoorCount(_("présent"), _("présents"), (RowState.HERE,))
    came = DoorCount(_("venu"), _("venus"), (RowState.HERE, RowState.GONE))
    return (here, came) if all(one.is_free for one in door.openings) else (here, came, expected)


def _touches(door: Door) -> Touches:
    seen = {(slot.opening_id, row.id): slot.seen for row in door.rows for slot in row.slots if slot.seen}
    return touches(
        {one.last_tick: pair for pair, one in seen.items() if one.last_tick},
        in_conflict=[pair for pair, one in seen.items() if one.in_conflict],
    )


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
