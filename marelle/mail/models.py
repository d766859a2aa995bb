"""The outbox: what was or will be sent, by mail or as a letter to print."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField
from marelle.mail.rules import CLAIM, SLOW
from marelle.mail.wording import SUBJECT_LENGTH, TEXT_LENGTH


class Channel(models.TextChoices):
    MAIL = "mail", _("courriel")
    LETTER = "letter", _("lettre")


class MessageState(models.TextChoices):
    QUEUED = "queued", _("à envoyer")
    HELD = "held", _("retenu")
    SENDING = "sending", _("en cours d’envoi")
    SENT = "sent", _("envoyé")
    REVOKED = "revoked", _("annulé")
    FAILED = "failed", _("échec")
    TO_PRINT = "to_print", _("à imprimer")
    PRINTED = "printed", _("imprimé")


class Wording(models.Model):
    """What an authority wrote around the text of one kind of mail; "" for the kind is its signature, in all.

    A row is there only where something was written. Each text may hold fields between braces.
    """

    authority_id = models.BigIntegerField(_("collectivité"))
    kind = models.CharField(_("modèle"), max_length=80, blank=True)
    subject = models.CharField(_("objet"), max_length=SUBJECT_LENGTH, blank=True)
    before = models.TextField(_("au début"), max_length=TEXT_LENGTH, blank=True)
    after = models.TextField(_("à la fin"), max_length=TEXT_LENGTH, blank=True)

    class Meta:
        verbose_name = _("mots de la collectivité")
        verbose_name_plural = _("mots de la collectivité")
        ordering = ["authority_id", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority_id", "kind"],
                name="mail_worded_once",
                violation_error_message=_("Ce courriel a déjà les mots de cette collectivité."),
            ),
            models.CheckConstraint(
                condition=~models.Q(subject="", before="", after=""),
                name="mail_wording_says_something",
                violation_error_message=_("Écrivez au moins un texte."),
            ),
        ]

    def __str__(self) -> str:
        return self.kind or str(_("signature"))


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> MessageQuerySet:
        """Mails to try at `now`, and those whose sender died: its claim has run out."""
        return self.filter(
            state__in=[MessageState.QUEUED, MessageState.SENDING],
            not_before__lte=now,
            next_attempt_at__lte=now,
        )

    def stuck(self, now: datetime) -> MessageQuerySet:
        """Mails that a sender, alive or not, has held for long, and that are not to be taken from it yet."""
        return self.filter(
            state=MessageState.SENDING, next_attempt_at__gt=now, next_attempt_at__lt=now + CLAIM - SLOW
        )


class Message(models.Model):
    """One mail or letter. `message_id` never changes, so a mail tried twice is shown once by its reader.

    "held": it waited when a backup was made that was put back since, and may have left by then.
    While the state is "sending", `next_attempt_at` is when the claim of the sending worker runs out.
    `case_id` is the case whose decision it tells, so that undoing the decision takes the mail back.
    `authority_id` is in whose name it leaves; None: in that of the portal. `stop_url` is where who gets an
    optional mail stops its kind; "" for any other. `about` are the ids of the children of whom it tells its
    home, so that it does not leave once a judge keeps that home away from one. What it says is sealed, where
    there is a key: it may quote what a family wrote. `attached` is a PDF that goes along, encrypted by who
    wrote the mail, and no longer kept once it has gone.
    """

    kind = models.CharField(_("modèle"), max_length=80)
    channel = models.CharField(_("voie"), max_length=8, choices=Channel, default=Channel.MAIL)
    to = models.CharField(_("destinataire"), max_length=254, blank=True)
    subject = SealedTextField(_("objet"), max_length=250, needed=False)
    text = SealedTextField(_("texte"), needed=False)
    html = SealedTextField(_("texte mis en forme"), blank=True, needed=False)
    authority_id = models.BigIntegerField(_("collectivité"), null=True, blank=True)
    family_id = models.BigIntegerField(_("dossier famille"), null=True, blank=True)
    case_id = models.BigIntegerField(_("dossier à décider"), null=True, blank=True)
    stop_url = models.CharField(_("adresse qui arrête ces envois"), max_length=300, blank=True)
    about = models.JSONField(_("enfants dont il parle"), default=list, blank=True)
    secret = models.BooleanField(_("contient un lien secret"), default=False)
    attached = models.BinaryField(_("fichier joint"), blank=True, default=b"")
    attached_name = models.CharField(_("nom du fichier joint"), max_length=120, blank=True)
    message_id = models.CharField(_("numéro d’envoi"), max_length=200, unique=True)
    state = models.CharField(_("état"), max_length=10, choices=MessageState, default=MessageState.QUEUED)
    created_at = models.DateTimeField(_("écrit le"))
    not_before = models.DateTimeField(_("pas avant"))
    next_attempt_at = models.DateTimeField(_("prochain essai"))
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    last_error = models.CharField(_("dernière erreur"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("courriel ou lettre")
        verbose_name_plural = _("courriels et lettres")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel="letter", to="") | (models.Q(channel="mail") & ~models.Q(to="")),
                name="mail_has_address",
                violation_error_message=_("Un courriel a une adresse, une lettre n’en a pas."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="mail_due",
            ),
            models.Index(fields=["id"], condition=models.Q(state="held"), name="mail_held"),
            models.Index(fields=["family_id", "-created_at"], name="mail_family"),
            models.Index(fields=["case_id"], condition=models.Q(case_id__isnull=False), name="mail_case"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to or self.channel}"
