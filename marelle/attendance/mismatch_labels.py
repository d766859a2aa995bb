"""Mismatches, their answers and refusals in French words, for both sides."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.attendance.mismatch_rules import Answer
from marelle.attendance.rules import Alert, TickKind
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import already_decided_text

ALERTS: Final[dict[str, Promise]] = {
    Alert.ABSENT: _("réservation sans présence notée"),
    Alert.UNBOOKED: _("présence notée, sans réservation"),
}

ANSWERS: Final[dict[tuple[str, str], Promise]] = {
    (Alert.ABSENT, Answer.ERROR): _("C’est une erreur : mon enfant était là"),
    (Alert.ABSENT, Answer.FORGOTTEN): _("Nous avons oublié de prévenir"),
    (Alert.UNBOOKED, Answer.ERROR): _("C’est une erreur : mon enfant n’était pas là"),
    (Alert.UNBOOKED, Answer.REGULARISE): _("C’est exact : merci de régulariser"),
}

TICKS: Final[dict[str, Promise]] = {
    TickKind.PRESENT: _("présence"),
    TickKind.ABSENT: _("absence"),
    TickKind.EXCUSED: _("absence, avec une raison"),
    TickKind.ARRIVED: _("arrivée"),
    TickKind.LEFT: _("départ"),
    TickKind.LATE: _("retard"),
    TickKind.UNDONE: _("pointage annulé"),
}

_REFUSALS: Final[dict[str, Promise]] = {
    "cannot_answer": _("Il n’y a plus rien à répondre ici : c’est déjà fait, levé, ou trop ancien."),
    "cannot_correct": _("Ce pointage ne se corrige pas d’ici : répondez à la famille sans corriger."),
    "words_missing": _("Dites pourquoi : la famille le lira."),
    "own_file": _("C’est le dossier de votre propre famille : un autre agent doit le traiter."),
    "decided_elsewhere": _("Vous pouvez lire cette réponse ; un autre service la traite."),
}


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "already_decided":
        return already_decided_text(refusal.data)
    return str(_REFUSALS[refusal.code])
