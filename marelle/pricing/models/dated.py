"""What tariffs, adjustments and rules of spans have in common: dates, for whom, in which order."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.activities.absences import Told
from marelle.places.models import Authority
from marelle.pricing.facts import Trait, TraitKind, Traits
from marelle.pricing.lines import Ledger
from marelle.pricing.tariffs import Missed


class DatedPrice(models.Model):
    """`who`: the traits of the children it is for, all of them (none: everybody), as `trait_code` writes."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="%(class)ss")
    name = models.CharField(_("nom"), max_length=120)
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    weekdays = models.JSONField(
        _("jours de la semaine"),
        default=list,
        blank=True,
        help_text=_("vide\u00a0: tous\u00a0; 0 pour lundi"),
    )
    who = models.JSONField(_("pour qui"), default=list, blank=True, help_text=_("vide\u00a0: tous"))
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="%(class)s_in_order",
                violation_error_message=_("La fin vient avant le début."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.since}"

    def clean(self) -> None:
        if not set(self.weekdays) <= set(range(7)):
            raise ValidationError({"weekdays": _("Choisissez des jours de la semaine.")})
        kinds = {kind.value for kind in TraitKind}
        if not {str(code).split(":")[0] for code in self.who} <= kinds:
            raise ValidationError({"who": _("Choisissez pour qui dans la liste.")})

    @property
    def traits(self) -> Traits:
        return frozenset(trait_of(code) for code in self.who)


class MissedColumns(models.Model):
    """What was missed, as `tariffs.Missed` says it. `told` empty: whenever it was told, if it was."""

    told = models.JSONField(_("prévenu"), default=list, blank=True)
    excused = models.BooleanField(_("justifiée"), null=True, blank=True)
    within = models.PositiveSmallIntegerField(_("dans le délai de rang"), null=True, blank=True)

    class Meta:
        abstract = True

    def as_missed(self) -> Missed:
        told = frozenset(Told(code) for code in self.told) or frozenset(Told)
        return Missed(told, self.excused, self.within)

    def set_missed(self, missed: Missed) -> None:
        self.told = [] if missed.told == frozenset(Told) else sorted(told.value for told in missed.told)
        self.excused, self.within = missed.excused, missed.within


class LedgerColumns(models.Model):
    """Where the money goes. `vat`: the percent that the price includes."""

    account = models.CharField(_("code comptable"), max_length=12, blank=True)
    budget = models.CharField(_("budget"), max_length=12, blank=True)
    regie = models.CharField(_("régie"), max_length=40, blank=True)
    vat = models.DecimalField(_("TVA comprise, en pourcentage"), max_digits=4, decimal_places=2, default=0)

    class Meta:
        abstract = True

    def as_ledger(self) -> Ledger:
        return Ledger(self.account, self.budget, self.regie, self.vat)

    def set_ledger(self, ledger: Ledger) -> None:
        self.account, self.budget, self.regie, self.vat = (
            ledger.account,
            ledger.budget,
            ledger.regie,
            ledger.vat,
        )


def trait_code(trait: Trait) -> str:
    return f"{trait.kind.value}:{trait.id}" if trait.id else trait.kind.value


def trait_of(code: str) -> Trait:
    kind, _colon, number = code.partition(":")
    return Trait(TraitKind(kind), int(number or 0))
