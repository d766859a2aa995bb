"""Enrolling a child directly, in French, for the agent."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.core.french import day_plain
from marelle.core.refusals import Refusal
from marelle.enrolments import labels
from marelle.enrolments.direct import Candidate
from marelle.enrolments.rules import Reason


def candidate_text(child: Candidate) -> str:
    told = {"name": child.name, "day": day_plain(child.birth_date), "number": child.family_number}
    return _("%(name)s, naissance le %(day)s, dossier %(number)s") % told


def refusal_text(refusal: Refusal) -> str:
    """The words for a family where they also suit an agent."""
    match refusal.code:
        case Reason.ALREADY_ASKED:
            return _("La famille a déjà demandé cette inscription : répondez à sa demande.")
        case Reason.ALREADY_ENROLLED:
            return _("Cet enfant est déjà inscrit à cette activité par ce foyer.")
        case Reason.TOO_YOUNG | Reason.TOO_OLD:
            told = {"why": labels.refusal_text(refusal)}
            return _("%(why)s Donnez le motif de la dérogation pour l’inscrire quand même.") % told
    return labels.refusal_text(refusal)
