"""What was paid of bills: rows, of which `Invoice.paid` is the sum."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.models.invoices import ImportRun, Invoice
from marelle.billing.paid import Means

REFERENCE_LENGTH = 120


class Payment(models.Model):
    """An amount that was paid of a bill on a day, in euros; below zero it takes back what was paid.

    Never edited: what was wrong is taken back by another row. `reference` is how the other side knows it, ""
    for what has none: the same one is written once; an import that is undone gives it back (`paid.UNDONE`).
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(_("montant"), max_digits=10, decimal_places=2)
    on = models.DateField(_("payé le"))
    means = models.CharField(_("origine"), max_length=10, choices=Means)
    reference = models.CharField(_("référence"), max_length=REFERENCE_LENGTH, blank=True)
    read_in = models.ForeignKey(
        ImportRun, on_delete=models.PROTECT, null=True, blank=True, related_name="payments"
    )
    recorded_at = models.DateTimeField(_("noté le"))
    recorded_by = models.CharField(_("noté par"), max_length=200)

    class Meta:
        verbose_name = _("paiement")
        ordering = ("on", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="payment_of_something"),
            models.UniqueConstraint(
                fields=("invoice", "reference"),
                condition=~Q(reference=""),
                name="payment_reference_once",
                violation_error_message=_("Ce paiement est déjà noté."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.on} · {self.amount}"
