"""Bookings to decide, in French."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.bookings.absence_pages import ProofToDecide
from marelle.bookings.labels import ABSENCE_REASONS, STATES
from marelle.bookings.models import Absence, Booking
from marelle.bookings.offer_pages import Queued
from marelle.bookings.request_pages import AskedCell, RequestToAnswer
from marelle.cases.models import Case, CaseState
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, instant_long_year, join_and
from marelle.enrolments.labels import already_decided_text

Pairs = list[tuple[str, str]]


def proof_pairs(found: ProofToDecide) -> Pairs:
    proof = found.proof
    told = {"at": instant_long_year(proof.sent_at), "who": proof.sent_by}
    reasons = dict.fromkeys(str(ABSENCE_REASONS[a.reason]) for a in found.absences if a.reason)
    rows = [
        (_("Reçu"), _("le %(at)s, de %(who)s") % told),
        (_("Famille"), str(proof.family)),
        (_("Structure"), proof.structure.name),
        (_("Raison donnée"), join_and(list(reasons)) or _("aucune")),
    ]
    return rows + [(day_long(a.booking.day), _absence(a)) for a in found.absences]


def _absence(absence: Absence) -> str:
    booking = absence.booking
    hours = hours_text(local(booking.starts_at).time(), local(booking.ends_at).time())
    return f"{booking.opening.slot.name}, {hours} · {booking.opening.activity.name}"


@dataclass(frozen=True, slots=True)
class CellBox:
    booking_id: int
    label: str
    places: str
    tone: str
    checked: bool


def request_pairs(found: RequestToAnswer) -> Pairs:
    request = found.request
    told = {"at": instant_long_year(request.asked_at), "who": request.asked_by}
    return [
        (_("Demandé"), _("le %(at)s, par %(who)s") % told),
        (_("Famille"), str(request.family)),
        (_("Structure"), request.activity.structure.name),
    ]


def cell_boxes(found: RequestToAnswer, ticked: set[int] | None) -> list[CellBox]:
    return [
        CellBox(
            booking_id=cell.booking.pk,
            label=_day(cell.booking),
            places=_places(cell),
            tone="plain" if cell.taken is None or not cell.capacity or cell.taken < cell.capacity else "warn",
            checked=ticked is None or cell.booking.pk in ticked,
        )
        for cell in found.cells
    ]


def answered_lines(found: RequestToAnswer) -> Pairs:
    """What is no more to be answered, and what became of it."""
    return [(_day(booking), str(STATES[booking.state])) for booking in found.answered]


def _places(cell: AskedCell) -> str:
    if cell.taken is None:
        return ""
    told = {"taken": cell.taken, "capacity": cell.capacity}
    return _("%(taken)d / %(capacity)d places, demande comprise") % told


def _day(booking: Booking) -> str:
    """ "lundi 7 décembre · Accueil, 8 h – 17 h"."""
    hours = hours_text(local(booking.starts_at).time(), local(booking.ends_at).time())
    return f"{day_long(booking.day)} · {booking.opening.slot.name}, {hours}"


@dataclass(frozen=True, slots=True)
class QueueLine:
    opening_id: int
    title: str
    detail: str
    places: str
    tone: str
    may_offer: bool
    why: str


def queue_lines(found: Iterable[Queued]) -> list[QueueLine]:
    return [_queue_line(one) for one in found]


def _queue_line(one: Queued) -> QueueLine:
    opening, room = one.opening, one.free is None or one.free > 0
    waiting = ngettext("%(n)d enfant attend", "%(n)d enfants attendent", one.waiting) % {"n": one.waiting}
    parts = [waiting if one.waiting else "", _("premier : %s") % one.first if one.first else ""]
    if one.offered:
        told = ngettext("%(n)d place proposée", "%(n)d places proposées", one.offered)
        parts.append(told % {"n": one.offered})
    group = opening.activity.groups.get(opening.group_id, "") if opening.group_id is not None else ""
    names = (day_long(opening.day), opening.slot.name, opening.title, opening.activity.name, group)
    return QueueLine(
        opening_id=opening.id,
        title=" · ".join(name for name in names if name),
        detail=" · ".join(part for part in parts if part),
        places=_free(one.free),
        tone="ok" if room else "plain",
        may_offer=bool(one.waiting) and room and not one.by_itself,
        why=_("donnée d’elle-même") if one.waiting and room and one.by_itself else "",
    )


def _free(free: int | None) -> str:
    if free is None:
        return _("sans limite")
    if free <= 0:
        return _("complet")
    return ngettext("%(n)d place libre", "%(n)d places libres", free) % {"n": free}


def decided(case: Case | None) -> str:
    """Who decided what, for an agent who comes second; nothing while it waits."""
    if case is None or case.state == CaseState.OPEN:
        return ""
    return already_decided_text(
        {"state": case.state, "decided_by": case.decided_by, "decided_at": case.decided_at}
    )
