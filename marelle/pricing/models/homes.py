"""What sets a home, or a child of it, apart for prices, and what it has taken at once, as agents noted it."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.families.models import Family, Person
from marelle.places.models import Authority
from marelle.pricing.facts import TraitKind
from marelle.pricing.models.adjustments import Adjustment
from marelle.pricing.models.tariffs import Product

REASON_LENGTH = 300

NOTED: dict[TraitKind, object] = {
    TraitKind.IN_CARE: _("confié au département (ASE)"),
    TraitKind.REGULAR: _("vient régulièrement"),
    TraitKind.EVERY_SCHOOL_DAY: _("vient tous les jours d’école"),
    TraitKind.STAFF: _("enfant du personnel"),
    TraitKind.DECISION: _("décision d’aide (CCAS, commission…)"),
}
"""Those that no other table tells: where a home lives, who has a post and who brings the meal of a PAI is
known already."""


class HomeTrait(models.Model):
    """Holds at an authority from `since` to `until`, both included; `child` None: for all of the home.

    `adjustment`: what a decision changes of the price; it is for this row alone, and ends with it.
    """

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="home_traits")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="price_traits")
    child = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="price_traits"
    )
    kind = models.CharField(
        _("situation"), max_length=20, choices=[(kind.value, text) for kind, text in NOTED.items()]
    )
    since = models.DateField(_("à compter du"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    reason = models.CharField(_("raison"), max_length=REASON_LENGTH)
    adjustment = models.OneToOneField(
        Adjustment, on_delete=models.PROTECT, null=True, blank=True, related_name="home_trait"
    )
    noted_at = models.DateTimeField(_("notée le"))
    noted_by = models.CharField(_("notée par"), max_length=150)

    class Meta:
        verbose_name = _("situation particulière pour les prix")
        verbose_name_plural = _("situations particulières pour les prix")
        ordering = ("-since", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="home_trait_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
            models.CheckConstraint(
                condition=Q(kind=TraitKind.DECISION.value) | Q(adjustment=None),
                name="home_trait_decides",
                violation_error_message=_("Seule une décision change un prix par elle-même."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.since}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def whole(self) -> SubscriptionQuerySet:
        """With all that tells them, in a fixed number of queries."""
        rows = self.select_related("product__authority", "child")
        return rows.prefetch_related("product__slots__activity")

    def within(self, first: date, last: date) -> SubscriptionQuerySet:
        """Those that hold on one of these days."""
        return self.filter(Q(until=None) | Q(until__gte=first), since__lte=last)


class Subscription(models.Model):
    """A product that a home has from `since` to `until`, both included; `child` None: for all of the home."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="subscriptions")
    child = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="subscriptions"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="subscriptions")
    since = models.DateField(_("à compter du"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    noted_at = models.DateTimeField(_("noté le"))
    noted_by = models.CharField(_("noté par"), max_length=150)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("abonnement, carte ou cotisation d’un foyer")
        verbose_name_plural = _("abonnements, cartes et cotisations des foyers")
        ordering = ("-since", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="subscription_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.since}"
