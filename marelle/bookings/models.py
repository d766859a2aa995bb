"""Places given: bookings, and, never mixed with them, absences declared and attendance seen at the door."""

from __future__ import annotations

from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity, Opening
from marelle.bookings.states import HOLDING, LIVE, AbsenceReason, BookingState, EndCause, ProofState
from marelle.core.sealed import SealedTextField
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile
from marelle.places.models import Closure, Structure


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

    def of_group(self, group_id: int) -> BookingQuerySet:
        """On an opening of that group, or on one for all groups by a child of that group, or of none."""
        choice = GroupChoice.objects.filter(enrolment=OuterRef("enrolment_id"), since__lte=OuterRef("day"))
        of_child = Subquery(choice.order_by("-since").values("group_id")[:1])
        group = Coalesce("opening__group_id", of_child, output_field=models.BigIntegerField())
        return self.alias(of_group=group).filter(
            models.Q(of_group=group_id) | models.Q(of_group__isnull=True)
        )


class BookingRequest(models.Model):
    """Bookings asked for in one save, for one child in one activity: what an agent answers in one go.

    Its cells are the bookings that point at it; what waits for the agent is its case.
    """

    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="booking_requests")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="booking_requests")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="booking_requests")
    asked_at = models.DateTimeField(_("demandées le"))
    asked_by = models.CharField(_("demandées par"), max_length=150)

    class Meta:
        verbose_name = _("demande de réservations")
        verbose_name_plural = _("demandes de réservations")
        ordering = ("asked_at", "pk")

    def __str__(self) -> str:
        return f"{self.child} · {self.activity}"


