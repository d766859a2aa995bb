"""A campaign of attribution: what it gives, by which criteria; the wishes of homes, and their answers."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.activities.audiences import AudienceKind
from marelle.activities.models import Activity, Slot
from marelle.campaigns.drawing import ticket_new
from marelle.core.clock import universal
from marelle.core.sealed import SealedTextField
from marelle.families.models import Family, Person
from marelle.papers.models import PaperType
from marelle.places.models import Authority


class Campaign(models.Model):
    """Places of a period that many want at once: each home ranks what it wishes, rules say who gets what.

    `early_until` goes with the mode `EARLY`: who comes before it is equal to all others who do. `unit`: homes
    rank weeks or days of a slot. `most_plans` is how many wishes a home may rank for each child, `most_given`
    how many of them it may receive. `seed` is secret until the window is over, `promise` is published before
    it opens. `file` is the last run as text, `fingerprint` its SHA-256; `verified` the fingerprint of the run
    that the verifier has read. `run_asked_at`: since when the worker has a run to do, for the account
    `run_account_id`; `run_refused` why the last one that it had was not done.
    """

    class Mode(models.TextChoices):
        WISHES = "wishes", _("des vœux classés")
        EARLY = "early", _("un tirage parmi les premiers arrivés")

    class Unit(models.TextChoices):
        WEEK = "week", _("des semaines")
        DAY = "day", _("des jours")

    class State(models.TextChoices):
        DRAFT = "draft", _("en préparation")
        ANNOUNCED = "announced", _("annoncée")
        CLOSED = "closed", _("close, tirage fait")
        SIMULATED = "simulated", _("simulée")
        PUBLISHED = "published", _("publiée")
        ENDED = "ended", _("terminée")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(_("nom"), max_length=120)
    activities = models.ManyToManyField(Activity, related_name="campaigns", verbose_name=_("activités"))
    first_day = models.DateField(_("premier jour de la période"))
    last_day = models.DateField(_("dernier jour de la période"))
    mode = models.CharField(_("façon"), max_length=10, choices=Mode, default=Mode.WISHES)
    unit = models.CharField(_("ce que les familles classent"), max_length=10, choices=Unit, default=Unit.WEEK)
    opens_at = models.DateTimeField(_("vœux à partir du"))
    closes_at = models.DateTimeField(_("vœux jusqu’au"))
    early_until = models.DateTimeField(_("à égalité jusqu’au"), null=True, blank=True)
    answers_at = models.DateTimeField(_("réponses le"))
    answer_until = models.DateTimeField(_("accepter jusqu’au"))
    most_plans = models.PositiveSmallIntegerField(_("vœux par enfant, au plus"), default=6)
    most_given = models.PositiveSmallIntegerField(_("vœux accordés, au plus"), default=1)
    public_source = models.CharField(_("nombre public utilisé"), max_length=200)
    public_number = models.CharField(_("nombre public"), max_length=60, blank=True)
    seed = SealedTextField(_("graine du tirage"), max_length=64, blank=True)
    promise = models.CharField(_("empreinte de la graine"), max_length=64, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    file = models.TextField(_("dernière simulation"), blank=True)
    fingerprint = models.CharField(_("empreinte du fichier"), max_length=64, blank=True)
    verified = models.CharField(_("empreinte du fichier vérifié"), max_length=64, blank=True)
    run_asked_at = models.DateTimeField(_("simulation demandée le"), null=True, blank=True)
    run_account_id = models.BigIntegerField(_("demandée par le compte"), null=True, blank=True)
    run_refused = models.CharField(_("pourquoi elle n’est pas faite"), max_length=20, blank=True)
    created_at = models.DateTimeField(_("préparée le"))
    created_by = models.CharField(_("préparée par"), max_length=150)
    announced_at = models.DateTimeField(_("annoncée le"), null=True, blank=True)
    closed_at = models.DateTimeField(_("tirage fait le"), null=True, blank=True)
    simulated_at = models.DateTimeField(_("simulée le"), null=True, blank=True)
    published_at = models.DateTimeField(_("publiée le"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("campagne d’attribution")
        verbose_name_plural = _("campagnes d’attribution")
        ordering = ("-first_day", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="campaign_in_order",
                violation_error_message=_("Le dernier jour vient avant le premier."),
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="campaign_window_in_order",
                violation_error_message=_("Les vœux se ferment avant de s’ouvrir."),
            ),
            models.CheckConstraint(
                condition=Q(answers_at__gte=F("closes_at"), answer_until__gt=F("answers_at")),
                name="campaign_answers_in_order",
                violation_error_message=_(
                    "Les réponses viennent après la fin des vœux, et on les accepte ensuite."
                ),
            ),
            models.CheckConstraint(
                condition=Q(mode="wishes", early_until=None)
                | Q(
                    mode="early",
                    early_until__isnull=False,
                    early_until__gt=F("opens_at"),
                    early_until__lte=F("closes_at"),
                ),
                name="campaign_early_within_window",
                violation_error_message=_(
                    "Pour un tirage parmi les premiers arrivés, et pour lui seul, donnez une heure entre"
                    " l’ouverture et la fin des vœux."
                ),
            ),
            models.CheckConstraint(
                condition=Q(most_plans__gte=1, most_plans__lte=20, most_given__gte=1)
                & Q(most_given__lte=F("most_plans")),
                name="campaign_of_some_wishes",
                violation_error_message=_(
                    "De 1 à 20 vœux classés, et pas plus de vœux accordés que de vœux classés."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def takes_wishes(self, now: datetime) -> bool:
        """Whether its window is open, by the server's clock."""
        opens, closes = universal(self.opens_at), universal(self.closes_at)
        return self.state == self.State.ANNOUNCED and opens <= universal(now) < closes

    def is_over(self, now: datetime) -> bool:
        """Whether no wish can come any more."""
        return universal(now) >= universal(self.closes_at)


