"""What agents tell each other about a home."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField
from marelle.families.models.homes import Family
from marelle.places.models import Authority

NOTE_LENGTH = 1000


class FamilyNote(models.Model):
    """A note of an agent on a home, for the agents of its authority: where two share a portal, the other
    reads those that are `shared`, for safety. The home may ask to read it: it is in its export.

    Of an old one it may be unknown for which authority its author wrote: unless a single one knows the home,
    it stays shared, as it was.
    """

    authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("collectivité"),
    )
    shared = models.BooleanField(_("pour toutes les collectivités"), default=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="notes")
    text = SealedTextField(_("note"), max_length=NOTE_LENGTH)
    pinned = models.BooleanField(_("épinglée"), default=False)
    at = models.DateTimeField(_("écrite le"))
    by = models.CharField(_("écrite par"), max_length=150)
    account_id = models.BigIntegerField(_("compte"), null=True, blank=True)

    class Meta:
        verbose_name = _("note d’un agent")
        verbose_name_plural = _("notes des agents")
        ordering = ("-pinned", "-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="note_has_readers",
                condition=models.Q(authority__isnull=False) | models.Q(shared=True),
                violation_error_message=_("Une note appartient à une collectivité, ou à toutes."),
            )
        ]
        indexes = [models.Index(fields=("family", "-pinned", "-at"), name="note_of_family")]

    def __str__(self) -> str:
        return f"{self.family} · {self.at:%Y-%m-%d}"
