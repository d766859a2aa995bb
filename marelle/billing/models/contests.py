"""Lines of bills that a home does not agree with, and what an agent answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.due import Place
from marelle.billing.models.invoices import InvoiceLine
from marelle.core.sealed import SealedTextField

WORDS_LENGTH = 1_000
ANSWER_LENGTH = 500


class Contest(models.Model):
    """Days of a line of a bill made here that its home says it does not owe: « contestation ».

    `days` as in JSON, some of the line's. Home, child and activity are those of the bill and of the line, so
    that they follow files that become one. `reason` is the agent's, of the decision that stands now, and
    `decided_at` the home's where it withdrew. Once accepted, its places are waived: nothing is due of them.
    """

    class State(models.TextChoices):
        OPEN = "open", _("en attente")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        TAKEN_BACK = "taken_back", _("acceptée, puis reprise")
        WITHDRAWN = "withdrawn", _("retirée")

    line = models.ForeignKey(InvoiceLine, on_delete=models.CASCADE, related_name="contests")
    days = models.JSONField(_("jours"))
    words = SealedTextField(_("pourquoi"), max_length=WORDS_LENGTH)
    asked_at = models.DateTimeField(_("envoyée le"))
    asked_by = models.CharField(_("envoyée par"), max_length=150)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.CharField(_("décidée par"), max_length=150, blank=True)
    reason = SealedTextField(_("réponse"), max_length=ANSWER_LENGTH, blank=True)

    class Meta:
        verbose_name = _("contestation")
        ordering = ("asked_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="contest_decided_has_date",
            ),
        ]
        indexes = [
            models.Index(fields=("state", "line"), name="contest_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.asked_at:%Y-%m-%d}"

    @property
    def dates(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.days]

    def places(self) -> Iterator[Place]:
        """Of a row with its line."""
        for day in self.dates:
            yield Place(day, self.line.child_id, self.line.of_activity_id)
