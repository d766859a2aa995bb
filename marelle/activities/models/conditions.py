"""Who may book, by the day."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.conditions import Condition
from marelle.activities.models.offer import Activity, Slot
from marelle.places.models import School


class BookingCondition(models.Model):
    """What is asked of a child on the day of an opening, for the days within the row's dates; all the rows of
    an activity count, each by itself. See `conditions.Condition`.

    `paper_type` is the id of a type of paper, which a floor above knows; it keeps `paper_title` as it is
    named.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="conditions")
    slots = models.ManyToManyField(
        Slot, related_name="conditions", blank=True, verbose_name=_("créneaux concernés")
    )
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    min_age_months = models.PositiveSmallIntegerField(_("âge minimum, en mois"), null=True, blank=True)
    max_age_months = models.PositiveSmallIntegerField(_("âge maximum, en mois"), null=True, blank=True)
    levels = models.JSONField(_("classes"), default=list, blank=True)
    schools = models.ManyToManyField(School, related_name="conditions", blank=True, verbose_name=_("écoles"))
    paper_type = models.PositiveBigIntegerField(_("document valable ce jour-là"), null=True, blank=True)
    paper_title = models.CharField(max_length=120, blank=True, editable=False)

    class Meta:
        verbose_name = _("condition de réservation")
        verbose_name_plural = _("conditions de réservation")
        ordering = ("activity", "since", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="condition_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.since}"

    def clean(self) -> None:
        """The ages are in order."""
        first, last = self.min_age_months, self.max_age_months
        if first is not None and last is not None and last < first:
            raise ValidationError({"max_age_months": _("L’âge maximum est plus petit que l’âge minimum.")})

    def as_condition(self) -> Condition:
        """The pure rule that this row holds."""
        return Condition(
            id=self.pk,
            since=self.since,
            until=self.until,
            slots=frozenset(slot.pk for slot in self.slots.all()),
            min_months=self.min_age_months,
            max_months=self.max_age_months,
            levels=tuple(self.levels),
            schools=tuple((school.pk, school.name) for school in self.schools.all()),
            paper=self.paper_type,
            paper_title=self.paper_title,
        )
