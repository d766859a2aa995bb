"""Cases: one row for each thing that waits for, or has had, a decision."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField


class CaseState(models.TextChoices):
    OPEN = "open", _("à décider")
    ACCEPTED = "accepted", _("accepté")
    REFUSED = "refused", _("refusé")
    WITHDRAWN = "withdrawn", _("retiré")


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> CaseQuerySet:
        return self.filter(state=CaseState.OPEN)

    def in_scope(self, *, structures: Collection[int], authorities: Collection[int]) -> CaseQuerySet:
        """Cases of these structures, or of any structure of these authorities."""
        return self.filter(models.Q(structure_id__in=structures) | models.Q(authority_id__in=authorities))


class Case(models.Model):
    """`kind` names the decision ("enrolment"), the subject what it is about, the scope who may decide."""

    kind = models.CharField(_("nature"), max_length=40)
    subject_kind = models.CharField(_("nature de l’objet"), max_length=40)
    subject_id = models.BigIntegerField(_("numéro de l’objet"))
    label = models.CharField(_("objet"), max_length=200)
    family_id = models.BigIntegerField(_("dossier famille"), null=True, blank=True)
    authority_id = models.BigIntegerField(_("collectivité"), null=True, blank=True)
    structure_id = models.BigIntegerField(_("structure"), null=True, blank=True)
    opened_at = models.DateTimeField(_("ouvert le"))
    opened_by = models.CharField(_("ouvert par"), max_length=200)
    until = models.DateTimeField(_("à décider avant"), null=True, blank=True)
    state = models.CharField(_("état"), max_length=12, choices=CaseState, default=CaseState.OPEN)
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    decided_by = models.CharField(_("décidé par"), max_length=200, blank=True)
    reason = SealedTextField(_("motif"), blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier à décider")
        verbose_name_plural = _("dossiers à décider")
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id"],
                condition=models.Q(state="open"),
                name="case_open_once",
                violation_error_message=_("Une demande est déjà en attente."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | models.Q(~models.Q(state="open"), decided_at__isnull=False),
                name="case_decided_has_date",
                violation_error_message=_("Une décision porte sa date."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "structure_id", "opened_at"], name="case_structure"),
            models.Index(fields=["state", "authority_id", "opened_at"], name="case_authority"),
            models.Index(fields=["subject_kind", "subject_id"], name="case_subject"),
            models.Index(fields=["family_id", "state"], name="case_family"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label} ({self.state})"


class CaseNote(models.Model):
    """What an agent leaves on a case for its colleagues; or that it passed the case to another service.

    When it was `passed`, `from_structure_id` and `to_structure_id` are the structures that held it and holds
    it, None for the office.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField(_("le"))
    by = models.CharField(_("par"), max_length=200)
    text = SealedTextField(_("note"), max_length=500, blank=True)
    passed = models.BooleanField(_("passé à un autre service"), default=False)
    from_structure_id = models.BigIntegerField(_("de la structure"), null=True, blank=True)
    to_structure_id = models.BigIntegerField(_("à la structure"), null=True, blank=True)

    class Meta:
        verbose_name = _("note sur une demande")
        verbose_name_plural = _("notes sur les demandes")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.case} · {self.by}"


class Reason(models.Model):
    """A reason to refuse that an authority keeps ready for one kind of case, in its order."""

    authority_id = models.BigIntegerField(_("collectivité"))
    kind = models.CharField(_("nature"), max_length=40)
    text = models.CharField(_("motif"), max_length=200)
    position = models.PositiveSmallIntegerField(_("ordre"))

    class Meta:
        verbose_name = _("motif de refus")
        verbose_name_plural = _("motifs de refus")
        ordering = ["authority_id", "kind", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority_id", "kind", "position"],
                name="reason_place",
                violation_error_message=_("Deux motifs ne peuvent pas être à la même place."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
