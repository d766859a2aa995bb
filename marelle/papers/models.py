"""Papers asked of families and what they send; what structures publish, and who has accepted it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity
from marelle.cases.models import Case
from marelle.core.sealed import SealedTextField
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile
from marelle.papers import rules
from marelle.places.models import Authority, Structure


class PaperType(models.Model):
    """A "document demandé": what an authority asks for, of whom, and why.

    `asked_of_all`: of every home, adult or child with an enrolment in one of the authority's structures;
    otherwise only where an activity needs it. `is_health`: only the directors of the structures concerned see
    what was sent. `validity_months` goes with `Validity.MONTHS`.
    """

    class About(models.TextChoices):
        FAMILY = rules.About.FAMILY, _("du foyer")
        ADULT = rules.About.ADULT, _("de chaque responsable")
        CHILD = rules.About.CHILD, _("de l’enfant")

    class Validity(models.TextChoices):
        NONE = rules.Validity.NONE, _("sans limite")
        MONTHS = rules.Validity.MONTHS, _("un nombre de mois après son acceptation")
        SCHOOL_YEAR = rules.Validity.SCHOOL_YEAR, _("jusqu’à la fin de l’année scolaire")
        DATED = rules.Validity.DATED, _("jusqu’à la date écrite sur le document")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="paper_types")
    title = models.CharField(_("nom"), max_length=120)
    why = models.CharField(_("pourquoi"), max_length=500)
    stake = models.CharField(_("s’il manque"), max_length=300, blank=True)
    about = models.CharField(_("document"), max_length=10, choices=About)
    asked_of_all = models.BooleanField(_("demandé à tous"), default=False)
    mandatory = models.BooleanField(_("obligatoire"), default=True)
    validity = models.CharField(_("valable"), max_length=12, choices=Validity, default=Validity.NONE)
    validity_months = models.PositiveSmallIntegerField(_("nombre de mois"), null=True, blank=True)
    is_health = models.BooleanField(_("document de santé"), default=False)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    active = models.BooleanField(_("demandé en ce moment"), default=True)

    class Meta:
        verbose_name = _("document demandé")
        verbose_name_plural = _("documents demandés")
        ordering = ("order", "title", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "title"),
                name="paper_type_once",
                violation_error_message=_("Un document de ce nom existe déjà."),
            ),
            models.CheckConstraint(
                condition=models.Q(validity="months", validity_months__gt=0)
                | (~models.Q(validity="months") & models.Q(validity_months__isnull=True)),
                name="paper_type_months_with_months",
                violation_error_message=_("Donnez le nombre de mois, pour cette durée seulement."),
            ),
            models.CheckConstraint(
                condition=~models.Q(is_health=True, asked_of_all=True),
                name="paper_type_health_for_activities",
                violation_error_message=_(
                    "Un document de santé est demandé par des activités, jamais à tout le monde."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PaperNeed(models.Model):
    """An activity asks for a paper. `bookings_from` goes with the effect "closes bookings" alone."""

    class Effect(models.TextChoices):
        NOTHING = rules.Effect.NOTHING, _("rien")
        WARN = rules.Effect.WARN, _("un rappel à la famille")
        BLOCKS_REQUEST = rules.Effect.BLOCKS_REQUEST, _("la demande d’inscription n’est pas possible")
        BLOCKS_BOOKINGS = rules.Effect.BLOCKS_BOOKINGS, _("les réservations ne sont plus possibles")

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="paper_needs")
    paper_type = models.ForeignKey(PaperType, on_delete=models.CASCADE, related_name="needs")
    effect = models.CharField(_("s’il manque"), max_length=20, choices=Effect, default=Effect.WARN)
    bookings_from = models.DateField(_("à partir du"), null=True, blank=True)

    class Meta:
        verbose_name = _("document demandé par une activité")
        verbose_name_plural = _("documents demandés par les activités")
        ordering = ("paper_type__order", "paper_type__title", "pk")
        constraints = [
            models.UniqueConstraint(fields=("activity", "paper_type"), name="paper_need_once"),
            models.CheckConstraint(
                condition=models.Q(effect="blocks_bookings", bookings_from__isnull=False)
                | (~models.Q(effect="blocks_bookings") & models.Q(bookings_from__isnull=True)),
                name="paper_need_from_a_date",
                violation_error_message=_("Donnez le premier jour concerné, pour cet effet seulement."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.paper_type}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def of(self, family_id: int, person_id: int | None) -> PaperQuerySet:
        """What a home sent for one of its people, or for itself."""
        mine = self.filter(family_id=family_id)
        return mine.filter(person__isnull=True) if person_id is None else mine.filter(person_id=person_id)


class Paper(models.Model):
    """What a home sent for a type. `person` is None for a paper of the home itself.

    `expires_on` is the last day on which it counts; `last_reminder` the last reminder sent, in days before.
    """

    class State(models.TextChoices):
        RECEIVED = rules.PaperState.RECEIVED, _("reçu, à vérifier")
        ACCEPTED = rules.PaperState.ACCEPTED, _("accepté")
        REFUSED = rules.PaperState.REFUSED, _("refusé")
        REPLACED = rules.PaperState.REPLACED, _("remplacé")
        WITHDRAWN = rules.PaperState.WITHDRAWN, _("retiré")

    paper_type = models.ForeignKey(PaperType, on_delete=models.PROTECT, related_name="papers")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="papers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="papers", null=True, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.RECEIVED)
    sent_at = models.DateTimeField(_("envoyé le"))
    sent_by = models.CharField(_("envoyé par"), max_length=200)
    decided_at = models.DateTimeField(_("vérifié le"), null=True, blank=True)
    decided_by = models.CharField(_("vérifié par"), max_length=200, blank=True)
    reason = SealedTextField(_("raison"), max_length=500, blank=True)
    expires_on = models.DateField(_("valable jusqu’au"), null=True, blank=True)
    last_reminder = models.PositiveSmallIntegerField(_("dernier rappel"), null=True, blank=True)
    files_until = models.DateTimeField(_("pages gardées jusqu’au"), null=True, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        ordering = ("-sent_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                "paper_type",
                "family",
                Coalesce("person", 0),
                condition=models.Q(state="received"),
                name="paper_waits_once",
                violation_error_message=_("Ce document est déjà envoyé : il attend sa vérification."),
            )
        ]
        indexes = [
            models.Index(fields=("person", "paper_type", "state"), name="paper_of_person"),
            models.Index(fields=("family", "paper_type", "state"), name="paper_of_family"),
            models.Index(fields=("state", "expires_on"), name="paper_expires"),
            models.Index(
                fields=("files_until",),
                name="paper_files_to_drop",
                condition=models.Q(files_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_type} · {self.person or self.family}"


class PaperPage(models.Model):
    """A file of a paper, in the order in which it is read."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="pages")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="paper_page")
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("page d’un document")
        verbose_name_plural = _("pages des documents")
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return f"{self.paper} · {self.order}"


