"""What agents tell each other about a home."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.families.models.homes import Family

NOTE_LENGTH = 1000


class FamilyNote(models.Model):
    """A note of an agent on a home, for other agents. The home may ask to read it: it is in its export."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=NOTE_LENGTH)
    pinned = models.BooleanField(_("épinglée"), default=False)
    at = models.DateTimeField(_("écrite le"))
    by = models.CharField(_("écrite par"), max_length=150)
    account_id = models.BigIntegerField(_("compte"), null=True, blank=True)

    class Meta:
        verbose_name = _("note d’un agent")
        verbose_name_plural = _("notes des agents")
        ordering = ("-pinned", "-at", "-pk")
        indexes = [models.Index(fields=("family", "-pinned", "-at"), name="note_of_family")]

    def __str__(self) -> str:
        return f"{self.family} · {self.at:%Y-%m-%d}"
