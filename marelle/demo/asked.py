"""What the Durand home asked and was told lately: hours at the multi-accueil to validate, a place offered
there, a meal missed with its proof, a day closed. It goes through the services, as people do."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from io import BytesIO

import pikepdf
from django.db.models import Q

from marelle.accounts.models import User
from marelle.activities.models import Opening
from marelle.bookings.absences import KIND, SUBJECT, absences_declare
from marelle.bookings.ledger import Change
from marelle.bookings.models import Absence, AbsenceProof, Booking
from marelle.bookings.offers import place_offer
from marelle.bookings.refusals import OfferImpossible
from marelle.bookings.services import bookings_save
from marelle.bookings.states import AbsenceReason, BookingState
from marelle.cases.services import open_case
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.core.subject import Subject
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.families.models import Person
from marelle.files.services import file_make
from marelle.flows.actors import actor_for
from marelle.flows.closing import day_close

DAYS_ASKED = 3
LAST_DAYS = timedelta(days=6)
KEPT_FOR = timedelta(days=7)
CLOSED_AHEAD = timedelta(days=16)


def ask_for_bookings(places: Places, year: SchoolYear) -> None:
    """Noé is wished at the multi-accueil on days that he does not come, and offered one; Zoé missed her last
    meal, and one of her evenings is closed."""
    actor = actor_for(User.objects.get(identifier="durand"))
    people = {p.first_name: p for p in Person.objects.filter(memberships__family_id=actor.home_id)}
    evening = instant_at(year.today - timedelta(days=1), time(20, 42))
    _ask_hours(actor, people["Noé"], places, evening)
    _miss_a_meal(actor, people["Zoé"], places, year, evening)
    office = actor_for(User.objects.get(identifier="guichet"))
    _offer_a_place(actor, office, people["Noé"], places, evening)
    _close_a_day(office, people["Zoé"], places, year, evening)


def _ask_hours(actor: Actor, child: Person, places: Places, now: datetime) -> None:
    free = Opening.objects.filter(
        ~Q(bookings__child=child),
        activity=places.activities["creche"],
        state=Opening.State.OPEN,
        day__gt=now.date() + timedelta(days=14),
    )
    bookings_save(
        actor=actor,
        changes=[
            Change(child.pk, opening.pk, seen=False, wanted=True, starts=time(8, 30), ends=time(16, 30))
            for opening in free.order_by("day")[:DAYS_ASKED]
        ],
        now=now,
    )


def _offer_a_place(actor: Actor, office: Actor, child: Person, places: Places, now: datetime) -> None:
    """Noé waited for a day; the place is kept for him until it starts, as long as the world lasts."""
    unbooked = Opening.objects.filter(
        ~Q(bookings__child=child) & ~Q(bookings__state=BookingState.WAITING),
        activity=places.activities["creche"],
        state=Opening.State.OPEN,
        day__gt=now.date() + KEPT_FOR,
        day__lte=now.date() + 2 * KEPT_FOR,
    )
    enrolled = Enrolment.objects.get(
        person=child, activity=places.activities["creche"], state__in=Enrolment.LIVE
    )
    for opening in unbooked.order_by("day"):
        waits = Booking.objects.create(
            opening=opening,
            child=child,
            family_id=actor.home_id,
            enrolment=enrolled,
            day=opening.day,
            starts_at=instant_at(opening.day, time(9)),
            ends_at=instant_at(opening.day, time(16)),
            state=BookingState.WAITING,
            queued_at=now - timedelta(days=9),
            created_at=now - timedelta(days=9),
            created_by=actor.label,
        )
        try:
            place_offer(actor=office, opening_id=opening.pk, until=opening.starts_at, now=now)
        except OfferImpossible:
            waits.delete()
        else:
            return


def _close_a_day(office: Actor, child: Person, places: Places, year: SchoolYear, now: datetime) -> None:
    booked = Booking.objects.live().filter(
        child=child, opening__activity=places.activities["periscolaire"], day__gt=year.today + CLOSED_AHEAD
    )
    first = booked.order_by("day").first()
    if first is not None:
        structure_id = places.structures["periscolaire"].pk
        day_close(
            actor=office,
            structure_id=structure_id,
            day=first.day,
            reason="Coupure d’eau annoncée",
            now=now,
        )


def _miss_a_meal(actor: Actor, child: Person, places: Places, year: SchoolYear, evening: datetime) -> None:
    """The last meal booked before today; told in the morning, the certificate sent in the evening."""
    missed = (
        Booking.objects.filter(
            child=child,
            opening__activity=places.activities["restauration"],
            state=BookingState.BOOKED,
            day__lt=year.today,
            day__gte=year.today - LAST_DAYS,
        )
        .order_by("-day")
        .first()
    )
    if missed is None:
        return
    morning = instant_at(missed.day, time(7, 10))
    missed.opening.attendances.filter(child=child).delete()
    Absence.objects.filter(booking=missed).delete()
    absences_declare(actor=actor, booking_ids=[missed.pk], reason=AbsenceReason.ILLNESS, now=morning)
    sent = max(morning, min(evening, instant_at(missed.day, time(19, 30))))
    structure = missed.opening.activity.structure
    proof = AbsenceProof.objects.create(
        family_id=actor.home_id,
        child=child,
        structure=structure,
        file=file_make(
            actor=actor,
            content=_blank_page(),
            name="certificat.pdf",
            pages=1,
            family_id=actor.home_id,
            now=sent,
        ),
        sent_at=sent,
        sent_by=actor.label,
    )
    Absence.objects.filter(booking=missed).update(proof=proof)
    open_case(
        actor=actor,
        kind=KIND,
        subject=Subject(SUBJECT, proof.pk, f"{child} · {structure}"),
        family_id=actor.home_id,
        authority_id=structure.authority_id,
        structure_id=structure.pk,
        now=sent,
    )


def _blank_page() -> bytes:
    page = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(page)
    return page.getvalue()
