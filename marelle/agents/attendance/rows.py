"""One child at the door, in words: where it stands, its signs, who may come for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from functools import lru_cache
from operator import attrgetter
from typing import Protocol
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marelle.agents.attendance.words import clock_text, reason_text, said_text
from marelle.attendance.projecting import ALONE
from marelle.attendance.reading import tick_short
from marelle.attendance.selectors import Touches
from marelle.attendance.stays import stays_of
from marelle.bookings.states import BookingState
from marelle.core.french import day_plain, join_and, time_text
from marelle.core.spelling import plain
from marelle.families.care.labels import HEALTH_LOST, banned_text, pai_text
from marelle.families.care.rules import PaiState
from marelle.families.care.safety import Fetcher, Safety
from marelle.families.fields import Diet
from marelle.flows.door import expected as door
from marelle.flows.door.expected import Door, DoorOpening, DoorSlot, Enrolled, Seen
from marelle.ui.door import DoorFetcher, DoorPlace, DoorRow, DoorSign, RowState

Address = Callable[[int, int], str]
"""Of the page of a child, at the stay that begins with an opening."""


class Somebody(Protocol):
    """A child, as it is named."""

    @property
    def id(self) -> int: ...
    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...


def names_of(children: Iterable[Somebody]) -> dict[int, str]:
    """Each child by a name that no other of these has: the birth date tells two of one name apart."""
    alike: dict[str, dict[int, Somebody]] = defaultdict(dict)
    for one in children:
        alike[plain(f"{one.first_name} {one.last_name}")][one.id] = one
    names: dict[int, str] = {}
    for some in alike.values():
        for one in some.values():
            names[one.id] = f"{one.first_name} {one.last_name}"
        if len(some) > 1:
            names |= _told_apart([some[pk] for pk in sorted(some)])
    return names


def _told_apart(some: Sequence[Somebody]) -> dict[int, str]:
    """Children of one name. Where two files hold one child, of one birth date, the files are counted."""
    names: dict[int, str] = {}
    times: Counter[date | None] = Counter()
    for one in some:
        times[one.birth_date] += 1
        again = _("fiche %(n)d") % {"n": times[one.birth_date]} if times[one.birth_date] > 1 else ""
        told = ", ".join(filter(None, (day_plain(one.birth_date) if one.birth_date else "", again)))
        names[one.id] = f"{one.first_name} {one.last_name}" + (f" ({told})" if told else "")
    return names


def rows_of(found: Door, touches: Touches, address: Address, names: Mapping[int, str]) -> list[DoorRow]:
    """A row for each stay of each child; each says its moment where the page holds several."""
    openings = {one.id: one for one in found.openings}
    several = len(stays_of(found.openings)) > 1
    return [
        _row(one, names[row.id], openings, touches, address, tells_moment=several or len(parts) > 1)
        for row in found.rows
        for parts in (_by_stay(row, openings),)
        for one in parts
    ]


def _by_stay(row: door.DoorRow, openings: Mapping[int, DoorOpening]) -> list[door.DoorRow]:
    slots = {slot.opening_id: slot for slot in row.slots}
    stays = stays_of(openings[opening_id] for opening_id in slots)
    return [replace(row, slots=[slots[one.id] for one in stay]) for stay in stays]


def others_of(found: Door, names: Mapping[int, str]) -> list[DoorRow]:
    """Who is not on the list and may come all the same, in the order of the names."""
    there = {row.id for row in found.rows}
    return [_other(one, names[one.id]) for one in found.enrolled if one.id not in there]


def blanks_of(found: Door) -> list[tuple[list[int], DoorRow]]:
    """The row of a child not booked, before it is known who; apart where hours are asked."""
    blanks = []
    for asks_times in (False, True):
        openings = [one.id for one in found.openings if one.asks_times is asks_times]
        if openings:
            blanks.append((openings, _blank(asks_times=asks_times, sees_care=found.sees_care)))
    return blanks


def _other(one: Enrolled, name: str) -> DoorRow:
    known = one.safety
    return DoorRow(
        child=one.id,
        initials=one.initials,
        name=name,
        detail="",
        url="",
        places=(),
        signs=signs_of(known) if known else (),
        fetchers=_fetchers(known) if known else (),
        leaves_alone=known is not None and known.leaves_alone is not None,
        is_known=known is not None,
    )


def _blank(*, asks_times: bool, sees_care: bool) -> DoorRow:
    return DoorRow(
        child=0,
        initials="+",
        name="",
        detail=_("sans réservation"),
        url="#",
        places=(),
        warning=_("Le reste de sa fiche se lira au retour du réseau.") if sees_care else "",
        asks_times=asks_times,
        by_itself=True,
    )


def _row(
    row: door.DoorRow,
    name: str,
    openings: Mapping[int, DoorOpening],
    touches: Touches,
    address: Address,
    *,
    tells_moment: bool,
) -> DoorRow:
    last = _last_seen(row.slots)
    state, told = _standing(row.slots, last)
    known = row.safety
    is_sure = any(slot.state is BookingState.BOOKED for slot in row.slots)
    there = [openings[slot.opening_id] for slot in row.slots]
    disputed = [touches.disputed.get((slot.opening_id, row.id), ()) for slot in row.slots]
    said = said_text([one for some in disputed for one in some])
    return DoorRow(
        child=row.id,
        initials=row.initials,
        name=name,
        detail=" · ".join(
            filter(
                None, (slots_text(there) if tells_moment else "", row.group, "" if is_sure else _unsure(row))
            )
        ),
        url=address(row.id, there[0].id),
        places=tuple(
            _place(
                slot,
                touches.undoable.get((slot.opening_id, row.id)),
                (state, told) if _alike(slot.seen, last) else _standing([slot], slot.seen),
            )
            for slot in row.slots
        ),
        state=state,
        told=told,
        warning=_(
            "Deux appareils ne disent pas la même chose. %(said)s. Pointez à nouveau : le dernier compte."
        )
        % {"said": said}
        if said
        else "",
        signs=signs_of(known) if known else (),
        fetchers=_fetchers(known) if known else (),
        leaves_alone=known is not None and known.leaves_alone is not None,
        asks_times=any(one.asks_times for one in there),
        by_itself=not is_sure or any(slot.declared for slot in row.slots),
        expected=any(slot.state is BookingState.BOOKED and not slot.declared for slot in row.slots),
    )


def slots_text(openings: Sequence[DoorOpening]) -> str:
    """ "Repas et Après-midi"."""
    return join_and(list(dict.fromkeys(one.slot for one in openings)))


def _unsure(row: door.DoorRow) -> str:
    """Why a child of the list may not be expected: nobody booked it, or nobody has answered yet."""
    is_asked = any(slot.state is not None for slot in row.slots)
    return _("en attente de réponse") if is_asked else _("sans réservation")


def _place(slot: DoorSlot, undoable: UUID | None, standing: tuple[RowState, str]) -> DoorPlace:
    last = slot.seen.last_tick if slot.seen else None
    return DoorPlace(slot.opening_id, _short(last), _short(undoable), *standing)


def _short(tick: UUID | None) -> str:
    return tick_short(tick) if tick else ""


def _last_seen(slots: Sequence[DoorSlot]) -> Seen | None:
    seen = [slot.seen for slot in slots if slot.seen is not None]
    return max(seen, key=lambda one: one.noted_at) if seen else None


def _alike(one: Seen | None, other: Seen | None) -> bool:
    """Whether both say the same of a child; nothing is not the same as nothing."""
    if one is None or other is None:
        return False
    return _SAID(one) == _SAID(other)


_SAID = attrgetter("present", "arrived_at", "left_at", "reason", "reason_text", "handed_to", "is_late")


def _standing(slots: Sequence[DoorSlot], last: Seen | None) -> tuple[RowState, str]:
    """What was last seen of the child on what the page shows."""
    if last is not None:
        return _told(last)
    declared = [slot.declared for slot in slots]
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


def signs_of(known: Safety) -> tuple[DoorSign, ...]:
    """What must be seen at once."""
    return _signs(
        bool(known.allergies),
        known.is_severe,
        known.pai,
        known.family_brings_meal,
        known.diet,
        known.leaves_alone,
        any(one.for_the_day for one in known.fetchers),
        known.is_lost,
        get_language(),
    )


@lru_cache(maxsize=512)
def _signs(
    has_allergies: bool,
    is_severe: bool,
    pai: PaiState,
    brings_meal: bool,
    diet: str,
    leaves_alone: time | None,
    has_permission: bool,
    is_lost: bool,
    _language: str | None,
) -> tuple[DoorSign, ...]:
    """A page says the same few of hundreds of children. `_language` keeps translations apart."""
    found = []
    if is_lost:
        found.append(DoorSign(str(HEALTH_LOST), "error"))
    if has_allergies and is_severe:
        found.append(DoorSign(_("Allergie grave"), "error"))
    elif has_allergies:
        found.append(DoorSign(_("Allergie"), "warn"))
    if told := pai_text(pai):
        found.append(DoorSign(told, "error"))
    if brings_meal:
        found.append(DoorSign(_("Repas apporté"), "warn"))
    if diet and diet != Diet.STANDARD:
        found.append(DoorSign(str(Diet(diet).label), "info"))
    if leaves_alone is not None:
        found.append(DoorSign(_("Seul dès %(hour)s") % {"hour": time_text(leaves_alone)}, "ok"))
    if has_permission:
        found.append(DoorSign(_("Permission du jour"), "info"))
    return tuple(found)


def _fetchers(known: Safety) -> tuple[DoorFetcher, ...]:
    """Who may come, then who may not: also who nobody named and a judgment bans."""
    may_come = (DoorFetcher(one.key, _named(one)) for one in known.fetchers if not one.is_banned)
    banned = dict.fromkeys((*known.banned, *(one.name for one in known.fetchers if one.is_banned)))
    return (*may_come, *(DoorFetcher("", banned_text(name), is_banned=True) for name in banned))


def _named(one: Fetcher) -> str:
    return _("%(name)s (aujourd’hui)") % {"name": one.name} if one.for_the_day else one.name
