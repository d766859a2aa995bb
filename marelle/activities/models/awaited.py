"""Openings of bookings for which many are awaited at once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models.offer import Activity
from marelle.core.french import instant_long_year


class AwaitedOpening(models.Model):
    """Around the instant `at`, when bookings of an activity open, who comes to the portal goes through the
    waiting room (`marelle.room`)."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="awaited_openings")
    at = models.DateTimeField(_("ouvre le"), db_index=True)

    class Meta:
        verbose_name = _("ouverture avec salle d’attente")
        verbose_name_plural = _("ouvertures avec salle d’attente")
        ordering = ("activity", "at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("activity", "at"),
                name="awaited_opening_once",
                violation_error_message=_("La salle d’attente est déjà prévue à cet instant."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {instant_long_year(self.at)}"
