"""Threads between homes and structures, and the news that structures publish."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity, AgeGroup
from marelle.core.sealed import SealedTextField
from marelle.families.models import Family
from marelle.files.models import StoredFile
from marelle.mail.models import Message as Mail
from marelle.messaging.rules import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    NOTE_LENGTH,
    SUBJECT_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
)
from marelle.places.models import Authority, Structure, StructureContact


class Thread(models.Model):
    """An exchange with a structure: of a home, or of somebody from outside, who left a name and an address.

    `contact` is whom the first message was for. `family_wrote_at` and `staff_wrote_at` are each side's last
    message ("family" is also who writes from outside); compared with `ThreadRead` they say what is unread.
    `assigned_to` is the agent who sees to it, for its colleagues to know: it closes nothing to them.
    `structure` is who answers; once it was passed to the office (`with_office`), that of its authority does.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="threads")
    contact = models.ForeignKey(
        StructureContact, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="threads", null=True, blank=True
    )
    name = models.CharField(_("nom"), max_length=NAME_LENGTH, blank=True)
    email = models.EmailField(_("adresse de courriel"), max_length=EMAIL_LENGTH, blank=True)
    subject = models.CharField(_("objet"), max_length=SUBJECT_LENGTH)
    opened_at = models.DateTimeField(_("ouvert le"))
    last_at = models.DateTimeField(_("dernier message le"))
    family_wrote_at = models.DateTimeField(_("dernier message de la famille"), null=True, blank=True)
    staff_wrote_at = models.DateTimeField(_("dernier message de la structure"), null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    with_office = models.BooleanField(_("tenu par le guichet"), default=False)
    closed_at = models.DateTimeField(_("clos le"), null=True, blank=True)
    closed_by = models.CharField(_("clos par"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("échange")
        ordering = ("-last_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(family__isnull=False, name="", email="")
                | (models.Q(family__isnull=True) & ~models.Q(email="")),
                name="thread_is_of_a_home_or_an_address",
                violation_error_message=_(
                    "Un échange est d’un foyer, ou de quelqu’un qui a laissé une adresse."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=("family", "-last_at"), name="thread_of_family"),
            models.Index(fields=("structure", "-last_at"), name="thread_of_structure"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.structure})"


class Message(models.Model):
    """What one side wrote. `on_behalf` is true for an agent who wrote in the family's name."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    from_staff = models.BooleanField(_("de la structure"))
    author = models.CharField(_("auteur"), max_length=200)
    account_id = models.BigIntegerField(_("compte"), null=True, blank=True)
    on_behalf = models.BooleanField(_("au nom de la famille"), default=False)
    text = SealedTextField(_("texte"), max_length=TEXT_LENGTH)
    at = models.DateTimeField(_("envoyé le"))

    class Meta:
        verbose_name = _("message")
        ordering = ("at", "pk")
        indexes = [models.Index(fields=("thread", "at"), name="message_of_thread")]

    def __str__(self) -> str:
        return f"{self.author} {self.at:%Y-%m-%d %H:%M}"


class Attachment(models.Model):
    """A file joined to a message; read by the home of the thread and by the agents of its structure alone."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("fichier joint")
        verbose_name_plural = _("fichiers joints")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.file)


class ThreadPass(models.Model):
    """A thread that an agent gave to another service of the authority; None is its office."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="passes")
    from_structure = models.ForeignKey(
        Structure, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    to_structure = models.ForeignKey(
        Structure, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    at = models.DateTimeField(_("passé le"))
    by = models.CharField(_("passé par"), max_length=200)
    note = SealedTextField(_("note"), max_length=NOTE_LENGTH)

    class Meta:
        verbose_name = _("échange passé à un autre service")
        verbose_name_plural = _("échanges passés à un autre service")
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_structure=models.F("to_structure"))
                & ~models.Q(from_structure__isnull=True, to_structure__isnull=True),
                name="thread_passed_to_another",
                violation_error_message=_("Un échange passe à un autre service que le sien."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.at:%Y-%m-%d %H:%M}"


class ThreadRead(models.Model):
    """Up to when an account has read a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="reads")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("lu le"))

    class Meta:
        verbose_name = _("échange lu")
        verbose_name_plural = _("échanges lus")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("thread", "account"), name="thread_read_once")]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.at:%Y-%m-%d %H:%M}"


