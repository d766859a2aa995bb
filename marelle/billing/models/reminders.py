"""Reminders of what is late: in which steps, what was sent to whom, and who was granted a delay."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.models.invoices import REASON_LENGTH, Invoice
from marelle.billing.models.payers import Payer
from marelle.billing.reminders.rules import Step, Way
from marelle.families.models import Family
from marelle.mail.models import Message
from marelle.mail.wording import TEXT_LENGTH
from marelle.places.models import Authority

TITLE_LENGTH = 80
LONGEST = 365


class ReminderStep(models.Model):
    """A step of an authority: sent `days` after a bill's date, in the order of those days.

    An authority without one reminds nobody. Only what was sent keeps the words that a step had.
    """

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="reminder_steps")
    days = models.PositiveSmallIntegerField(
        _("jours après l’échéance"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    title = models.CharField(_("titre"), max_length=TITLE_LENGTH)
    text = models.TextField(_("texte"), max_length=TEXT_LENGTH)
    way = models.CharField(_("envoi"), max_length=6, choices=Way, default=Way.MAIL)

    class Meta:
        verbose_name = _("étape de relance")
        verbose_name_plural = _("étapes de relance")
        ordering = ("authority", "days")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "days"),
                name="reminder_step_of_a_day",
                violation_error_message=_("Une étape est déjà prévue ce jour-là."),
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="reminder_step_once_late"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def pure(self) -> Step:
        return Step(self.pk, self.days, self.title, self.text, Way(self.way))


class ReminderRun(models.Model):
    """Reminders of an authority that left together. `head` and `logo`: what stands on each letter beside its
    own words, as it stood then, so that they can be printed again."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="reminder_runs")
    day = models.DateField(_("jour"))
    made_at = models.DateTimeField(_("envoyées le"))
    made_by = models.CharField(_("envoyées par"), max_length=200)
    mails = models.PositiveIntegerField(_("relances par courriel"))
    letters = models.PositiveIntegerField(_("relances par lettre"))
    head = models.JSONField(_("en-tête"))
    logo = models.BinaryField(_("logo"), blank=True, default=b"")

    class Meta:
        verbose_name = _("envoi de relances")
        verbose_name_plural = _("envois de relances")
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.authority} · {self.day}"


class Reminder(models.Model):
    """What a home was reminded of, or who pays and is no home: `title` and `text` as they left, `name` and
    `lines` of the address of the letter. `mailed`: somebody was written a mail; `mails`: those to adults of
    a home."""

    run = models.ForeignKey(ReminderRun, on_delete=models.CASCADE, related_name="reminders")
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders"
    )
    payer = models.ForeignKey(
        Payer, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders"
    )
    title = models.CharField(_("titre"), max_length=TITLE_LENGTH)
    text = models.TextField(_("texte"), max_length=TEXT_LENGTH)
    name = models.CharField(_("destinataire"), max_length=250)
    lines = models.JSONField(_("adresse"))
    reference = models.CharField(_("référence"), max_length=30)
    mailed = models.BooleanField(_("par courriel"))
    letter = models.BooleanField(_("par lettre"))
    mails = models.ManyToManyField(Message, related_name="reminders", blank=True)

    class Meta:
        verbose_name = _("relance")
        ordering = ("run", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(family=None, payer__isnull=False) | Q(family__isnull=False, payer=None),
                name="reminder_of_one_debtor",
            ),
            models.CheckConstraint(condition=Q(mailed=True) | Q(letter=True), name="reminder_sent_somehow"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.title}"


class ReminderBill(models.Model):
    """A bill that a reminder names, with what was `left` of it then, in euros.

    `step` is the bill's own, which may be before that of the reminder's words; `days`: its days then, which
    say where the bill stands once the step is removed. Month and date as the letter says them: a file may
    correct those of a bill that it brought. `live`: no other reminder of that step has taken its place, since
    no mail of this one arrived.
    """

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="bills")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminded")
    step = models.ForeignKey(
        ReminderStep, on_delete=models.SET_NULL, null=True, blank=True, related_name="reminded"
    )
    days = models.PositiveSmallIntegerField(_("jours après l’échéance"))
    month = models.DateField(_("mois facturé"))
    due_on = models.DateField(_("à payer avant le"))
    left = models.DecimalField(_("restait à payer"), max_digits=10, decimal_places=2)
    live = models.BooleanField(_("tient"), default=True)

    class Meta:
        verbose_name = _("facture rappelée")
        verbose_name_plural = _("factures rappelées")
        ordering = ("reminder", "due_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("invoice", "days"),
                condition=Q(live=True),
                name="reminder_bill_once",
                violation_error_message=_("Cette facture a déjà été rappelée à cette étape."),
            ),
            models.CheckConstraint(condition=Q(left__gt=0), name="reminder_bill_left"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.days}"


class Deferral(models.Model):
    """« Délai accordé »: until a day, that day included, an authority asks nothing of a home, or of who pays
    and is no home. `ended_at`: taken back before."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="deferrals")
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, blank=True, related_name="deferrals"
    )
    payer = models.ForeignKey(
        Payer, on_delete=models.PROTECT, null=True, blank=True, related_name="deferrals"
    )
    until = models.DateField(_("jusqu’au"))
    reason = models.CharField(_("motif"), max_length=REASON_LENGTH)
    granted_at = models.DateTimeField(_("accordé le"))
    granted_by = models.CharField(_("accordé par"), max_length=150)
    ended_at = models.DateTimeField(_("arrêté le"), null=True, blank=True)
    ended_by = models.CharField(_("arrêté par"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("délai accordé")
        verbose_name_plural = _("délais accordés")
        ordering = ("-granted_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(family=None, payer__isnull=False) | Q(family__isnull=False, payer=None),
                name="deferral_of_one_debtor",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="deferral_ended_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=("authority", "family"), condition=Q(ended_at=None), name="deferral_holds")
        ]

    def __str__(self) -> str:
        return f"{self.family or self.payer} · {self.until}"
