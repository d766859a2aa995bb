"""The tables of the lowest floor, one row each."""

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


class Rehearsal(models.Model):
    """One row, of a portal that is a rehearsal, for good (`core.rehearsal`)."""

    begun_at = models.DateTimeField(_("commencée le"))

    class Meta:
        verbose_name = _("répétition")
        verbose_name_plural = _("répétitions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="rehearsal_once",
                violation_error_message=_("C’est déjà une répétition."),
            )
        ]

    def __str__(self) -> str:
        return str(self.begun_at)
