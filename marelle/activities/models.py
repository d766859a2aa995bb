"""What is offered: activities, groups, slots, openings; how many places; until when one may book."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.activities.generation import DayScope
from marelle.activities.kinds import ActivityKind, BookingMode, EnrolmentMode
from marelle.activities.rules import After, Counting, Limit, LimitKind, Rule
from marelle.places.models import Calendar, Closure, School, Structure


def new_revision() -> int:
    """A number that no other state of a definition has had: what is cached under another one is stale."""
    return secrets.randbits(62)


class Activity(models.Model):
    """ "Mercredis 2026-2027": what a person may be enrolled in, between two dates, both included.

    `unpaid_blocks`: an overdue bill keeps its home from asking, never for a canteen. `closes_when_full`: no
    request while no place is left.

    Ages are in months, both included; `max_age_months` holds until the day before the next birthday or
    month. They are counted on `age_day`, or on the first day asked for when it is empty.

    `revision` changes with anything that defines the activity (itself, groups, slots, rules, calendar): see
    `catalogue`, which keeps definitions in the process under it.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="activities")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="activities")
    name = models.CharField(_("nom"), max_length=120)
    kind = models.CharField(_("nature"), max_length=20, choices=ActivityKind)
    first_day = models.DateField(_("premier jour"))
    last_day = models.DateField(_("dernier jour"))
    min_age_months = models.PositiveSmallIntegerField(_("âge minimum, en mois"))
    max_age_months = models.PositiveSmallIntegerField(_("âge maximum, en mois"), null=True, blank=True)
    age_day = models.DateField(_("âge compté au"), null=True, blank=True)
    schools = models.ManyToManyField(
        School, related_name="activities", blank=True, verbose_name=_("écoles desservies")
    )
    enrolment_mode = models.CharField(_("inscription"), max_length=20, choices=EnrolmentMode)
    booking_mode = models.CharField(_("réservation"), max_length=20, choices=BookingMode)
    requests_open_at = models.DateTimeField(_("demandes ouvertes le"), null=True, blank=True)
    requests_close_at = models.DateTimeField(_("demandes closes le"), null=True, blank=True)
    unpaid_blocks = models.BooleanField(_("une facture impayée empêche la demande"), default=False)
    closes_when_full = models.BooleanField(_("complet, ne prend plus de demande"), default=False)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    revision = models.BigIntegerField(default=new_revision, editable=False)

    class Meta:
        verbose_name = _("activité")
        ordering = ("order", "name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="activity_in_order",
                violation_error_message=_("Le dernier jour vient avant le premier."),
            ),
            models.CheckConstraint(
                condition=models.Q(max_age_months__isnull=True)
                | models.Q(max_age_months__gte=models.F("min_age_months")),
                name="activity_ages_in_order",
                violation_error_message=_("L’âge maximum est plus petit que l’âge minimum."),
            ),
            models.CheckConstraint(
                condition=models.Q(unpaid_blocks=False) | ~models.Q(kind=ActivityKind.CANTEEN),
                name="activity_canteen_feeds_all",
                violation_error_message=_("Une facture impayée n’empêche jamais de demander la cantine."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AgeGroup(models.Model):
    """A group of an activity ("3–5 ans"); ages in months, both included, counted as the activity counts."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("nom"), max_length=40)
    min_age_months = models.PositiveSmallIntegerField(_("âge minimum, en mois"))
    max_age_months = models.PositiveSmallIntegerField(_("âge maximum, en mois"), null=True, blank=True)

    class Meta:
        verbose_name = _("groupe d’âge")
        ordering = ("activity", "min_age_months", "pk")

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """A part of the day that an activity offers: Matin, Repas, Après-midi, Journée.

    `excludes`: the two cannot be held by one child on one day. `requires`: this one needs one of those.
    `includes`: what this one already gives (Journée gives the meal). `by_hour`: the family picks arrival and
    departure, to the half-hour, within the opening. `one_off`: dated by hand (outings), never generated.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="slots")
    name = models.CharField(_("nom"), max_length=60)
    starts = models.TimeField(_("début"))
    ends = models.TimeField(_("fin"))
    weekdays = models.JSONField(_("jours de la semaine"), default=list, help_text=_("0 pour lundi"))
    days = models.CharField(
        _("jours"), max_length=20, choices=[(s.value, s.value) for s in DayScope], default=DayScope.TERM
    )
    has_meal = models.BooleanField(_("repas compris"), default=False)
    by_hour = models.BooleanField(_("à l’heure"), default=False)
    one_off = models.BooleanField(_("dates choisies à la main"), default=False)
    excludes = models.ManyToManyField("self", symmetrical=True, blank=True, verbose_name=_("exclut"))
    requires = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="required_by", verbose_name=_("demande l’un de")
    )
    includes = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="included_in", verbose_name=_("comprend")
    )
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("créneau")
        ordering = ("activity", "order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")),
                name="slot_in_order",
                violation_error_message=_("La fin vient avant le début."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.name}"


