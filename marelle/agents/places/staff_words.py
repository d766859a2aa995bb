"""The table of the staff planned: its cells, in French, and what was typed in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.models import StaffMember
from marelle.activities.services.staff import StaffCell
from marelle.agents.families.care.words import Sign
from marelle.agents.places.words import staff_sign
from marelle.bookings.supervising import HeldSlot, LackingDay, Names, StaffedDay, lacking_days
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.french import day_long, day_plain, join_and, weekday_name

DIGITS = 3
LACKS_FOR: Final = 13
"""Days after today that the desk looks at: two weeks with it."""
LACKS_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """A number to type in; without a name, the slot is not held that day."""

    name: str = ""
    label: str = ""
    heading: str = ""
    seen: str = ""
    value: str = ""
    is_wrong: bool = False
    names: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    day: date
    name: str
    needed: str
    sign: Sign | None
    cells: tuple[Cell, ...]
    repeat: str
    url: str


@dataclass(frozen=True, slots=True)
class Table:
    """`headings` are a slot and its activity."""

    headings: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


def table(
    days: Mapping[date, StaffedDay],
    slots: Mapping[date, list[HeldSlot]],
    names: Names,
    typed: Mapping[str, str],
    wrong: frozenset[str],
    *,
    structure_id: int,
) -> Table:
    columns = list(dict.fromkeys(slot for held in slots.values() for slot in held))
    all_day = _("Toute la journée")
    rows = []
    for day, staffed in days.items():
        held = set(slots.get(day, ()))
        cells = (
            _cell(day, None, all_day, staffed, names, typed, wrong),
            *(
                _cell(day, s.id, s.name, staffed, names, typed, wrong) if s in held else Cell()
                for s in columns
            ),
        )
        needed = _needed(staffed.need.needed)
        name = day_long(day)
        repeat = _("Même chose chaque %(weekday)s") % {"weekday": weekday_name(day.weekday())}
        url = day_url(structure_id, day)
        rows.append(Row(day, name[:1].upper() + name[1:], needed, staff_sign(staffed), cells, repeat, url))
    return Table(((all_day, ""), *((slot.name, slot.activity) for slot in columns)), tuple(rows))


def _needed(adults: int) -> str:
    return ngettext("%(n)d adulte", "%(n)d adultes", adults) % {"n": adults} if adults else _("aucun adulte")


def _cell(
    day: date,
    slot_id: int | None,
    heading: str,
    staffed: StaffedDay,
    names: Names,
    typed: Mapping[str, str],
    wrong: frozenset[str],
) -> Cell:
    name = _name(day, slot_id)
    held = staffed.planned.get(slot_id)
    seen = "" if held is None else str(held)
    label = _("Adultes prévus, %(slot)s, %(day)s") % {"slot": heading, "day": day_long(day)}
    return Cell(
        name,
        label,
        heading,
        typed.get(f"s-{name}", seen),
        typed.get(name, seen),
        is_wrong=name in wrong,
        names=join_and([str(one) for one in names.get((day, slot_id), ())]),
    )


def day_url(structure_id: int, day: date) -> str:
    """Where the adults of a day are named."""
    query = urlencode({"structure": structure_id, "jour": day.isoformat()})
    return f"{reverse('agents_places:staff_day')}?{query}"


def wrong_cells(cells: Iterable[StaffCell]) -> frozenset[str]:
    return frozenset(_name(cell.day, cell.slot_id) for cell in cells)


def named_text(cells: Iterable[StaffCell]) -> str:
    days = join_and(list(dict.fromkeys(day_long(cell.day) for cell in cells)))
    told = _(
        "Rien n’est enregistré : plus de personnes sont nommées que d’adultes prévus. Ouvrez d’abord le "
        "jour pour les retirer : %(days)s."
    )
    return told % {"days": days}


def cells_of(sent: Mapping[str, str], first: date, last: date) -> tuple[list[StaffCell], frozenset[str]]:
    """The numbers sent for the days shown, and the names of those that are none."""
    cells, wrong = [], set()
    for name, value in sent.items():
        where = _where(name)
        if where is None or not first <= where[0] <= last:
            continue
        try:
            cells.append(StaffCell(*where, seen=_number(sent.get(f"s-{name}", "")), number=_number(value)))
        except ValueError:
            wrong.add(name)
    return cells, frozenset(wrong)


def _name(day: date, slot_id: int | None) -> str:
    return f"n-{day.isoformat()}" + (f".{slot_id}" if slot_id is not None else "")


def _where(name: str) -> tuple[date, int | None] | None:
    """The day and the slot that a field is of; None for what is no such field, as another spelling of one:
    no cell is sent twice."""
    day, _dot, slot = name.removeprefix("n-").partition(".")
    try:
        found = date.fromisoformat(day), int(slot[:18]) if slot else None
    except ValueError:
        return None
    return found if name == _name(*found) else None


def _number(text: str) -> int | None:
    """None for nothing. Raises ValueError for what is no number of adults."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise ValueError(text)
    return int(text)