class PaperAsked(models.Model):
    """A missing paper was asked for by mail: by the portal, once for the same person, or by an agent.

    An agent's has its `asked_by`, a `message` that the family reads, and the `case` that waits for the paper;
    asking again replaces it.
    """

    paper_type = models.ForeignKey(PaperType, on_delete=models.CASCADE, related_name="asked")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="papers_asked")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="papers_asked", null=True, blank=True
    )
    asked_at = models.DateTimeField(_("demandé le"))
    asked_by = models.CharField(_("demandé par"), max_length=200, blank=True)
    message = SealedTextField(_("message"), max_length=500, blank=True)
    case = models.ForeignKey(
        Case, on_delete=models.SET_NULL, related_name="papers_asked", null=True, blank=True
    )

    class Meta:
        verbose_name = _("document réclamé")
        verbose_name_plural = _("documents réclamés")
        constraints = [
            models.UniqueConstraint("paper_type", "family", Coalesce("person", 0), name="paper_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.paper_type} · {self.person or self.family}"


class PaperReminder(models.Model):
    """An agent reminds `homes` of the papers that a structure, or one of its activities, still waits for."""

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="paper_reminders")
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="paper_reminders", null=True, blank=True
    )
    homes = models.PositiveIntegerField(_("familles"))
    asked_at = models.DateTimeField(_("demandé le"))
    asked_by = models.CharField(_("demandé par"), max_length=200)

    class Meta:
        verbose_name = _("rappel de documents")
        verbose_name_plural = _("rappels de documents")
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return f"{self.structure} {self.asked_at:%Y-%m-%d}"


