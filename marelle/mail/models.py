"""The outbox: what was or will be sent, by mail or as a letter to print."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    MAIL = "mail", _("courriel")
    LETTER = "letter", _("lettre")


class MessageState(models.TextChoices):
    QUEUED = "queued", _("à envoyer")
    SENDING = "sending", _("en cours d’envoi")
    SENT = "sent", _("envoyé")
    REVOKED = "revoked", _("annulé")
    FAILED = "failed", _("échec")
    TO_PRINT = "to_print", _("à imprimer")
    PRINTED = "printed", _("imprimé")


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> MessageQuerySet:
        """Mails to try at `now`, and those whose sender died: its claim has run out."""
        return self.filter(
            state__in=[MessageState.QUEUED, MessageState.SENDING],
            not_before__lte=now,
            next_attempt_at__lte=now,
        )


class Message(models.Model):
    """One mail or letter. `message_id` never changes, so a mail tried twice is shown once by its reader.

    While the state is "sending", `next_attempt_at` is when the claim of the sending worker runs out.
    """

    kind = models.CharField(_("modèle"), max_length=80)
    channel = models.CharField(_("voie"), max_length=8, choices=Channel, default=Channel.MAIL)
    to = models.CharField(_("destinataire"), max_length=254, blank=True)
    subject = models.CharField(_("objet"), max_length=250)
    text = models.TextField(_("texte"))
    html = models.TextField(_("texte mis en forme"), blank=True)
    family_id = models.BigIntegerField(_("dossier famille"), null=True, blank=True)
    secret = models.BooleanField(_("contient un lien secret"), default=False)
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
            models.Index(fields=["family_id", "-created_at"], name="mail_family"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to or self.channel}"
