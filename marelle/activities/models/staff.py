"""The adults of a structure: the register of who works there, and how many are planned."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.activities.kinds import Qualification
from marelle.activities.models.offer import Slot
from marelle.places.models import Structure


class StaffMember(models.Model):
    """Somebody who works in a structure between two days, both included, account or not.

    Planned on no day out of them; purged once the last one is past the delay of the authority.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="staff_members")
    first_name = models.CharField(_("prénom"), max_length=60)
    last_name = models.CharField(_("nom"), max_length=60)
    qualification = models.CharField(_("qualification"), max_length=12, choices=Qualification)
    first_day = models.DateField(_("premier jour"))
    last_day = models.DateField(_("dernier jour"))

    class Meta:
        verbose_name = _("personne du registre du personnel")
        verbose_name_plural = _("personnes du registre du personnel")
        ordering = ("structure", "last_name", "first_name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="staff_member_in_order",
                violation_error_message=_("Le dernier jour vient avant le premier."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class StaffPlan(models.Model):
    """How many adults are planned in a structure on a day: for one slot, or for the whole day without one.

    `members` are those of them who are named: never more than `number`.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="staff_plans")
    day = models.DateField(_("jour"))
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, null=True, blank=True, related_name="staff_plans"
    )
    number = models.PositiveSmallIntegerField(_("adultes prévus"))
    members = models.ManyToManyField(
        StaffMember, related_name="plans", blank=True, verbose_name=_("personnes nommées")
    )

    class Meta:
        verbose_name = _("personnel prévu")
        verbose_name_plural = _("personnels prévus")
        ordering = ("day", "pk")
        constraints = [
            models.UniqueConstraint("structure", "day", Coalesce("slot", 0), name="staff_plan_once"),
        ]

    def __str__(self) -> str:
        return f"{self.structure} · {self.day}"
