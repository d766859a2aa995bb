"""What a home may do with its file, the changes that it proposes, and that it said the file is right."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField
from marelle.families.fields import CODE_LENGTH, Policy
from marelle.families.models.homes import Family, Person
from marelle.files.models import StoredFile

REASON_LENGTH = 500


class FieldPolicy(models.Model):
    """What the authority chose for a field of the file; a field without a row keeps its default."""

    code = models.CharField(_("champ"), max_length=CODE_LENGTH, unique=True)
    policy = models.CharField(_("règle"), max_length=10, choices=[(p.value, p.value) for p in Policy])

    class Meta:
        verbose_name = _("règle d’un champ")
        verbose_name_plural = _("règles des champs")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} : {self.policy}"


class ChangeRequest(models.Model):
    """A change of the file that a home proposes and an agent decides: a field, a person to add or to remove;
    or what the CAF or the MSA said of one of its adults (`CafAnswer`; `field` is then a `caf.rules.What`).

    `old` and `new` hold the parts of the value as forms show them; `old` is what the home saw, so that
    accepting never undoes what changed since. Those of an income are not here: see `ProposedIncome`.
    `replaced` is what accepting replaced, so that undoing it can put that back; None where it replaced
    nothing: see `families.file.undoing`.
    """

    class Kind(models.TextChoices):
        FIELD = "field", _("donnée à modifier")
        ADD = "add", _("personne à ajouter")
        REMOVE = "remove", _("personne à retirer")
        CAF = "caf", _("réponse de la CAF ou de la MSA")

    class State(models.TextChoices):
        OPEN = "open", _("en attente")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        WITHDRAWN = "withdrawn", _("reprise")
        REPLACED = "replaced", _("remplacée")

    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="changes")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    field = models.CharField(_("champ"), max_length=CODE_LENGTH, blank=True)
    old = models.JSONField(_("ancienne valeur"), default=dict, blank=True)
    new = models.JSONField(_("valeur proposée"), default=dict, blank=True)
    replaced = models.JSONField(_("valeur remplacée"), null=True, blank=True)
    proof = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField(_("proposée le"))
    asked_by = models.CharField(_("proposée par"), max_length=200)
    asker = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.CharField(_("décidée par"), max_length=200, blank=True)
    reason = SealedTextField(_("raison"), max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("demande de modification")
        verbose_name_plural = _("demandes de modification")
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("family", "person", "field"),
                condition=models.Q(state="open", kind="field", person__isnull=False),
                name="change_open_once_person",
            ),
            models.UniqueConstraint(
                fields=("family", "field"),
                condition=models.Q(state="open", kind="field", person__isnull=True),
                name="change_open_once_home",
            ),
            models.UniqueConstraint(
                fields=("family", "person"),
                condition=models.Q(state="open", kind="remove"),
                name="change_removal_open_once",
            ),
            models.UniqueConstraint(
                fields=("family", "person", "field"),
                condition=models.Q(state="open", kind="caf"),
                name="change_caf_open_once",
            ),
        ]
        indexes = [models.Index(fields=("family", "state", "-asked_at"), name="change_family")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.family} · {self.state}"


class FileConfirmation(models.Model):
    """The home said that its file is right, once a school year (the year of its September)."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="confirmations")
    school_year = models.PositiveSmallIntegerField(_("année scolaire"))
    at = models.DateTimeField(_("confirmé le"))
    by = models.CharField(_("confirmé par"), max_length=200)

    class Meta:
        verbose_name = _("confirmation du dossier")
        verbose_name_plural = _("confirmations des dossiers")
        ordering = ("-school_year",)
        constraints = [
            models.UniqueConstraint(fields=("family", "school_year"), name="confirmed_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.family} · {self.school_year}"
