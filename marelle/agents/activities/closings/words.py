"""Days that close and open again, in French."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.exceptional import SlotOfDay
from marelle.activities.models import Opening
from marelle.bookings.closing.reducing import Squeezed
from marelle.bookings.closing.services import ChildTouched
from marelle.bookings.models import ClosedBooking
from marelle.bookings.rules import Why
from marelle.bookings.states import BookingState
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, instant_long, join_and, range_sentence
from marelle.core.refusals import Refusal
from marelle.families.telling import Addressee
from marelle.flows.catalogue.closing.closing import Closed
from marelle.flows.catalogue.closing.targets import Choice, Part
from marelle.flows.catalogue.closing.undoing import Undone
from marelle.places.models import Closure
from marelle.relay.models import Visit

REFUSALS: dict[str, str | Promise] = {
    "past_day": gettext_lazy("Ce jour est passé : il ne peut plus être fermé."),
    "no_reason": gettext_lazy("Donnez une raison : les familles la liront."),
    "nothing_open": gettext_lazy("Rien n’est ouvert ces jours-là, ou c’est déjà fermé."),
    "no_pupil": gettext_lazy(
        "Aucun enfant de cette école n’a réservé ces jours-là : il n’y a rien à annuler."
    ),
    "moved": gettext_lazy(
        "La liste a changé depuis que vous l’avez vue. Rien n’est fait : voici celle d’à présent."
    ),
    "levels_moved": gettext_lazy(
        "Quelqu’un vient de changer les capacités de cette jauge\u00a0: voici celles d’à présent. Rien n’est "
        "fait\u00a0: confirmez encore si c’est bien ce que vous voulez."
    ),
    "no_slot": gettext_lazy("Cochez au moins un créneau à ouvrir."),
    "already_open": gettext_lazy("C’est déjà ouvert, ou l’heure est passée."),
    "not_fewer": gettext_lazy("Ce n’est pas moins de places qu’aujourd’hui : rien n’a changé."),
    "own_child": gettext_lazy("Pour votre propre enfant, c’est l’ordre qui décide : décochez-le."),
    "undone": gettext_lazy("C’est déjà rouvert, ou les jours ont commencé : il n’y a plus rien à annuler."),
    "level": gettext_lazy(
        "C’est une capacité qui a changé : pour revenir en arrière, changez la capacité à nouveau."
    ),
}

PART_TITLES: dict[Part, str | Promise] = {
    Part.ACTIVITY: gettext_lazy("Une activité"),
    Part.GROUP: gettext_lazy("Un groupe"),
    Part.SLOT: gettext_lazy("Un créneau"),
    Part.SCHOOL: gettext_lazy("Une école"),
}

NOT_BACK: dict[str, str | Promise] = {
    Why.FULL: gettext_lazy("la place est prise"),
    Why.CONFLICT: gettext_lazy("un autre créneau est réservé ce jour-là"),
    Why.ELSEWHERE: gettext_lazy("réservé ailleurs à la même heure"),
    Why.REQUIRES: gettext_lazy("il manque le créneau qui va avec"),
    Why.OUTSIDE_ENROLMENT: gettext_lazy("l’inscription est terminée"),
    Why.OTHER_GROUP: gettext_lazy("l’enfant a changé de groupe"),
    Why.CLOSED: gettext_lazy("fermé"),
    Why.TOO_LATE: gettext_lazy("l’accueil avait commencé"),
}


@dataclass(frozen=True, slots=True)
class OpeningLine:
    name: str
    detail: str


@dataclass(slots=True)
class DayTouched:
    """A day, how many children hold a place then, and each child: name, where it leads, slots, and who has
    no mail."""

    title: str
    count: str
    children: list[tuple[str, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClosureLine:
    id: int
    title: str
    detail: str
    fewer: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class TakenLine:
    name: str
    url: str
    detail: str
    result: str
    tone: str


def refusal_text(refusal: Refusal) -> str:
    return str(REFUSALS[refusal.code])


def part_groups(parts: Iterable[Choice]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of a select: title, and (value, name) of each part."""
    found: dict[Part, list[tuple[str, str]]] = {}
    for choice in parts:
        found.setdefault(choice.part, []).append((f"{choice.part}-{choice.id}", choice.name))
    return [(str(PART_TITLES[part]), rows) for part, rows in found.items()]


def opening_lines(openings: Iterable[Opening]) -> list[OpeningLine]:
    """What closes, the same slot on several days said once."""
    days: dict[tuple[str, str], list[date]] = {}
    for row in openings:
        name = " · ".join(filter(None, (row.slot.name, row.title, row.group.name if row.group else "")))
        hours = hours_text(local(row.starts_at).time(), local(row.ends_at).time())
        days.setdefault((name, f"{hours} · {row.activity.name}"), []).append(row.day)
    return [
        OpeningLine(name, detail if len(found) == 1 else _times(detail, len(found)))
        for (name, detail), found in days.items()
    ]


def _times(detail: str, count: int) -> str:
    return f"{detail} · " + ngettext("%(n)d jour", "%(n)d jours", count) % {"n": count}


