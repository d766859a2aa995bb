"""What was ticked at the door and by which device: events, tablets, PINs, calls closed, mismatches told."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Opening
from marelle.attendance.mismatch_rules import Answer
from marelle.attendance.outcomes import COUNTING, TO_SETTLE, OutcomeCode
from marelle.attendance.rules import Alert, TickKind
from marelle.bookings.models import Booking
from marelle.cases.models import Case
from marelle.core.sealed import SealedTextField
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, Person
from marelle.places.models import Structure

NAME_LENGTH = 80


class TabletQuerySet(models.QuerySet["Tablet"]):
    def live(self) -> TabletQuerySet:
        return self.filter(revoked_at=None)


class Tablet(models.Model):
    """A device at the door of a structure, shared by its team. Only the digest of its secret is kept.

    `code_digest` is of the short code by which the device, once, takes its secret.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="tablets")
    name = models.CharField(_("nom"), max_length=NAME_LENGTH)
    secret_digest = models.CharField(_("empreinte du secret"), max_length=64, unique=True)
    enrolled_at = models.DateTimeField(_("autorisée le"))
    enrolled_by = models.CharField(_("autorisée par"), max_length=150)
    revoked_at = models.DateTimeField(_("retirée le"), null=True, blank=True)
    revoked_by = models.CharField(_("retirée par"), max_length=150, blank=True)
    seen_at = models.DateTimeField(_("vue le"), null=True, blank=True)
    code_digest = models.CharField(_("empreinte du code"), max_length=64, blank=True)
    code_until = models.DateTimeField(_("code valable jusqu’à"), null=True, blank=True)

    objects = TabletQuerySet.as_manager()

    class Meta:
        verbose_name = _("tablette")
        ordering = ("structure", "name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("structure", "name"),
                condition=models.Q(revoked_at=None),
                name="tablet_once",
                violation_error_message=_("Une tablette de ce nom existe déjà."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pin(models.Model):
    """The short code by which somebody says who holds a shared tablet. After too many wrong ones it waits."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pin", verbose_name=_("compte")
    )
    digest = models.CharField(_("empreinte"), max_length=128)
    set_at = models.DateTimeField(_("choisi le"))
    wrong = models.PositiveSmallIntegerField(_("essais manqués"), default=0)
    locked_until = models.DateTimeField(_("bloqué jusqu’à"), null=True, blank=True)

    class Meta:
        verbose_name = _("code à 4 chiffres")
        verbose_name_plural = _("codes à 4 chiffres")

    def __str__(self) -> str:
        return str(self.account)


class TickQuerySet(models.QuerySet["Tick"]):
    def counting(self) -> TickQuerySet:
        """Those that attendance is made of: applied, or kept by who settled them."""
        return self.filter(models.Q(settled=Tick.Settled.KEPT) | models.Q(settled="", outcome__in=COUNTING))

    def to_settle(self) -> TickQuerySet:
        """Those that wait for somebody at the desk."""
        return self.filter(settled="", outcome__in=TO_SETTLE)


class Tick(models.Model):
    """One touch at the door, kept for ever as it came, whatever became of it.

    `id` was given by the device. `at` is its instant set right, that of its receipt where the device's clock
    cannot be believed; `at_tablet` is what that clock said, None for nothing that can be read. `after` is the
    last tick of the child on the opening that the device knew. `value` holds what some kinds carry (an hour,
    a reason, to whom), and never anything of health. `settled` is what an agent decided of one that could not
    be applied.
    """

    class Settled(models.TextChoices):
        KEPT = "kept", _("retenu")
        SET_ASIDE = "set_aside", _("écarté")

    id = models.UUIDField(_("identifiant"), primary_key=True, default=uuid.uuid4, editable=False)
    tablet = models.ForeignKey(Tablet, on_delete=models.PROTECT, null=True, blank=True, related_name="ticks")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="ticks"
    )
    by = models.CharField(_("par"), max_length=150)
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="ticks")
    day = models.DateField(_("jour"))
    opening = models.ForeignKey(
        Opening, on_delete=models.SET_NULL, null=True, blank=True, related_name="ticks"
    )
    child = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="ticks")
    name = models.CharField(_("nom noté"), max_length=NAME_LENGTH, blank=True)
    kind = models.CharField(_("nature"), max_length=16, choices=[(k.value, k.value) for k in TickKind])
    at = models.DateTimeField(_("à"))
    at_tablet = models.DateTimeField(_("à, selon la tablette"), null=True, blank=True)
    received_at = models.DateTimeField(_("reçu le"))
    after = models.UUIDField(_("après"), null=True, blank=True)
    value = models.JSONField(_("précision"), default=dict, blank=True)
    outcome = models.CharField(_("suite"), max_length=20, choices=[(o.value, o.value) for o in OutcomeCode])
    settled = models.CharField(_("décision"), max_length=10, choices=Settled, blank=True)
    settled_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    settled_by = models.CharField(_("décidé par"), max_length=150, blank=True)

    objects = TickQuerySet.as_manager()

    class Meta:
        verbose_name = _("pointage")
        ordering = ("at", "id")
        indexes = [
            models.Index(fields=("opening", "child"), name="tick_of_child"),
            models.Index(fields=("structure", "day"), name="tick_of_day"),
            models.Index(fields=("received_at",), name="tick_received"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.at}"

    @property
    def counts(self) -> bool:
        """Whether it is one of `counting`."""
        return self.settled == self.Settled.KEPT or (not self.settled and self.outcome in COUNTING)


class Call(models.Model):
    """The call of one opening, closed or opened again: the last word of its ticks."""

    class State(models.TextChoices):
        OPEN = "open", _("ouvert")
        CLOSED = "closed", _("clos")

    opening = models.OneToOneField(Opening, on_delete=models.CASCADE, related_name="call")
    state = models.CharField(_("état"), max_length=6, choices=State)
    closed_at = models.DateTimeField(_("clos le"))
    closed_by = models.CharField(_("clos par"), max_length=150)

    class Meta:
        verbose_name = _("appel")
        verbose_name_plural = _("appels")

    def __str__(self) -> str:
        return f"{self.opening} · {self.state}"


class UnsettledDay(models.Model):
    """A day of a structure of which some ticks wait for somebody at the desk: what their case is about."""

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="unsettled_days")
    day = models.DateField(_("jour"))

    class Meta:
        verbose_name = _("pointages à régler")
        verbose_name_plural = _("pointages à régler")
        constraints = [models.UniqueConstraint(fields=("structure", "day"), name="unsettled_day_once")]

    def __str__(self) -> str:
        return f"{self.structure} · {self.day}"


class MismatchQuerySet(models.QuerySet["Mismatch"]):
    def standing(self) -> MismatchQuerySet:
        """Those that nothing has contradicted since."""
        return self.filter(withdrawn_at=None)

    def to_answer(self) -> MismatchQuerySet:
        """Those of which the home has said nothing: neither an answer, nor an absence."""
        return self.standing().filter(answer="", booking__absence=None)


class Mismatch(models.Model):
    """What was booked and what was seen differ: the home was told so, once, as soon as the call was known.

    `family` is the home that booked; for a child who came without booking, the one that enrolled it.
    `withdrawn_at`: what came later says otherwise. `answer` is what the home said of it, in the `case` of all
    that it answered with it; `settled` what the structure made of that answer, with its `words` to the
    family; `correction` is the tick that it made.
    """

    class Settled(models.TextChoices):
        CORRECTED = "corrected", _("corrigé")
        LEFT = "left", _("laissé")

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="mismatches")
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mismatches")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="mismatches")
    booking = models.ForeignKey(
        Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="mismatches"
    )
    day = models.DateField(_("jour"))
    kind = models.CharField(_("nature"), max_length=10, choices=[(a.value, a.value) for a in Alert])
    told_at = models.DateTimeField(_("dit le"))
    withdrawn_at = models.DateTimeField(_("levé le"), null=True, blank=True)
    answer = models.CharField(
        _("réponse"), max_length=10, blank=True, choices=[(a.value, a.value) for a in Answer]
    )
    answered_at = models.DateTimeField(_("répondu le"), null=True, blank=True)
    answered_by = models.CharField(_("répondu par"), max_length=150, blank=True)
    case = models.ForeignKey(
        Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="mismatches"
    )
    settled = models.CharField(_("décision"), max_length=10, blank=True, choices=Settled)
    settled_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    settled_by = models.CharField(_("décidé par"), max_length=150, blank=True)
    words = SealedTextField(_("un mot pour la famille"), max_length=300, blank=True)
    correction = models.UUIDField(_("pointage de correction"), null=True, blank=True)

    objects = MismatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("écart de pointage")
        verbose_name_plural = _("écarts de pointage")
        ordering = ("-day", "opening__starts_at", "pk")
        constraints = [models.UniqueConstraint(fields=("opening", "child"), name="mismatch_once")]
        indexes = [
            models.Index(fields=("family", "day"), name="mismatch_of_home"),
            models.Index(fields=("day",), name="mismatch_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.child} · {self.opening} · {self.kind}"

    @property
    def is_told_absent(self) -> bool:
        return hasattr(self.booking, "absence")

    @property
    def is_to_answer(self) -> bool:
        """Whether it is one of `to_answer`."""
        return not (self.answer or self.withdrawn_at or self.is_told_absent)


class NoShow(models.Model):
    """Enough days of an enrolment were missed without a word, in the time that begins on `since`: an agent is
    asked, once, whether to suspend its bookings.

    What was decided of it is told by its case; the days suspended are those of the enrolment.
    """

    class Decision(models.TextChoices):
        SUSPENDED = "suspended", _("réservations suspendues")
        WARNED = "warned", _("famille avertie")
        LEFT = "left", _("sans suite")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="no_shows")
    since = models.DateField(_("comptées depuis le"))
    asked_at = models.DateTimeField(_("signalées le"))
    decision = models.CharField(_("décision"), max_length=10, blank=True, choices=Decision)
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    decided_by = models.CharField(_("décidé par"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("absences sans prévenir")
        verbose_name_plural = _("absences sans prévenir")
        ordering = ("-since", "pk")
        constraints = [models.UniqueConstraint(fields=("enrolment", "since"), name="no_show_once")]

    def __str__(self) -> str:
        return f"{self.enrolment} · {self.since}"
