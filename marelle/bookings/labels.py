"""Absences and answers in French words, for both sides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.activities.absence_labels import proof_label, waiting_label
from marelle.activities.absences import AbsenceGrade, Told
from marelle.bookings.absence_rules import AbsenceDenial, AbsenceNo, AbsenceTerms
from marelle.bookings.models import AbsenceProof
from marelle.bookings.refusals import AbsenceDenied
from marelle.bookings.rules import QUEUE_ORDER, Opening, Why
from marelle.bookings.states import AbsenceReason, BookingState, ProofState
from marelle.core.clock import local
from marelle.core.french import day_long, day_plain, join_and, until_long
from marelle.core.refusals import No
from marelle.enrolments.labels import already_decided_text
from marelle.files.labels import NOT_SEEN

ABSENCE_REASONS: Final[dict[str, Promise]] = {
    AbsenceReason.ILLNESS: _("maladie"),
    AbsenceReason.FAMILY: _("raison familiale"),
    AbsenceReason.OTHER: _("autre raison"),
}

STATES: Final[dict[str, Promise]] = {
    BookingState.REQUESTED: _("à valider par la structure"),
    BookingState.BOOKED: _("réservé"),
    BookingState.OFFERED: _("place proposée, à accepter"),
    BookingState.WAITING: _("sur liste d’attente"),
    BookingState.CANCELLED: _("annulé"),
    BookingState.REFUSED: _("refusé"),
}

PROOF_STATES: Final[dict[str, Promise]] = {
    ProofState.RECEIVED: _("reçu, la structure va le lire"),
    ProofState.ACCEPTED: _("accepté : l’absence est justifiée"),
    ProofState.REFUSED: _("non accepté"),
}

PROOF_TONES: Final = {ProofState.RECEIVED: "warn", ProofState.ACCEPTED: "ok", ProofState.REFUSED: "error"}

PASSED: Final[dict[str, Promise]] = {
    Why.NOT_YET: _("ouverture des réservations"),
    Why.OTHER_AUDIENCE: _("familles servies"),
    Why.TOO_LATE: _("délai de réservation"),
    Why.QUEUE_ONLY: _("délai de réservation"),
    Why.TOO_LATE_TO_CANCEL: _("délai d’annulation"),
    Why.NO_RULE: _("jour sans délai réglé"),
    Why.PAPERS_MISSING: _("document manquant"),
    Why.OTHER_AGE: _("âge ce jour-là"),
    Why.OTHER_LEVEL: _("classe"),
    Why.OTHER_SCHOOL: _("école"),
    Why.PAPER_NEEDED: _("document valable ce jour-là"),
    Why.UNPAID: _("facture en retard"),
    Why.SUSPENDED: _("réservations suspendues"),
    Why.BY_STRUCTURE: _("réservation par la structure"),
    Why.OTHER_GROUP: _("groupe d’âge"),
    Why.OTHER_HOME_DAY: _("jour de l’autre foyer"),
    Why.AT_MOST: _("plafond de réservation"),
    Why.IN_A_RUN: _("jours qui se suivent"),
    Why.NO_ENTRY: _("carte d’entrées"),
    Why.FULL: _("capacité"),
    Why.KEPT_PLACES: _("places gardées"),
    QUEUE_ORDER: _("ordre de la liste d’attente"),
}
"""The rules that a derogation passes, by the code that a booking keeps of each."""

_REFUSALS: Final[dict[str, Promise]] = {
    AbsenceNo.NOT_BOOKED: _("Il n’y a pas de place réservée à cette date : il n’y a rien à déclarer."),
    AbsenceNo.SEEN_PRESENT: _(
        "La présence de votre enfant est notée\u00a0: pour la corriger, contactez la structure."
    ),
    AbsenceNo.ALREADY: _("Cette absence est déjà déclarée."),
    AbsenceNo.STARTED: _("L’accueil a commencé : pour corriger, contactez la structure."),
    AbsenceNo.NO_PROOF_ASKED: _("Aucun justificatif n’est demandé pour cette absence."),
    AbsenceNo.PROOF_SENT: _("Un justificatif est déjà envoyé pour cette absence."),
    "not_yours": _("Ce dossier n’est pas accessible."),
    "elsewhere_too": _(
        "Ce foyer attend cette place avec une autre, ensemble ou pas du tout, là où vous ne donnez pas de "
        "place : le guichet répond pour les deux."
    ),
    "join_two": _("Cochez au moins deux attentes."),
    "join_many": _("C’est trop à la fois : cochez moins d’attentes."),
    "join_preferred": _("Une de ces attentes est déjà dans un choix : séparez-le d’abord."),
    "join_order": _(
        "La structure a changé l’ordre de l’une de ces attentes : elles ne peuvent pas être liées."
    ),
    "join_clash": _(
        "Un enfant serait à deux endroits à la même heure : choisissez plutôt « une seule suffit »."
    ),
    "join_authorities": _(
        "Ces places ne dépendent pas de la même collectivité : elles s’attendent séparément."
    ),
    "same_children": _("Pour « une seule suffit », chaque choix doit être pour les mêmes enfants."),
    "same_rank": _("Donnez à chaque choix un rang différent : 1er choix, 2e choix…"),
    "answer_first": _("Une de ces places vous est proposée : répondez d’abord."),
    "not_all_yours": _(
        "Ces places vont ensemble, et l’une est d’un enfant pour qui vous ne réservez pas : un autre parent "
        "du foyer peut répondre."
    ),
    "nobody_waits": _("Personne n’attend cette place, ou il n’en reste pas assez pour ceux qui l’attendent."),
    "bad_until": _("L’offre doit finir avant le début de l’accueil."),
    "waits_no_more": _("Cet enfant n’est plus sur la liste d’attente : elle vient de changer."),
    "cannot_have_it": _(
        "Cette place ne peut pas être donnée : l’accueil est fermé ou commencé, "
        "ou l’enfant est déjà pris ailleurs."
    ),
    "derogation_missing": _(
        "Il n’y a pas de place, les places qui restent sont gardées, ou d’autres passent avant : "
        "donnez la raison de la dérogation."
    ),
    "full": _(
        "C’est complet : cette place dépasserait la capacité. Cochez la case si c’est ce que vous voulez."
    ),
    "order_reason_missing": _("Donnez une raison : les autres agents la liront."),
    "moved": _("La liste d’attente vient de changer : recommencez."),
    "reordered": _(
        "Un collègue vient de changer l’ordre de cet enfant, comme la liste le dit maintenant. Changez-le "
        "encore si c’est bien ce que vous voulez."
    ),
    "offer_over": _("Cette proposition n’est plus valable."),
    "decided_elsewhere": _("Vous pouvez lire cette demande ; un autre service la décide."),
    "own_file": _("C’est le dossier de votre propre famille : un autre agent doit le traiter."),
    "shown_otherwise": _(
        "Cela vient de changer, et rien n’a été fait : relisez ce que devient chaque réservation, "
        "puis confirmez."
    ),
    "proof_too_late": _(
        "Ce justificatif est arrivé après tous les délais\u00a0: pour l’accepter, donnez la raison de le "
        "compter comme reçu à temps."
    ),
    "reason_missing": _("Donnez une raison : la famille la lira."),
    **NOT_SEEN,
}


def denial_text(denial: AbsenceDenial) -> str:
    """One sentence that says why not and, where something can be done, what to do."""
    if denial.why is AbsenceNo.CAN_CANCEL:
        if denial.limit is None:
            return gettext("Cette réservation peut encore être annulée depuis le planning.")
        told = {"until": until_long(denial.limit)}
        return gettext("Cette réservation peut encore être annulée depuis le planning, %(until)s.") % told
    if denial.why is AbsenceNo.TOO_LATE and denial.limit is not None:
        told = {"until": until_long(denial.limit)}
        return gettext("Trop tard : c’était possible %(until)s. Contactez la structure.") % told
    return str(_REFUSALS[denial.why])


def refusal_text(refusal: No) -> str:
    if isinstance(refusal, AbsenceDenied):
        return denial_text(refusal.denial)
    if refusal.code == "already_decided":
        return already_decided_text(refusal.data)
    return str(_REFUSALS[refusal.code])


def offer_text(cancel_until: datetime | None) -> str:
    """What becomes of a place once its offer is accepted, from `absence_rules.cancelled_until`."""
    if cancel_until is None:
        return gettext("Si vous l’acceptez, elle ne pourra plus être annulée dans votre espace.")
    told = {"until": until_long(cancel_until)}
    return gettext("Si vous l’acceptez, vous pourrez encore l’annuler dans votre espace, %(until)s.") % told


ABSENCE_TOLD: Final[dict[str, Promise]] = {
    Told.IN_TIME: _("dite à temps"),
    Told.LATE: _("dite en retard"),
    Told.NEVER: _("sans prévenir"),
}


def grade_text(grade: AbsenceGrade, proofs: int) -> str:
    """What an absence is, of a rule with so many delays for a proof: "dite en retard, justifiée à temps"."""
    told = [str(ABSENCE_TOLD[grade.told]), proof_grade_text(grade, proofs)]
    if grade.waiting:
        told.append(gettext("jour de carence"))
    return ", ".join(told)


def proof_grade_text(grade: AbsenceGrade, proofs: int) -> str:
    """Within which of so many delays it is justified, if it is."""
    return gettext("non justifiée") if grade.proof is None else proof_label(grade.proof, proofs)


def meaning(terms: AbsenceTerms) -> list[tuple[str, str]]:
    """What an absence means for the place, the meal and the bill: said before, not found out after."""
    rows = [
        (
            gettext("La place"),
            gettext("Elle reste réservée à votre enfant\u00a0: elle n’est pas donnée à un autre."),
        )
    ]
    if terms.has_meal:
        rows.append((gettext("Le repas"), gettext("Il est déjà commandé.")))
    if terms.told_by_rule:
        told = gettext("Dites-la %(until)s\u00a0: elle est alors dite à temps.")
        rows.append((gettext("Prévenir"), told % {"until": until_long(terms.told_until)}))
    rows.append((gettext("La facture"), _bill(terms)))
    rows += [(gettext("Le justificatif"), line) for line in _proofs(terms)]
    if terms.waiting_days:
        rows.append((gettext("La carence"), _waiting(terms)))
    return rows


def _bill(terms: AbsenceTerms) -> str:
    if not terms.proofs:
        return gettext("Elle suit le règlement de la structure. Aucun justificatif n’est demandé.")
    return gettext(
        "Elle suit le règlement de la structure\u00a0: une absence justifiée peut ne pas être facturée."
    )


def _proofs(terms: AbsenceTerms) -> list[str]:
    """Each delay with its last minute."""
    return [
        gettext("Reçu %(until)s, il compte\u00a0: %(what)s.")
        % {"until": until_long(until), "what": proof_label(rank, len(terms.proofs))}
        for rank, until in enumerate(terms.proofs)
    ]


def _waiting(terms: AbsenceTerms) -> str:
    told = waiting_label(terms.waiting_days, opened=terms.waiting_opened)
    mine = gettext("Ce jour en est un.") if terms.waiting else gettext("Ce jour n’en est pas un.")
    return f"{told} {mine}"


def proof_text(proof: AbsenceProof) -> str:
    """ "accepté : l’absence est justifiée", "non accepté : la date manque"."""
    said = str(PROOF_STATES[proof.state])
    return f"{said} : {proof.refusal}" if proof.refusal else said


AGED_NAMED: Final = 3
"""Bookings named one by one, of those that a birth date makes impossible."""


def aged_text(openings: Sequence[Opening]) -> str:
    """What a corrected birth date makes impossible, and that it stays."""
    names = [f"{day_plain(one.day)} ({one.activity.name}, {one.slot.name})" for one in openings[:AGED_NAMED]]
    if (more := len(openings) - AGED_NAMED) > 0:
        names.append(ngettext("%(n)d autre", "%(n)d autres", more) % {"n": more})
    told = gettext(
        "À cet âge, ces réservations ne seraient plus possibles\u00a0: %(names)s. Elles restent, rien n’est "
        "annulé."
    )
    return told % {"names": join_and(names)}


def choice_text(preference: int) -> str:
    """ "1er choix"."""
    return gettext("1er choix") if preference == 1 else gettext("%de choix") % preference


def passed_text(needed: int, left: int, at: datetime) -> str:
    """ "Passé le lundi 7 septembre : il fallait 2 places, 1 restait." Of nobody else a word."""
    wanted = ngettext("il fallait %d place", "il fallait %d places", needed) % needed
    there = ngettext("%d restait", "%d restaient", left) % left if left else gettext("il n’en restait pas")
    told = {"day": day_long(local(at).date()), "wanted": wanted, "there": there}
    return gettext("passé le %(day)s : %(wanted)s, %(there)s") % told