class ReplyTemplate(models.Model):
    """An answer kept ready, with fields between braces: of an authority, for all its structures or for one.

    `revision` counts what was saved, so that a stale page overwrites nothing.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="reply_templates")
    structure = models.ForeignKey(
        Structure, on_delete=models.PROTECT, related_name="reply_templates", null=True, blank=True
    )
    title = models.CharField(_("titre"), max_length=TITLE_LENGTH)
    text = models.TextField(_("texte"), max_length=TEXT_LENGTH)
    by = models.CharField(_("auteur"), max_length=200)
    changed_at = models.DateTimeField(_("modifié le"))
    revision = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("modèle de réponse")
        verbose_name_plural = _("modèles de réponse")
        ordering = ("title", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "title"),
                condition=models.Q(structure__isnull=True),
                name="reply_template_title_once",
                violation_error_message=_("Un modèle porte déjà ce titre."),
            ),
            models.UniqueConstraint(
                fields=("structure", "title"),
                condition=models.Q(structure__isnull=False),
                name="reply_template_title_once_there",
                violation_error_message=_("Un modèle de la structure porte déjà ce titre."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NewsQuerySet(models.QuerySet["News"]):
    def shown(self, day: date) -> NewsQuerySet:
        """News that families may read on `day`."""
        return self.filter(
            models.Q(until__isnull=True) | models.Q(until__gte=day),
            withdrawn_at__isnull=True,
            published_at__isnull=False,
        )


class News(models.Model):
    """A piece of news of a structure: for all its families, or those of an activity, of a group, of a day.

    Written first, then published; `until` is the last day when it is shown, included. One for a `group`, or
    for who has booked on a `day`, is for the homes counted when it was published: its `NewsRecipient`s.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="news")
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="news", null=True, blank=True
    )
    group = models.ForeignKey(AgeGroup, on_delete=models.PROTECT, related_name="news", null=True, blank=True)
    day = models.DateField(_("réservé le"), null=True, blank=True)
    title = models.CharField(_("titre"), max_length=TITLE_LENGTH)
    text = models.TextField(_("texte"), max_length=TEXT_LENGTH)
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    written_at = models.DateTimeField(_("écrite le"))
    published_at = models.DateTimeField(_("publiée le"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("retirée le"), null=True, blank=True)
    by = models.CharField(_("auteur"), max_length=200)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = _("actualité")
        ordering = ("-published_at", "-pk")
        indexes = [models.Index(fields=("structure", "-published_at"), name="news_of_structure")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_for_some(self) -> bool:
        """Whether it is for the homes counted alone, not for whoever is enrolled when reading."""
        return self.group_id is not None or self.day is not None


class NewsSending(models.Model):
    """A piece of news told once, to the `homes` counted. `urgent` passes over their choices of mails."""

    news = models.OneToOneField(News, on_delete=models.CASCADE, related_name="sending")
    by_mail = models.BooleanField(_("par courriel"))
    urgent = models.BooleanField(_("urgente"), default=False)
    homes = models.PositiveIntegerField(_("familles"))
    asked_at = models.DateTimeField(_("demandé le"))
    asked_by = models.CharField(_("demandé par"), max_length=200)

    class Meta:
        verbose_name = _("envoi d’une actualité")
        verbose_name_plural = _("envois des actualités")
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return str(self.news)


class NewsRecipient(models.Model):
    """A home that a piece of news is for. Its `way` is empty until it is told, once, by the worker.

    `mails` leads to what was written to it, as long as the outbox keeps it.
    """

    class Way(models.TextChoices):
        PORTAL = "portal", _("espace famille seulement")
        MAIL = "mail", _("courriel")
        LETTER = "letter", _("lettre")

    sending = models.ForeignKey(NewsSending, on_delete=models.CASCADE, related_name="recipients")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(_("prévenue le"), null=True, blank=True)
    way = models.CharField(_("voie"), max_length=6, choices=Way, blank=True)
    mails = models.ManyToManyField(Mail, related_name="news_recipients", blank=True)

    class Meta:
        verbose_name = _("destinataire d’une actualité")
        verbose_name_plural = _("destinataires des actualités")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("sending", "family"), name="news_recipient_once")]
        indexes = [models.Index(fields=("id",), condition=models.Q(way=""), name="news_to_tell")]

    def __str__(self) -> str:
        return f"{self.sending_id} {self.family_id}"
