"""Bookings to decide, in French."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.bookings.absence_pages import ProofToDecide
from marelle.bookings.labels import ABSENCE_REASONS
from marelle.bookings.models import Absence
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


def decided(case: Case | None) -> str:
    """Who decided what, for an agent who comes second; nothing while it waits."""
    if case is None or case.state == CaseState.OPEN:
        return ""
    return already_decided_text(
        {"state": case.state, "decided_by": case.decided_by, "decided_at": case.decided_at}
    )