def repeated(
    day: date, days: Mapping[date, StaffedDay], slots: Mapping[date, list[HeldSlot]], names: Names
) -> list[StaffCell]:
    """The adults of `day` for each later day of its weekday, where the slot is held, without those who work
    there no more. As if nothing had been seen there: another number, or other names, that are planned already
    are kept (`staff_plan`)."""
    planned = days[day].planned if day in days else {}
    return [
        _repeated_cell(later, slot_id, number, names.get((day, slot_id), ()))
        for later in days
        if later > day and later.weekday() == day.weekday()
        for slot_id, number in planned.items()
        if slot_id is None or slot_id in {slot.id for slot in slots.get(later, ())}
    ]


def _repeated_cell(later: date, slot_id: int | None, number: int, names: Sequence[StaffMember]) -> StaffCell:
    there = frozenset(one.pk for one in names if one.first_day <= later <= one.last_day)
    return StaffCell(later, slot_id, seen=None, number=number - (len(names) - len(there)), members=there)


def fewer_text(day: date, cells: Iterable[StaffCell], names: Names) -> str:
    """Who of `day` is not in the register on all of the later days; "" for nobody."""
    named = {one.pk: one for (held, _slot), found in names.items() if held == day for one in found}
    last = max((cell.day for cell in cells), default=day)
    gone = [
        _("%(name)s (jusqu’au %(day)s)") % {"name": one, "day": day_plain(one.last_day)}
        for one in named.values()
        if one.last_day < last
    ]
    return _("Sans qui ne sera plus là : %(names)s.") % {"names": join_and(gone)} if gone else ""


def repeated_text(day: date, cells: Collection[StaffCell], kept: Collection[StaffCell]) -> str:
    """What « Même chose chaque mercredi » has done."""
    told = {"weekday": weekday_name(day.weekday())}
    if not cells:
        return (
            _("Rien à répéter : donnez d’abord un nombre ce %(weekday)s, ou il n’y en a plus d’ouvert.")
            % told
        )
    n = len({cell.day for cell in cells} - {cell.day for cell in kept})
    done = ngettext("Même chose %(n)d %(weekday)s de plus.", "Même chose %(n)d %(weekday)ss de plus.", n)
    said = done % {**told, "n": n} if n else _("Rien de plus à prévoir chaque %(weekday)s.") % told
    if not kept:
        return said
    other = join_and(list(dict.fromkeys(day_plain(cell.day) for cell in kept)))
    return said + " " + _("Un autre nombre était prévu, il est gardé : %(days)s.") % {"days": other}


def late_text(late: Iterable[StaffCell]) -> str:
    days = join_and(list(dict.fromkeys(day_long(cell.day) for cell in late)))
    told = _("Un autre agent a changé ces jours pendant votre saisie ; son nombre est gardé : %(days)s.")
    return told % {"days": days}


@dataclass(frozen=True, slots=True)
class LackLine:
    """A day to complete: `url` is its line of the table."""

    url: str
    day: str
    where: str
    lack: str


@dataclass(frozen=True, slots=True)
class Lacks:
    """The first days to complete, and how many more there are ("" for none)."""

    lines: tuple[LackLine, ...]
    more: str


def lacks(actor: Actor, now: datetime) -> Lacks | None:
    """What a director is to complete within two weeks, of its own structures; None for nothing."""
    today = local(now).date()
    mine = actor.structures(Role.DIRECTOR)
    days = lacking_days(mine, first=today, last=today + timedelta(days=LACKS_FOR))
    if not days:
        return None
    more = len(days) - LACKS_SHOWN
    return Lacks(
        tuple(_lack_line(one) for one in days[:LACKS_SHOWN]),
        ngettext("et %(n)d autre jour", "et %(n)d autres jours", more) % {"n": more} if more > 0 else "",
    )


def _lack_line(one: LackingDay) -> LackLine:
    query = urlencode({"structure": one.structure_id, "jour": one.day.isoformat()})
    sign = staff_sign(one.staffed)
    url = f"{reverse('agents_places:staff')}?{query}"
    return LackLine(url, day_long(one.day), one.structure, sign.text if sign else "")


def lack_text(days: Mapping[date, StaffedDay]) -> str:
    """ "Il manque du personnel : mercredi 2 décembre et mercredi 9 décembre."; else nothing."""
    lacking = [day_long(day) for day, one in days.items() if one.need.lacking]
    if not lacking:
        return ""
    return _("Il manque du personnel : %(days)s.") % {"days": join_and(lacking)}
