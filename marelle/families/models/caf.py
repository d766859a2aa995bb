"""That somebody agreed to have the CAF or the MSA asked, and what it answered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedField
from marelle.families.models.file import ChangeRequest
from marelle.families.models.homes import Family, Person


class CafAgreement(models.Model):
    """An adult agreed, at an instant, to what `wording` says to the letter; until it takes that back.

    `identity` is how its birth was registered, sealed; None until FranceConnect tells it, and once the
    agreement has ended. `certified`: FranceConnect told it. `resources`: it covers what a crèche asks too.
    It is asked about from `due_at` on, None for never; `outcome` is what came of the last time.
    """

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="caf_agreements")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="caf_agreements")
    wording = models.TextField(_("texte accepté"))
    resources = models.BooleanField(_("ressources pour la crèche aussi"), default=False)
    given_at = models.DateTimeField(_("donné le"))
    given_by = models.CharField(_("donné par"), max_length=200)
    ended_at = models.DateTimeField(_("retiré le"), null=True, blank=True)
    ended_by = models.CharField(_("retiré par"), max_length=200, blank=True)
    identity = SealedField(_("état civil"), null=True, blank=True)
    certified = models.BooleanField(_("état civil de FranceConnect"), default=False)
    due_at = models.DateTimeField(_("à demander le"), null=True, blank=True)
    asked_at = models.DateTimeField(_("demandé le"), null=True, blank=True)
    outcome = models.CharField(_("réponse"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("accord pour interroger la CAF ou la MSA")
        verbose_name_plural = _("accords pour interroger la CAF ou la MSA")
        ordering = ("-given_at", "-pk")
        indexes = [
            models.Index(
                fields=("due_at",), condition=models.Q(ended_at__isnull=True), name="caf_agreement_due"
            ),
            models.Index(fields=("asked_at",), name="caf_agreement_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} ({self.given_at:%Y-%m-%d})"


class CafAnswer(models.Model):
    """What the CAF or the MSA said, proposed by a change of the file: nowhere else, gone once decided.

    As `ProposedIncome`, it outlives its decision by the minute in which that is undone: then `written_since`
    is the day from which the accepted amounts count, and `former` what those days held before.
    """

    change = models.OneToOneField(ChangeRequest, on_delete=models.CASCADE, related_name="caf_answer")
    said = SealedField(_("réponse"))
    written_since = models.DateField(_("compte depuis le"), null=True, blank=True)
    former = SealedField(_("revenus remplacés"), null=True, blank=True)

    class Meta:
        verbose_name = _("réponse de la CAF ou de la MSA")
        verbose_name_plural = _("réponses de la CAF ou de la MSA")

    def __str__(self) -> str:
        return str(self.change_id)