class Criterion(models.Model):
    """What gives a home its right: a tier (the first that it meets) or points within its tier.

    It is met where it is true of one of the children that the home asks for, on the first day of the period:
    of an audience, or with a paper of that type that was accepted.
    """

    class Use(models.TextChoices):
        TIER = "tier", _("une priorité")
        POINTS = "points", _("des points")

    class Kind(models.TextChoices):
        RESIDENTS = AudienceKind.RESIDENTS.value, _("habite le territoire")
        AGREEMENT = AudienceKind.AGREEMENT.value, _("habite une commune conventionnée")
        RETURNING = AudienceKind.RETURNING.value, _("est venu l’année scolaire d’avant")
        SIBLINGS = AudienceKind.SIBLINGS.value, _("a un frère ou une sœur inscrit dans la structure")
        STAFF = AudienceKind.STAFF.value, _("enfant du personnel")
        PAPER = "paper", _("un document accepté")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    use = models.CharField(_("donne"), max_length=10, choices=Use)
    weight = models.PositiveSmallIntegerField(_("points"), default=0)
    kind = models.CharField(_("vrai si la famille ou l’enfant"), max_length=20, choices=Kind)
    paper_type = models.ForeignKey(
        PaperType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="criteria",
        verbose_name=_("document"),
    )
    label = models.CharField(_("ce que les familles lisent"), max_length=120)

    class Meta:
        verbose_name = _("critère d’attribution")
        verbose_name_plural = _("critères d’attribution")
        ordering = ("campaign", "order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="paper", paper_type__isnull=False)
                | (~Q(kind="paper") & Q(paper_type__isnull=True)),
                name="criterion_paper_with_paper",
                violation_error_message=_("Choisissez le document, pour ce critère seulement."),
            ),
            models.CheckConstraint(
                condition=Q(use="tier", weight=0) | Q(use="points", weight__gte=1),
                name="criterion_points_with_points",
                violation_error_message=_("Donnez le nombre de points, pour un critère à points seulement."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Wish(models.Model):
    """What a home asks of a campaign, in one right: its ticket; `together`, some of its children; `most` of
    each choice that is granted, whoever of the home said it last.

    `came_at` is when it first sent one, whatever it changed since. `tier`, `points` and `met` (the labels of
    the criteria that it meets) are frozen by a run, as is `turn`, from 0. `blocked` says why each better plan
    was not had, by what `rules.blocked` tells. `given_at`: its places were offered, or it was told that it
    has none. `faults`: what the verifier objects to; an agent looks before anything goes out.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="wishes")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="wishes")
    ticket = models.CharField(_("billet"), max_length=19, default=ticket_new)
    together = models.BooleanField(_("les enfants ensemble"), default=False)
    most = models.PositiveSmallIntegerField(_("vœux accordés, au plus"), default=1)
    came_at = models.DateTimeField(_("premier envoi le"))
    sent_at = models.DateTimeField(_("envoyés le"))
    sent_by = models.CharField(_("envoyés par"), max_length=150)
    tier = models.PositiveSmallIntegerField(_("priorité"), null=True, blank=True)
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    met = models.JSONField(_("critères remplis"), default=list, blank=True)
    turn = models.PositiveIntegerField(_("tour"), null=True, blank=True)
    blocked = models.JSONField(_("ce qui a manqué"), default=list, blank=True)
    faults = models.JSONField(_("objections du vérificateur"), default=list, blank=True)
    given_at = models.DateTimeField(_("réponse envoyée le"), null=True, blank=True)
    queued_at = models.DateTimeField(_("mis en attente le"), null=True, blank=True)

    class Meta:
        verbose_name = _("vœux d’un foyer")
        verbose_name_plural = _("vœux des foyers")
        ordering = ("campaign", "turn", "pk")
        constraints = [
            models.UniqueConstraint(fields=("campaign", "family"), name="wish_once_a_home"),
            models.UniqueConstraint(fields=("campaign", "ticket"), name="wish_ticket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.ticket}"


class WishLine(models.Model):
    """A week (`day` is its Monday) or a day of a slot, asked for a child: lines of one `rank` are one plan,
    had whole or not at all, and of children together for all of them.

    `order` is the number of the choice, as the home would have them served: one for each child, one for all
    who go together. `outcome` is what became of its plan.
    """

    class Outcome(models.TextChoices):
        NONE = "", _("sans réponse")
        GIVEN = "given", _("accordé")
        WAITING = "waiting", _("en liste d’attente")

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="lines")
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="wish_lines")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="wish_lines")
    day = models.DateField(_("jour"))
    rank = models.PositiveSmallIntegerField(_("rang"))
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    outcome = models.CharField(_("réponse"), max_length=10, choices=Outcome, blank=True, default=Outcome.NONE)

    class Meta:
        verbose_name = _("vœu")
        verbose_name_plural = _("vœux")
        ordering = ("wish", "order", "rank", "day", "slot", "pk")
        constraints = [
            models.UniqueConstraint(fields=("wish", "child", "slot", "day"), name="wish_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.wish} · {self.rank}"


class AnswerMove(models.Model):
    """An agent gave a home another of its plans than the run did, or none, before anything went out.

    `choice` is the place of the choice, from 0; `before` and `after` are ranks, 0 of none.
    """

    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="moves")
    choice = models.PositiveSmallIntegerField(_("enfant"), default=0)
    before = models.JSONField(_("rangs accordés avant"), default=list, blank=True)
    after = models.JSONField(_("rangs accordés après"), default=list, blank=True)
    reason = SealedTextField(_("raison"), max_length=300)
    at = models.DateTimeField(_("le"))
    by = models.CharField(_("par"), max_length=150)

    class Meta:
        verbose_name = _("déplacement d’une réponse")
        verbose_name_plural = _("déplacements de réponses")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.wish} · {self.reason}"
