"""What is offered: an activity, its groups, its slots, and what it asks of a home."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.generation import DayScope
from marelle.activities.kinds import (
    ActivityKind,
    BookingMode,
    Decider,
    EnrolmentMode,
    Parting,
    QuestionKind,
    Supervision,
    Unpaid,
    deciding_structure,
)
from marelle.places.models import Calendar, School, Structure


def new_revision() -> int:
    """A number that no other state of a definition has had: what is cached under another one is stale."""
    return secrets.randbits(62)


class Activity(models.Model):
    """ "Mercredis 2026-2027": what a person may be enrolled in, between two dates, both included.

    `unpaid`: what a late bill of its home to the authority does; to a canteen at most a word, since each
    child of its school has a right to it (article L. 131-13 of the code de l’éducation). `closes_when_full`:
    no request while no place is left. `decided_by`: whom what families ask is for, from the next request on.
    `asks_times`: at the door it is noted when a child arrives and leaves.

    Ages are in months, both included; `max_age_months` holds until the day before the next birthday or
    month. They are counted on `age_day`, or on the first day asked for when it is empty.

    `description` and `cost_text` are told to families as they were typed: nothing is counted from them.

    `copied_from`: the activity of the year before that it goes on from, once.

    `revision` changes with anything that defines the activity (itself, groups, slots, rules, calendar): see
    `catalogue`, which keeps definitions in the process under it.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="activities")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="activities")
    name = models.CharField(_("nom"), max_length=120)
    kind = models.CharField(_("nature"), max_length=20, choices=ActivityKind)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    cost_text = models.TextField(_("ce que cela coûte"), max_length=1000, blank=True)
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
    supervision = models.CharField(
        _("taux d’encadrement"),
        max_length=10,
        choices=Supervision,
        blank=True,
        help_text=_("Vide : celui de la nature de l’activité."),
    )
    decided_by = models.CharField(_("qui décide"), max_length=10, choices=Decider, default=Decider.STRUCTURE)
    requests_open_at = models.DateTimeField(_("demandes ouvertes le"), null=True, blank=True)
    requests_close_at = models.DateTimeField(_("demandes closes le"), null=True, blank=True)
    unpaid = models.CharField(
        _("facture en retard de paiement"), max_length=10, choices=Unpaid, default=Unpaid.NOTHING
    )
    closes_when_full = models.BooleanField(_("complet, ne prend plus de demande"), default=False)
    asks_card = models.BooleanField(_("se réserve avec une carte d’entrées"), default=False)
    asks_times = models.BooleanField(_("heures d’arrivée et de départ"), default=False)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    copied_from = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="copied_to",
        editable=False,
        verbose_name=_("copie de"),
        error_messages={"unique": _("Cette activité est déjà copiée.")},
    )
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
                condition=models.Q(unpaid__in=(Unpaid.NOTHING, Unpaid.WARN))
                | ~models.Q(kind=ActivityKind.CANTEEN),
                name="activity_canteen_feeds_all",
                violation_error_message=_("Une facture impayée ne ferme jamais la cantine."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def deciding_structure_id(self) -> int | None:
        return deciding_structure(self.structure_id, self.decided_by)


class AgeGroup(models.Model):
    """A group of an activity ("3–5 ans"); ages in months, both included, counted as the activity counts."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("nom"), max_length=40)
    min_age_months = models.PositiveSmallIntegerField(_("âge minimum, en mois"))
    max_age_months = models.PositiveSmallIntegerField(_("âge maximum, en mois"), null=True, blank=True)

    class Meta:
        verbose_name = _("groupe d’âge")
        verbose_name_plural = _("groupes d’âge")
        ordering = ("activity", "min_age_months", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_age_months__isnull=True)
                | models.Q(max_age_months__gte=models.F("min_age_months")),
                name="group_ages_in_order",
                violation_error_message=_("L’âge maximum est plus petit que l’âge minimum."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """A part of the day that an activity offers: Matin, Repas, Après-midi, Journée.

    `excludes`: the two cannot be held by one child on one day. `requires`: this one needs one of those, and
    `parting` says what becomes of it without. Both may lead to slots of other activities of the authority.
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
    parting = models.CharField(
        _("si l’autre est annulé"), max_length=10, choices=Parting, default=Parting.HOLDS
    )
    includes = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="included_in", verbose_name=_("comprend")
    )
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("créneau")
        verbose_name_plural = _("créneaux")
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

    def clean(self) -> None:
        """A slot is held on some days of the week, or on dates chosen one by one."""
        if not set(self.weekdays) <= set(range(7)) or not (self.weekdays or self.one_off):
            raise ValidationError({"weekdays": _("Choisissez au moins un jour de la semaine.")})


class SlotBefore(models.Model):
    """What prices read of a slot until a day, included, and from the last of these before it; see
    `facts.SlotThen`. Days that are billed were priced by it."""

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="before")
    until = models.DateField(_("jusqu’au"))
    starts = models.TimeField(_("début"))
    ends = models.TimeField(_("fin"))
    parts = models.ManyToManyField(Slot, related_name="+", verbose_name=_("fait de"))
    is_free = models.BooleanField(_("sans réservation"), default=False)

    class Meta:
        verbose_name = _("ancien créneau")
        verbose_name_plural = _("anciens créneaux")
        ordering = ("slot", "until")
        constraints = [
            models.UniqueConstraint(
                fields=("slot", "until"),
                name="slot_before_once_a_day",
                violation_error_message=_("Un changement compte déjà à partir de ce jour."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot} · {self.until}"


class Question(models.Model):
    """What a home is asked with its request. `choices` are the answers to pick from, of that kind alone.

    An answer keeps the words that it answered: a question may change or go without touching those given.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(_("question"), max_length=200)
    kind = models.CharField(_("réponse"), max_length=10, choices=QuestionKind, default=QuestionKind.TEXT)
    choices = models.JSONField(_("réponses possibles"), default=list, blank=True)
    required = models.BooleanField(_("réponse obligatoire"), default=False)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("question")
        ordering = ("activity", "order", "pk")

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """A list to pick from has two answers at least; the other kinds have none."""
        if self.kind == QuestionKind.CHOICE and len(self.choices) < 2:
            raise ValidationError({"choices": _("Donnez au moins deux réponses possibles, une par ligne.")})
        if self.kind != QuestionKind.CHOICE and self.choices:
            raise ValidationError({"choices": _("Pour les donner, choisissez « un choix dans une liste ».")})
