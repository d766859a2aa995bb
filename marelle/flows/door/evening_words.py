"""The list of the next day on paper: for each moment who is expected, with room to tick; then, once for each
child, what to know, who may come and whom to call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from marelle.bookings.occupation import ChildPlace
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text, instant_long_year, time_text
from marelle.core.listing import NOTHING, Cell, Column, Listing, Piece, Weight, cell
from marelle.families.care.safety import Safety
from marelle.families.telephones import ways
from marelle.flows.door.list_words import (
    asked_notes,
    banned_cell,
    called_text,
    closed_text,
    count_text,
    fetchers_cell,
    health_cell,
    meal_cell,
    phones_text,
    to_know_cell,
    when_cell,
    who_cell,
)
from marelle.flows.door.lists import DayList, Listed
from marelle.places.models import Structure


class Moment(NamedTuple):
    """What children come to at the same time: in the order of the day."""

    starts_at: datetime
    ends_at: datetime
    activity: str
    slot: str

    @classmethod
    def of(cls, place: ChildPlace) -> Moment:
        return cls(place.starts_at, place.ends_at, place.activity, place.slot)

    def __str__(self) -> str:
        hours = hours_text(local(self.starts_at).time(), local(self.ends_at).time())
        return f"{self.activity} · {self.slot}, {hours}"


def evening_listings(structure: Structure, found: DayList, now: datetime) -> list[Listing]:
    """What is printed, in the order of its pages; one page where nobody is expected."""
    moments = sorted({Moment.of(place) for one in found.children for place in one.child.places})
    if not moments:
        return [_nobody(structure, found, now)]
    return [*(_call(structure, found, moment, now) for moment in moments), _sheets(structure, found, now)]


def _nobody(structure: Structure, found: DayList, now: datetime) -> Listing:
    return _page(structure, found, now, _("Personne n’est attendu"), (), (), asked_notes(found))


def _call(structure: Structure, day: DayList, moment: Moment, now: datetime) -> Listing:
    there = (_at(one, moment) for one in day.children)
    found = replace(day, children=tuple(one for one in there if one.child.places))
    rows = tuple(
        (NOTHING, who_cell(one, found), _at_a_glance(one), NOTHING, NOTHING, NOTHING)
        for one in found.children
    )
    columns = (
        Column(_("Là"), 1, by_hand=True),
        Column(_("Enfant"), 5),
        Column(_("À ne pas oublier"), 6),
        Column(_("Arrivée"), 2, by_hand=True),
        Column(_("Départ"), 2, by_hand=True),
        Column(_("Remis à, signature"), 4, by_hand=True),
    )
    notes = (_("Qui peut venir et qui appeler : les fiches, aux dernières pages."),)
    return _page(structure, found, now, str(moment), columns, rows, notes)


def _at(one: Listed, moment: Moment) -> Listed:
    """The child with its places of a moment alone: absent then, it may come at another."""
    places = [place for place in one.child.places if Moment.of(place) == moment]
    return replace(one, child=replace(one.child, places=places))


def _at_a_glance(one: Listed) -> Cell:
    facts = one.safety
    if facts is None:
        return NOTHING
    return (*health_cell(facts), *meal_cell(facts), *banned_cell(facts), *_leaves_alone(facts))


def _leaves_alone(facts: Safety) -> Cell:
    if facts.leaves_alone is None:
        return NOTHING
    told = _("Part seul dès %(hour)s") % {"hour": time_text(facts.leaves_alone)}
    return cell(told, weight=Weight.STRONG)


def _sheets(structure: Structure, found: DayList, now: datetime) -> Listing:
    columns = (
        Column(_("Enfant"), 3),
        Column(_("Créneaux"), 3),
        Column(_("Santé, repas, à savoir"), 4),
        Column(_("Peut venir chercher"), 6),
        Column(_("À appeler, dans l’ordre"), 6),
    )
    rows = tuple(
        (
            who_cell(one, found),
            when_cell(one, found),
            (*health_cell(one.safety), *meal_cell(one.safety), *to_know_cell(one.emergency)),
            _fetchers(one),
            _called(one),
        )
        for one in found.children
    )
    return _page(structure, found, now, _("Fiches des enfants"), columns, rows, asked_notes(found))


def _fetchers(one: Listed) -> Cell:
    facts = one.safety
    if facts is None or one.is_own:
        own = _("Enfant d’un membre de l’équipe\u00a0: demandez à la direction.")
        return cell(own if one.is_own else "", weight=Weight.SMALL)
    day = fetchers_cell(facts, for_the_day=True)
    told = (Piece(_("Pour ce jour\u00a0:"), Weight.STRONG), *day) if day else NOTHING
    return (*banned_cell(facts), *fetchers_cell(facts, for_the_day=False), *told, *_leaves_alone(facts))


def _called(one: Listed) -> Cell:
    called = one.emergency.called if one.emergency else ()
    people = tuple(
        Piece(called_text(rank, each), Weight.ALERT if each.is_banned else Weight.PLAIN)
        for rank, each in enumerate(called, start=1)
    )
    nobody = "" if called or one.is_own else _("Personne à appeler\u00a0: demandez à la famille.")
    return (*people, *cell(nobody, weight=Weight.ALERT), *_doctor(one))


def _doctor(one: Listed) -> Cell:
    if one.emergency is None or not (one.emergency.doctor_name or one.emergency.doctor_phone):
        return NOTHING
    told = filter(None, (one.emergency.doctor_name, phones_text(ways(one.emergency.doctor_phone))))
    return cell(_("Médecin\u00a0: %(who)s") % {"who": ", ".join(told)})


def _page(
    structure: Structure,
    found: DayList,
    now: datetime,
    title: str,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    notes: tuple[str, ...],
) -> Listing:
    told = {"when": instant_long_year(now), "structure": structure.name}
    as_of = _("Tel que connu le %(when)s\u00a0: ce qui a changé depuis n’y est pas.") % told
    day = day_long_year(found.day)
    return Listing(
        title=f"{day[:1].upper()}{day[1:]} · {title}",
        name=f"liste-{found.day.isoformat()}",
        facts=tuple(filter(None, (structure.name, count_text(found), closed_text(found), as_of))),
        columns=columns,
        rows=rows,
        notes=notes,
        footer=_("Fait le %(when)s · %(structure)s · Document à détruire après usage") % told,
        author=structure.authority.name,
        wide=True,
    )
