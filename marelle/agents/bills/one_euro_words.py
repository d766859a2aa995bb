"""The claim of meals at 1 € in French."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.billing.accounting.one_euro import Lack, Out, Period, lacks
from marelle.core.french import day_plain, euros_text, join_and, month_name, month_text, number_text
from marelle.core.workbook import Cell
from marelle.flows.bills.one_euro import CanteenClaim
from marelle.pricing.amounts import Brackets
from marelle.pricing.tariffs import Tariff
from marelle.ui.components import Choice

OUT: Final[Mapping[Out, str | Promise]] = {
    Out.NOT_BILLED: gettext_lazy("Servis, et sur aucune facture faite ici"),
    Out.DEARER: gettext_lazy("Facturés plus de 1\u00a0€"),
    Out.TAKEN_BACK: gettext_lazy("Ramenés à zéro par une régularisation"),
    Out.ABSENT: gettext_lazy("Facturés, l’enfant n’a pas été vu"),
    Out.OPEN_CALL: gettext_lazy("L’appel n’est pas clos"),
    Out.TARIFF: gettext_lazy("Aucun tarif de ce jour-là ne remplit les conditions"),
}
LACKS: Final[Mapping[Lack, str | Promise]] = {
    Lack.BRACKETS: gettext_lazy("moins de trois tranches de quotient"),
    Lack.PRICE: gettext_lazy("aucune tranche à 1\u00a0€ ou moins"),
    Lack.QUOTIENT: gettext_lazy("une tranche à 1\u00a0€ ou moins va au-delà d’un quotient de 1\u202f000"),
}


@dataclass(frozen=True, slots=True)
class TariffLine:
    name: str
    detail: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """`meals`, `out`: what, and how many."""

    title: str
    meals: list[tuple[str, str]]
    out: list[tuple[str, str]]
    tariffs: tuple[TariffLine, ...]


def period_text(period: Period) -> str:
    """ "septembre à décembre 2026"."""
    told = {"first": month_name(period.first), "last": month_text(period.last)}
    return _("%(first)s à %(last)s") % told


def period_choices(chosen: Period, now: Period, years_back: int) -> tuple[Choice, ...]:
    """The newest first."""
    found, one = [], now
    while one.year > now.year - years_back:
        value = f"{one.year}-{one.number}"
        found.append(Choice(value, str(capfirst(period_text(one))), one == chosen))
        one = one.before
    return tuple(found)


def claim_card(one: CanteenClaim) -> ClaimCard:
    claim = one.claim
    meals = [
        (_("Repas à %(price)s") % {"price": euros_text(price)}, number_text(count))
        for price, count in sorted(claim.meals.items())
    ]
    told = {"amount": euros_text(claim.amount)}
    meals.append((_("Repas à déclarer, facturés %(amount)s") % told, number_text(claim.count)))
    return ClaimCard(
        f"{one.activity.name} · {one.activity.structure.name}",
        meals,
        [(str(OUT[why]), number_text(claim.out[why])) for why in OUT if claim.out.get(why)],
        tuple(map(_tariff, one.tariffs)),
    )


def _tariff(one: Tariff) -> TariffLine:
    lacking = lacks(one)
    since = _("à compter du %(day)s") % {"day": day_plain(one.since)}
    if one.until is not None:
        since = _("du %(first)s au %(last)s") % {"first": day_plain(one.since), "last": day_plain(one.until)}
    told = [since, _brackets(one), *(str(LACKS[lack]) for lack in lacking)]
    state = _("ne remplit pas les conditions") if lacking else _("remplit les conditions")
    return TariffLine(one.name, " · ".join(filter(None, told)), state, "plain" if lacking else "ok")


def _brackets(one: Tariff) -> str:
    if not isinstance(one.amount, Brackets):
        return ""
    return join_and([euros_text(row.price) for row in one.amount.rows])


def file_rows(found: Iterable[CanteenClaim]) -> Iterator[Sequence[Cell]]:
    """A line for each price of each canteen, then for what is left out of it."""
    yield (_("Structure"), _("Activité"), _("Repas"), _("Prix du repas"), _("Nombre"), _("Montant facturé"))
    for one in found:
        where = (one.activity.structure.name, one.activity.name)
        for price, count in sorted(one.claim.meals.items()):
            yield (*where, _("À déclarer"), price, count, Decimal(price * count))
        for why in OUT:
            if one.claim.out.get(why):
                yield (
                    *where,
                    _("Laissés\u00a0: %(why)s") % {"why": OUT[why]},
                    None,
                    one.claim.out[why],
                    None,
                )
