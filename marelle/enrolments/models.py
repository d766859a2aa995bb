"""A person in an activity: asked, decided, dated, in a group."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.accounts.guest_access import ENDED_BY, GuestAccess
from marelle.accounts.models import User
from marelle.activities.models import Activity, AgeGroup, KeptPlaces
from marelle.core.sealed import SealedTextField
from marelle.families.models import Family, Person

DEROGATION_LENGTH = 300


class Enrolment(models.Model):
    """An "inscription": of one person, by one home, in one activity, between two dates, both included.

    `wishes` maps a weekday ("0" is Monday) to the ids of the slots wished on it; they are wishes, not
    bookings. `answers` are rows of `questions.Answer`. A refusal carries its `reason`. `derogation` is why an
    agent asked past the limits that `passed` names (see `labels.PASSED`). From `suspended_from` to
    `suspended_until`, both included, its days are not to be booked, for the reason `suspension`.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("en attente")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        WITHDRAWN = "withdrawn", _("retirée")
        ENDED = "ended", _("terminée")

    LIVE = (State.REQUESTED, State.ACCEPTED)

    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrolments")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(_("état"), max_length=10, choices=State)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    wishes = models.JSONField(_("souhaits"), default=dict, blank=True)
    answers = models.JSONField(_("réponses"), default=list, blank=True)
    comment = SealedTextField(_("précision"), max_length=500, blank=True)
    derogation = models.CharField(_("dérogation"), max_length=DEROGATION_LENGTH, blank=True)
    passed = models.CharField(_("règles passées"), max_length=100, blank=True)
    requested_at = models.DateTimeField(_("reçue le"))
    requested_by = models.CharField(_("demandée par"), max_length=150)
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.CharField(_("décidée par"), max_length=150, blank=True)
    reason = SealedTextField(_("raison"), max_length=500, blank=True)
    suspended_from = models.DateField(_("réservations suspendues du"), null=True, blank=True)
    suspended_until = models.DateField(_("suspendues jusqu’au"), null=True, blank=True)
    suspension = SealedTextField(_("raison de la suspension"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("inscription")
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("family", "person", "activity"),
                condition=models.Q(state__in=("requested", "accepted")),
                name="enrolment_once",
                violation_error_message=_("Une demande existe déjà pour cette activité."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="enrolment_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
            models.CheckConstraint(
                condition=models.Q(suspended_from=None, suspended_until=None)
                | models.Q(suspended_until__gte=models.F("suspended_from")),
                name="enrolment_suspended_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
        ]
        indexes = [
            models.Index(fields=("person", "state"), name="enrolment_of_person"),
            models.Index(fields=("activity", "state"), name="enrolment_of_activity"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.activity}"


class GroupChoice(models.Model):
    """The group of an enrolment from a date; the last row that has begun counts.

    A child who grows older stays where it is until an agent moves it.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="groups")
    group = models.ForeignKey(AgeGroup, on_delete=models.PROTECT, related_name="choices")
    since = models.DateField(_("depuis le"))

    class Meta:
        verbose_name = _("groupe d’une inscription")
        verbose_name_plural = _("groupes des inscriptions")
        ordering = ("enrolment", "since")
        constraints = [models.UniqueConstraint(fields=("enrolment", "since"), name="group_choice_once_a_day")]

    def __str__(self) -> str:
        return f"{self.enrolment} · {self.group}"


class KeptFor(models.Model):
    """A child whom agents have named for places kept, by an enrolment; whichever home books counts."""

    kept = models.ForeignKey(KeptPlaces, on_delete=models.CASCADE, related_name="named")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="kept_for")

    class Meta:
        verbose_name = _("enfant pour qui des places sont gardées")
        verbose_name_plural = _("enfants pour qui des places sont gardées")
        constraints = [models.UniqueConstraint(fields=("kept", "enrolment"), name="kept_for_once")]

    def __str__(self) -> str:
        return f"{self.kept} · {self.enrolment}"


class EndRequest(models.Model):
    """A home asks for an enrolment to end: `last_day` is the last one of the child there.

    Accepted, the enrolment ends that day and what is booked later is cancelled; `ended_before` is the last
    day that it had.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("en attente")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        WITHDRAWN = "withdrawn", _("retirée")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="end_requests")
    last_day = models.DateField(_("dernier jour"))
    ended_before = models.DateField(_("fin avant la décision"), null=True, blank=True)
    comment = SealedTextField(_("précision"), max_length=500, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.REQUESTED)
    requested_at = models.DateTimeField(_("reçue le"))
    requested_by = models.CharField(_("demandée par"), max_length=150)
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.CharField(_("décidée par"), max_length=150, blank=True)
    reason = SealedTextField(_("raison"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("demande de fin d’inscription")
        verbose_name_plural = _("demandes de fin d’inscription")
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("enrolment",),
                condition=models.Q(state="requested"),
                name="end_request_once",
                violation_error_message=_("La fin de cette inscription est déjà demandée."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment} · {self.last_day}"


class CallNote(models.Model):
    """A call made to a home whose request was refused: reached, a message left, or nothing; what was said.

    `again_on` is the day on which to call again, if one was agreed.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="call_notes")
    reached = models.BooleanField(_("famille jointe"))
    left_message = models.BooleanField(_("message laissé"), default=False)
    again_on = models.DateField(_("rappeler le"), null=True, blank=True)
    note = SealedTextField(_("note"), max_length=500, blank=True)
    at = models.DateTimeField(_("le"))
    by = models.CharField(_("par"), max_length=150)

    class Meta:
        verbose_name = _("appel à une famille")
        verbose_name_plural = _("appels aux familles")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.enrolment} · {self.at:%Y-%m-%d}"


class TeenAccess(GuestAccess):
    """That a home has opened its planning of a child to the child itself, by an account that is of this home
    and of no other; another access has another account."""

    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="teen_accesses", verbose_name=_("foyer")
    )
    child = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="teen_accesses", verbose_name=_("enfant")
    )
    account = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="teen_access", verbose_name=_("compte")
    )

    class Meta(GuestAccess.Meta):
        verbose_name = _("compte d’un jeune")
        verbose_name_plural = _("comptes de jeunes")
        constraints = [models.CheckConstraint(condition=ENDED_BY, name="teen_access_ended_by")]

    def __str__(self) -> str:
        return str(self.child)


class TeenPermission(models.Model):
    """That a child books and cancels for itself in an activity, from an instant to another. Never deleted."""

    access = models.ForeignKey(TeenAccess, on_delete=models.CASCADE, related_name="permissions")
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="+", verbose_name=_("activité")
    )
    given_at = models.DateTimeField(_("donnée le"))
    given_by = models.CharField(_("donnée par"), max_length=150)
    ended_at = models.DateTimeField(_("retirée le"), null=True, blank=True)
    ended_by = models.CharField(_("retirée par"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("permission d’un jeune")
        verbose_name_plural = _("permissions de jeunes")
        ordering = ("given_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("access", "activity"),
                condition=models.Q(ended_at=None),
                name="teen_permission_once",
                violation_error_message=_("Cette permission est déjà donnée."),
            ),
            models.CheckConstraint(condition=ENDED_BY, name="teen_permission_ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.access} · {self.activity}"