class PaperReminded(models.Model):
    """A home to remind, once. `papers` is how many its mail named: 0 when nothing was missing any more."""

    reminder = models.ForeignKey(PaperReminder, on_delete=models.CASCADE, related_name="reminded")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="papers_reminded")
    asked_at = models.DateTimeField(_("demandé le"))
    told_at = models.DateTimeField(_("prévenue le"), null=True, blank=True)
    papers = models.PositiveSmallIntegerField(_("documents manquants"), default=0)

    class Meta:
        verbose_name = _("famille relancée")
        verbose_name_plural = _("familles relancées")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("reminder", "family"), name="paper_reminded_once")]
        indexes = [
            models.Index(fields=("id",), condition=models.Q(told_at=None), name="papers_to_remind"),
            models.Index(fields=("family", "-asked_at"), name="paper_reminded_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.reminder_id} {self.family_id}"


class Publication(models.Model):
    """A file that a structure publishes, in one dated version.

    For all the families, or for those of `activity`. Shown from `published_on` to `until`, both included,
    unless `withdrawn_at`. `returns`: to be filled in and sent back as that paper. A new version is a new row
    whose `previous` is the old one, so that each acceptance says which text was read.
    """

    class Theme(models.TextChoices):
        RULES = "rules", _("Règlements")
        PROGRAMMES = "programmes", _("Programmes et menus")
        FORMS = "forms", _("Formulaires")
        PRICES = "prices", _("Tarifs")
        INFORMATION = "information", _("Informations pratiques")

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="publications")
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="publications", null=True, blank=True
    )
    theme = models.CharField(_("thème"), max_length=12, choices=Theme)
    title = models.CharField(_("titre"), max_length=120)
    version = models.CharField(_("version"), max_length=40, blank=True)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="publication")
    published_on = models.DateField(_("visible à partir du"))
    until = models.DateField(_("visible jusqu’au"), null=True, blank=True)
    returns = models.ForeignKey(
        PaperType, on_delete=models.PROTECT, related_name="publications", null=True, blank=True
    )
    must_accept = models.BooleanField(_("à lire et accepter"), default=False)
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="next", null=True, blank=True
    )
    published_by = models.CharField(_("publié par"), max_length=200)
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)

    class Meta:
        verbose_name = _("document publié")
        verbose_name_plural = _("documents publiés")
        ordering = ("structure__order", "structure__name", "theme", "title", "-published_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("published_on")),
                name="publication_in_order",
                violation_error_message=_("La fin vient avant le début."),
            )
        ]
        indexes = [models.Index(fields=("structure", "published_on"), name="publication_of_structure")]

    def __str__(self) -> str:
        return self.title


class Acceptance(models.Model):
    """A home has read and accepted one version of a publication, by one of its adults."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="acceptances")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField(_("accepté le"))
    accepted_by = models.CharField(_("accepté par"), max_length=200)

    class Meta:
        verbose_name = _("acceptation")
        ordering = ("-accepted_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("publication", "family"),
                name="acceptance_once",
                violation_error_message=_("Vous avez déjà accepté cette version."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.publication} · {self.family}"
