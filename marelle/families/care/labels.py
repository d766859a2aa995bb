"""A child's care in French: answers, refusals, hours."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import day_plain, instant_long, join_and, time_text
from marelle.core.phones import phone_text
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.core.sealed import UNAVAILABLE, CannotOpen, Unreadable
from marelle.families.care.health import sheet_data
from marelle.families.care.rules import CONTACTS_AT_MOST, PERMITTED_AHEAD, Answer, PaiState
from marelle.families.models import HealthSheet, PickupContact

HEALTH_LOST: Final = gettext_lazy("Santé illisible\u00a0: demandez à la famille")
"""In the place of what a sheet says, where no key opens it: nobody is to believe that there is nothing."""

BAN_LOST: Final = gettext_lazy("Interdiction illisible\u00a0: demandez à la direction")


def banned_text(name: str) -> str:
    """Whom a judgment forbids to come; of one that no key opens, that somebody is to be asked."""
    return str(BAN_LOST) if isinstance(name, Unreadable) else name


def answer_text(answer: Answer | None) -> str:
    """ "oui, à partir de 17 h", "non", "pas encore de réponse"."""
    if answer is None:
        return _("pas encore de réponse")
    if not answer.given:
        return _("non")
    if answer.from_hour is None:
        return _("oui")
    return _("oui, à partir de %(hour)s") % {"hour": time_text(answer.from_hour)}


def school_year_text(school_year: int) -> str:
    return f"{school_year}-{school_year + 1}"


def pai_text(state: PaiState) -> str:
    """What a sign says of a PAI; "" where there is none."""
    if state is PaiState.NONE:
        return ""
    return {
        PaiState.RUNNING: _("PAI"),
        PaiState.NEARLY_OVER: _("PAI bientôt terminé"),
        PaiState.OVER: _("PAI terminé : à renouveler"),
    }[state]


def care_refused_text(refusal: Refusal) -> str:
    """Why something was refused, and how to mend it."""
    told = {
        "home_left": _("Votre foyer est parti : son dossier se lit, mais ne se modifie plus."),
        "no_authority": _(
            "Seule une personne qui a l’autorité parentale peut modifier cela. Demandez-lui de le faire."
        ),
        "kept_by_agents": _("Cette information est tenue par la structure : dites-lui ce qui a changé."),
        "allergy_missing": _("Dites à quoi votre enfant est allergique."),
        "pai_missing": _("Dites si votre enfant a un PAI."),
        "pai_until": _("Vérifiez l’année de la fin du PAI."),
        "vaccine_day": _("Un vaccin est fait entre la naissance de l’enfant et aujourd’hui."),
        "vaccine_twice": _("Ce vaccin est déjà noté à cette date."),
        "too_long": _("Ce texte est trop long avec ce qui est déjà écrit : raccourcissez-le."),
        "named_twice": _("Cette personne est déjà dans la liste."),
        "too_many_contacts": _("Vous avez déjà nommé %(n)d personnes : retirez-en une d’abord.")
        % {"n": CONTACTS_AT_MOST},
        "for_nothing": _("Dites si cette personne peut venir chercher l’enfant, être appelée, ou les deux."),
        "permission_day": _("Choisissez un jour entre aujourd’hui et dans %(n)d jours.")
        % {"n": PERMITTED_AHEAD.days},
        "hour_missing": _("Dites à partir de quelle heure."),
        "ban_dates": _("La fin vient avant le début."),
        "file_there": _(
            "Un fichier du PAI est déjà là, que vous ne pouvez pas lire : le vôtre n’est pas encore gardé. "
            "Si la famille veut le remplacer, choisissez à nouveau le fichier, puis « Remplacer le fichier »."
        ),
        "cannot_seal": _(
            "Cette information ne peut pas être enregistrée pour le moment\u00a0: la clé qui la protège "
            "manque. Ce que vous avez écrit n’est pas gardé\u00a0: réessayez plus tard, ou dites-le au "
            "service."
        ),
        "cannot_open": _(
            "Cette fiche est illisible pour le moment\u00a0: la clé qui la protège manque. Rien n’est encore "
            "gardé\u00a0: réessayez plus tard, ou dites-le au service."
        ),
        "label_taken": _("Cette autorisation est déjà dans la liste."),
        "answered_already": _(
            "Des familles ont déjà répondu : pour demander une heure ou ne plus en demander, ajoutez une "
            "autre autorisation et retirez celle-ci."
        ),
    }
    if isinstance(refusal, ChangedMeanwhile) and refusal.data["at"] is None:
        return _(
            "Quelqu’un de votre foyer a modifié ceci pendant que vous écriviez\u00a0: rien n’est encore "
            "gardé. Comparez, corrigez si besoin, puis enregistrez à nouveau."
        )
    if isinstance(refusal, ChangedMeanwhile):
        return _(
            "Cette fiche a été modifiée %(at)s, pendant que vous écriviez : rien n’est encore gardé. "
            "Comparez, corrigez si besoin, puis enregistrez à nouveau."
        ) % {"at": instant_long(refusal.data["at"])}
    return told[refusal.code]


def sheet_pairs(sheet: HealthSheet | None, columns: frozenset[str] | None = None) -> list[tuple[str, str]]:
    """The sheet as (term, value); all of it, or these columns. Of one that no key opens, that it is so."""
    try:
        data = sheet_data(sheet)
    except CannotOpen:
        return [(_("Santé"), str(UNAVAILABLE))]
    told = {
        "allergies": (_("Allergies"), data.allergies or _("aucune signalée")),
        "is_severe": (_("Allergie grave"), _("oui") if data.is_severe else ""),
        "pai": (_("PAI"), {True: _("oui"), False: _("non"), None: _("pas de réponse")}[data.pai]),
        "pai_until": (_("PAI valable jusqu’au"), day_plain(data.pai_until) if data.pai_until else ""),
        "pai_meal": (_("Repas du PAI"), str(dict(HealthSheet.Meal.choices).get(data.pai_meal, ""))),
        "treatments": (_("Traitements en cours"), data.treatments),
        "remarks": (_("Ce que l’équipe doit savoir"), data.remarks),
        "doctor_name": (_("Médecin traitant"), data.doctor_name),
        "doctor_phone": (_("Téléphone du médecin"), phone_text(data.doctor_phone)),
    }
    return [pair for name, pair in told.items() if pair[1] and (columns is None or name in columns)]


def contact_detail(row: PickupContact) -> str:
    """ "Grand-mère : peut venir chercher l’enfant et peut être appelée"."""
    rights = [
        told
        for held, told in (
            (row.may_fetch, _("peut venir chercher l’enfant")),
            (row.may_be_called, _("peut être appelée")),
        )
        if held
    ]
    return _("%(link)s : %(rights)s") % {"link": row.link, "rights": join_and(rights)}
