"""A commission for places in crèche: what it gives, by which criteria, the sheet of each demand."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.campaigns.drawing import ticket_new
from marelle.campaigns.models.campaigns import Criterion
from marelle.core.sealed import SealedTextField
from marelle.places.models import Structure
from marelle.relay.models import CareRequest


class Commission(models.Model):
    """It sits for a relais, on the demands of its guichet unique.

    `seed` is secret until the draw, `promise` its SHA-256, there from the first day. `file` is the run as
    text, `fingerprint` its SHA-256: the verifier has read it. `answer_days`: how long a place is kept for
    who was told of it. `members` is who sat, one a line.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("en préparation")
        PROPOSED = "proposed", _("en séance")
        SENT = "sent", _("réponses envoyées")

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="commissions")
    name = models.CharField(_("nom"), max_length=120)
    sits_on = models.DateField(_("jour de la séance"))
    answer_days = models.PositiveSmallIntegerField(_("jours pour répondre"), default=10)
    members = models.TextField(_("ont siégé"), max_length=1000, blank=True)
    public_source = models.CharField(_("nombre public utilisé"), max_length=200)
    public_number = models.CharField(_("nombre public"), max_length=60, blank=True)
    seed = SealedTextField(_("graine du tirage"), max_length=64)
    promise = models.CharField(_("empreinte de la graine"), max_length=64)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    file = models.TextField(_("fichier du classement"), blank=True)
    fingerprint = models.CharField(_("empreinte du fichier"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("préparée le"))
    created_by = models.CharField(_("préparée par"), max_length=150)
    proposed_at = models.DateTimeField(_("classement fait le"), null=True, blank=True)
    sent_at = models.DateTimeField(_("réponses envoyées le"), null=True, blank=True)

    class Meta:
        verbose_name = _("commission d’attribution")
        verbose_name_plural = _("commissions d’attribution")
        ordering = ("-sits_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_days__gte=1, answer_days__lte=60),
                name="commission_answered_in_time",
                violation_error_message=_("De 1 à 60 jours pour répondre."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CommissionSection(models.Model):
    """Places to give: of a section of a structure, to children of some months of age, from a day on.

    `places` holds how many for each weekday (0 is Monday): {"0": 2}. Both ends of the age are included.
    """

    commission = models.ForeignKey(Commission, on_delete=models.CASCADE, related_name="sections")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="commission_sections")
    name = models.CharField(_("section"), max_length=60)
    min_months = models.PositiveSmallIntegerField(_("âge à l’entrée, depuis"), default=2)
    max_months = models.PositiveSmallIntegerField(_("âge à l’entrée, jusqu’à"))
    starts_on = models.DateField(_("places à partir du"))
    places = models.JSONField(_("places par jour"), default=dict)

    class Meta:
        verbose_name = _("places d’une commission")
        verbose_name_plural = _("places des commissions")
        ordering = ("commission", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(max_months__gte=models.F("min_months")),
                name="section_ages_in_order",
                violation_error_message=_("Le dernier âge vient avant le premier."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure.name} · {self.name}"


class CommissionCriterion(models.Model):
    """A tier, the first that a sheet meets, or points within it; it is met once its proof was seen."""

    commission = models.ForeignKey(Commission, on_delete=models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    use = models.CharField(_("donne"), max_length=10, choices=Criterion.Use)
    weight = models.PositiveSmallIntegerField(_("points"), default=0)
    label = models.CharField(_("ce que les familles lisent"), max_length=120)
    proof = models.CharField(_("ce qui le prouve"), max_length=120)

    class Meta:
        verbose_name = _("critère d’une commission")
        verbose_name_plural = _("critères des commissions")
        ordering = ("commission", "order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(use="tier", weight=0) | Q(use="points", weight__gte=1),
                name="commission_points_with_points",
                violation_error_message=_("Donnez le nombre de points, pour un critère à points seulement."),
            )
        ]

    def __str__(self) -> str:
        return self.label


class CommissionSheet(models.Model):
    """What the commission has before it of one demand, and what it decides.

    `wishes` are ids of sections, the best first; empty for all that fit, in the order of the commission.
    `tier`, `points`, `met` (labels), `turn` (from 0), `blocked` (as `running.blocked_told` says it, its rank
    being a section) and `proposed` are frozen by the run; `section` is what is given in the end.
    """

    class Outcome(models.TextChoices):
        NONE = "", _("pas encore vue")
        GIVEN = "given", _("place proposée")
        WAITING = "waiting", _("en attente")
        REFUSED = "refused", _("refusée")
        GONE = "gone", _("n’est plus au guichet")

    class Answer(models.TextChoices):
        NONE = "", _("sans réponse")
        ACCEPTED = "accepted", _("acceptée")
        RETURNED = "returned", _("rendue")

    commission = models.ForeignKey(Commission, on_delete=models.CASCADE, related_name="sheets")
    request = models.ForeignKey(CareRequest, on_delete=models.CASCADE, related_name="sheets")
    number = models.PositiveSmallIntegerField(_("numéro"))
    ticket = models.CharField(_("billet"), max_length=19, default=ticket_new)
    wishes = models.JSONField(_("sections, dans l’ordre souhaité"), default=list, blank=True)
    tier = models.PositiveSmallIntegerField(_("priorité"), null=True, blank=True)
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    met = models.JSONField(_("critères remplis"), default=list, blank=True)
    turn = models.PositiveIntegerField(_("tour"), null=True, blank=True)
    blocked = models.JSONField(_("ce qui a manqué"), default=list, blank=True)
    proposed = models.ForeignKey(
        CommissionSection,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("place du classement"),
    )
    outcome = models.CharField(
        _("décision"), max_length=10, choices=Outcome, blank=True, default=Outcome.NONE
    )
    section = models.ForeignKey(
        CommissionSection,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sheets",
        verbose_name=_("place proposée"),
    )
    reason = SealedTextField(_("raison"), max_length=300, blank=True)
    decided_by = models.CharField(_("décidée par"), max_length=150, blank=True)
    sent_at = models.DateTimeField(_("réponse envoyée le"), null=True, blank=True)
    answer_until = models.DateField(_("à accepter jusqu’au"), null=True, blank=True)
    answer = models.CharField(
        _("réponse de la famille"), max_length=10, choices=Answer, blank=True, default=Answer.NONE
    )
    answered_at = models.DateTimeField(_("répondu le"), null=True, blank=True)
    answered_by = models.CharField(_("répondu par"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("fiche d’une commission")
        verbose_name_plural = _("fiches des commissions")
        ordering = ("commission", "turn", "number")
        constraints = [
            models.UniqueConstraint(fields=("commission", "request"), name="sheet_once_a_demand"),
            models.UniqueConstraint(fields=("commission", "number"), name="sheet_number_once"),
            models.UniqueConstraint(fields=("commission", "ticket"), name="sheet_ticket_once"),
            models.CheckConstraint(
                condition=Q(outcome="given", section__isnull=False)
                | (~Q(outcome="given") & Q(section__isnull=True)),
                name="sheet_given_a_section",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commission} · {self.number}"


class SheetProof(models.Model):
    """What proves that a sheet meets a criterion, as an agent saw it: it counts from then on."""

    sheet = models.ForeignKey(CommissionSheet, on_delete=models.CASCADE, related_name="proofs")
    criterion = models.ForeignKey(CommissionCriterion, on_delete=models.CASCADE, related_name="proofs")
    seen = SealedTextField(_("pièce vue"), max_length=120)
    seen_at = models.DateTimeField(_("vue le"))
    seen_by = models.CharField(_("vue par"), max_length=150)

    class Meta:
        verbose_name = _("pièce vue par une commission")
        verbose_name_plural = _("pièces vues par les commissions")
        ordering = ("sheet", "criterion")
        constraints = [models.UniqueConstraint(fields=("sheet", "criterion"), name="sheet_proof_once")]

    def __str__(self) -> str:
        return f"{self.sheet} · {self.criterion}"
