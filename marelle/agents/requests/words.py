"""Requests in French: lines of the queue, the page of one request, places of the wished days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.selectors import Places
from marelle.agents.cases import KINDS, case_url
from marelle.cases.models import Case, CaseState
from marelle.core.clock import local
from marelle.core.french import day_long, day_plain, euros_text, instant_long, range_sentence
from marelle.enrolments.labels import already_decided_text, wishes_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.selectors import Request
from marelle.families.labels import age_text

Pairs = list[tuple[str, str]]

NEARLY_FULL = 0.85
"""Share of the places taken from which a day is shown as nearly full."""


@dataclass(frozen=True, slots=True)
class Line:
    url: str
    kind: str
    label: str
    since: str
    current: bool


@dataclass(frozen=True, slots=True)
class PlaceCell:
    slot: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class PlaceDay:
    day: str
    cells: tuple[PlaceCell, ...]


def lines(cases: Iterable[Case], now: datetime, current: tuple[str, int] | None = None) -> list[Line]:
    """`current` is the kind and the subject of the case that is open on the page."""
    return [
        Line(
            url=case_url(case),
            kind=str(KINDS[case.kind].label),
            label=case.label,
            since=since_text(case.opened_at, now),
            current=(case.kind, case.subject_id) == current,
        )
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
    rows.append((_("Fratrie"), _siblings(found) or _("aucune inscription connue ici")))
    return [(term, value) for term, value in rows if value]


def care_child_id(found: Request, day: date) -> int | None:
    """The child whose care may be read from here; none for a request that is over, or of the agent's own."""
    enrolment = found.enrolment
    runs = enrolment.state == Enrolment.State.ACCEPTED and enrolment.ends_on >= day
    if found.own_file or not (runs or enrolment.state == Enrolment.State.REQUESTED):
        return None
    return enrolment.person_id


def decided(found: Request) -> str:
    """Who decided what, for an agent who comes second; nothing while the request waits."""
    case = found.case
    if case is None or case.state == CaseState.OPEN:
        return ""
    return already_decided_text(
        {"state": case.state, "decided_by": case.decided_by, "decided_at": case.decided_at}
    )


def place_days(found: Request) -> list[PlaceDay]:
    """Places of the coming days, those of the slots wished; of every slot when no day is wished."""
    wishes = {int(weekday): slots for weekday, slots in found.enrolment.wishes.items()}
    by_day: dict[date, list[PlaceCell]] = {}
    for place in found.places:
        if not wishes or place.slot_id in wishes.get(place.day.weekday(), ()):
            by_day.setdefault(place.day, []).append(_cell(place))
    return [PlaceDay(day_long(day), tuple(by_day[day])) for day in sorted(by_day)]


def _cell(place: Places) -> PlaceCell:
    told = {"taken": place.taken, "capacity": place.capacity}
    if not place.left:
        return PlaceCell(place.slot_name, _("%(taken)d / %(capacity)d, complet") % told, "error")
    nearly = place.taken >= place.capacity * NEARLY_FULL
    return PlaceCell(place.slot_name, _("%(taken)d / %(capacity)d") % told, "warn" if nearly else "ok")


def _siblings(found: Request) -> str:
    """ "Louis : Mercredis, Vacances ; Alice : Espace jeunes"."""
    by_child: dict[str, list[str]] = {}
    for row in found.siblings:
        by_child.setdefault(row.person.first_name, []).append(row.activity.name)
    return " ; ".join(f"{name} : {', '.join(activities)}" for name, activities in by_child.items())


def _school(found: Request) -> str:
    if found.schooling is None:
        return _("inconnue")
    parts = [found.schooling.school.name, found.schooling.level, found.schooling.teacher]
    return ", ".join(part for part in parts if part)


def _quotient(found: Request) -> str:
    if found.quotient is None:
        return _("inconnu")
    told = {
        "amount": euros_text(found.quotient.amount),
        "day": day_plain(found.quotient.since),
        "source": found.quotient.source,
    }
    return _("%(amount)s, depuis le %(day)s (%(source)s)") % told