def count_text(children: Sequence[ChildTouched], visits: int) -> str:
    """ "12 enfants réservés, 1 en attente, 3 venues"."""
    everybody = {row.child_id for row in children}
    held = len({row.child_id for row in children if row.holds})
    waits = len(everybody) - held
    told = ngettext("%(n)d enfant réservé", "%(n)d enfants réservés", held) % {"n": held}
    if waits:
        told += _(", %(n)d en attente") % {"n": waits}
    if visits:
        told += ngettext(", %(n)d venue", ", %(n)d venues", visits) % {"n": visits}
    return told


def days_touched(
    children: Iterable[ChildTouched],
    told: Mapping[tuple[int, int], Sequence[Addressee]],
    ways: Mapping[int, str],
) -> list[DayTouched]:
    waited = _("%(slot)s (liste d’attente)")
    found: dict[date, DayTouched] = {}
    for row in children:
        by_day: dict[date, list[str]] = {}
        for day, slot, waits in row.places:
            by_day.setdefault(day, []).append(waited % {"slot": slot} if waits else slot)
        note = _no_mail(told[row.family_id, row.child_id])
        for day, slots in by_day.items():
            one = found.setdefault(day, DayTouched(_sentence(day_long(day)), ""))
            one.children.append((row.name, ways.get(row.family_id, ""), ", ".join(slots), note))
    for one in found.values():
        n = len(one.children)
        one.count = ngettext("%(n)d enfant", "%(n)d enfants", n) % {"n": n}
    return [found[day] for day in sorted(found)]


def _no_mail(adults: Sequence[Addressee]) -> str:
    if any(adult.email for adult in adults):
        return ""
    return _("sans adresse de courriel : une lettre à imprimer") if adults else _("personne à prévenir")


def visit_lines(visits: Iterable[Visit], ways: Mapping[int, str]) -> list[tuple[str, str, str]]:
    return [
        (
            visit.adult_name,
            ways.get(visit.family_id or 0, ""),
            join_and([child.first_name for child in visit.children.all()]),
        )
        for visit in visits
    ]


def closure_lines(closures: Iterable[Closure]) -> list[ClosureLine]:
    return [
        ClosureLine(
            row.pk,
            closure_title(row),
            " · ".join(filter(None, (row.part, row.reason))),
            row.fewer,
            row.undone_at is not None,
        )
        for row in closures
    ]


def closure_title(row: Closure) -> str:
    """ "Du 7 au 11 décembre 2026 · Accueil de loisirs d’Arelle"."""
    return f"{_sentence(range_sentence(row.first_day, row.last_day))} · {row.structure.name}"


def closure_facts(row: Closure) -> list[tuple[str, str]]:
    facts = [
        (_("Places") if row.fewer else _("Ce qui ferme"), row.part or _("toute la structure")),
        (_("Raison"), row.reason),
        (_("Mot aux familles"), row.words),
        (_("Décidée"), _by(row.made_at, row.made_by)),
        (_("Annulée"), _by(row.undone_at, row.undone_by)),
    ]
    return [(term, value) for term, value in facts if value]


def day_choices(days: Iterable[date]) -> list[tuple[str, str]]:
    return [(day.isoformat(), day_long(day)) for day in days]


def taken_lines(
    taken: QuerySet[ClosedBooking], ways_of: Callable[[Collection[int]], Mapping[int, str]]
) -> list[TakenLine]:
    """What was cancelled, and what became of it. Hundreds of rows: values, and a day said once."""
    home = "booking__family_id"
    child = (home, "booking__child__first_name", "booking__child__last_name")
    rows = list(
        taken.values_list(*child, "booking__day", "booking__opening__slot__name", "back", "why", "state")
    )
    ways = ways_of({family_id for family_id, *_told in rows})
    detail, became = cache(_detail), cache(_became)
    return [
        TakenLine(
            f"{first_name} {last_name}",
            ways.get(family_id, ""),
            detail(day, slot),
            *became(back is not None, why, state),
        )
        for family_id, first_name, last_name, day, slot, back, why, state in rows
    ]


def _detail(day: date, slot: str) -> str:
    return f"{day_long(day)} · {slot}"


def _became(is_back: bool, why: str, state: str) -> tuple[str, str]:
    if is_back:
        return _("rétabli"), "ok"
    if why:
        return _("non rétabli : %(why)s") % {"why": NOT_BACK.get(why, why)}, "warn"
    return _("n’attend plus") if state == BookingState.WAITING else _("annulé"), "plain"


def closed_text(closed: Closed) -> str:
    if not closed.children and not closed.visits:
        return _("C’est fermé. Personne n’avait réservé.")
    told = _("C’est fermé.") if closed.openings else _("C’est fait : les autres écoles gardent leurs places.")
    if closed.children:
        told += " " + ngettext(
            "Les réservations de %(n)d enfant sont annulées, sa famille est prévenue.",
            "Les réservations de %(n)d enfants sont annulées, leurs familles sont prévenues.",
            closed.children,
        ) % {"n": closed.children}
    if closed.visits:
        told += " " + ngettext(
            "%(n)d venue à une matinée est annulée.",
            "%(n)d venues à des matinées sont annulées.",
            closed.visits,
        ) % {"n": closed.visits}
    return told


