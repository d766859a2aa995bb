"""Enrolments in French words, for both sides: why not, in which state, what is wished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.activities.condition_labels import months_text
from marelle.activities.kinds import QuestionKind
from marelle.activities.models import Slot
from marelle.core.french import day_plain, instant_long_year, join_and, range_sentence, weekday_name
from marelle.core.refusals import No
from marelle.enrolments.facts import slot_names
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.enrolments.questions import NO, YES, answers_held
from marelle.enrolments.rules import Reason

END_TONES = {
    EndRequest.State.REQUESTED: "warn",
    EndRequest.State.ACCEPTED: "ok",
    EndRequest.State.REFUSED: "error",
    EndRequest.State.WITHDRAWN: "plain",
}

STATE_TONES = {
    Enrolment.State.REQUESTED: "warn",
    Enrolment.State.ACCEPTED: "ok",
    Enrolment.State.REFUSED: "error",
    Enrolment.State.WITHDRAWN: "plain",
    Enrolment.State.ENDED: "plain",
}


def shown_state(enrolment: Enrolment, day: date) -> Enrolment.State:
    """The state that a page tells: an accepted enrolment whose last day is past is ended."""
    state = Enrolment.State(enrolment.state)
    over = state is Enrolment.State.ACCEPTED and enrolment.ends_on < day
    return Enrolment.State.ENDED if over else state


PASSED: dict[str, Promise] = {
    Reason.NOT_OPEN_YET: _("ouverture des inscriptions"),
    Reason.CLOSED: _("fin des inscriptions"),
    Reason.NOT_BORN: _("enfant à naître"),
    Reason.TOO_YOUNG: _("âge"),
    Reason.TOO_OLD: _("âge"),
    Reason.SCHOOL_UNKNOWN: _("école"),
    Reason.OTHER_SCHOOL: _("école"),
    Reason.FULL: _("capacité"),
    Reason.UNPAID: _("facture en retard"),
    Reason.PAPERS_MISSING: _("document manquant"),
}
"""The limits that a derogation passes, by the code that an enrolment keeps of each."""


def passed_text(reason: str, passed: Iterable[str]) -> str:
    """ "dossier social (âge)": why an agent asked past which limits."""
    names = ", ".join(dict.fromkeys(str(PASSED[code]) for code in passed))
    return f"{reason} ({names})" if names else reason


FIXED: dict[str, str | Promise] = {
    Reason.BY_STRUCTURE: _(
        "L’inscription est faite directement par la structure : vous n’avez rien à demander."
    ),
    Reason.BY_CARE_REQUEST: _("Une place se demande au guichet unique."),
    Reason.NO_ENROLMENT: _("On ne s’inscrit pas à cette activité."),
    Reason.FULL: _(
        "Complet : aucune place n’est libre, et le service ne prend pas de nouvelle demande pour le moment."
    ),
    Reason.UNPAID: _(
        "Une facture de votre foyer est en retard de paiement : contactez la structure pour en parler."
    ),
    Reason.NOT_ACCEPTED: _("Cette inscription n’est pas en cours : il n’y a rien à arrêter."),
    Reason.ALREADY_ASKED: _("Votre demande est déjà envoyée : le service va la valider."),
    Reason.ALREADY_ENROLLED: _("Cette inscription existe déjà."),
    Reason.NOT_BORN: _(
        "L’inscription sera possible après la naissance. Il nous faut d’abord sa date : elle se donne dans "
        "la fiche de l’enfant."
    ),
    Reason.SCHOOL_UNKNOWN: _(
        "Réservé aux élèves de certaines écoles. Il nous faut d’abord celle de l’enfant : elle se donne dans "
        "sa fiche."
    ),
    Reason.OTHER_SCHOOL: _("Réservé aux élèves d’autres écoles que celle de l’enfant."),
    Reason.DATES_REVERSED: _("La fin vient avant le début : corrigez l’une des deux dates."),
    Reason.UNKNOWN_WISH: _("Un des créneaux cochés n’est pas proposé ce jour-là : choisissez dans la liste."),
    Reason.TOO_MANY_WISHES: _("Trop de créneaux cochés : choisissez dans la liste."),
    Reason.ANSWER_MISSING: _("Répondez à cette question."),
    Reason.ANSWER_UNKNOWN: _("Choisissez une des réponses proposées."),
    Reason.ANSWER_TOO_LONG: _("Cette réponse est trop longue : dites-le en quelques mots."),
    Reason.QUESTION_CHANGED: _("Cette question vient de changer : relisez-la et répondez encore."),
    "decided_elsewhere": _("Vous pouvez lire cette demande ; un autre service la décide."),
    "own_file": _("C’est le dossier de votre propre famille : un autre agent doit le traiter."),
    "reason_missing": _("Donnez une raison : la famille la lira."),
    "unknown_group": _("Choisissez un groupe de l’activité."),
    "not_yours": _("Ce dossier n’est pas accessible."),
    "already_open": _("Votre demande est déjà envoyée : le service va la valider."),
}


def refusal_text(refusal: No) -> str:
    """One sentence that says what happened and, where something can be done, what to do."""
    if refusal.code == "already_decided":
        return already_decided_text(refusal.data)
    return reason_text(refusal.code, refusal.data)


def reason_text(code: str, data: Mapping[str, Any]) -> str:
    """The same for a code and its data, as `rules.Denial` carries them."""
    match code:
        case Reason.OVER:
            return gettext("Cette activité est terminée depuis le %(day)s.") % {"day": day_plain(data["day"])}
        case Reason.NOT_OPEN_YET:
            return gettext("Les demandes ouvrent le %(at)s.") % {"at": instant_long_year(data["at"])}
        case Reason.CLOSED:
            told = {"at": instant_long_year(data["at"])}
            return gettext("Les demandes sont closes depuis le %(at)s : contactez la structure.") % told
        case Reason.TOO_YOUNG:
            told = {"age": months_text(data["min_months"]), "day": day_plain(data["day"])}
            return gettext("Trop jeune : à partir de %(age)s, âge compté le %(day)s.") % told
        case Reason.TOO_OLD:
            told = {"age": months_text(data["max_months"]), "day": day_plain(data["day"])}
            return gettext("Trop grand : jusqu’à %(age)s, âge compté le %(day)s.") % told
        case Reason.PAPERS_MISSING:
            return gettext("Il nous faut d’abord : %(papers)s.") % {"papers": join_and(data["titles"])}
        case Reason.END_OUTSIDE:
            return end_outside_text(data["first"], data["last"])
        case Reason.IN_THE_PAST:
            told = {"day": day_plain(data["day"])}
            return gettext("Cette date est passée : choisissez le %(day)s ou plus tard.") % told
        case Reason.DATES_OUTSIDE:
            told = {"dates": range_sentence(data["first"], data["last"])}
            return gettext("L’activité a lieu %(dates)s : choisissez des dates entre ces deux jours.") % told
    return str(FIXED[code])


def end_outside_text(first: date, last: date) -> str:
    if first > last:
        return gettext("Cette inscription se termine déjà : il n’y a rien à raccourcir.")
    told = {"first": day_plain(first), "last": day_plain(last)}
    return gettext("Choisissez un jour entre le %(first)s et le %(last)s.") % told


def already_decided_text(data: Mapping[str, Any]) -> str:
    """Who was faster, and what was decided."""
    sentence = {
        "accepted": gettext("%(who)s a déjà accepté cette demande le %(at)s."),
        "refused": gettext("%(who)s a déjà refusé cette demande le %(at)s."),
        "withdrawn": gettext("%(who)s a retiré cette demande le %(at)s."),
    }[data["state"]]
    at: datetime = data["decided_at"]
    return sentence % {"who": data["decided_by"], "at": instant_long_year(at)}


def school_year_text(year: int) -> str:
    """ "2026-2027", from the year of its September."""
    return f"{year}-{year + 1}"


def reference_text(enrolment_id: int) -> str:
    """ "D-00042": how a request is named in a mail and on the phone."""
    return f"D-{enrolment_id:05}"


def ages_text(minimum: int, maximum: int | None) -> str:
    """ "de 3 ans à 12 ans", "à partir de 12 ans"."""
    if maximum is None:
        return gettext("à partir de %(age)s") % {"age": months_text(minimum)}
    return gettext("de %(first)s à %(last)s") % {"first": months_text(minimum), "last": months_text(maximum)}


ANSWER_WORDS: dict[str, str | Promise] = {YES: _("oui"), NO: _("non")}


def answer_pairs(enrolment: Enrolment) -> list[tuple[str, str]]:
    """Each question answered, in the words in which it was asked, with its answer."""
    return [
        (answer.text, str(ANSWER_WORDS[answer.value]) if answer.kind == QuestionKind.YES_NO else answer.value)
        for answer in answers_held(enrolment.answers)
    ]


def wishes_text(enrolment: Enrolment, slots: Mapping[int, Slot]) -> str:
    """ "lundi : Repas ; mercredi : Matin et Repas", nothing when nothing is wished."""
    names = {pk: slot.name for pk, slot in slots.items()}
    return " ; ".join(
        gettext("%(weekday)s : %(slots)s") % {"weekday": weekday_name(weekday), "slots": join_and(found)}
        for weekday, found in slot_names(enrolment.wishes, names).items()
        if found
    )


def suspended_text(enrolment: Enrolment) -> str:
    """ "du 2 au 16 décembre 2026 : trop d’absences"; "" where nothing is."""
    if enrolment.suspended_from is None or enrolment.suspended_until is None:
        return ""
    return (
        f"{range_sentence(enrolment.suspended_from, enrolment.suspended_until)}\u00a0: {enrolment.suspension}"
    )
