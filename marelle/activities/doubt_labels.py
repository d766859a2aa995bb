"""Doubts on rules in French, each with the first day it bites."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.activities.doubts import Doubt, Doubted
from marelle.activities.facts import ActivityFacts
from marelle.core.french import day_long_year, join_and

SENTENCES: Final[dict[Doubt, Promise]] = {
    Doubt.NO_RULE: _("%(slots)s : aucun délai ne compte à partir du %(day)s, et rien ne se réserve."),
    Doubt.OPENS_TOO_LATE: _(
        "%(slots)s : dès le %(day)s, elles ouvrent quand le délai est passé : personne n’entre."
    ),
    Doubt.NOBODY: _("%(slots)s : dès le %(day)s, elles n’ouvrent à personne : aucune commune n’est réglée."),
    Doubt.CANCEL_FIRST: _(
        "%(slots)s : dès le %(day)s, le délai pour annuler passe avant l’ouverture des réservations."
    ),
    Doubt.UNKNOWN_YEAR: _(
        "%(slots)s\u00a0: à partir du %(day)s, le calendrier ne connaît pas les jours fériés\u00a0: "
        "le 25 décembre s’ouvrirait comme un autre jour. Complétez d’abord le calendrier."
    ),
    Doubt.CLOSED_SINCE: _(
        "%(slots)s\u00a0: dès le %(day)s, rien ne se réserve plus, car le délai est une date passée. "
        "Donnez une fin à ce délai, ou un autre aux périodes d’après."
    ),
    Doubt.TOLD_TOO_SOON: _(
        "%(slots)s : dès le %(day)s, on peut encore annuler quand une absence n’est plus dite à temps."
    ),
}


def doubt_lines(found: Iterable[Doubted], facts: ActivityFacts) -> list[str]:
    """Slots in doubt for the same from the same day are told together."""
    together: dict[tuple[Doubt, object], list[Doubted]] = {}
    for one in found:
        together.setdefault((one.doubt, one.day), []).append(one)
    return [
        str(SENTENCES[some[0].doubt])
        % {
            "slots": join_and([facts.slots[one.slot_id].name for one in some]),
            "day": day_long_year(some[0].day),
        }
        for some in together.values()
    ]
