"""An amount as rows: see `amounts.Amount`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.places.models import Authority
from marelle.pricing.amounts import (
    Amount,
    Bracket,
    Brackets,
    ByNumber,
    Effort,
    EffortBound,
    EffortRate,
    Fixed,
    Linear,
)


class PriceKind(StrEnum):
    FIXED = "fixed"
    BRACKETS = "brackets"
    LINEAR = "linear"
    EFFORT = "effort"
    BY_NUMBER = "by_number"


KINDS = {
    PriceKind.FIXED: _("montant fixe"),
    PriceKind.BRACKETS: _("par tranches de quotient"),
    PriceKind.LINEAR: _("pourcentage du quotient"),
    PriceKind.EFFORT: _("taux d’effort"),
    PriceKind.BY_NUMBER: _("selon le nombre d’enfants"),
}


def euros(label: Any, **others: Any) -> models.DecimalField[Any, Any]:
    """A column of euros: five digits before the comma are the most that a price has."""
    return models.DecimalField(label, max_digits=7, decimal_places=2, **others)


def rows_of(price: str) -> tuple[str, ...]:
    """What is read along with a price reached by this name."""
    parts = f"{price}__parts"
    return tuple(f"{one}__{rows}" for one in (price, parts) for rows in ("brackets", "rates"))


class Price(models.Model):
    """How an amount is found. `part_of`: one of a price by number of children, the `number`-th."""

    kind = models.CharField(
        _("calcul"), max_length=10, choices=[(kind.value, text) for kind, text in KINDS.items()]
    )
    amount = euros(_("montant"), null=True, blank=True)
    percent = models.DecimalField(_("pourcentage"), max_digits=7, decimal_places=4, null=True, blank=True)
    floor = euros(_("au moins"), null=True, blank=True)
    ceiling = euros(_("au plus"), null=True, blank=True)
    part_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="parts")
    number = models.PositiveSmallIntegerField(_("nombre d’enfants"), null=True, blank=True)

    class Meta:
        verbose_name = _("prix")
        verbose_name_plural = _("prix")
        ordering = ("part_of_id", "number", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="price_not_negative",
                violation_error_message=_("Un prix n’est jamais négatif."),
            ),
            models.CheckConstraint(
                condition=Q(floor=None, ceiling=None)
                | Q(floor__gte=0, ceiling__gte=F("floor"), floor__isnull=False, ceiling__isnull=False),
                name="price_limits_in_order",
                violation_error_message=_("Le prix le plus haut est plus petit que le plus bas."),
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gte=0),
                name="price_percent_not_negative",
                violation_error_message=_("Un pourcentage n’est jamais négatif."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind=PriceKind.FIXED, amount__isnull=False)
                    | Q(
                        kind=PriceKind.LINEAR,
                        percent__isnull=False,
                        floor__isnull=False,
                        ceiling__isnull=False,
                    )
                    | Q(kind__in=[PriceKind.BRACKETS, PriceKind.EFFORT, PriceKind.BY_NUMBER])
                ),
                name="price_says_what_it_counts",
                violation_error_message=_("Il manque un montant, un pourcentage ou une limite."),
            ),
            models.UniqueConstraint(fields=("part_of", "number"), name="price_part_once"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def as_amount(self, bounds: Sequence[EffortBound]) -> Amount:
        """The pure amount; `bounds` are those of its authority."""
        if self.kind == PriceKind.BY_NUMBER:
            return ByNumber(tuple(part.as_simple(bounds) for part in self.parts.all()))
        return self.as_simple(bounds)

    def as_simple(self, bounds: Sequence[EffortBound]) -> Fixed | Brackets | Linear | Effort:
        """The same, of one that is not by number."""
        match PriceKind(self.kind):
            case PriceKind.FIXED:
                return Fixed(_said(self.amount))
            case PriceKind.LINEAR:
                return Linear(_said(self.percent), _said(self.floor), _said(self.ceiling))
            case PriceKind.BRACKETS:
                return Brackets(tuple(Bracket(row.since, row.amount) for row in self.brackets.all()))
            case _:
                rates = tuple(EffortRate(row.children, row.percent) for row in self.rates.all())
                return Effort(rates, tuple(bounds))


class PriceBracket(models.Model):
    """From a quotient on, until the next begins."""

    price = models.ForeignKey(Price, on_delete=models.CASCADE, related_name="brackets")
    since = models.DecimalField(_("à partir du quotient"), max_digits=8, decimal_places=2)
    amount = euros(_("montant"))

    class Meta:
        verbose_name = _("tranche de quotient")
        verbose_name_plural = _("tranches de quotient")
        ordering = ("price", "since")
        constraints = [
            models.UniqueConstraint(
                fields=("price", "since"),
                name="bracket_once",
                violation_error_message=_("Deux tranches commencent au même quotient."),
            ),
            models.CheckConstraint(
                condition=Q(since__gte=0, amount__gte=0),
                name="bracket_not_negative",
                violation_error_message=_("Un prix ou un quotient n’est jamais négatif."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since} · {self.amount}"


class PriceRate(models.Model):
    """Percent of the resources of a month for an hour, from so many dependent children on."""

    price = models.ForeignKey(Price, on_delete=models.CASCADE, related_name="rates")
    children = models.PositiveSmallIntegerField(_("à partir de combien d’enfants à charge"))
    percent = models.DecimalField(_("pourcentage des ressources"), max_digits=6, decimal_places=4)

    class Meta:
        verbose_name = _("taux d’effort")
        verbose_name_plural = _("taux d’effort")
        ordering = ("price", "children")
        constraints = [
            models.UniqueConstraint(
                fields=("price", "children"),
                name="rate_once",
                violation_error_message=_("Deux taux sont donnés pour le même nombre d’enfants."),
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0),
                name="rate_not_negative",
                violation_error_message=_("Un taux n’est jamais négatif."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.children} · {self.percent}"


class ResourceBound(models.Model):
    """The resources of a month that count for an effort rate, of an authority, from a date: as the CNAF
    publishes them each year, or a higher ceiling."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="effort_bounds")
    since = models.DateField(_("depuis le"))
    floor = models.DecimalField(_("plancher de ressources"), max_digits=8, decimal_places=2)
    ceiling = models.DecimalField(_("plafond de ressources"), max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = _("plancher et plafond de ressources")
        verbose_name_plural = _("planchers et plafonds de ressources")
        ordering = ("authority", "since")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "since"),
                name="effort_bound_once_a_day",
                violation_error_message=_("Un plancher et un plafond commencent déjà ce jour-là."),
            ),
            models.CheckConstraint(
                condition=Q(floor__gte=0, ceiling__gte=F("floor")),
                name="effort_bound_in_order",
                violation_error_message=_("Le plafond est plus petit que le plancher."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.since}"

    def as_bound(self) -> EffortBound:
        return EffortBound(self.since, self.floor, self.ceiling)


def _said(value: Decimal | None) -> Decimal:
    """What the database holds to be there."""
    if value is None:
        raise ValueError("This price lacks what it counts with.")
    return value
