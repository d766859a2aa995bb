"""What a judge says of who must learn nothing of a child, and must not come near it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField
from marelle.families.models.care import REASON_LENGTH
from marelle.families.models.homes import Person
from marelle.files.models import StoredFile

LABEL: Final = 150
"""Signs of the label of an agent."""


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def standing(self) -> RestrictionQuerySet:
        """But those that a second agent refused."""
        return self.filter(refused_at=None)

    def in_force(self, day: date | models.OuterRef) -> RestrictionQuerySet:
        """Those that keep somebody away on `day`, confirmed or not yet."""
        return self.standing().filter(Q(until=None) | Q(until__gte=day), since__lte=day)

    def waiting(self) -> RestrictionQuerySet:
        """Those of which a second agent has to say something: what was written, or a last day."""
        return self.standing().filter(Q(confirmed_at=None) | Q(last_day__isnull=False))

    def for_second(self, user_id: int | None) -> RestrictionQuerySet:
        """Those of which that account may be the second to say it."""
        written = Q(confirmed_at=None) & (Q(writer=None) | ~Q(writer_id=user_id))
        ends = Q(last_day__isnull=False) & (Q(lifter=None) | ~Q(lifter_id=user_id))
        return self.standing().filter(written | ends)


class Restriction(models.Model):
    """From `since` to `until`, both included, `adult` and all who live in its home know nothing of `child`.

    It holds as soon as it is written; a second agent confirms or refuses it. `last_day` is one that an agent
    proposes: until a second one has agreed it changes nothing. `families.selectors.kept_away` is what reads
    it; nothing of it is ever shown on the family's side.
    """

    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="restrictions")
    adult = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="restricted_from")
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    reason = SealedTextField(_("jugement"), max_length=REASON_LENGTH)
    proof = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField(_("écrite le"))
    written_by = models.CharField(_("écrite par"), max_length=LABEL)
    writer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmée le"), null=True, blank=True)
    confirmed_by = models.CharField(_("confirmée par"), max_length=LABEL, blank=True)
    refused_at = models.DateTimeField(_("refusée le"), null=True, blank=True)
    refused_by = models.CharField(_("refusée par"), max_length=LABEL, blank=True)
    last_day = models.DateField(_("dernier jour proposé"), null=True, blank=True)
    lifted_by = models.CharField(_("fin proposée par"), max_length=LABEL, blank=True)
    lifter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("restriction d’un juge")
        verbose_name_plural = _("restrictions d’un juge")
        ordering = ("-written_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")),
                name="restriction_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
            models.CheckConstraint(
                condition=~Q(adult=models.F("child")), name="restriction_of_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(refused_at=None), name="restriction_answered_once"
            ),
        ]
        indexes = [models.Index(fields=("child", "adult"), name="restriction_of_child")]

    def __str__(self) -> str:
        return f"{self.adult} · {self.child} · {self.since}"
