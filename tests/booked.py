"""What a home has booked and waits for, for the table of roles. Rows are written straight: it is quick."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from marelle.activities.models import Activity, Opening
from marelle.attendance import mismatches, no_shows
from marelle.attendance.models import Mismatch, NoShow
from marelle.bookings.absences.services import KIND, SUBJECT
from marelle.bookings.models import Absence, AbsenceProof, Booking, BookingRequest
from marelle.bookings.saving import requests
from marelle.bookings.saving.alone import alone_ask
from marelle.bookings.states import BookingState
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.families.models import Person
from marelle.files.services import file_make
from tests.scenario import Home, Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


def booked_rows(world: Scenario, home: Home, child: Person) -> dict[str, int]:
    """Ids by the name of their argument. The child is told absent tomorrow, with a proof to be read."""
    mornings = world.activity("Matins")
    world.slot(mornings, "Matin", weekdays=[3])
    world.rule(mornings, absence_proof_hours=48)
    world.enrolment(child, mornings, home)
    (opening,) = world.openings(mornings, date(2026, 11, 26))
    booking = world.booking(child, opening)
    proof = AbsenceProof.objects.create(
        family=home.family,
        child=child,
        structure=mornings.structure,
        file=file_make(actor=SYSTEM, content=b"%PDF-1.7", name="certificat.pdf", pages=1, now=NOW),
        sent_at=NOW,
        sent_by=str(home.adult),
    )
    Absence.objects.create(booking=booking, declared_at=NOW, declared_by=str(home.adult), proof=proof)
    open_case(
        actor=home.actor,
        kind=KIND,
        subject=Subject(SUBJECT, proof.pk, str(child)),
        family_id=home.family.pk,
        authority_id=mornings.structure.authority_id,
        structure_id=mornings.structure_id,
        now=NOW,
    )
    alone_ask([booking.pk], now=NOW)
    return {
        "booking_id": booking.pk,
        "ruled_id": mornings.pk,
        "alone_id": booking.pk,
        "waited_id": opening.pk,
        "waiting_id": _waits(world, home, mornings, opening).pk,
        "proof_id": proof.pk,
        "mismatch_id": _missed(world, home, child, mornings).pk,
        "no_show_id": _unannounced(world, home, child, mornings).pk,
        "request_id": _asked(world, home, child, mornings).pk,
    }


def _waits(world: Scenario, home: Home, activity: Activity, opening: Opening) -> Booking:
    """A child of the home waits for a place of that opening."""
    child = world.child(home, "Lou")
    world.enrolment(child, activity, home)
    return world.booking(child, opening, state=BookingState.WAITING)


def _missed(world: Scenario, home: Home, child: Person, activity: Activity) -> Mismatch:
    """Last Thursday nobody saw the child, and the home says that it was there."""
    (opening,) = world.openings(activity, date(2026, 11, 19))
    row = Mismatch.objects.create(
        opening=opening,
        child=child,
        family=home.family,
        booking=world.booking(child, opening),
        day=opening.day,
        kind="absent",
        told_at=NOW - timedelta(days=6),
        answer="error",
        answered_at=NOW,
        answered_by=str(home.adult),
    )
    row.case = open_case(
        actor=home.actor,
        kind=mismatches.KIND,
        subject=Subject(mismatches.SUBJECT, row.pk, str(child)),
        family_id=home.family.pk,
        authority_id=activity.structure.authority_id,
        structure_id=activity.structure_id,
        now=NOW,
    )
    row.save(update_fields=["case"])
    return row


def _unannounced(world: Scenario, home: Home, child: Person, activity: Activity) -> NoShow:
    """An agent is asked whether to suspend the mornings of the child."""
    row = NoShow.objects.create(
        enrolment=child.enrolments.get(activity=activity), since=date(2026, 11, 1), asked_at=NOW
    )
    open_case(
        actor=SYSTEM,
        kind=no_shows.KIND,
        subject=Subject(no_shows.SUBJECT, row.pk, str(child)),
        family_id=home.family.pk,
        authority_id=activity.structure.authority_id,
        structure_id=activity.structure_id,
        now=NOW,
    )
    return row


def _asked(world: Scenario, home: Home, child: Person, activity: Activity) -> BookingRequest:
    """Next Thursday, that the structure must validate."""
    (opening,) = world.openings(activity, date(2026, 12, 3))
    request = BookingRequest.objects.create(
        child=child, family=home.family, activity=activity, asked_at=NOW, asked_by=str(home.adult)
    )
    world.booking(child, opening, state=BookingState.REQUESTED, request=request)
    open_case(
        actor=home.actor,
        kind=requests.KIND,
        subject=Subject(requests.SUBJECT, request.pk, str(child)),
        family_id=home.family.pk,
        authority_id=activity.structure.authority_id,
        structure_id=activity.structure_id,
        now=NOW,
    )
    return request
