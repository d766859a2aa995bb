"""Exercises that are closed, and what was left to recover of their bills."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.models.invoices import REASON_LENGTH, Invoice
from marelle.places.models import Authority


def _euros(label: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=12, decimal_places=2, default=Decimal("0.00"))


class ExerciseClosing(models.Model):
    """« Clôture »: from `closed_at` on no bill is issued in it, until it is reopened for a `reason`.

    The figures, in euros, are those of that instant and stay so: see `accounting.rules.Figures`;
    `left_at_end` is what was left on the evening of 31 December, `left` on the day of the closing. `sha256`
    is that of its text (`closing_rules.Draft`): who has it printed sees whether a row was changed since.
    `sums`, `head` and `logo` are what its paper says beside that, as it stood then (`accounting.frozen`);
    empty of a closing of before they were kept.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="exercise_closings")
    exercise = models.PositiveSmallIntegerField(_("exercice"))
    closed_on = models.DateField(_("clos le"))
    closed_at = models.DateTimeField(_("clos à"))
    closed_by = models.CharField(_("clos par"), max_length=200)
    count = models.PositiveIntegerField(_("factures"))
    billed = _euros(_("facturé"))
    credited = _euros(_("avoirs"))
    cancelled = _euros(_("annulé"))
    paid = _euros(_("payé"))
    over = _euros(_("trop perçu"))
    left_at_end = _euros(_("reste au 31 décembre"))
    left = _euros(_("reste à la clôture"))
    sha256 = models.CharField(_("empreinte"), max_length=64)
    sums = models.JSONField(_("totaux figés"), default=dict, blank=True)
    head = models.JSONField(_("en-tête"), default=dict, blank=True)
    logo = models.BinaryField(_("logo"), blank=True, default=b"")
    reopened_at = models.DateTimeField(_("rouvert le"), null=True, blank=True)
    reopened_by = models.CharField(_("rouvert par"), max_length=200, blank=True)
    reason = models.CharField(_("motif de la réouverture"), max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("clôture d’un exercice")
        verbose_name_plural = _("clôtures d’exercices")
        ordering = ("-exercise", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "exercise"),
                condition=Q(reopened_at=None),
                name="exercise_closed_once",
                violation_error_message=_("Cet exercice est déjà clos."),
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reason="") | (Q(reopened_at__isnull=False) & ~Q(reason="")),
                name="exercise_reopened_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.exercise}"


class LeftToRecover(models.Model):
    """« Reste à recouvrer »: what was left of a bill when its exercise was closed, on 31 December and then.

    `number` is that of the bill, as the text of the closing has it.
    """

    closing = models.ForeignKey(ExerciseClosing, on_delete=models.CASCADE, related_name="rows")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="left_to_recover")
    number = models.CharField(_("numéro"), max_length=40)
    at_end = models.DecimalField(_("au 31 décembre"), max_digits=10, decimal_places=2)
    at_closing = models.DecimalField(_("à la clôture"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("reste à recouvrer")
        verbose_name_plural = _("restes à recouvrer")
        ordering = ("closing", "number", "pk")
        constraints = [
            models.UniqueConstraint(fields=("closing", "invoice"), name="left_to_recover_once"),
            models.CheckConstraint(
                condition=Q(at_end__gte=0, at_closing__gte=0) & ~Q(at_end=0, at_closing=0),
                name="left_to_recover_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.closing} · {self.number}"
