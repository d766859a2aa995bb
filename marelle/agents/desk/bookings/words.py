"""Bookings to decide, in French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.kept_labels import with_kept
from marelle.agents.desk.facts import (
    Fact,
    bills_fact,
    health_fact,
    home_facts,
    pair_facts,
    papers_fact,
    told,
)
from marelle.bookings.absences.pages import ProofToDecide
from marelle.bookings.labels import ABSENCE_REASONS, STATES, grade_text
from marelle.bookings.models import Absence, Booking
from marelle.bookings.requests.pages import AskedCell, RequestToAnswer
from marelle.core.clock import local
from marelle.core.french import day_long, day_plain, hours_text, instant_long_year, join_and, of_name
from marelle.flows.desk.case_file import CaseFile
from marelle.flows.office.home_file import HomeFile

Pairs = list[tuple[str, str]]


def proof_facts(found: ProofToDecide, home: HomeFile | None) -> list[Fact]:
    """What was booked, what the absence means for the place, the meal and the bill, then the home."""
    proof = found.proof
    sent = {"at": instant_long_year(proof.sent_at), "of_who": of_name(proof.sent_by)}
    reasons = dict.fromkeys(str(ABSENCE_REASONS[a.reason]) for a in found.absences if a.reason)
    rows = [
        (_("Reçu"), _("le %(at)s, %(of_who)s") % sent),
        (_("Famille"), "" if home else str(proof.family)),
        (_("Structure"), proof.structure.name),
        (_("Raison donnée"), join_and(list(reasons)) or _("aucune")),
        *((day_long(a.booking.day), _absence(a)) for a in found.absences),
        *_grades(found),
        (_("Dérogation"), proof.derogation),
        *_meaning(found.absences),
        (_("Le même mois"), _earlier(found)),
    ]
    return told([*pair_facts(rows), *home_facts(home)])


def _grades(found: ProofToDecide) -> Pairs:
    """What the absences are, or would be once justified: said once where it is the same of all."""
    told = {
        day_plain(one.booking.day): grade_text(
            found.grades[one.booking_id], len(found.terms[one.booking_id].proofs)
        )
        for one in found.absences
        if one.booking_id in found.grades
    }
    term = _("Avec ce justificatif")
    if len(set(told.values())) == 1:
        return [(term, next(iter(told.values())))]
    return [(f"{term}, {day}", text) for day, text in told.items()]


def _meaning(absences: Sequence[Absence]) -> Pairs:
    meals = sum(absence.booking.opening.slot.has_meal for absence in absences)
    ordered = ngettext("%(n)d repas est déjà commandé.", "%(n)d repas sont déjà commandés.", meals)
    return [
        (_("La place"), _("Elle reste tenue : l’absence ne la donne à personne.")),
        (_("Le repas"), ordered % {"n": meals} if meals else ""),
        (
            _("La facture"),
            _("Justifiée, l’absence peut ne pas être facturée, selon le règlement de la structure."),
        ),
    ]


def _earlier(found: ProofToDecide) -> str:
    """ "3 absences avant celle-ci, dont 1 justifiée : les 3, 5 et 12"."""
    if not found.earlier:
        return _("première absence connue ici")
    days = list(dict.fromkeys(day_plain(absence.booking.day) for absence in found.earlier))
    justified = sum(absence.justified for absence in found.earlier)
    told = {"n": len(found.earlier), "justified": justified, "days": join_and(days)}
    text = ngettext(
        "%(n)d absence avant celle-ci, dont %(justified)d justifiée : %(days)s",
        "%(n)d absences avant celle-ci, dont %(justified)d justifiées : %(days)s",
        len(found.earlier),
    )
    return text % told


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


def request_facts(found: RequestToAnswer, file: CaseFile) -> list[Fact]:
    request = found.request
    family = " · ".join(word for word in (request.asked_by, file.city) if word)
    return told(
        [
            Fact(_("Famille"), family),
            Fact(_("Structure"), request.activity.structure.name),
            papers_fact(file.papers),
            bills_fact(file.overdue),
            health_fact(file.signs, request.child_id),
            Fact(_("Ces jours-là"), " ; ".join(_other(booking) for booking in found.others)),
        ]
    )


def _other(booking: Booking) -> str:
    """ "lundi 7 décembre · Repas, 12 h – 13 h 30 (Restauration)"."""
    return f"{_day(booking)} ({booking.opening.activity.name})"


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
    places = {"taken": cell.taken, "capacity": cell.capacity}
    told = _("%(taken)d / %(capacity)d places, demande comprise") % places
    return with_kept(told, cell.kept, (cell.capacity or 0) - cell.taken)


def _day(booking: Booking) -> str:
    """ "lundi 7 décembre · Accueil, 8 h – 17 h"."""
    hours = hours_text(local(booking.starts_at).time(), local(booking.ends_at).time())
    return f"{day_long(booking.day)} · {booking.opening.slot.name}, {hours}"
