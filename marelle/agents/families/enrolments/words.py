"""Enrolling a child directly, in French, for the agent."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from marelle.core.french import day_plain
from marelle.core.refusals import No
from marelle.enrolments import labels
from marelle.enrolments.direct import Candidate
from marelle.enrolments.rules import Reason

WITH_A_REASON = (
    Reason.TOO_YOUNG,
    Reason.TOO_OLD,
    Reason.SCHOOL_UNKNOWN,
    Reason.OTHER_SCHOOL,
    Reason.FULL,
    Reason.UNPAID,
    Reason.PAPERS_MISSING,
)
"""What an agent passes by saying why."""

OF_THE_HOME: dict[str, str | Promise] = {
    Reason.UNPAID: _lazy("Une facture de ce foyer est en retard de paiement."),
    Reason.SCHOOL_UNKNOWN: _lazy(
        "L’activité est réservée à certaines écoles, et la sienne n’est pas connue."
    ),
    Reason.OTHER_SCHOOL: _lazy("L’activité est réservée à d’autres écoles que la sienne."),
}
"""What is said to the family of itself is said to the agent of the family."""


def candidate_text(child: Candidate) -> str:
    told = {"name": child.name, "day": day_plain(child.birth_date), "number": child.family_number}
    return _("%(name)s, naissance le %(day)s, dossier %(number)s") % told


def refusal_text(refusal: No) -> str:
    """The words for a family where they also suit an agent."""
    match refusal.code:
        case Reason.ALREADY_ASKED:
            return _("La famille a déjà demandé cette inscription : répondez à sa demande.")
        case Reason.ALREADY_ENROLLED:
            return _("Cet enfant est déjà inscrit à cette activité par ce foyer.")
    if refusal.code in WITH_A_REASON:
        told = {"why": OF_THE_HOME.get(refusal.code) or labels.refusal_text(refusal)}
        return _("%(why)s Donnez le motif de la dérogation pour l’inscrire quand même.") % told
    return labels.refusal_text(refusal)
