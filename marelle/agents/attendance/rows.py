"""One child at the door, in words: where it stands, its signs, who may come for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from marelle.agents.attendance.words import clock_text, reason_text
from marelle.attendance.projecting import ALONE
from marelle.bookings.states import BookingState
from marelle.core.french import time_text
from marelle.families.care.labels import pai_text
from marelle.families.care.safety import Safety
from marelle.families.fields import Diet
from marelle.flows import door
from marelle.flows.door import Door, Seen
from marelle.ui.door import DoorFetcher, DoorPlace, DoorRow, DoorSign, RowState

Address = Callable[[int], str]


def rows_of(found: Door, undoable: Mapping[tuple[int, int], UUID], address: Address) -> list[DoorRow]:
    timed = {one.id for one in found.openings if one.asks_times}
    return [_row(row, timed, undoable, address) for row in found.rows]


def _row(
    row: door.DoorRow, timed: set[int], undoable: Mapping[tuple[int, int], UUID], address: Address
) -> DoorRow:
    state, told = _standing(row)
    known = row.safety
    is_sure = any(slot.state is BookingState.BOOKED for slot in row.slots)
    disagree = any(slot.seen and slot.seen.in_conflict for slot in row.slots)
    return DoorRow(
        child=row.id,
        initials=row.initials,
        name=f"{row.first_name} {row.last_name}",
        detail=" · ".join(filter(None, (row.group, "" if is_sure else _unsure(row)))),
        url=address(row.id),
        places=tuple(
            DoorPlace(
                slot.opening_id,
                str(slot.seen.last_tick or "") if slot.seen else "",
                str(undoable.get((slot.opening_id, row.id), "")),
            )
            for slot in row.slots
        ),
        state=state,
        told=told,
        warning=_("Deux appareils ne disent pas la même chose : pointez à nouveau.") if disagree else "",
        signs=_signs(known) if known else (),
        fetchers=_fetchers(known) if known else (),
        leaves_alone=known is not None and known.leaves_alone is not None,
        asks_times=any(slot.opening_id in timed for slot in row.slots),
        by_itself=not is_sure or any(slot.declared for slot in row.slots),
    )


def _unsure(row: door.DoorRow) -> str:
    """Why a child of the list may not be expected: nobody booked it, or nobody has answered yet."""
    is_asked = any(slot.state is not None for slot in row.slots)
    return _("en attente de réponse") if is_asked else _("sans réservation")


def _standing(row: door.DoorRow) -> tuple[RowState, str]:
    """What was last seen of the child on what the page shows."""
    seen = [slot.seen for slot in row.slots if slot.seen is not None]
    if seen:
        return _told(max(seen, key=lambda one: one.noted_at))
    declared = [slot.declared for slot in row.slots]
    if all(declared):
        return RowState.AWAY, _("Absence déclarée")
    if any(declared):
        return RowState.NONE, _("Absence déclarée pour une partie")
    return RowState.NONE, ""


def _told(seen: Seen) -> tuple[RowState, str]:
    if not seen.present:
        reason = reason_text(seen.reason, seen.reason_text)
        return RowState.ABSENT, f"{_('Absent excusé')} · {reason}" if reason else _("Absent")
    late = _("Retard") if seen.is_late else ""
    if seen.left_at is not None:
        to = _("seul") if seen.handed_to == ALONE else seen.handed_to
        return RowState.GONE, " · ".join(filter(None, (_("Parti"), clock_text(seen.left_at), to, late)))
    if seen.arrived_at is not None:
        return RowState.HERE, " · ".join(filter(None, (_("Arrivé"), clock_text(seen.arrived_at), late)))
    return RowState.HERE, " · ".join(filter(None, (_("Présent"), late)))


def _signs(known: Safety) -> tuple[DoorSign, ...]:
    found = []
    if known.allergies and known.is_severe:
        found.append(DoorSign(_("Allergie grave"), "error"))
    elif known.allergies:
        found.append(DoorSign(_("Allergie"), "warn"))
    if pai := pai_text(known.pai):
        found.append(DoorSign(pai, "error"))
    if known.family_brings_meal:
        found.append(DoorSign(_("Repas apporté"), "warn"))
    if known.diet and known.diet != Diet.STANDARD:
        found.append(DoorSign(str(Diet(known.diet).label), "info"))
    if known.leaves_alone is not None:
        found.append(DoorSign(_("Seul dès %(hour)s") % {"hour": time_text(known.leaves_alone)}, "ok"))
    if any(one.for_the_day for one in known.fetchers):
        found.append(DoorSign(_("Permission du jour"), "info"))
    return tuple(found)


def _fetchers(known: Safety) -> tuple[DoorFetcher, ...]:
    """Who may come, then who may not: also who nobody named and a judgment bans."""
    today = _("%(name)s (aujourd’hui)")
    may_come = (
        DoorFetcher(one.key, today % {"name": one.name} if one.for_the_day else one.name)
        for one in known.fetchers
        if not one.is_banned
    )
    banned = dict.fromkeys((*known.banned, *(one.name for one in known.fetchers if one.is_banned)))
    return (*may_come, *(DoorFetcher("", name, is_banned=True) for name in banned))
