"""Absences without notice in French: which days, under what rule, what is suspended."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.attendance.models import NoShow
from marelle.attendance.no_show_pages import NoShowToDecide
from marelle.core.french import day_long, day_plain, join_and
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import already_decided_text, suspended_text
from marelle.flows.office.home_file import HomeFile

REFUSALS: Final[dict[str, Promise]] = {
    "words_missing": gettext_lazy("Donnez une raison\u00a0: la famille la lira."),
    "past": gettext_lazy("Donnez aujourd’hui ou un jour à venir."),
    "not_in_order": gettext_lazy("La fin vient avant le début."),
    "too_long": gettext_lazy("Un an au plus."),
    "not_here": gettext_lazy(
        "Rien n’est suspendu ici\u00a0: la cantine est un droit, ou la règle d’absence ne le permet pas."
    ),
    "over": gettext_lazy("Plus rien n’est suspendu."),
    "own_file": gettext_lazy(
        "C’est le dossier de votre propre famille\u00a0: un autre agent doit le traiter."
    ),
    "decided_elsewhere": gettext_lazy("Vous pouvez lire ces absences\u00a0; un autre service en décide."),
}
FIELDS: Final = {"words_missing": "reason", "past": "first", "not_in_order": "last", "too_long": "last"}
DONE: Final[dict[str, Promise]] = {
    "suspend": gettext_lazy("Réservations suspendues. La famille sera prévenue dans une minute."),
    "warn": gettext_lazy("La famille sera avertie dans une minute."),
    "leave": gettext_lazy("C’est laissé sans suite."),
}


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "already_decided":
        return already_decided_text(refusal.data)
    return str(REFUSALS[refusal.code])


def facts(found: NoShowToDecide, home: HomeFile | None) -> list[Fact]:
    row, enrolment = found.row, found.row.enrolment
    count = ngettext("%(n)d jour", "%(n)d jours", len(found.days)) % {"n": len(found.days)}
    days = f"{count}\u00a0: {join_and([day_long(day) for day in found.days])}" if found.days else ""
    pairs = [
        (_("Activité"), enrolment.activity.name),
        (_("Famille"), "" if home else str(enrolment.family)),
        (
            _("Manqués sans prévenir"),
            days or _("aucun jour ne reste\u00a0: ils ont été dits ou corrigés depuis"),
        ),
        (_("Comptés depuis le"), day_plain(row.since)),
        (
            _("Déjà décidé"),
            join_and([_earlier(one) for one in found.earlier]),
        ),
        (_("Décision"), row.get_decision_display() if row.decision else ""),
        (_("Suspension"), suspended_text(enrolment)),
    ]
    return told([*pair_facts(pairs), *home_facts(home)])


def _earlier(row: NoShow) -> str:
    return _("%(decision)s (depuis le %(day)s)") % {
        "decision": row.get_decision_display(),
        "day": day_plain(row.since),
    }
