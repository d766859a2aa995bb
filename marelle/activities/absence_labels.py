"""Absence rules in French words, for the screens where agents set them and families read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from marelle.activities.absences import AbsenceRule, Delay, Origin, Unit, Within
from marelle.activities.labels import limit_label

ORIGINS: Final[dict[Origin, Promise]] = {
    Origin.START: gettext_lazy("après le début de l’accueil manqué"),
    Origin.DAY_END: gettext_lazy("après la fin du jour manqué"),
    Origin.FIRST: gettext_lazy("après le premier jour de l’absence"),
}
WITHIN: Final[dict[Within, Promise]] = {
    Within.MONTH: gettext_lazy("un même mois"),
    Within.PERIOD: gettext_lazy("une même période"),
    Within.YEAR: gettext_lazy("une même année scolaire"),
}


def counted(n: int, unit: Unit) -> str:
    """ "48 heures", "3 jours d’ouverture"."""
    match unit:
        case Unit.HOURS:
            told = ngettext("%(n)d heure", "%(n)d heures", n)
        case Unit.CALENDAR:
            told = ngettext("%(n)d jour", "%(n)d jours", n)
        case Unit.WORKING:
            told = ngettext("%(n)d jour ouvré", "%(n)d jours ouvrés", n)
        case Unit.OPENED:
            told = ngettext("%(n)d jour d’ouverture", "%(n)d jours d’ouverture", n)
    return told % {"n": n}


def delay_label(delay: Delay) -> str:
    """ "48 heures après le début de l’accueil manqué"."""
    if delay.n == 0 and delay.unit is Unit.HOURS and delay.origin is Origin.START:
        return gettext("avant le début de l’accueil manqué")
    if delay.n == 0 and delay.unit is not Unit.HOURS:
        first = delay.origin is Origin.FIRST
        return gettext("le premier jour de l’absence") if first else gettext("le jour même")
    return f"{counted(delay.n, delay.unit)} {ORIGINS[delay.origin]}"


def proof_label(rank: int, ranks: int) -> str:
    """What a proof counts as, of so many delays: with one alone there is nothing to tell apart."""
    if ranks < 2:
        return gettext("justifiée")
    if rank == 0:
        return gettext("justifiée à temps")
    return gettext("justifiée dans le %(n)s délai") % {"n": f"{rank + 1}ᵉ"}


def waiting_label(days: int, *, opened: bool) -> str:
    """Which days no proof excuses; "" for none."""
    if not days:
        return ""
    told = counted(days, Unit.OPENED if opened else Unit.CALENDAR)
    return gettext(
        "Délai de carence\u00a0: %(days)s depuis le premier jour de l’absence, même avec un justificatif."
    ) % {"days": told}


def absence_rule_lines(rule: AbsenceRule) -> list[str]:
    """A whole rule, one sentence a line."""
    told = limit_label(rule.told) if rule.told else gettext("jusqu’au début")
    found = [gettext("Une absence est dite à temps %(limit)s.") % {"limit": told}]
    found += _proofs(rule.proofs)
    if rule.waiting_days:
        found.append(waiting_label(rule.waiting_days, opened=rule.waiting_opened))
    if rule.unannounced:
        found.append(_unannounced(rule, rule.unannounced))
    return found


def _proofs(proofs: Sequence[Delay]) -> list[str]:
    if not proofs:
        return [gettext("Un justificatif ne change rien.")]
    return [
        gettext("Reçu %(until)s, un justificatif compte\u00a0: %(what)s.")
        % {"until": delay_label(delay), "what": proof_label(rank, len(proofs))}
        for rank, delay in enumerate(proofs)
    ]


def _unannounced(rule: AbsenceRule, number: int) -> str:
    told = ngettext(
        "Dès %(n)d absence sans prévenir dans %(within)s, un agent en décide",
        "Dès %(n)d absences sans prévenir dans %(within)s, un agent en décide",
        number,
    ) % {"n": number, "within": WITHIN[rule.within]}
    return f"{told}\u00a0: {gettext('il peut suspendre.') if rule.suspends else gettext('il peut avertir.')}"
