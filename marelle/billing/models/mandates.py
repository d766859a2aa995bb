"""Mandates by which a home has its bills debited from an account (SEPA)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.models.invoices import REASON_LENGTH, Invoice
from marelle.core.sealed import SealedField
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile
from marelle.places.models import Authority

RUM_LENGTH = 35
NAME_LENGTH = 70


class MandateQuerySet(models.QuerySet["Mandate"]):
    def live(self) -> MandateQuerySet:
        """In force, or to be checked."""
        return self.exclude(state=Mandate.State.ENDED)

    def to_check(self) -> MandateQuerySet:
        return self.filter(state=Mandate.State.WAITING)


class Mandate(models.Model):
    """What a home has agreed to, for the bills of one authority; see `mandates.rules`.

    Nothing of what was agreed is ever edited: another account is another mandate. `text` is what was shown,
    of the `version` that it was written by; `iban` and `bic` are sealed, `last_digits` stand on pages.
    `signed_on` is the day on the mandate, `noted_at` when it came here, by `noted_by`, whose account is
    `noted_account`; `signer` the adult who accepted it on screen; `paper` a scan of what was signed.
    `drawn_before`: the last day on which another software had it debited, None for one that it never did.
    """

    class How(models.TextChoices):
        SCREEN = "screen", _("accepté à l’écran")
        PAPER = "paper", _("mandat papier")
        MOVED = "moved", _("repris d’un autre logiciel")

    class State(models.TextChoices):
        WAITING = "waiting", _("à vérifier")
        ACTIVE = "active", _("en vigueur")
        ENDED = "ended", _("arrêté")

    class End(models.TextChoices):
        HOME = "home", _("arrêté par le foyer")
        OFFICE = "office", _("arrêté par la collectivité")
        REFUSED = "refused", _("refusé à la vérification")
        REPLACED = "replaced", _("remplacé par un autre")
        LEFT = "left", _("arrêté, qui l’a accepté a quitté le foyer")

    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="mandates")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="mandates")
    rum = models.CharField(_("référence unique du mandat"), max_length=RUM_LENGTH)
    creditor = models.CharField(_("créancier"), max_length=NAME_LENGTH)
    ics = models.CharField(_("identifiant du créancier"), max_length=35)
    holder = models.CharField(_("titulaire du compte"), max_length=NAME_LENGTH)
    street = models.CharField(_("numéro et rue"), max_length=120)
    postal_code = models.CharField(_("code postal"), max_length=10)
    city = models.CharField(_("commune"), max_length=80)
    country = models.CharField(_("pays"), max_length=60, blank=True)
    iban = SealedField(_("IBAN"))
    bic = SealedField(_("BIC"))
    last_digits = models.CharField(_("fin de l’IBAN"), max_length=4)
    how = models.CharField(_("façon"), max_length=6, choices=How)
    text = models.TextField(_("texte accepté"))
    version = models.CharField(_("version du texte"), max_length=10)
    signed_on = models.DateField(_("signé le"))
    signer = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="mandates"
    )
    paper = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="mandates"
    )
    drawn_before = models.DateField(_("dernier prélèvement, avant Marelle"), null=True, blank=True)
    noted_at = models.DateTimeField(_("reçu le"))
    noted_by = models.CharField(_("reçu de"), max_length=150)
    noted_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("état"), max_length=7, choices=State)
    started_at = models.DateTimeField(_("en vigueur le"), null=True, blank=True)
    checked_by = models.CharField(_("vérifié par"), max_length=150, blank=True)
    ended_at = models.DateTimeField(_("arrêté le"), null=True, blank=True)
    ended_by = models.CharField(_("arrêté par"), max_length=150, blank=True)
    end = models.CharField(_("fin"), max_length=8, choices=End, blank=True)
    reason = models.CharField(_("motif"), max_length=REASON_LENGTH, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandat de prélèvement")
        verbose_name_plural = _("mandats de prélèvement")
        ordering = ("-noted_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "rum"),
                name="mandate_rum_once",
                violation_error_message=_("Cette référence est déjà celle d’un autre mandat."),
            ),
            models.UniqueConstraint(
                fields=("family", "authority"), condition=Q(state="active"), name="mandate_one_active"
            ),
            models.UniqueConstraint(
                fields=("family", "authority"), condition=Q(state="waiting"), name="mandate_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(how="screen", paper=None)
                | Q(how="paper", signer=None)
                | Q(how="moved", paper=None, signer=None),
                name="mandate_of_one_way",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) & ~Q(end="")
                | ~Q(state="ended") & Q(ended_at=None, end=""),
                name="mandate_ended_for_a_cause",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(started_at__isnull=False), name="mandate_active_since"
            ),
        ]

    def __str__(self) -> str:
        return self.rum


class AnnouncedDebit(models.Model):
    """That a bill made here says, as it was issued, that it will be debited, and by which mandate."""

    invoice = models.OneToOneField(Invoice, on_delete=models.CASCADE, related_name="debit")
    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="debits")

    class Meta:
        verbose_name = _("prélèvement annoncé")
        verbose_name_plural = _("prélèvements annoncés")

    def __str__(self) -> str:
        return f"{self.invoice} · {self.mandate}"
