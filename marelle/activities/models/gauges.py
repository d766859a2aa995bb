"""How many places: gauges, what they hold from a day on, which slots draw on them, what is taken."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.activities.models.offer import AgeGroup, Slot
from marelle.places.models import Closure, Structure


class Gauge(models.Model):
    """A number of places that the director answers for: a group's mornings, a dining room, a building.

    `unit` says whether places are counted once a day or by half-hour. `counts_children` is false of one that
    was there before children counted once each, until `marelle recount` has counted it.
    """

    class Unit(models.TextChoices):
        DAY = "day", _("par jour")
        HALF_HOUR = "half_hour", _("par demi-heure")

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="gauges")
    name = models.CharField(_("nom"), max_length=120)
    unit = models.CharField(_("comptée"), max_length=10, choices=Unit, default=Unit.DAY)
    counts_children = models.BooleanField(_("compte chaque enfant une fois"), default=True, editable=False)

    class Meta:
        verbose_name = _("jauge")
        ordering = ("structure", "name", "pk")

    def __str__(self) -> str:
        return self.name


class GaugeLevel(models.Model):
    """The capacity of a gauge from a date; the last row that has begun counts."""

    gauge = models.ForeignKey(Gauge, on_delete=models.CASCADE, related_name="levels")
    since = models.DateField(_("depuis le"))
    capacity = models.PositiveSmallIntegerField(_("places"))

    class Meta:
        verbose_name = _("capacité")
        ordering = ("gauge", "-since")
        constraints = [models.UniqueConstraint(fields=("gauge", "since"), name="gauge_level_once_a_day")]

    def __str__(self) -> str:
        return f"{self.gauge} : {self.capacity}"


class GaugeCut(models.Model):
    """Fewer places of a gauge on some days, both included, whatever its level: a minimum service.

    The smallest of those of a day counts. Undoing the `closure` takes it away.
    """

    gauge = models.ForeignKey(Gauge, on_delete=models.CASCADE, related_name="cuts")
    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="cuts")
    first_day = models.DateField(_("premier jour"))
    last_day = models.DateField(_("dernier jour"))
    capacity = models.PositiveSmallIntegerField(_("places"))

    class Meta:
        verbose_name = _("capacité réduite")
        verbose_name_plural = _("capacités réduites")
        ordering = ("gauge", "first_day", "pk")
        constraints = [
            models.UniqueConstraint(fields=("gauge", "closure"), name="gauge_cut_once"),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="gauge_cut_in_order",
                violation_error_message=_("Le dernier jour vient avant le premier."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gauge} : {self.capacity}"


def places_left(path: str = "") -> models.expressions.Combinable:
    """How many places a quota has for who counts for none of those kept; `path` leads to it."""
    return F(f"{path}capacity") - F(f"{path}taken") - F(f"{path}kept") + F(f"{path}kept_taken")


def kept_left(path: str = "") -> models.expressions.Combinable:
    """How many places kept for some of a quota are not taken yet."""
    return F(f"{path}kept") - F(f"{path}kept_taken")


def full_to_all(path: str = "") -> Q:
    """Whether a quota, at the end of `path`, has no place for who counts for none of those kept."""
    return Q(**{f"{path}capacity__lte": F(f"{path}taken") + F(f"{path}kept") - F(f"{path}kept_taken")})


class SlotGauge(models.Model):
    """The openings of `slot` (of `group`, or of every group when empty) draw on `gauge`."""

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="draws")
    group = models.ForeignKey(AgeGroup, on_delete=models.CASCADE, null=True, blank=True, related_name="draws")
    gauge = models.ForeignKey(Gauge, on_delete=models.PROTECT, related_name="draws")

    class Meta:
        verbose_name = _("créneau qui y compte ses places")
        verbose_name_plural = _("créneaux qui y comptent leurs places")
        constraints = [models.UniqueConstraint("slot", Coalesce("group", 0), "gauge", name="slot_gauge_once")]

    def __str__(self) -> str:
        return f"{self.slot} · {self.gauge}"


class Quota(models.Model):
    """The places of a gauge on one day, or in one half-hour of it (`part` 0–47; -1 for the whole day).

    `taken` counts children, each once. Invariant kept by the database: taken <= capacity + overdraft.
    `overdraft` is what an agent allowed past the capacity, or what was already taken when a capacity was
    lowered. `withheld` places were freed by a recount and are off the capacity until a director confirms it.
    `kept` places are for some only, as its `KeptQuota` say, and `kept_taken` of them are taken.
    """

    WHOLE_DAY = -1

    gauge = models.ForeignKey(Gauge, on_delete=models.PROTECT, related_name="quotas")
    day = models.DateField(_("jour"))
    part = models.SmallIntegerField(_("demi-heure"), default=WHOLE_DAY)
    capacity = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(_("prises"), default=0)
    overdraft = models.PositiveSmallIntegerField(_("en dérogation"), default=0)
    withheld = models.PositiveSmallIntegerField(_("retenues"), default=0)
    kept = models.PositiveSmallIntegerField(_("gardées"), default=0)
    kept_taken = models.PositiveSmallIntegerField(_("gardées et prises"), default=0)

    class Meta:
        verbose_name = _("places d’un jour")
        verbose_name_plural = _("places par jour")
        constraints = [
            models.UniqueConstraint(fields=("gauge", "day", "part"), name="quota_once"),
            models.CheckConstraint(
                condition=models.Q(taken__lte=models.F("capacity") + models.F("overdraft")),
                name="quota_not_overdrawn",
                violation_error_message=_("Il n’y a plus de place."),
            ),
            models.CheckConstraint(
                condition=models.Q(part__gte=-1, part__lte=47), name="quota_part_is_a_half_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gauge} · {self.day}"
