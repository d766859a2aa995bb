"""The addressee of a bill made here, as it was written on it."""

from __future__ import annotations

from dataclasses import fields

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.models.invoices import Invoice
from marelle.families.fields import Civility


class Addressee(models.Model):
    """Whom a bill is addressed to: a copy of the words, which nothing that changes later touches.

    Of the columns see `addressed.Addressed`.
    """

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="addressee")
    kind = models.CharField(_("qualité"), max_length=12, choices=PayerKind, default=PayerKind.PERSON)
    civility = models.CharField(_("civilité"), max_length=3, choices=Civility, blank=True)
    first_name = models.CharField(_("prénom"), max_length=80, blank=True)
    last_name = models.CharField(_("nom"), max_length=120)
    more = models.CharField(_("complément d’adresse"), max_length=120, blank=True)
    street = models.CharField(_("rue"), max_length=120, blank=True)
    postal_code = models.CharField(_("code postal"), max_length=10, blank=True)
    city = models.CharField(_("ville"), max_length=80, blank=True)
    country = models.CharField(_("pays"), max_length=60, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    reference = models.CharField(_("référence"), max_length=30)

    class Meta:
        verbose_name = _("destinataire d’une facture")
        verbose_name_plural = _("destinataires des factures")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=PayerKind.PERSON.value)
                | models.Q(civility="", first_name="", birth_date=None),
                name="addressee_person_or_body",
                violation_error_message=_(
                    "Seul un particulier a une civilité, un prénom et une date de naissance."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.text.name

    @property
    def text(self) -> Addressed:
        found = {one.name: getattr(self, one.name) for one in fields(Addressed)}
        return Addressed(**{**found, "kind": PayerKind(self.kind)})