class Gauge(models.Model):
    """A number of places that the director answers for: a group's mornings, a dining room, a building.

    `unit` says whether places are counted once a day or by half-hour.
    """

    class Unit(models.TextChoices):
        DAY = "day", _("par jour")
        HALF_HOUR = "half_hour", _("par demi-heure")

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="gauges")
    name = models.CharField(_("nom"), max_length=120)
    unit = models.CharField(_("comptée"), max_length=10, choices=Unit, default=Unit.DAY)

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
        return f"{self.gauge} : {self.capacity}"


class SlotGauge(models.Model):
    """The openings of `slot` (of `group`, or of every group when empty) draw on `gauge`."""

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="draws")
    group = models.ForeignKey(AgeGroup, on_delete=models.CASCADE, null=True, blank=True, related_name="draws")
    gauge = models.ForeignKey(Gauge, on_delete=models.PROTECT, related_name="draws")

    class Meta:
        verbose_name = _("jauge d’un créneau")
        constraints = [models.UniqueConstraint("slot", Coalesce("group", 0), "gauge", name="slot_gauge_once")]

    def __str__(self) -> str:
        return f"{self.slot} · {self.gauge}"


class Quota(models.Model):
    """The places of a gauge on one day, or in one half-hour of it (`part` 0–47; -1 for the whole day).

    Invariant kept by the database: taken <= capacity + overdraft. `overdraft` is what an agent allowed past
    the capacity, or what was already taken when a capacity was lowered.
    """

    WHOLE_DAY = -1

    gauge = models.ForeignKey(Gauge, on_delete=models.PROTECT, related_name="quotas")
    day = models.DateField(_("jour"))
    part = models.SmallIntegerField(_("demi-heure"), default=WHOLE_DAY)
    capacity = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(_("prises"), default=0)
    overdraft = models.PositiveSmallIntegerField(_("en dérogation"), default=0)

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


class Bundle(models.Model):
    """Openings that are booked all or none: a full week of holidays, a mini-camp."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="bundles")
    name = models.CharField(_("nom"), max_length=120)

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


class LimitColumns(models.Model):
    """Two limits, to book and to cancel, as columns that a screen can edit. See `rules.Limit` for units."""

    book_kind = models.CharField(
        _("réserver jusqu’à"), max_length=20, choices=[(k.value, k.value) for k in LimitKind]
    )
    book_n = models.PositiveSmallIntegerField(default=0)
    book_weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    book_time = models.TimeField(null=True, blank=True)
    book_counting = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in Counting], default=Counting.CALENDAR
    )
    book_at = models.DateTimeField(null=True, blank=True)
    cancel_kind = models.CharField(
        _("annuler jusqu’à"), max_length=20, choices=[(k.value, k.value) for k in LimitKind]
    )
    cancel_n = models.PositiveSmallIntegerField(default=0)
    cancel_weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    cancel_time = models.TimeField(null=True, blank=True)
    cancel_counting = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in Counting], default=Counting.CALENDAR
    )
    cancel_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def set_limits(self, *, book: Limit, cancel: Limit) -> None:
        """Write both limits into the columns (the row is not saved)."""
        for prefix, limit in (("book", book), ("cancel", cancel)):
            for name in ("kind", "n", "weekday", "time", "counting", "at"):
                setattr(self, f"{prefix}_{name}", getattr(limit, name))

    def limit(self, prefix: str) -> Limit:
        """The limit held by the columns of `prefix`, "book" or "cancel"."""
        return Limit(
            kind=LimitKind(getattr(self, f"{prefix}_kind")),
            n=getattr(self, f"{prefix}_n"),
            weekday=getattr(self, f"{prefix}_weekday"),
            time=getattr(self, f"{prefix}_time"),
            counting=Counting(getattr(self, f"{prefix}_counting")),
            at=getattr(self, f"{prefix}_at"),
        )


class BookingRule(LimitColumns):
    """Until when one may book and cancel the openings of an activity whose day is within the row's dates.

    A row of a `slot` counts before a row of the whole activity; among several, the one that began last.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="booking_rules")
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, null=True, blank=True, related_name="booking_rules"
    )
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    opens_residents_at = models.DateTimeField(_("ouvre aux habitants le"), null=True, blank=True)
    opens_others_at = models.DateTimeField(_("ouvre aux autres le"), null=True, blank=True)
    after = models.CharField(
        _("passé le délai"), max_length=10, choices=[(a.value, a.value) for a in After], default=After.REFUSE
    )
    absence_proof_hours = models.PositiveSmallIntegerField(
        _("justificatif d’absence, en heures après le début"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("délai de réservation")
        verbose_name_plural = _("délais de réservation")
        ordering = ("activity", "since", "pk")

    def __str__(self) -> str:
        return f"{self.activity} · {self.since}"

    def as_rule(self) -> Rule:
        """The pure rule that this row holds."""
        return Rule(
            since=self.since,
            until=self.until,
            book=self.limit("book"),
            cancel=self.limit("cancel"),
            opens_residents_at=self.opens_residents_at,
            opens_others_at=self.opens_others_at,
            after=After(self.after),
            absence_proof_hours=self.absence_proof_hours,
        )
