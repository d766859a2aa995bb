"""Threads between homes and structures, and the news that structures publish."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity
from marelle.families.models import Family
from marelle.files.models import StoredFile
from marelle.messaging.rules import EMAIL_LENGTH, NAME_LENGTH, SUBJECT_LENGTH, TEXT_LENGTH, TITLE_LENGTH
from marelle.places.models import Structure, StructureContact


class Thread(models.Model):
    """An exchange with a structure: of a home, or of somebody from outside, who left a name and an address.

    `contact` is whom the first message was for. `family_wrote_at` and `staff_wrote_at` are each side's last
    message ("family" is also who writes from outside); compared with `ThreadRead` they say what is unread.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="threads")
    contact = models.ForeignKey(
        StructureContact, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="threads", null=True, blank=True
    )
    name = models.CharField(_("nom"), max_length=NAME_LENGTH, blank=True)
    email = models.EmailField(_("adresse mail"), max_length=EMAIL_LENGTH, blank=True)
    subject = models.CharField(_("objet"), max_length=SUBJECT_LENGTH)
    opened_at = models.DateTimeField(_("ouvert le"))
    last_at = models.DateTimeField(_("dernier message le"))
    family_wrote_at = models.DateTimeField(_("dernier message de la famille"), null=True, blank=True)
    staff_wrote_at = models.DateTimeField(_("dernier message de la structure"), null=True, blank=True)
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
    text = models.TextField(_("texte"), max_length=TEXT_LENGTH)
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
        verbose_name = _("pièce jointe")
        verbose_name_plural = _("pièces jointes")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.file)


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


class NewsQuerySet(models.QuerySet["News"]):
    def shown(self, day: date) -> NewsQuerySet:
        """News that families may read on `day`."""
        return self.filter(
            models.Q(until__isnull=True) | models.Q(until__gte=day),
            withdrawn_at__isnull=True,
            published_at__isnull=False,
        )


class News(models.Model):
    """A piece of news of a structure, for all its families or for those of one activity.

    Written first, then published; `until` is the last day when it is shown, included.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="news")
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="news", null=True, blank=True
    )
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
