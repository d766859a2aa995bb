"""The days of an activity: openings, and bundles of them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.activities.models.gauges import Quota
from marelle.activities.models.offer import Activity, AgeGroup, Slot
from marelle.places.models import Closure


class Bundle(models.Model):
    """Openings that are booked all or none: a full week of holidays, a mini-camp."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="bundles")
    name = models.CharField(_("nom"), max_length=120)

    alone_at = models.DateTimeField(_("jours réservés un par un à partir du"), null=True, blank=True)

    class Meta:
        verbose_name = _("lot")
        ordering = ("activity", "pk")

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """A slot on a day for a group (every group when empty), with its own hours, open or closed.

    `hand_edited` rows are left alone when openings are generated again. `reason` says why it is closed, and
    `closure` with which day of its structure, if not by itself.
    """

    class State(models.TextChoices):
        OPEN = "open", _("ouverte")
        CLOSED = "closed", _("fermée")

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="openings")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="openings")
    group = models.ForeignKey(
        AgeGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="openings"
    )
    day = models.DateField(_("jour"))
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(_("raison"), max_length=120, blank=True)
    closure = models.ForeignKey(
        Closure, on_delete=models.SET_NULL, null=True, blank=True, related_name="openings"
    )
    title = models.CharField(_("titre"), max_length=120, blank=True)
    bundle = models.ForeignKey(
        Bundle, on_delete=models.PROTECT, null=True, blank=True, related_name="openings"
    )
    hand_edited = models.BooleanField(_("corrigée à la main"), default=False)
    quotas = models.ManyToManyField(Quota, related_name="openings", blank=True)

    class Meta:
        verbose_name = _("ouverture")
        ordering = ("day", "starts_at", "pk")
        constraints = [
            models.UniqueConstraint("slot", Coalesce("group", 0), "day", "title", name="opening_once"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="opening_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
        ]
        indexes = [models.Index(fields=("activity", "day"), name="opening_by_day")]

    def __str__(self) -> str:
        return f"{self.slot} · {self.day}"