class Booking(models.Model):
    """A child on an opening. A cancelled row never lives again: booking again makes a new row.

    The exception is a decision undone within its minute, which never was: `ended_state` is what the row was
    when it ended, so that it is that again.

    `day` repeats the opening's, so that a child's days are found by one index. `starts_at` and `ends_at` are
    the opening's, or the hours chosen when it is booked by the hour. `derogation` is the reason that an agent
    gave to pass a deadline, an age or a capacity, which `passed` names (see `labels.PASSED`);
    `derogation_before` and `passed_before` are those by which the child waited when it was given its place;
    `refusal` the one for which it refused. `priority` is 0 unless an agent changed the order of the queue,
    for `priority_reason`.

    `kept` lists the keys of the places kept for which the child counts, as judged when it was asked.

    `waits_with`: a home's bookings of one number are waited for together, given all or none. `one_of`: of
    those of one number one is enough, in the order of `preference` (1 is the first). Both numbers are the key
    of one of the bookings.

    `by_family` is false where an agent booked, in the family's name or otherwise: the name of `created_by`
    goes with the person, what is counted does not.

    `changed_at` is when a booking that lives last changed (given, validated, absence told), empty while it
    is as it was made: a calendar that follows it must know.
    """

    opening = models.ForeignKey(
        Opening, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )  # found by "booking_on_opening"
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bookings")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="bookings")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="bookings")
    day = models.DateField(_("jour"))
    starts_at = models.DateTimeField(_("début"))
    ends_at = models.DateTimeField(_("fin"))
    state = models.CharField(_("état"), max_length=10, choices=[(s.value, s.value) for s in BookingState])
    priority = models.SmallIntegerField(_("priorité"), default=0)
    priority_reason = models.CharField(_("raison de la priorité"), max_length=300, blank=True)
    priority_by = models.CharField(_("priorité donnée par"), max_length=150, blank=True)
    queued_at = models.DateTimeField(_("en attente depuis"), null=True, blank=True)
    waits_with = models.IntegerField(_("attendue avec"), null=True, blank=True)
    one_of = models.IntegerField(_("une seule parmi"), null=True, blank=True)
    preference = models.SmallIntegerField(_("ordre de préférence"), default=0)
    offered_until = models.DateTimeField(_("proposée jusqu’à"), null=True, blank=True)
    late = models.BooleanField(_("hors délai"), default=False)
    derogation = models.CharField(_("dérogation"), max_length=300, blank=True)
    passed = models.CharField(_("règles passées"), max_length=100, blank=True)
    kept = models.CharField(_("places gardées qui la comptent"), max_length=60, blank=True)
    derogation_before = models.CharField(_("dérogation d’avant"), max_length=300, blank=True)
    passed_before = models.CharField(_("règles passées d’avant"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("réservée le"))
    created_by = models.CharField(_("réservée par"), max_length=150)
    by_family = models.BooleanField(_("réservée par la famille"), default=True)
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    ended_by = models.CharField(_("terminée par"), max_length=150, blank=True)
    ended_state = models.CharField(_("état avant la fin"), max_length=10, blank=True)
    end_cause = models.CharField(
        _("cause"), max_length=20, blank=True, choices=[(c.value, c.value) for c in EndCause]
    )
    refusal = models.CharField(_("motif du refus"), max_length=300, blank=True)
    changed_at = models.DateTimeField(_("modifiée le"), null=True, blank=True)
    request = models.ForeignKey(
        BookingRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings"
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
            # Who is on an opening, from when to when and by whom it was booked are read from the index alone
            # (see `flows.figures.rows`), and by its `id` on PostgreSQL whether an absence was told.
            models.Index(
                fields=("opening", "state", "child", "starts_at", "ends_at", "by_family", "id"),
                name="booking_on_opening",
            ),
            models.Index(
                fields=("opening", "queued_at"), name="booking_queue", condition=models.Q(state="waiting")
            ),
            models.Index(fields=("opening",), name="booking_offered", condition=models.Q(state="offered")),
        ]

    def __str__(self) -> str:
        return f"{self.child} · {self.opening} · {self.state}"


class Passing(models.Model):
    """A waiting booking that kept its rank while a place went to who came after: what it lacked, the last
    time. Nothing of whom the place went to is kept."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="passing")
    at = models.DateTimeField(_("passé le"))
    needed = models.SmallIntegerField(_("places qu’il fallait"))
    left = models.SmallIntegerField(_("places qui restaient"))

    class Meta:
        verbose_name = _("attente passée faute de place")
        verbose_name_plural = _("attentes passées faute de place")

    def __str__(self) -> str:
        return f"{self.booking_id} · {self.needed}/{self.left}"


class ClosedBooking(models.Model):
    """What a closing, or fewer places, took from a booking: its `state` and priority before, so that it can
    come back.

    `back` is the booking that lives again once the closing is undone; `why`, a `rules.Why`, says why none
    does.
    """

    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="bookings")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="closed")
    state = models.CharField(_("état"), max_length=10, choices=[(s.value, s.value) for s in BookingState])
    priority = models.SmallIntegerField(_("priorité"), default=0)
    priority_reason = models.CharField(_("raison de la priorité"), max_length=300, blank=True)
    priority_by = models.CharField(_("priorité donnée par"), max_length=150, blank=True)
    back = models.ForeignKey(Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    why = models.CharField(_("raison du non-retour"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("réservation touchée par une fermeture")
        verbose_name_plural = _("réservations touchées par une fermeture")
        ordering = ("closure", "booking")
        constraints = [models.UniqueConstraint(fields=("closure", "booking"), name="booking_closed_once")]

    def __str__(self) -> str:
        return f"{self.closure} · {self.booking_id}"


class AbsenceProof(models.Model):
    """A document that justifies absences of one child in one structure, and what an agent made of it.

    One file may serve several structures. It is as private as health: read by the home that sent it and by
    who answers for the structure. `derogation` is why an agent counts it as if it had come in time.
    """

    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="absence_proofs")
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absence_proofs")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="absence_proofs")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="absence_proofs")
    sent_at = models.DateTimeField(_("envoyé le"))
    sent_by = models.CharField(_("envoyé par"), max_length=150)
    state = models.CharField(
        _("état"),
        max_length=10,
        choices=[(s.value, s.value) for s in ProofState],
        default=ProofState.RECEIVED.value,
    )
    refusal = SealedTextField(_("motif du refus"), max_length=300, blank=True)
    derogation = models.CharField(_("compté comme reçu à temps"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    decided_by = models.CharField(_("décidé par"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("justificatif d’absence")
        verbose_name_plural = _("justificatifs d’absence")
        ordering = ("sent_at", "pk")

    def __str__(self) -> str:
        return f"{self.child} · {self.structure}"

    @property
    def is_lost(self) -> bool:
        """It waits, and nobody can read it: its file was destroyed."""
        return self.state == ProofState.RECEIVED and self.file.is_destroyed

    @property
    def stands(self) -> bool:
        """Whether no other is to be sent in its place."""
        return self.state != ProofState.REFUSED and not self.is_lost


class Absence(models.Model):
    """A family says that a booked child will not come. It is not a cancellation: the place stays held.

    `reason` is a code, never a diagnosis. `justified` is what an agent decided of its proof. An absence taken
    back leaves no row.
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="absence")
    declared_at = models.DateTimeField(_("déclarée le"))
    declared_by = models.CharField(_("déclarée par"), max_length=150)
    reason = models.CharField(
        _("raison"), max_length=10, blank=True, choices=[(r.value, r.value) for r in AbsenceReason]
    )
    justified = models.BooleanField(_("justifiée"), default=False)
    proof = models.ForeignKey(
        AbsenceProof,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="absences",
        db_index=False,
    )

    class Meta:
        verbose_name = _("absence")
        # Few absences have one: SQLite would rather read them all than an index of the others.
        indexes = [
            models.Index(fields=["proof"], condition=models.Q(proof__isnull=False), name="absence_of_proof")
        ]

    def __str__(self) -> str:
        return f"{self.booking}"


