"""The French of commissions: places, decisions, what lacked, refusals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.condition_labels import months_text
from marelle.campaigns.commissions.reading import keeps, section_facts, wanted_of
from marelle.campaigns.commissions.rules import start_of
from marelle.campaigns.models import Commission, CommissionCriterion, CommissionSection, CommissionSheet
from marelle.core.french import day_plain, join_and, weekday_name
from marelle.core.refusals import Refusal

Outcome, Answer = CommissionSheet.Outcome, CommissionSheet.Answer

TONES = {
    Outcome.NONE: "plain",
    Outcome.GIVEN: "ok",
    Outcome.WAITING: "warn",
    Outcome.REFUSED: "error",
    Outcome.GONE: "plain",
}
STATE_TONES = {
    Commission.State.DRAFT: "plain",
    Commission.State.PROPOSED: "warn",
    Commission.State.SENT: "ok",
}


def weekdays_text(days: Collection[int]) -> str:
    return join_and([weekday_name(day) for day in sorted(days)])


def places_text(section: CommissionSection) -> str:
    """ "lundi 2, mardi 1"."""
    held = sorted((int(day), many) for day, many in section.places.items() if many)
    return ", ".join(f"{weekday_name(day)} {many}" for day, many in held) or _("aucune place")


def ages_text(section: CommissionSection) -> str:
    return _("de %(first)s à %(last)s") % {
        "first": months_text(section.min_months),
        "last": months_text(section.max_months),
    }


def gives_text(criterion: CommissionCriterion, tier: int) -> str:
    """What a criterion gives; `tier` is its number among tiers, from 1."""
    if criterion.use == "tier":
        return _("Priorité %(n)d") % {"n": tier}
    return ngettext("%(n)d point", "%(n)d points", criterion.weight) % {"n": criterion.weight}


def criteria_texts(criteria: Iterable[CommissionCriterion]) -> list[tuple[CommissionCriterion, str]]:
    found, tier = [], 0
    for one in criteria:
        tier += one.use == "tier"
        found.append((one, gives_text(one, tier)))
    return found


def start_text(section: CommissionSection, sheet: CommissionSheet) -> str:
    (facts,) = section_facts([section])
    return day_plain(start_of(facts, wanted_of(sheet.request)))


def place_text(section: CommissionSection, sheet: CommissionSheet) -> str:
    """ "Multi-accueil · Moyens, lundi et mardi, à partir du 1er mars 2027"."""
    return _("%(section)s, %(days)s, à partir du %(start)s") % {
        "section": section,
        "days": weekdays_text([int(day) for day in sheet.request.weekly]),
        "start": start_text(section, sheet),
    }


def outcome_text(sheet: CommissionSheet, today: date) -> tuple[str, str]:
    """Where a sheet stands, in a word, and its tone."""
    outcome = Outcome(sheet.outcome)
    if outcome == Outcome.GIVEN and sheet.sent_at is not None:
        if sheet.answer == Answer.ACCEPTED:
            return _("acceptée"), "ok"
        if sheet.answer == Answer.RETURNED:
            return _("rendue"), "plain"
        if not keeps(sheet, today):
            return _("sans réponse à temps"), "plain"
        return _("à accepter"), "warn"
    return str(outcome.label), TONES[outcome]


def accepted_text(section: CommissionSection) -> str:
    return _("%(section)s\u00a0: place acceptée.") % {"section": section}


def refusal_text(refusal: Refusal) -> str:
    """Why a service of commissions says no."""
    texts = {
        "state": _("La commission n’en est plus là\u00a0: relisez la page."),
        "no_places": _("Ajoutez d’abord les places à donner."),
        "no_sheets": _("Choisissez d’abord les demandes que la commission regarde."),
        "number": _("Donnez le nombre public, comme il a été publié."),
        "members": _("Dites d’abord qui a siégé\u00a0: « Modifier »."),
        "moved": _("Une fiche a changé entre-temps\u00a0: faites encore le classement."),
        "unverified": _(
            "Le vérificateur refuse ce classement\u00a0: rien n’est gardé. Prévenez l’exploitant."
        ),
        "own_file": _("C’est votre propre famille\u00a0: un autre agent doit le faire."),
        "reason": _("Donnez une raison\u00a0: la famille la lira."),
        "same": _("C’est déjà la décision."),
        "unknown": _("Cette décision n’est pas, ou plus, possible."),
        "late": _("Il est trop tard\u00a0: la place n’est plus gardée. Appelez le relais."),
        "over": _("Cette place n’est plus proposée."),
    }
    if refusal.code == "full":
        return _("Il n’y a plus de place le %(days)s dans cette section.") % {
            "days": weekdays_text(refusal.data["days"])
        }
    return texts.get(refusal.code) or _("Ce n’est pas possible\u00a0: relisez la page.")
