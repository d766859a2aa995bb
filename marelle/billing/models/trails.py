"""What a file of payments told, beside the rows that it wrote."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.billing.models.invoices import ImportRun


class ImportTrail(models.Model):
    """What is asked of a file of payments when it, or another one, is undone; in the order in which they were
    imported. Those of before have none, and stay.

    `again`: references of amounts that another file had told. `bills`: ids of those of which it said what is
    paid in all. `cancelled`: of a bill, the day before and after. `pieces`: what it said of each
    (`ExportedBill`), whether or not that held. `before`: the same, as files that have no trail had left it.
    """

    run = models.OneToOneField(ImportRun, on_delete=models.CASCADE, related_name="trail")
    again = models.JSONField(_("déjà dit par un autre fichier"), default=list, blank=True)
    bills = models.JSONField(_("factures dites"), default=list, blank=True)
    cancelled = models.JSONField(_("annulations"), default=list, blank=True)
    pieces = models.JSONField(_("états des pièces"), default=list, blank=True)
    before = models.JSONField(_("états d’avant"), default=list, blank=True)

    class Meta:
        verbose_name = _("trace d’un import")
        verbose_name_plural = _("traces d’imports")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.run)
