"""What crosses the domains and is of none: rounds of the background work, first visits, the lists that leave
the evening before, files brought from another software."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField
from marelle.families.models import Family, SentFile
from marelle.places.models import Structure


class JobRound(models.Model):
    """The last round of one job, whichever copy of the worker did it.

    `failure` names an error, never what it met; `well_at` is when a round last went well. `done` counts what
    the job did when it last had something to do, at `did_at`. `clock_off`: by how much the clock of that copy
    was ahead of the database's.
    """

    job = models.CharField(_("travail"), max_length=40, unique=True)
    began_at = models.DateTimeField(_("commencé le"))
    took = models.DurationField(_("durée"))
    failure = models.CharField(_("erreur"), max_length=100, blank=True)
    well_at = models.DateTimeField(_("réussi le"), null=True, blank=True)
    done = models.PositiveIntegerField(_("fait"), default=0)
    did_at = models.DateTimeField(_("fait le"), null=True, blank=True)
    clock_off = models.DurationField(_("avance de l’horloge"), null=True, blank=True)

    class Meta:
        verbose_name = _("tour de travail")
        verbose_name_plural = _("tours de travail")
        ordering = ["job"]

    def __str__(self) -> str:
        return self.job


class ReadingBound(models.Model):
    """The most that is usual of a kind of readings, where an administrator has chosen it."""

    kind = models.CharField(_("de quoi"), max_length=16, unique=True)
    most = models.PositiveIntegerField(_("au plus"))

    class Meta:
        verbose_name = _("seuil de consultation")
        verbose_name_plural = _("seuils de consultation")
        ordering = ("kind",)

    def __str__(self) -> str:
        return f"{self.kind} {self.most}"


class Arrival(models.Model):
    """A first visit: somebody whom an identity provider has recognised, and of whom the office is to say
    whether it is one of those whose file it holds, or has none yet.

    Names, birth and codes of the INSEE (`birth_place`, `birth_country`) are as the provider told them;
    `email`, `phone` and `words` as they were typed. The row goes once it is linked to an account, and a while
    after it was `closed_at` without.
    """

    class HasFile(models.TextChoices):
        YES = "yes", _("Oui, j’ai déjà un dossier")
        NO = "no", _("Non, je n’ai pas de dossier")
        UNSURE = "unsure", _("Je ne sais pas")

    provider = models.CharField(_("reconnu par"), max_length=20)
    issuer = models.CharField(_("fournisseur d’identité"), max_length=255)
    subject = models.CharField(_("identifiant chez lui"), max_length=255)
    given_names = models.CharField(_("prénoms"), max_length=200, blank=True)
    birth_name = models.CharField(_("nom de naissance"), max_length=200, blank=True)
    usage_name = models.CharField(_("nom d’usage"), max_length=200, blank=True)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    gender = models.CharField(_("sexe"), max_length=20, blank=True)
    birth_place = models.CharField(_("commune de naissance"), max_length=10, blank=True)
    birth_country = models.CharField(_("pays de naissance"), max_length=10, blank=True)
    email_told = models.EmailField(_("courriel connu du fournisseur"), blank=True)
    email = models.EmailField(_("courriel"))
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    has_file = models.CharField(_("dit avoir un dossier"), max_length=8, choices=HasFile)
    words = SealedTextField(_("ce qui est dit"), max_length=1000, blank=True)
    asked_at = models.DateTimeField(_("demandée le"))
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)
    answer = SealedTextField(_("réponse"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("première visite")
        verbose_name_plural = _("premières visites")
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                name="arrival_once",
                violation_error_message=_("Cette première visite est déjà connue."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.given_names} {self.birth_name}".strip() or self.provider


class Evening(models.Model):
    """Where the list of the next day of a structure goes each evening at `hour`, of Paris: by mail to `to`,
    into the folder of the machine, both, or nowhere for now.

    `password` opens it, and is sealed; `set_at` is since when it goes where it does.
    """

    structure = models.OneToOneField(
        Structure, on_delete=models.CASCADE, related_name="evening", verbose_name=_("structure")
    )
    hour = models.TimeField(_("heure d’envoi"), default=time(18))
    to = models.EmailField(_("courriel"), blank=True)
    in_folder = models.BooleanField(_("dossier du serveur"), default=False)
    set_at = models.DateTimeField(_("réglé le"))
    password = SealedTextField(_("mot de passe"))
    password_at = models.DateTimeField(_("mot de passe fait le"))

    class Meta:
        verbose_name = _("liste de la veille")
        verbose_name_plural = _("listes de la veille")
        ordering = ["structure"]

    def __str__(self) -> str:
        return str(self.structure)


class EveningList(models.Model):
    """The list of a day of a structure, as it last left: once by itself, and again where an agent asks.

    `made_by` is that agent's label, "" by itself. `mail_id` is its mail, None where none was to be sent.
    `folder_tried_at`: when it was last written in the folder, None where it is not to
    be; `folder_error` why that failed, "" where it is there.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="evening_lists")
    day = models.DateField(_("jour"))
    children = models.PositiveIntegerField(_("enfants"))
    made_at = models.DateTimeField(_("faite le"))
    made_by = models.CharField(_("demandée par"), max_length=150, blank=True)
    mail_id = models.BigIntegerField(_("courriel"), null=True, blank=True)
    folder_tried_at = models.DateTimeField(_("écrite dans le dossier le"), null=True, blank=True)
    folder_error = models.CharField(_("erreur du dossier"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("liste de la veille envoyée")
        verbose_name_plural = _("listes de la veille envoyées")
        ordering = ["-day", "structure"]
        constraints = [
            models.UniqueConstraint(
                fields=["structure", "day"],
                name="evening_list_once",
                violation_error_message=_("La liste de ce jour est déjà partie."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure} · {self.day}"


class Dormant(models.Model):
    """A home of which nothing has been heard for months: told so, confirmed by an agent, then erased.

    `last_sign` is when something was last heard of it, None for never. `kept_at`: an agent knows that it is
    still there, which is a sign. `reduced_at`: erased but for what the CAF may check, `until` a day on which
    the rest goes. `visa` is what the archives answered.
    """

    family = models.OneToOneField(Family, on_delete=models.CASCADE, related_name="dormant")
    last_sign = models.DateField(_("dernier signe"), null=True, blank=True)
    told_at = models.DateTimeField(_("prévenu le"))
    confirmed_at = models.DateTimeField(_("confirmé le"), null=True, blank=True)
    confirmed_by = models.CharField(_("confirmé par"), max_length=150, blank=True)
    visa = models.CharField(_("visa des archives"), max_length=200, blank=True)
    kept_at = models.DateTimeField(_("gardé le"), null=True, blank=True)
    kept_by = models.CharField(_("gardé par"), max_length=150, blank=True)
    reduced_at = models.DateTimeField(_("réduit le"), null=True, blank=True)
    until = models.DateField(_("gardé jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("foyer dormant")
        verbose_name_plural = _("foyers dormants")
        ordering = ["told_at", "id"]

    def __str__(self) -> str:
        return str(self.family_id)


class PurgeChoice(models.Model):
    """What the portal asks for before homes are erased: one row, or none where nobody chose."""

    visa_wanted = models.BooleanField(_("visa des archives demandé"), default=False)

    class Meta:
        verbose_name = _("choix d’effacement")
        verbose_name_plural = _("choix d’effacement")

    def __str__(self) -> str:
        return str(self.visa_wanted)


class MovingImport(SentFile):
    """A file brought from another software: prepared, then queued, then done by the worker, or refused.

    `kind` is one of `moving.subjects.Kind`. `done_lines` says how far the worker is, `counts` what the lines
    came to and `problems` those that were left out, with their cells. `sums` are those of the file as it was
    started, with what was here before. `past_capacity`: places that lack are given, for this `reason`.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("à vérifier")
        QUEUED = "queued", _("en cours")
        DONE = "done", _("terminé")
        REFUSED = "refused", _("arrêté")

    kind = models.CharField(_("nature"), max_length=20)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PREPARED)
    past_capacity = models.BooleanField(_("au-delà des jauges"), default=False)
    reason = models.CharField(_("raison"), max_length=300, blank=True)
    done_lines = models.PositiveIntegerField(_("lignes traitées"), default=0)
    counts = models.JSONField(_("décompte"), default=dict, blank=True)
    problems = models.JSONField(_("lignes laissées"), default=list, blank=True)
    sums = models.JSONField(_("sommes"), default=list, blank=True)
    queued_at = models.DateTimeField(_("lancé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("fichier repris d’un autre logiciel")
        verbose_name_plural = _("fichiers repris d’un autre logiciel")
        ordering = ("-prepared_at", "-pk")
