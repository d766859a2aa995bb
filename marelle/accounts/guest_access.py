"""What every kind of guest is given, from an instant to another."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.core.sealed import SealedTextField

ENDED_BY = Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by=""))
"""Each access that ended was ended by somebody."""


class GuestAccessQuerySet(models.QuerySet[Any]):
    def live(self) -> Self:
        return self.filter(ended_at=None)


class GuestAccess(models.Model):
    """That the `account` of a guest opens something. Never deleted: it ends, for a `reason` that stays among
    agents, and another may begin."""

    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("compte"))
    given_at = models.DateTimeField(_("donné le"))
    given_by = models.CharField(_("donné par"), max_length=150)
    ended_at = models.DateTimeField(_("arrêté le"), null=True, blank=True)
    ended_by = models.CharField(_("arrêté par"), max_length=150, blank=True)
    reason = SealedTextField(_("motif"), max_length=200, blank=True)

    objects = GuestAccessQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-given_at", "-pk")
