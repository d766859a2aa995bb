"""What changes a price, as rows: see `tariffs.Adjustment` and `tariffs.SpanRule`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Slot
from marelle.pricing import tariffs as pure
from marelle.pricing.amounts import EffortBound
from marelle.pricing.facts import SpanKind
from marelle.pricing.models.amounts import Price, euros, rows_of
from marelle.pricing.models.dated import DatedPrice, LedgerColumns, MissedColumns


class Case(StrEnum):
    ALWAYS = "always"
    RANK = "rank"
    LATE = "late"
    UNBOOKED = "unbooked"
    MISSED = "missed"


CASES = {
    Case.ALWAYS: _("toujours"),
    Case.RANK: _("rang de l’enfant"),
    Case.LATE: _("réservé hors délai"),
    Case.UNBOOKED: _("venu sans réservation"),
    Case.MISSED: _("absent"),
}


class Effect(StrEnum):
    PERCENT = "percent"
    PLUS = "plus"
    BECOMES = "becomes"


EFFECTS = {
    Effect.PERCENT: _("pourcentage ajouté ou retiré"),
    Effect.PLUS: _("montant ajouté ou retiré"),
    Effect.BECOMES: _("prix qui remplace"),
}
FIRSTS = {
    pure.By.PRICE: _("le prix le plus haut du jour, puis l’aîné"),
    pure.By.ELDEST: _("l’aîné du jour"),
    pure.By.HOUSEHOLD: _("l’aîné du foyer, qu’il vienne ou non"),
}


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def whole(self) -> AdjustmentQuerySet:
        """With all that makes the pure adjustment, in a fixed number of queries."""
        return self.select_related("price").prefetch_related("slots", *rows_of("price"))


class Adjustment(DatedPrice, MissedColumns):
    """`step`: of those of one step the first that holds is applied. `more` in euros; `price` of "becomes"."""

    step = models.PositiveSmallIntegerField(_("étape"))
    case = models.CharField(
        _("dans quel cas"), max_length=10, choices=[(one.value, text) for one, text in CASES.items()]
    )
    first = models.PositiveSmallIntegerField(_("à partir de quel enfant"), null=True, blank=True)
    last = models.PositiveSmallIntegerField(_("jusqu’à quel enfant"), null=True, blank=True)
    by = models.CharField(
        _("qui est le premier"),
        max_length=10,
        choices=[(one.value, text) for one, text in FIRSTS.items()],
        default=pure.By.PRICE.value,
    )
    effect = models.CharField(
        _("effet"), max_length=10, choices=[(one.value, text) for one, text in EFFECTS.items()]
    )
    percent = models.DecimalField(_("pourcentage"), max_digits=6, decimal_places=2, null=True, blank=True)
    more = euros(_("montant"), null=True, blank=True)
    price = models.OneToOneField(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("prix")
    )
    slots = models.ManyToManyField(Slot, related_name="+", blank=True, verbose_name=_("créneaux"))
    whole = models.BooleanField(_("un créneau suffit pour toute la formule"), default=False)
    spared = models.PositiveSmallIntegerField(_("avertissements avant de payer"), default=0)

    objects = AdjustmentQuerySet.as_manager()

    class Meta(DatedPrice.Meta):
        verbose_name = _("majoration ou réduction")
        verbose_name_plural = _("majorations et réductions")
        ordering = ("authority", "step", "order", "pk")
        constraints = [
            *DatedPrice.Meta.constraints,
            models.CheckConstraint(
                condition=Q(effect=Effect.PERCENT, percent__isnull=False, more=None, price=None)
                | Q(effect=Effect.PLUS, percent=None, more__isnull=False, price=None)
                | Q(effect=Effect.BECOMES, percent=None, more=None, price__isnull=False),
                name="adjustment_says_its_effect",
                violation_error_message=_("Donnez le pourcentage, le montant ou le prix, un seul des trois."),
            ),
            models.CheckConstraint(
                condition=~Q(case=Case.RANK)
                | Q(first__isnull=False, first__gte=1) & (Q(last=None) | Q(last__gte=F("first"))),
                name="adjustment_rank_in_order",
                violation_error_message=_("Dites à partir de quel enfant, puis jusqu’auquel."),
            ),
        ]

    def as_adjustment(self, bounds: Sequence[EffortBound]) -> pure.Adjustment:
        """The pure adjustment that this row holds; `whole` of the manager reads what many need at once."""
        return pure.Adjustment(
            id=self.pk,
            name=self.name,
            since=self.since,
            until=self.until,
            step=self.step,
            case=self._case(),
            effect=self._effect(bounds),
            slots=frozenset(slot.pk for slot in self.slots.all()),
            who=self.traits,
            weekdays=frozenset(self.weekdays),
            order=self.order,
            whole=self.whole,
            spared=self.spared,
        )

    def _case(self) -> pure.OwnCase | pure.DoneCase:
        match Case(self.case):
            case Case.ALWAYS:
                return pure.Always()
            case Case.RANK:
                return pure.Rank(self.first or 1, self.last, pure.By(self.by))
            case Case.LATE:
                return pure.Late()
            case Case.UNBOOKED:
                return pure.Unbooked()
            case Case.MISSED:
                return self.as_missed()

    def _effect(self, bounds: Sequence[EffortBound]) -> pure.Effect:
        if self.price is not None:
            return pure.Becomes(self.price.as_amount(bounds))
        if self.percent is not None:
            return pure.Percent(self.percent)
        return pure.Plus(self.more or Decimal(0))


class SpanEffect(StrEnum):
    MOST = "most"
    FLAT = "flat"
    NTH = "nth"


SPAN_EFFECTS = {
    SpanEffect.MOST: _("jamais plus que"),
    SpanEffect.FLAT: _("un prix pour tout, à partir d’un nombre de jours"),
    SpanEffect.NTH: _("pourcentage à partir d’un jour"),
}
SPANS = {
    SpanKind.WEEK: _("semaine"),
    SpanKind.MONTH: _("mois"),
    SpanKind.YEAR: _("année"),
}


class SpanRuleQuerySet(models.QuerySet["SpanRule"]):
    def whole(self) -> SpanRuleQuerySet:
        """With all that makes the pure rule, in a fixed number of queries."""
        return self.select_related("price").prefetch_related("slots", *rows_of("price"))


class SpanRule(DatedPrice, LedgerColumns):
    """What a week, a month or a year makes of its days."""

    span = models.CharField(
        _("durée"), max_length=10, choices=[(one.value, text) for one, text in SPANS.items()]
    )
    step = models.PositiveSmallIntegerField(_("étape"))
    effect = models.CharField(
        _("effet"), max_length=10, choices=[(one.value, text) for one, text in SPAN_EFFECTS.items()]
    )
    days = models.PositiveSmallIntegerField(_("à partir de combien de jours"), default=1)
    percent = models.DecimalField(_("pourcentage"), max_digits=6, decimal_places=2, null=True, blank=True)
    price = models.OneToOneField(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("prix")
    )
    slots = models.ManyToManyField(Slot, related_name="+", blank=True, verbose_name=_("créneaux"))

    objects = SpanRuleQuerySet.as_manager()

    class Meta(DatedPrice.Meta):
        verbose_name = _("règle d’une semaine, d’un mois, d’une année")
        verbose_name_plural = _("règles d’une semaine, d’un mois, d’une année")
        ordering = ("authority", "step", "order", "pk")
        constraints = [
            *DatedPrice.Meta.constraints,
            models.CheckConstraint(
                condition=Q(effect=SpanEffect.NTH, percent__isnull=False, price=None)
                | Q(effect__in=[SpanEffect.MOST, SpanEffect.FLAT], percent=None, price__isnull=False),
                name="spanrule_says_its_effect",
                violation_error_message=_("Donnez le pourcentage ou le prix, un seul des deux."),
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1),
                name="spanrule_of_a_day_or_more",
                violation_error_message=_("Donnez au moins 1 jour."),
            ),
        ]

    def as_rule(self, bounds: Sequence[EffortBound]) -> pure.SpanRule:
        """The pure rule that this row holds."""
        return pure.SpanRule(
            id=self.pk,
            name=self.name,
            since=self.since,
            until=self.until,
            span=SpanKind(self.span),
            step=self.step,
            rule=self._rule(bounds),
            slots=frozenset(slot.pk for slot in self.slots.all()),
            who=self.traits,
            weekdays=frozenset(self.weekdays),
            order=self.order,
            ledger=self.as_ledger(),
        )

    def _rule(self, bounds: Sequence[EffortBound]) -> pure.Most | pure.Flat | pure.Nth:
        if self.price is None:
            return pure.Nth(self.days, self.percent or Decimal(0))
        amount = self.price.as_amount(bounds)
        return pure.Most(amount) if self.effect == SpanEffect.MOST else pure.Flat(self.days, amount)
