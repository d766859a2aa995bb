"""The one table of the lowest floor."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """One row: the random number under which processes keep what the authorities chose (`core.kept`)."""

    number = models.BigIntegerField(_("numéro"))

    class Meta:
        verbose_name = _("révision")
        verbose_name_plural = _("révisions")

    def __str__(self) -> str:
        return str(self.number)
