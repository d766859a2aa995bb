"""What a price says of the income that it was found with: to its home, to an agent, or to who may not
read it.

The last is told that the price follows an income, and nothing of which: no figure, no bracket, not even
whether it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.french import day_plain, euros_text, of_authority
from marelle.core.money import CENT, ZERO
from marelle.pricing.amounts import Edge
from marelle.pricing.facts import IncomeStatus
from marelle.pricing.labels import decimal_text, percent_text
from marelle.pricing.lines import Figure


@dataclass(frozen=True, slots=True)
class Reader:
    """`to_home`: it is the home's own; else an agent's. `authority`, by name: who would know the income.
    `shows_income`, `shows_health`: whether it may know that of the home, and of the child."""

    to_home: bool = True
    shows_income: bool = True
    authority: str = ""
    shows_health: bool = True


@dataclass(frozen=True, slots=True)
class Voice:
    """How an income is named. `declared`: no proof came."""

    value: Promise
    declared: Promise
    unknown: Promise
    refused: Promise
    none: Promise


QUOTIENT: Final = {
    True: Voice(
        gettext_lazy("Votre quotient de %(value)s"),
        gettext_lazy("Votre quotient déclaré de %(value)s"),
        gettext_lazy("Votre quotient n’est pas connu"),
        gettext_lazy("Vous avez choisi de ne pas donner votre quotient"),
        gettext_lazy("Vous êtes sans ressources"),
    ),
    False: Voice(
        gettext_lazy("Le quotient de %(value)s du foyer"),
        gettext_lazy("Le quotient de %(value)s déclaré par le foyer"),
        gettext_lazy("Le quotient du foyer n’est pas connu"),
        gettext_lazy("Le foyer a choisi de ne pas donner son quotient"),
        gettext_lazy("Le foyer est sans ressources"),
    ),
}
RESOURCES: Final = {
    True: Voice(
        gettext_lazy("Vos ressources de %(value)s par mois"),
        gettext_lazy("Vos ressources déclarées de %(value)s par mois"),
        gettext_lazy("Vos ressources ne sont pas connues"),
        gettext_lazy("Vous avez choisi de ne pas donner vos ressources"),
        gettext_lazy("Vous êtes sans ressources"),
    ),
    False: Voice(
        gettext_lazy("Les ressources du foyer, %(value)s par mois,"),
        gettext_lazy("Les ressources déclarées par le foyer, %(value)s par mois,"),
        gettext_lazy("Les ressources du foyer ne sont pas connues"),
        gettext_lazy("Le foyer a choisi de ne pas donner ses ressources"),
        gettext_lazy("Le foyer est sans ressources"),
    ),
}
"""By whether it is told to the home."""


def income_words(figures: Mapping[str, Figure], reader: Reader) -> str:
    """A sentence from the figures of a step; nothing where no income is in them."""
    told = _Told(figures, reader)
    if "counted" in figures:
        return told.effort() if reader.shows_income else _("Le prix suit les ressources du foyer.")
    if "status" in figures:
        if not reader.shows_income:
            return _("Le prix suit le quotient du foyer.")
        return told.linear() if "floor" in figures else told.bracket()
    return ""


@dataclass(frozen=True, slots=True)
class _Told:
    figures: Mapping[str, Figure]
    reader: Reader

    @property
    def quotient(self) -> Voice:
        return QUOTIENT[self.reader.to_home]

    @property
    def resources(self) -> Voice:
        return RESOURCES[self.reader.to_home]

    def number(self, name: str) -> Decimal:
        found = self.figures[name]
        return Decimal(found) if isinstance(found, Decimal | int) else ZERO

    @property
    def edge(self) -> str:
        return str(self.figures["edge"])

    def bracket(self) -> str:
        since, until = self.number("since"), self.figures["until"]
        if since == 0 and until is None:
            return _("Le prix est le même pour tous les quotients.")
        if self.edge:
            return self.at_edge()
        told = {"income": self.income(self.quotient), "low": decimal_text(since)}
        if not isinstance(until, Decimal):
            return _("%(income)s est dans la tranche de %(low)s et plus.") % told
        told["high"] = decimal_text(until - CENT)
        return _("%(income)s est dans la tranche de %(low)s à %(high)s.") % told

    def linear(self) -> str:
        if self.edge:
            return self.at_edge()
        return _("%(income)s × %(percent)s, jamais moins de %(floor)s ni plus de %(ceiling)s.") % {
            "income": self.income(self.quotient),
            "percent": percent_text(self.number("percent")),
            "floor": euros_text(self.number("floor")),
            "ceiling": euros_text(self.number("ceiling")),
        }

    def at_edge(self) -> str:
        why = self.why(self.quotient)
        if self.edge == Edge.LOWEST:
            return _("%(why)s\u00a0: le prix le plus bas est compté.") % {"why": why}
        return _("%(why)s\u00a0: le prix le plus élevé est compté.") % {"why": why}

    def effort(self) -> str:
        counted, value = self.number("counted"), self.number("value")
        told = {
            "counted": euros_text(counted),
            "percent": percent_text(self.number("percent")),
            "children": self.dependants(),
            "since": self.bound_since(),
        }
        if self.edge:
            told["why"] = self.why(self.resources)
            if self.edge == Edge.LOWEST:
                text = _("%(why)s\u00a0: le plancher est compté, %(counted)s (%(since)s) × %(percent)s")
            else:
                text = _("%(why)s\u00a0: le plafond est compté, %(counted)s (%(since)s) × %(percent)s")
        else:
            told["income"] = self.income(self.resources)
            if counted > value:
                text = _("%(income)s sont sous le plancher (%(since)s)\u00a0: %(counted)s × %(percent)s")
            elif counted < value:
                text = _("%(income)s dépassent le plafond (%(since)s)\u00a0: %(counted)s × %(percent)s")
            else:
                text = _("%(income)s × %(percent)s")
        return f"{text % told} {told['children']}."

    def bound_since(self) -> str:
        since = self.figures["bound_since"]
        return _("depuis le %(day)s") % {"day": day_plain(since)} if isinstance(since, date) else ""

    def dependants(self) -> str:
        children, aeeh = int(self.number("dependants")), int(self.number("aeeh"))
        if not children:
            told = _("sans enfant à charge")
        else:
            told = ngettext("pour %(n)d enfant à charge", "pour %(n)d enfants à charge", children)
        told %= {"n": children}
        return told + (_(" (dont %(n)d avec l’AEEH)") % {"n": aeeh} if aeeh else "")

    def income(self, voice: Voice) -> str:
        value = self.number("value")
        text = euros_text(value) if voice in RESOURCES.values() else decimal_text(value)
        declared = self.figures["status"] == IncomeStatus.DECLARED
        return str(voice.declared if declared else voice.value) % {"value": text}

    def why(self, voice: Voice) -> str:
        """There is no value to count with. Who has an income and pays the lowest is in care."""
        status = self.figures["status"]
        if status == IncomeStatus.NONE:
            return str(voice.none)
        if self.edge == Edge.LOWEST:
            return _("L’enfant est confié au département")
        if status == IncomeStatus.REFUSED:
            return str(voice.refused)
        if not self.reader.authority:
            return str(voice.unknown)
        return f"{voice.unknown} {of_authority(self.reader.authority)}"
