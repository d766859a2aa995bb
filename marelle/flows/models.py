"""What crosses the domains and is of none: rounds of the background work, first visits."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField


class JobRound(models.Model):
    """The last round of one job, whichever copy of the worker did it.

    `failure` names an error, never what it met; `well_at` is when a round last went well. `done` counts what
    the job did when it last had something to do, at `did_at`.
    """

    job = models.CharField(_("travail"), max_length=40, unique=True)
    began_at = models.DateTimeField(_("commencé le"))
    took = models.DurationField(_("durée"))
    failure = models.CharField(_("erreur"), max_length=100, blank=True)
    well_at = models.DateTimeField(_("réussi le"), null=True, blank=True)
    done = models.PositiveIntegerField(_("fait"), default=0)
    did_at = models.DateTimeField(_("fait le"), null=True, blank=True)

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
