"""What came back as paid, and could be given to no bill by itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.models.invoices import REASON_LENGTH, ImportRun, Invoice
from marelle.billing.models.payments import REFERENCE_LENGTH
from marelle.billing.paid import Stray
from marelle.places.models import Authority


class StrayPayment(models.Model):
    """An amount that came back and waits for an agent, who gives it to a bill or sets it aside.

    `said`: what the file says that it is of. `invoice`: the bill that it names, or that it was given to.
    `reference`: as of a `Payment`, once in an authority.
    """

    class Outcome(models.TextChoices):
        GIVEN = "given", _("rattaché à une facture")
        ASIDE = "aside", _("écarté")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="stray_payments")
    amount = models.DecimalField(_("montant"), max_digits=10, decimal_places=2)
    on = models.DateField(_("payé le"))
    reference = models.CharField(_("référence"), max_length=REFERENCE_LENGTH)
    said = models.CharField(_("ce que dit le fichier"), max_length=200)
    why = models.CharField(_("pourquoi"), max_length=10, choices=Stray)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="stray_payments"
    )
    read_in = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="stray_payments")
    recorded_at = models.DateTimeField(_("lu le"))
    outcome = models.CharField(_("issue"), max_length=5, choices=Outcome, blank=True)
    reason = models.CharField(_("motif"), max_length=REASON_LENGTH, blank=True)
    settled_at = models.DateTimeField(_("réglé le"), null=True, blank=True)
    settled_by = models.CharField(_("réglé par"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("encaissement à rattacher")
        verbose_name_plural = _("encaissements à rattacher")
        ordering = ("on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("authority", "reference"), name="stray_payment_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="stray_payment_of_something"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None) | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="stray_payment_settled_once",
            ),
        ]
        indexes = [
            models.Index(fields=("authority", "on"), condition=Q(outcome=""), name="stray_payment_waits")
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.on} · {self.amount}"
