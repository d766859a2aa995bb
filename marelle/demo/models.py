"""What the demo remembers of itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class World(models.Model):
    """The invented world that this database holds: one row, and none where the demo built nothing."""

    day = models.DateField(_("construit pour le"))
    seed = models.PositiveIntegerField(_("graine"))
    families = models.PositiveIntegerField(_("foyers"))

    class Meta:
        verbose_name = _("monde de démonstration")

    def __str__(self) -> str:
        return f"{self.day}"
