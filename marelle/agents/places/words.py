"""Places in French: the calendar of a month or of a week, and who comes on a day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.kept_labels import with_kept
from marelle.activities.occupancy import Fullness, HalfHour, Rate, fullness
from marelle.agents.families.care.words import Sign, health_signs
from marelle.agents.places.asked import MONTH, WEEK, Asked
from marelle.bookings.labels import STATES
from marelle.bookings.occupation import (
    ChildOfDay,
    ChildPlace,
    DayOccupation,
    GaugeDay,
    NurseryDay,
    WaitingOfDay,
)
from marelle.bookings.states import BookingState
from marelle.bookings.supervising import StaffedDay
from marelle.core.clock import local
from marelle.core.converters import address_of
from marelle.core.french import (
    day_long,
    day_long_year,
    hours_text,
    month_text,
    range_sentence,
    time_text,
    weekday_name,
)
from marelle.families.labels import age_text
from marelle.flows.care.lists import CareLine
from marelle.flows.journal.sentences import derogation_text
from marelle.ui.components import Link, Toolbar

CALENDAR = "agents_places:calendar"

FULLNESS: dict[Fullness, str | Promise] = {
    Fullness.FREE: gettext_lazy("des places"),
    Fullness.NEARLY: gettext_lazy("presque complet"),
    Fullness.FULL: gettext_lazy("complet"),
    Fullness.OVER: gettext_lazy("au-delà de la capacité"),
    Fullness.UNBOUNDED: gettext_lazy("sans limite"),
}


@dataclass(frozen=True, slots=True)
class GaugeLine:
    """A line of a day: "Matin, 3–5 ans", "17 / 24", what that means, and who waits."""

    name: str
    places: str
    css: str
    said: str
    waiting: str


def staff_sign(staffed: StaffedDay) -> Sign | None:
    """Whether the adults planned suffice; nothing where none are needed or none were typed in."""
    need = staffed.need
    if need.lacking is None or not need.needed:
        return None
    if need.at is None:
        return Sign(_("personnel suffisant"), "ok")
    told = ngettext("il manque %(n)d personne", "il manque %(n)d personnes", need.lacking)
    at = time_text(time(need.at // 2, need.at % 2 * 30))
    return Sign(_("%(lack)s à %(at)s") % {"lack": told % {"n": need.lacking}, "at": at}, "error")


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of the calendar; without `url` nothing is held on it."""

    day: date
    name: str
    url: str
    is_today: bool
    outside: bool
    closed: str
    staff: Sign | None
    lines: tuple[GaugeLine, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    headings: tuple[str, ...]
    weeks: tuple[tuple[DayCell, ...], ...]


def calendar(
    asked: Asked, found: Mapping[date, DayOccupation], staffed: Mapping[date, StaffedDay], today: date
) -> Calendar:
    """Whole weeks, of the weekdays on which something is held in the span."""
    first, last = asked.shown
    monday = first - timedelta(days=first.weekday())
    kept = sorted({day.weekday() for day in found})
    weeks = []
    while kept and monday <= last:
        days = [monday + timedelta(days=n) for n in kept]
        weeks.append(tuple(_cell(asked, day, found.get(day), staffed.get(day), today) for day in days))
        monday += timedelta(days=7)
    return Calendar(tuple(weekday_name(n) for n in kept), tuple(weeks))


def _cell(
    asked: Asked, day: date, found: DayOccupation | None, staffed: StaffedDay | None, today: date
) -> DayCell:
    first, last = asked.shown
    inside = first <= day <= last
    return DayCell(
        day=day,
        name=day_long(day),
        url=reverse("agents_places:day") + asked.at(day).query if found and inside else "",
        is_today=day == today,
        outside=not inside,
        closed=closed_text(found) if found else "",
        staff=staff_sign(staffed) if staffed else None,
        lines=tuple(gauge_line(gauge, told=True) for gauge in found.gauges) if found else (),
    )


def closed_text(found: DayOccupation) -> str:
    reasons = ", ".join(found.reasons)
    if not found.is_open:
        return _("Fermé : %(why)s") % {"why": reasons} if reasons else _("Fermé")
    return _("Fermé en partie : %(why)s") % {"why": reasons} if reasons else ""


def gauge_line(gauge: GaugeDay, *, told: bool) -> GaugeLine:
    """`told`: whether to say how many wait."""
    waiting = ngettext("%(n)d attend", "%(n)d attendent", gauge.waiting) % {"n": gauge.waiting}
    only_kept = gauge.capacity is not None and 0 < gauge.capacity - gauge.taken <= gauge.kept
    return GaugeLine(
        name=gauge.name,
        places=_places(gauge.taken, gauge.capacity, gauge.kept),
        css=Fullness.NEARLY.value if only_kept else gauge.fullness.value,
        said=_("il ne reste que des places gardées") if only_kept else str(FULLNESS[gauge.fullness]),
        waiting=waiting if told and gauge.waiting else "",
    )


def _places(taken: int, capacity: int | None, kept: int) -> str:
    """ "18 / 24, 2 gardées"; the number alone where nothing bounds it."""
    if capacity is None:
        return str(taken)
    return with_kept(f"{taken}\u00a0/\u00a0{capacity}", kept, capacity - taken)


def toolbar(asked: Asked, today: date, name: str = CALENDAR) -> Toolbar:
    page = reverse(name)
    first, last = asked.shown
    views = (
        Link(_("Semaine"), page + asked.in_view(WEEK).query, current=asked.view == WEEK),
        Link(_("Mois"), page + asked.in_view(MONTH).query, current=asked.view == MONTH),
    )
    return Toolbar(
        title=_sentence(range_sentence(first, last) if asked.view == WEEK else month_text(first)),
        previous=Link(_("précédent"), page + asked.previous.query),
        next=Link(_("suivant"), page + asked.following.query),
        today=Link(_("Aujourd’hui"), page + asked.at(today).query, current=first <= today <= last),
        views=views if name == CALENDAR else (),
    )


def day_toolbar(asked: Asked, today: date) -> Toolbar:
    page, day = reverse("agents_places:day"), timedelta(days=1)
    return Toolbar(
        title=_sentence(day_long_year(asked.day)),
        previous=Link(_("jour précédent"), page + asked.at(asked.day - day).query),
        next=Link(_("jour suivant"), page + asked.at(asked.day + day).query),
        today=Link(_("Aujourd’hui"), page + asked.at(today).query, current=asked.day == today),
    )


@dataclass(frozen=True, slots=True)
class HourLine:
    """A half-hour: "8 h 30", "11 / 12", its percent, and how full it is."""

    hour: str
    places: str
    percent: int
    css: str
    said: str


@dataclass(frozen=True, slots=True)
class NurseryBlock:
    name: str
    day: str
    week: str
    warning: str
    hours: tuple[HourLine, ...]


def nursery_block(one: NurseryDay) -> NurseryBlock:
    past = _(
        "Au-delà de ce que le code de la santé publique permet : 115 % au plus à un moment, "
        "et 100 % des heures sur la semaine."
    )
    return NurseryBlock(
        name=one.name,
        day=_("Ce jour : %(rate)s") % {"rate": _rate(one.day)},
        week=_("La semaine : %(rate)s") % {"rate": _rate(one.week)},
        warning=past if one.is_past else "",
        hours=tuple(_hour(part) for part in one.parts),
    )


def _rate(rate: Rate) -> str:
    """ "78 % (172 h réservées sur 220 h)": two half-hours make an hour."""
    told = {"percent": rate.percent, "booked": _hours_of(rate.booked), "offered": _hours_of(rate.offered)}
    return _("%(percent)d\u00a0%% (%(booked)s réservées sur %(offered)s)") % told


def _hours_of(half_hours: int) -> str:
    return f"{half_hours // 2}\u00a0h" + ("\u00a030" if half_hours % 2 else "")


def _hour(part: HalfHour) -> HourLine:
    full = fullness(part.taken, part.capacity)
    return HourLine(
        hour=time_text(time(part.part // 2, part.part % 2 * 30)),
        places=_places(part.taken, part.capacity, part.kept),
        percent=Rate(part.taken, part.capacity).percent,
        css=full.value,
        said=str(FULLNESS[full]),
    )


@dataclass(frozen=True, slots=True)
class PlaceLine:
    text: str
    notes: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class ChildLine:
    name: str
    url: str
    detail: str
    places: tuple[PlaceLine, ...]
    signs: tuple[Sign, ...]
    plannings: tuple[tuple[str, str], ...]


def child_lines(
    children: Iterable[ChildOfDay],
    health: Mapping[int, CareLine],
    ways: Mapping[int, str],
    day: date,
    *,
    manages: bool,
    but_homes: Collection[int],
) -> list[ChildLine]:
    """`manages`: whether the reasons of derogations are told, which may be of social or medical matters;
    of `but_homes` no planning is opened."""
    hours: dict[tuple[str, datetime, datetime], str] = {}
    planning = address_of("agents_enrolments:planning")
    return [
        ChildLine(
            name=f"{child.last_name} {child.first_name}",
            url=ways.get(child.family_id, ""),
            detail=_detail(child, day),
            places=tuple(_place(place, hours, manages=manages) for place in child.places),
            signs=(
                *(health_signs(health[child.id]) if child.id in health else ()),
                *_enrolled(child, manages=manages),
            ),
            plannings=_plannings(child, planning, day)
            if manages and child.family_id not in but_homes
            else (),
        )
        for child in children
    ]


def _plannings(child: ChildOfDay, planning: Callable[[int], str], day: date) -> tuple[tuple[str, str], ...]:
    """The address of the planning of each enrolment, with its activity."""
    found = {place.enrolment_id: place.activity for place in child.places}
    return tuple((f"{planning(pk)}?date={day.isoformat()}", activity) for pk, activity in found.items())


def _enrolled(child: ChildOfDay, *, manages: bool) -> list[Sign]:
    if not child.derogation:
        return []
    if not manages:
        return [Sign(_("inscription par dérogation"), "warn")]
    told = {"derogation": derogation_text(child.derogation, child.passed.split())}
    return [Sign(_("inscription par %(derogation)s") % told, "warn")]


def _detail(child: ChildOfDay, day: date) -> str:
    age = age_text(child.birth_date, day) if child.birth_date else ""
    return " · ".join(part for part in (age, child.group) if part)


def _place(
    place: ChildPlace, hours: dict[tuple[str, datetime, datetime], str], *, manages: bool
) -> PlaceLine:
    """`hours` keeps what was written of a slot: hundreds of children hold the same."""
    key = (place.slot, place.starts_at, place.ends_at)
    if key not in hours:
        hours[key] = _hours(place)
    notes = []
    if place.state is not BookingState.BOOKED:
        notes.append(Sign(str(STATES[place.state]), "warn"))
    if place.absent:
        notes.append(Sign(_("absence déclarée"), "plain"))
    if place.late:
        notes.append(Sign(_("hors délai"), "plain"))
    if place.derogation:
        told = derogation_text(place.derogation, place.passed.split()) if manages else _("dérogation")
        notes.append(Sign(told, "warn"))
    return PlaceLine(hours[key], tuple(notes))


def _hours(place: ChildPlace) -> str:
    """ "Matin, 8 h – 12 h"."""
    hours = hours_text(local(place.starts_at).time(), local(place.ends_at).time())
    return f"{place.slot}, {hours}"


def waiting_lines(
    waiting: Iterable[WaitingOfDay], ways: Mapping[int, str]
) -> list[tuple[str, list[tuple[int, str, str, str]]]]:
    """By place waited for: rank, child, where its name leads, group."""
    found: dict[int, tuple[str, list[tuple[int, str, str, str]]]] = {}
    for one in waiting:
        label = f"{_hours(one.place)} · {one.place.activity}"
        _title, rows = found.setdefault(one.place.opening_id, (label, []))
        name, url = f"{one.last_name} {one.first_name}", ways.get(one.family_id, "")
        rows.append((len(rows) + 1, name, url, one.group))
    return list(found.values())


def count_text(children: list[ChildOfDay]) -> str:
    """ "24 enfants attendus, 2 absences déclarées"."""
    if not children:
        return _("personne n’est attendu")
    told = ngettext("%(n)d enfant attendu", "%(n)d enfants attendus", len(children)) % {"n": len(children)}
    absent = sum(all(place.absent for place in child.places) for child in children)
    more = ngettext("%(n)d absence déclarée", "%(n)d absences déclarées", absent) % {"n": absent}
    return f"{told}, {more}" if absent else told


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
