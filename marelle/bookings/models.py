"""Places given: bookings, and, never mixed with them, absences declared and attendance seen at the door."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Opening
from marelle.bookings.states import HOLDING, LIVE, BookingState, EndCause
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, Person


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> BookingQuerySet:
        """Neither cancelled nor refused."""
        return self.filter(state__in=LIVE)

    def holding(self) -> BookingQuerySet:
        """Those that hold a place."""
        return self.filter(state__in=HOLDING)

    def waiting(self) -> BookingQuerySet:
        """The waiting list, in the order in which places go: priority, time queued, id."""
        return self.filter(state=BookingState.WAITING).order_by("-priority", "queued_at", "pk")


class Booking(models.Model):
    """A child on an opening. A cancelled row never lives again: booking again makes a new row.

    `day` repeats the opening's, so that a child's days are found by one index. `starts_at` and `ends_at` are
    the opening's, or the hours chosen when it is booked by the hour. `derogation` is the reason that an agent
    gave to pass a deadline, an age or a capacity.
    """

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="bookings")
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bookings")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="bookings")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="bookings")
    day = models.DateField(_("jour"))
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    state = models.CharField(_("état"), max_length=10, choices=[(s.value, s.value) for s in BookingState])
    priority = models.SmallIntegerField(_("priorité"), default=0)
    queued_at = models.DateTimeField(_("en attente depuis"), null=True, blank=True)
    offered_until = models.DateTimeField(_("proposée jusqu’à"), null=True, blank=True)
    late = models.BooleanField(_("hors délai"), default=False)
    derogation = models.CharField(_("dérogation"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("réservée le"))
    created_by = models.CharField(_("réservée par"), max_length=150)
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    ended_by = models.CharField(_("terminée par"), max_length=150, blank=True)
    end_cause = models.CharField(
        _("cause"), max_length=20, blank=True, choices=[(c.value, c.value) for c in EndCause]
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("réservation")
        ordering = ("day", "starts_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("child", "opening"),
                condition=models.Q(state__in=("requested", "booked", "offered", "waiting")),
                name="booking_once",
                violation_error_message=_("Ce créneau est déjà réservé."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="booking_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=("child", "day"), name="booking_of_child"),
            models.Index(fields=("enrolment", "day"), name="booking_of_enrolment"),
            models.Index(
                fields=("opening", "queued_at"), name="booking_queue", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} · {self.opening} · {self.state}"


class Absence(models.Model):
    """A family says that a booked child will not come. It is not a cancellation: the place stays held."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="absence")
    declared_at = models.DateTimeField(_("déclarée le"))
    declared_by = models.CharField(_("déclarée par"), max_length=150)
    justified = models.BooleanField(_("justifiée"), default=False)

    class Meta:
        verbose_name = _("absence")

    def __str__(self) -> str:
        return f"{self.booking}"


class Attendance(models.Model):
    """What was seen at the door; it may exist without a booking."""

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="attendances")
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances")
    day = models.DateField(_("jour"))
    present = models.BooleanField(_("présent"))
    arrived_at = models.DateTimeField(_("arrivée"), null=True, blank=True)
    left_at = models.DateTimeField(_("départ"), null=True, blank=True)
    noted_at = models.DateTimeField(_("noté le"))
    noted_by = models.CharField(_("noté par"), max_length=150)

    class Meta:
        verbose_name = _("présence")
        constraints = [models.UniqueConstraint(fields=("opening", "child"), name="attendance_once")]
        indexes = [models.Index(fields=("child", "day"), name="attendance_of_child")]

    def __str__(self) -> str:
        return f"{self.child} · {self.opening}"
