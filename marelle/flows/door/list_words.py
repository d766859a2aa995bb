"""The lists of a day in French: what each column says of a child."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.bookings.occupation import ChildPlace
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text, instant_long_year, time_text
from marelle.core.listing import NOTHING, Cell, Column, Listing, Piece, Weight, cell
from marelle.families.care.emergency import Called, Emergency
from marelle.families.care.labels import HEALTH_LOST, banned_text, pai_text
from marelle.families.care.safety import Fetcher, Safety
from marelle.families.fields import Diet
from marelle.families.labels import age_text, way_text
from marelle.families.telephones import Way, ways
from marelle.flows.door.lists import Asked, DayList, Listed
from marelle.places.models import Structure


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the lists, with what it reads. `signed`: with columns to fill in by hand."""

    code: str
    title: str | Promise
    columns: tuple[tuple[str | Promise, int], ...]
    cells: Callable[[Listed, DayList], tuple[Cell, ...]]
    asked: Asked
    signed: bool = False


def closed_text(found: DayList) -> str:
    """Why nothing, or not all, is held that day."""
    why = ", ".join(found.reasons)
    if found.is_open:
        return _("Fermé en partie : %(why)s") % {"why": why} if why else ""
    return _("Fermé : %(why)s") % {"why": why} if why else ""


def count_text(found: DayList) -> str:
    """ "24 enfants attendus, 2 absences déclarées"; "" for none."""
    count = len(found.children)
    if not count:
        return ""
    told = ngettext("%(n)d enfant attendu", "%(n)d enfants attendus", count) % {"n": count}
    absent = sum(child.is_absent for child in found.children)
    more = ngettext("%(n)d absence déclarée", "%(n)d absences déclarées", absent) % {"n": absent}
    return f"{told}, {more}" if absent else told


def asked_notes(found: DayList) -> tuple[str, ...]:
    asked = ngettext(
        "%(n)d enfant attend une réponse à sa demande : il n’est pas dans la liste.",
        "%(n)d enfants attendent une réponse à leur demande : ils ne sont pas dans la liste.",
        found.asked,
    )
    return (asked % {"n": found.asked},) if found.asked else ()


def listing(kind: Kind, structure: Structure, about: str, found: DayList, now: datetime) -> Listing:
    """`about` names the activity and the group chosen, "" for all."""
    day = day_long_year(found.day)
    title = f"{kind.title} : {day}"
    by_hand = (Column(_("Heure"), 2, by_hand=True), Column(_("Signature"), 4, by_hand=True))
    columns = tuple(Column(str(heading), share) for heading, share in kind.columns)
    blank = (NOTHING,) * len(by_hand) if kind.signed else ()
    return Listing(
        title=title,
        name=f"{kind.code}-{found.day.isoformat()}",
        facts=tuple(text for text in (structure.name, about, count_text(found), closed_text(found)) if text),
        columns=(*columns, *(by_hand if kind.signed else ())),
        rows=tuple((*kind.cells(child, found), *blank) for child in found.children),
        notes=asked_notes(found),
        footer=_("Imprimé le %(when)s · %(structure)s · Document à détruire après usage")
        % {"when": instant_long_year(now), "structure": structure.name},
        author=structure.authority.name,
        wide=True,
    )


def who_cell(one: Listed, found: DayList) -> Cell:
    child = one.child
    age = age_text(child.birth_date, found.day) if child.birth_date else ""
    detail = " · ".join(text for text in (age, child.group) if text)
    absent = [Piece(_("Absence déclarée"), Weight.STRONG)] if one.is_absent else []
    return (
        Piece(f"{child.last_name} {child.first_name}", Weight.STRONG),
        *cell(detail, weight=Weight.SMALL),
        *absent,
    )


def when_cell(one: Listed, _found: DayList) -> Cell:
    return cell(*(_place(place, told=not one.is_absent) for place in one.child.places))


def _place(place: ChildPlace, *, told: bool) -> str:
    """ "Matin, 8 h – 12 h"; `told`: with the absence of this place alone."""
    hours = _hours(place.slot, place.starts_at, place.ends_at)
    return f"{hours} ({_('absence déclarée')})" if place.absent and told else hours


@lru_cache(maxsize=256)
def _hours(slot: str, starts_at: datetime, ends_at: datetime) -> str:
    """Kept: hundreds of children hold the same."""
    return f"{slot}, {hours_text(local(starts_at).time(), local(ends_at).time())}"


def health_cell(facts: Safety | None) -> Cell:
    if facts is None:
        return NOTHING
    severe = _("Allergie grave : %(what)s") if facts.is_severe else _("Allergie : %(what)s")
    allergy = severe % {"what": facts.allergies} if facts.allergies else ""
    if facts.is_lost:
        return cell(str(HEALTH_LOST), weight=Weight.ALERT)
    weight = Weight.ALERT if facts.is_severe else Weight.STRONG
    return (*cell(allergy, weight=weight), *cell(pai_text(facts.pai), weight=Weight.STRONG))


def meal_cell(facts: Safety | None) -> Cell:
    if facts is None:
        return NOTHING
    diet = str(Diet(facts.diet).label) if facts.diet and facts.diet != Diet.STANDARD else ""
    brings = facts.family_brings_meal and pai_text(facts.pai)
    return (*cell(diet), *cell(_("apporte son repas (PAI)") if brings else "", weight=Weight.STRONG))


