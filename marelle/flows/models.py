"""What the background work notes of itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRound(models.Model):
    """The last round of one job, whichever copy of the worker did it.

    `failure` names an error, never what it met; `well_at` is when a round last went well. `done` counts what
    the job did when it last had something to do, at `did_at`.
    """

    job = models.CharField(_("travail"), max_length=40, unique=True)
    began_at = models.DateTimeField(_("commencé le"))
    took = models.DurationField(_("durée"))
    failure = models.CharField(_("erreur"), max_length=100, blank=True)
    well_at = models.DateTimeField(_("réussi le"), null=True, blank=True)
    done = models.PositiveIntegerField(_("fait"), default=0)
    did_at = models.DateTimeField(_("fait le"), null=True, blank=True)

    class Meta:
        verbose_name = _("tour de travail")
        verbose_name_plural = _("tours de travail")
        ordering = ["job"]

    def __str__(self) -> str:
        return self.job