def undone_text(undone: Undone) -> str:
    told = _("C’est rouvert.") if undone.openings else _("Les places d’avant sont revenues.")
    if undone.children:
        told += " " + ngettext(
            "Les réservations de %(n)d enfant sont rétablies, sa famille est prévenue.",
            "Les réservations de %(n)d enfants sont rétablies, leurs familles sont prévenues.",
            undone.children,
        ) % {"n": undone.children}
    if undone.past:
        told += " " + ngettext(
            "%(n)d enfant dépasse ainsi un plafond de réservation : voyez avec sa famille.",
            "%(n)d enfants dépassent ainsi un plafond de réservation : voyez avec leurs familles.",
            undone.past,
        ) % {"n": undone.past}
    if undone.missing:
        told += " " + ngettext(
            "%(n)d réservation n’a pas pu l’être : voyez ci-dessous.",
            "%(n)d réservations n’ont pas pu l’être : voyez ci-dessous.",
            undone.missing,
        ) % {"n": undone.missing}
    return told


@dataclass(slots=True)
class DayKept:
    """A day with fewer places: its children in the order in which places go."""

    title: str
    count: str
    children: list[KeptLine] = field(default_factory=list)


@dataclass(slots=True)
class KeptLine:
    """A child of that day: the slots that it keeps, and those that it loses, or keeps past the capacity."""

    child_id: int
    name: str
    url: str
    chosen: bool
    stays: bool = False
    kept: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def detail(self) -> str:
        said = _("au-delà : %(slots)s") if self.stays else _("perd %(slots)s")
        gone = said % {"slots": ", ".join(self.lost)} if self.lost else ""
        return " · ".join(filter(None, (", ".join(self.kept), gone)))

    @property
    def told(self) -> str:
        if self.stays:
            return _("reste, au-delà de la capacité") if self.lost else _("dans la capacité")
        return _("perd sa place") if self.lost else _("garde sa place")

    @property
    def tone(self) -> str:
        return "warn" if self.lost else "ok"


def days_kept(
    found: Squeezed, chosen: Collection[int], ways: Mapping[int, str], *, all_stay: bool = False
) -> list[DayKept]:
    """Only the days when somebody leaves, or would be past the capacity where `all_stay`."""
    short = {one.opening.day for one in found.holders if one.place.id in found.leaving}
    days: dict[date, dict[int, KeptLine]] = {}
    for one in found.holders:
        if one.opening.day not in short:
            continue
        mine = days.setdefault(one.opening.day, {})
        line = mine.setdefault(
            one.child_id,
            KeptLine(
                one.child_id,
                one.child_name,
                ways.get(one.family_id, ""),
                one.child_id in chosen,
                all_stay,
            ),
        )
        (line.lost if one.place.id in found.leaving else line.kept).append(one.opening.slot.name)
    return [
        DayKept(_sentence(day_long(day)), _short(list(lines.values()), all_stay), list(lines.values()))
        for day, lines in sorted(days.items())
    ]


def _short(lines: Sequence[KeptLine], all_stay: bool) -> str:
    gone = sum(bool(line.lost) for line in lines)
    if all_stay:
        beyond = ngettext("%(n)d enfant au-delà de la capacité", "%(n)d enfants au-delà de la capacité", gone)
        return beyond % {"n": gone}
    told = ngettext("%(n)d enfant perd une place", "%(n)d enfants perdent une place", gone)
    return told % {"n": gone}


def reduced_text(children: int) -> str:
    if not children:
        return _("C’est enregistré. Personne ne perd sa place.")
    told = ngettext(
        "C’est enregistré. %(n)d enfant perd une place, sa famille est prévenue.",
        "C’est enregistré. %(n)d enfants perdent une place, leurs familles sont prévenues.",
        children,
    )
    return told % {"n": children}


@dataclass(frozen=True, slots=True)
class SlotLine:
    id: int
    name: str
    detail: str
    is_open: bool
    closure_id: int | None
    ticked: bool


def slot_groups(slots: Iterable[SlotOfDay], ticked: Collection[int]) -> list[tuple[str, list[SlotLine]]]:
    """The slots of each activity."""
    found: dict[str, list[SlotLine]] = {}
    for one in slots:
        hours = hours_text(one.slot.starts, one.slot.ends)
        line = SlotLine(one.slot.pk, one.slot.name, hours, one.is_open, one.closure_id, one.slot.pk in ticked)
        found.setdefault(one.slot.activity.name, []).append(line)
    return list(found.items())


def opened_text(openings: int) -> str:
    told = ngettext(
        "C’est ouvert : %(n)d créneau de plus, que les familles peuvent réserver.",
        "C’est ouvert : %(n)d créneaux de plus, que les familles peuvent réserver.",
        openings,
    )
    return told % {"n": openings}


def _by(instant: object, who: str) -> str:
    return _("%(when)s, par %(who)s") % {"when": instant_long(instant), "who": who} if instant else ""  # type: ignore[arg-type]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
