"""Requests in French: lines of the queue, the page of one request, places of the wished days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.cases.models import Case, CaseState
from marelle.core.clock import local
from marelle.core.french import day_plain, day_short, instant_long, range_sentence
from marelle.enrolments.labels import already_decided_text, wishes_text
from marelle.enrolments.selectors import Request
from marelle.families.labels import age_text

Pairs = list[tuple[str, str]]

NEARLY_FULL = 0.85
"""Share of the places taken from which a day is shown as nearly full."""


@dataclass(frozen=True, slots=True)
class Line:
    enrolment_id: int
    label: str
    since: str
    current: bool


@dataclass(frozen=True, slots=True)
class PlaceCell:
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    slot: str
    cells: tuple[PlaceCell | None, ...]


@dataclass(frozen=True, slots=True)
class PlaceTable:
    days: tuple[str, ...]
    rows: tuple[PlaceRow, ...]


def lines(cases: Iterable[Case], now: datetime, current_id: int | None = None) -> list[Line]:
    return [
        Line(case.subject_id, case.label, since_text(case.opened_at, now), case.subject_id == current_id)
        for case in cases
    ]


def since_text(at: datetime, now: datetime) -> str:
    """ "aujourd’hui", "hier", "il y a 3 jours"."""
    days = (local(now).date() - local(at).date()).days
    if days < 2:
        return _("hier") if days == 1 else _("aujourd’hui")
    return _("il y a %(n)d jours") % {"n": days}


def queue_lead(cases: list[Line]) -> str:
    """How many wait, and since when."""
    if not cases:
        return _("Aucune demande en attente.")
    told = {"n": len(cases), "since": cases[0].since}
    return (
        ngettext(
            "%(n)d demande, reçue %(since)s.", "%(n)d demandes, la plus ancienne reçue %(since)s.", len(cases)
        )
        % told
    )


def title(found: Request) -> str:
    person, birth = found.enrolment.person, found.enrolment.person.birth_date
    age = f", {age_text(birth, found.age_day)}" if birth else ""
    return f"{person}{age} → {found.enrolment.activity.name}"


def pairs(found: Request) -> Pairs:
    enrolment = found.enrolment
    birth = enrolment.person.birth_date
    wishes = wishes_text(enrolment, {slot.pk: slot for slot in enrolment.activity.slots.all()})
    rows = [
        (
            _("Reçue"),
            _("%(at)s, de %(who)s")
            % {"at": instant_long(enrolment.requested_at), "who": enrolment.requested_by},
        ),
        (_("Dates"), range_sentence(enrolment.starts_on, enrolment.ends_on)),
        (_("Souhaits"), wishes or _("aucun jour précisé")),
        (_("Précision"), enrolment.comment),
        (_("Famille"), str(enrolment.family)),
        (_("École"), _school(found)),
    ]
    if birth:
        told = {"age": age_text(birth, found.age_day), "day": day_plain(found.age_day)}
        rows.insert(0, (_("Âge"), _("%(age)s le %(day)s, jour où l’âge compte") % told))
    if found.sees_quotient:
        rows.append((_("Quotient familial"), _quotient(found)))
    siblings = ", ".join(f"{row.person.first_name} · {row.activity}" for row in found.siblings)
    rows.append((_("Fratrie"), siblings or _("aucune inscription connue ici")))
    return [(term, value) for term, value in rows if value]


def decided(found: Request) -> str:
    """Who decided what, for an agent who comes second; nothing while the request waits."""
    case = found.case
    if case is None or case.state == CaseState.OPEN:
        return ""
    return already_decided_text(
        {"state": case.state, "decided_by": case.decided_by, "decided_at": case.decided_at}
    )


def place_table(found: Request) -> PlaceTable | None:
    """Places of the coming wished days, a row for each slot."""
    if not found.places:
        return None
    days = sorted({place.day for place in found.places})
    cells = {(place.slot_id, place.day): _cell(place.taken, place.capacity) for place in found.places}
    names = {place.slot_id: place.slot_name for place in found.places}
    rows = tuple(
        PlaceRow(name, tuple(cells.get((slot_id, day)) for day in days)) for slot_id, name in names.items()
    )
    return PlaceTable(tuple(day_short(day) for day in days), rows)


def _cell(taken: int, capacity: int) -> PlaceCell:
    if taken >= capacity:
        return PlaceCell(
            _("%(taken)d / %(capacity)d, complet") % {"taken": taken, "capacity": capacity}, "error"
        )
    return PlaceCell(f"{taken} / {capacity}", "warn" if taken >= capacity * NEARLY_FULL else "ok")


def _school(found: Request) -> str:
    if found.schooling is None:
        return _("inconnue")
    parts = [found.schooling.school.name, found.schooling.level, found.schooling.teacher]
    return ", ".join(part for part in parts if part)


def _quotient(found: Request) -> str:
    if found.quotient is None:
        return _("inconnu")
    amount = f"{found.quotient.amount:.2f}".replace(".", ",")
    told = {"amount": amount, "day": day_plain(found.quotient.since), "source": found.quotient.source}
    return _("%(amount)s €, depuis le %(day)s (%(source)s)") % told
