"""Which acts are shown: by kind and by period, from the address of the page alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.flows.journal.sentences import SENTENCES
from marelle.ui.components import Choice, Filter

ALL: Final = "tout"

KINDS: Final[Mapping[str, tuple[Promise, frozenset[str]]]] = {
    "connexions": (
        gettext_lazy("Connexions et compte"),
        frozenset(
            {"connection", "password", "account", "identity", "arrival", "calendar", "acting", "letter"}
        ),
    ),
    "inscriptions": (gettext_lazy("Inscriptions"), frozenset({"enrolment", "care"})),
    "reservations": (
        gettext_lazy("Réservations et absences"),
        frozenset({"booking", "absence", "mismatch", "no_show", "visit", "opening"}),
    ),
    "documents": (gettext_lazy("Documents"), frozenset({"paper", "publication", "stored_file"})),
    "dossier": (
        gettext_lazy("Dossier de la famille"),
        frozenset(
            {
                "consent",
                "custody",
                "family",
                "guardians",
                "file",
                "health",
                "personal",
                "pickup_ban",
                "pickup_contact",
                "pickup_permission",
                "income",
                "quotient",
                "residence",
                "schooling",
                "vaccination",
            }
        ),
    ),
    "messages": (gettext_lazy("Messages"), frozenset({"message"})),
}
"""Of each kind, its name and the first words of its verbs."""

PERIODS: Final[Mapping[str, tuple[Promise, timedelta]]] = {
    "30-jours": (gettext_lazy("30 derniers jours"), timedelta(days=30)),
    "3-mois": (gettext_lazy("3 derniers mois"), timedelta(days=91)),
    "12-mois": (gettext_lazy("12 derniers mois"), timedelta(days=366)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices of the two selects; "tout" chooses nothing."""

    kind: str = ALL
    period: str = ALL

    @property
    def verbs(self) -> frozenset[str] | None:
        return None if self.kind == ALL else verbs_of(self.kind)

    def since(self, now: datetime) -> datetime | None:
        return None if self.period == ALL else now - PERIODS[self.period][1]


EVERYTHING: Final = Wanted()


def wanted(asked: Mapping[str, str]) -> Wanted:
    """What the address asks for; a value that is no choice chooses nothing."""
    kind, period = asked.get("nature", ""), asked.get("periode", "")
    return Wanted(kind if kind in KINDS else ALL, period if period in PERIODS else ALL)


def verbs_of(kind: str) -> frozenset[str]:
    return frozenset(verb for verb in SENTENCES if verb.partition(".")[0] in KINDS[kind][1])


def selects(chosen: Wanted) -> tuple[Filter, ...]:
    kinds = {key: str(label) for key, (label, _words) in KINDS.items()}
    periods = {key: str(label) for key, (label, _span) in PERIODS.items()}
    return (
        _select("nature", _("Quoi"), chosen.kind, kinds),
        _select("periode", _("Quand"), chosen.period, periods),
    )


def _select(name: str, label: str, chosen: str, choices: Mapping[str, str]) -> Filter:
    everything = {ALL: _("Tout"), **choices}
    return Filter(
        name=name,
        label=label,
        choices=tuple(Choice(value, text, selected=value == chosen) for value, text in everything.items()),
    )
