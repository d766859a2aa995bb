"""What the kitchen is asked for: adults and picnics as typed, and orders, which never change once made."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Slot
from marelle.places.models import Structure


class MealExtra(models.Model):
    """Adults and picnics of one service of a day, as agents type them; an order takes them with it."""

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="meal_extras")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="meal_extras")
    day = models.DateField(_("jour"))
    adults = models.PositiveSmallIntegerField(_("adultes"), default=0)
    picnics = models.PositiveSmallIntegerField(_("pique-niques"), default=0)

    class Meta:
        verbose_name = _("adultes et pique-niques d’un repas")
        verbose_name_plural = _("adultes et pique-niques des repas")
        ordering = ("day", "pk")
        constraints = [models.UniqueConstraint(fields=("slot", "day"), name="meal_extra_once")]

    def __str__(self) -> str:
        return f"{self.slot} · {self.day}"


class MealOrder(models.Model):
    """What was ordered for one service of a day: `number` 1, then what came in addition, which may be less.

    `counts` is frozen, as `rules.as_data` writes it: numbers by level and diet, never a name. What is to be
    prepared is the sum of the orders of a service.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="meal_orders")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="meal_orders")
    day = models.DateField(_("jour"))
    number = models.PositiveSmallIntegerField(_("commande n°"))
    counts = models.JSONField(_("repas"))
    ordered_at = models.DateTimeField(_("commandée le"))
    ordered_by = models.CharField(_("commandée par"), max_length=150)

    class Meta:
        verbose_name = _("commande de repas")
        verbose_name_plural = _("commandes de repas")
        ordering = ("day", "slot", "number")
        constraints = [
            models.UniqueConstraint(
                fields=("slot", "day", "number"),
                name="meal_order_once",
                violation_error_message=_("Cette commande est déjà faite."),
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="meal_order_counted"),
        ]
        indexes = [models.Index(fields=("structure", "day"), name="meal_order_of_day")]

    def __str__(self) -> str:
        return f"{self.slot} · {self.day} · {self.number}"