class EntryCard(models.Model):
    """Entries of an activity that a home may use between two days, both included: one for each live booking.

    Given to a child's enrolment; `whole_home`: its other children in the activity use it too. Once ended it
    holds until that day, so that what it served is served still.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="cards")
    whole_home = models.BooleanField(_("pour tous les enfants du foyer"), default=False)
    entries = models.PositiveSmallIntegerField(_("entrées"))
    first_day = models.DateField(_("du"))
    last_day = models.DateField(_("au"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    given_at = models.DateTimeField(_("donnée le"))
    given_by = models.CharField(_("donnée par"), max_length=150)
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    ended_by = models.CharField(_("terminée par"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("carte d’entrées")
        verbose_name_plural = _("cartes d’entrées")
        ordering = ("last_day", "pk")
        constraints = [
            models.CheckConstraint(condition=models.Q(entries__gte=1), name="card_of_one_or_more"),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="card_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment} · {self.entries}"


class DeadlineTold(models.Model):
    """A home was told that a limit is near for this enrolment, for the days of one week: told once.

    `week` is the Monday of the first day that could still be booked.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="deadlines_told")
    week = models.DateField(_("semaine du"))
    told_at = models.DateTimeField(_("rappelé le"))

    class Meta:
        verbose_name = _("rappel de délai")
        verbose_name_plural = _("rappels de délai")
        constraints = [models.UniqueConstraint(fields=("enrolment", "week"), name="deadline_told_once")]

    def __str__(self) -> str:
        return f"{self.enrolment} · {self.week}"


class Attendance(models.Model):
    """What was seen at the door; it may exist without a booking.

    What the ticks of `attendance` come to, written by its services alone. `reason` says why a child is
    absent, with a few words; `handed_to` who fetched it; `last_tick` is the tick that the next one follows
    on; `in_conflict`: two tablets disagree, until somebody settles it.
    """

    opening = models.ForeignKey(
        Opening, on_delete=models.PROTECT, related_name="attendances", db_index=False
    )  # found by "attendance_on_opening"
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances")
    day = models.DateField(_("jour"))
    present = models.BooleanField(_("présent"))
    arrived_at = models.DateTimeField(_("arrivée"), null=True, blank=True)
    left_at = models.DateTimeField(_("départ"), null=True, blank=True)
    reason = models.CharField(
        _("motif"), max_length=10, blank=True, choices=[(r.value, r.value) for r in AbsenceReason]
    )
    reason_text = models.CharField(_("précision"), max_length=120, blank=True)
    handed_to = models.CharField(_("remis à"), max_length=120, blank=True)
    is_late = models.BooleanField(_("retard"), default=False)
    in_conflict = models.BooleanField(_("tablettes en désaccord"), default=False)
    last_tick = models.UUIDField(_("dernier pointage"), null=True, blank=True)
    noted_at = models.DateTimeField(_("noté le"))
    noted_by = models.CharField(_("noté par"), max_length=150)

    class Meta:
        verbose_name = _("présence")
        constraints = [models.UniqueConstraint(fields=("opening", "child"), name="attendance_once")]
        indexes = [
            models.Index(fields=("child", "day"), name="attendance_of_child"),
            models.Index(fields=("opening", "present", "child"), name="attendance_on_opening"),
        ]

    def __str__(self) -> str:
        return f"{self.child} · {self.opening}"