def to_know_cell(calls: Emergency | None) -> Cell:
    if calls is None:
        return NOTHING
    treated = _("Traitement : %(what)s") % {"what": calls.treatments} if calls.treatments else ""
    return cell(treated, calls.remarks)


def alone_cell(facts: Safety | None) -> Cell:
    if facts is None:
        return NOTHING
    if facts.leaves_alone is None:
        return cell(_("non"))
    return cell(_("dès %(hour)s") % {"hour": time_text(facts.leaves_alone)}, weight=Weight.STRONG)


def fetchers_cell(facts: Safety, *, for_the_day: bool) -> Cell:
    return cell(
        *(_fetcher(one) for one in facts.fetchers if one.for_the_day is for_the_day and not one.is_banned)
    )


def phones_text(found: Iterable[Way]) -> str:
    """Each on one line of a narrow column."""
    return ", ".join(way_text(way).replace(" ", "\u00a0") for way in found)


def _fetcher(one: Fetcher) -> str:
    link = f" ({one.link})" if one.link else ""
    return ", ".join(filter(None, (f"{one.name}{link}", phones_text(one.ways))))


def banned_cell(facts: Safety) -> Cell:
    """Who must not come: by a judgment, and those whom a home named all the same."""
    names = dict.fromkeys((*facts.banned, *(one.name for one in facts.fetchers if one.is_banned)))
    return cell(
        *(_("INTERDIT : %(name)s") % {"name": banned_text(name)} for name in names), weight=Weight.ALERT
    )


def _day_cells(one: Listed, found: DayList) -> tuple[Cell, ...]:
    facts = one.safety
    return (
        who_cell(one, found),
        when_cell(one, found),
        health_cell(facts),
        meal_cell(facts),
        alone_cell(facts),
        to_know_cell(one.emergency),
    )


def _exit_cells(one: Listed, found: DayList) -> tuple[Cell, ...]:
    facts = one.safety
    if facts is None or one.is_own:
        return (
            who_cell(one, found),
            when_cell(one, found),
            _own_note() if one.is_own else NOTHING,
            NOTHING,
            NOTHING,
        )
    return (
        who_cell(one, found),
        when_cell(one, found),
        (*banned_cell(facts), *fetchers_cell(facts, for_the_day=False)),
        fetchers_cell(facts, for_the_day=True),
        alone_cell(facts),
    )


def _emergency_cells(one: Listed, found: DayList) -> tuple[Cell, ...]:
    calls = one.emergency or Emergency()
    return (
        who_cell(one, found),
        _called(calls, is_own=one.is_own),
        cell(calls.doctor_name, phones_text(ways(calls.doctor_phone))),
        (*health_cell(one.safety), *to_know_cell(one.emergency)),
    )


def _called(calls: Emergency, *, is_own: bool) -> Cell:
    if not calls.called and not is_own:
        return cell(_("Personne à appeler : demandez à la famille."), weight=Weight.ALERT)
    people = (
        Piece(called_text(rank, one), Weight.ALERT if one.is_banned else Weight.PLAIN)
        for rank, one in enumerate(calls.called, start=1)
    )
    apart = _("Votre enfant\u00a0: l’autre foyer, s’il y en a un, est sur la liste d’un collègue.")
    return (*people, *cell(apart if is_own else "", weight=Weight.SMALL))


def called_text(rank: int, one: Called) -> str:
    """ "1. Line Roche (voisine) : 06 39 98 10 02", and whom a judgment forbids to come."""
    phones = phones_text(one.ways) or _("pas de téléphone")
    told = f"{rank}. {one.name} ({one.link})\u00a0: {phones}"
    return _("%(who)s · INTERDIT de venir chercher") % {"who": told} if one.is_banned else told


def _own_note() -> Cell:
    return cell(_("Votre enfant : un collègue tient ces informations."), weight=Weight.SMALL)


DAY: Final = Kind(
    "liste-du-jour",
    gettext_lazy("Liste du jour"),
    (
        (gettext_lazy("Enfant"), 4),
        (gettext_lazy("Créneaux"), 4),
        (gettext_lazy("Santé"), 4),
        (gettext_lazy("Repas"), 3),
        (gettext_lazy("Part seul"), 2),
        (gettext_lazy("À savoir"), 5),
    ),
    _day_cells,
    Asked.DAY,
)
EXIT: Final = Kind(
    "feuille-de-sortie",
    gettext_lazy("Feuille de sortie"),
    (
        (gettext_lazy("Enfant"), 4),
        (gettext_lazy("Créneaux"), 4),
        (gettext_lazy("Peut venir chercher"), 7),
        (gettext_lazy("Pour ce jour"), 3),
        (gettext_lazy("Part seul"), 2),
    ),
    _exit_cells,
    Asked.EXIT,
    signed=True,
)
EMERGENCY: Final = Kind(
    "contacts-d-urgence",
    gettext_lazy("Contacts d’urgence"),
    (
        (gettext_lazy("Enfant"), 3),
        (gettext_lazy("À appeler, dans l’ordre"), 6),
        (gettext_lazy("Médecin"), 3),
        (gettext_lazy("Allergies, PAI, à savoir"), 5),
    ),
    _emergency_cells,
    Asked.EMERGENCY,
)
KINDS: Final = {kind.code: kind for kind in (DAY, EXIT, EMERGENCY)}


def kinds_named(codes: Iterable[str]) -> Kind:
    """The first of the codes that names a list, else the list of the day."""
    return next((KINDS[code] for code in codes if code in KINDS), DAY)
