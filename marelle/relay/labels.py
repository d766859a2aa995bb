"""The relais in French: why not, which child, which hours, where a demand stands."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from marelle.cases.services import AlreadyDecided, DecidedElsewhere, OwnFile
from marelle.core.french import day_plain, hours_text, weekday_name
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.relay.models import CareRequest
from marelle.relay.refusals import AnswerMissing, NoPlace, NoRelay, Unreachable, WrongDemand
from marelle.relay.rules import SEATS_AT_MOST, CareState, Why, Wrong

STATE_TONES = {
    CareState.RECEIVED: "warn",
    CareState.IN_CONTACT: "info",
    CareState.FOUND: "ok",
    CareState.CLOSED: "plain",
    CareState.WITHDRAWN: "plain",
}


def wrong_text(wrong: Wrong) -> str:
    return {
        Wrong.BORN_OR_EXPECTED: _("Donnez la date de naissance, ou la date prévue si l’enfant n’est pas né."),
        Wrong.BORN_LATER: _("Cette date est à venir : pour un enfant attendu, donnez la naissance prévue."),
        Wrong.NOT_BORN_BY_THEN: _("L’accueil ne peut pas commencer avant la naissance."),
        Wrong.EXPECTED_PAST: _("Cette date est passée : si l’enfant est né, donnez sa date de naissance."),
        Wrong.EXPECTED_TOO_FAR: _("Cette date est trop lointaine pour une naissance attendue."),
        Wrong.TOO_OLD: _("Le guichet unique est pour les enfants de moins de 6 ans."),
        Wrong.START_PAST: _("Cette date est passée : choisissez un jour à venir."),
        Wrong.START_TOO_FAR: _("Cette date est trop lointaine : trois ans au plus."),
        Wrong.NO_DAY: _("Choisissez au moins un jour, avec une heure d’arrivée et de départ."),
        Wrong.HOURS: _("Le départ vient après l’arrivée : corrigez les heures."),
    }[wrong]


def why_text(why: Why) -> str:
    return {
        Why.NO_RULE: _("Cette matinée ne se réserve pas ici."),
        Why.NOT_YET: _("Les réservations de cette matinée ne sont pas encore ouvertes."),
        Why.TOO_LATE: _("Il est trop tard pour cette matinée : appelez le relais."),
        Why.CLOSED: _("Cette matinée est annulée."),
        Why.FULL: _("Il n’y a plus assez de places pour cette matinée."),
        Why.SEATS: _("Une venue prend de 1 à %(n)d places.") % {"n": SEATS_AT_MOST},
        Why.NO_ADULT: _("Dites quel adulte vient."),
        Why.NO_CHILD: _("Choisissez au moins un enfant."),
    }[why]


def refusal_text(refusal: Refusal) -> str:
    """Any refusal of this package in one sentence."""
    match refusal:
        case WrongDemand():
            return wrong_text(refusal.wrong)
        case NoPlace():
            return why_text(refusal.why)
        case ChangedMeanwhile():
            return _(
                "Quelqu’un de votre foyer vient de changer qui vient. Ce que vous avez choisi est gardé "
                "ci-dessous\u00a0: enregistrez encore pour le mettre à la place."
            )
        case Unreachable():
            return _(
                "Donnez un téléphone ou une adresse de courriel, pour que le relais puisse vous répondre."
            )
        case NoRelay():
            return _("Le guichet unique n’est pas encore ouvert : contactez une structure.")
        case AnswerMissing():
            return _("Écrivez quelques mots pour la famille : elle les lira.")
        case OwnFile():
            return _("C’est le dossier de votre propre famille : un autre agent doit le suivre.")
        case DecidedElsewhere():
            return _("Un autre service décide de cette demande.")
        case AlreadyDecided():
            told: dict[str, Any] = {"who": refusal.data["decided_by"]}
            return _("Cette demande est déjà close par %(who)s.") % told
    return _("Cette demande n’est plus possible : la page a peut-être vieilli.")


def child_text(row: CareRequest) -> str:
    """ "Jules, né le 3 mai 2026", "enfant attendu pour le 12 mars 2027"."""
    name = row.child_first_name
    if row.birth_date is not None:
        told = {"name": name or _("Enfant"), "day": day_plain(row.birth_date)}
        return _("%(name)s, naissance le %(day)s") % told
    if row.expected_on is None:
        return name
    told = {"name": name or _("Enfant"), "day": day_plain(row.expected_on)}
    return _("%(name)s, naissance prévue le %(day)s") % told


def weekly_text(row: CareRequest) -> str:
    """ "lundi 8 h – 17 h, mardi 8 h – 17 h"."""
    return ", ".join(
        f"{weekday_name(int(day))} {hours_text(time.fromisoformat(begins), time.fromisoformat(ends))}"
        for day, (begins, ends) in sorted(row.weekly.items())
    )
