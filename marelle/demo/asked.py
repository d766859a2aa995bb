"""What the Durand home asked and was told lately: hours at the multi-accueil to validate, a place offered
there, a meal missed with its proof, a child not seen where it was booked, a day closed; who came to the
door without being enrolled, a gauge to confirm, and a parent whom nobody knows. It goes through the services,
as people do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from uuid import NAMESPACE_DNS, uuid5

import pikepdf
from django.db.models import F, Q

from marelle.accounts.models import User
from marelle.accounts.oidc.claims import Told
from marelle.activities.models import Opening, Quota
from marelle.attendance.mismatch_mails import tell_mismatches
from marelle.attendance.mismatch_rules import Answer
from marelle.attendance.mismatches import Found, mismatches_answer, mismatches_note
from marelle.attendance.models import Mismatch
from marelle.attendance.reading import Batch, Draft
from marelle.attendance.rules import Alert, TickKind
from marelle.attendance.services import ticks_receive
from marelle.bookings.absences.services import KIND, SUBJECT, absences_declare
from marelle.bookings.models import Absence, AbsenceProof, Booking
from marelle.bookings.offers.services import place_offer
from marelle.bookings.recounting import day_recount
from marelle.bookings.refusals import OfferImpossible
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import AbsenceReason, BookingState
from marelle.cases.services import open_case
from marelle.core.actor import Actor, Role
from marelle.core.clock import instant_at, local
from marelle.core.subject import Subject
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.families.models import Person
from marelle.files.services import file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.catalogue.recounting import confirmations_ask
from marelle.flows.identities.arrivals import Letter, arrival_ask
from marelle.flows.models import Arrival
from marelle.journal.origin import Origin

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
    _come_otherwise(actor, people["Zoé"], places, year)
    office = actor_for(User.objects.get(identifier="guichet"))
    _offer_a_place(actor, office, people["Noé"], places, evening)
    _close_a_day(office, people["Zoé"], places, year, evening)
    come_unknown(User.objects.filter(posts__role=Role.ANIMATOR).order_by("pk")[0], year.today)
    count_again(User.objects.filter(posts__role=Role.DIRECTOR).order_by("pk")[0], evening)


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
        target = Target(places.structures["periscolaire"].pk, first.day, first.day)
        closing_make(actor=office, target=target, reason="Coupure d’eau annoncée", now=now)


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


def _come_otherwise(actor: Actor, child: Person, places: Places, year: SchoolYear) -> None:
    """Nobody saw the child on its last two Wednesdays: its home says of the first that it was there, all day
    long, and nothing yet of the second."""
    rows = Booking.objects.filter(
        child=child,
        opening__activity=places.activities["mercredis-brisecombe"],
        state=BookingState.BOOKED,
        day__lt=year.today,
    ).order_by("starts_at")
    days = sorted(set(rows.values_list("day", flat=True)))[-2:]
    for day in days:
        told = miss(list(rows.filter(day=day).select_related("opening")))
        if day != days[-1]:
            mismatches_answer(
                actor=actor,
                mismatch_ids=[row.pk for row in told],
                answer=Answer.ERROR,
                now=told[0].told_at + timedelta(hours=1),
            )


def miss(bookings: Sequence[Booking]) -> tuple[Mismatch, ...]:
    """Nobody saw the child where it was booked, all on one day; its home is told within the hour."""
    Absence.objects.filter(booking__in=bookings).delete()
    for one in bookings:
        one.opening.attendances.filter(child=one.child_id).delete()
    at = bookings[-1].starts_at + timedelta(minutes=40)
    found = [
        Found(one.opening_id, one.child_id, one.family_id, one.pk, one.day, Alert.ABSENT) for one in bookings
    ]
    told = mismatches_note(found=found, now=at)
    tell_mismatches(told, now=at)
    return told


def come_unknown(agent: User, today: date) -> None:
    """On the last day of its structure, the agent noted a child whom nobody has enrolled."""
    openings = Opening.objects.filter(activity__structure__posts__user=agent, day__lt=today)
    last = openings.select_related("activity").order_by("-day", "-pk").first()
    if last is None:
        return
    at = last.starts_at + timedelta(minutes=20)
    noted = Draft(uuid5(NAMESPACE_DNS, "demo"), TickKind.NOTED, at, opening_id=last.pk, name="Sasha Bernard")
    ticks_receive(
        actor=actor_for(agent),
        tablet=None,
        structure_id=last.activity.structure_id,
        batch=Batch(at, (noted,)),
        now=at,
    )


def count_again(agent: User, now: datetime) -> None:
    """A day to come of the agent's structure had counted two children too many: it is asked to confirm."""
    rows = Quota.objects.filter(gauge__structure__posts__user=agent, day__gt=local(now).date(), taken__gt=0)
    quota = rows.filter(taken__lte=F("capacity") - 2).order_by("day", "pk")[0]
    Quota.objects.filter(pk=quota.pk).update(taken=F("taken") + 2)
    day_recount(quota.day, today=local(now).date())
    confirmations_ask(now=now)


def _blank_page() -> bytes:
    page = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(page)
    return page.getvalue()


def come_for_the_first_time(parent: Person, *, now: datetime) -> None:
    """A parent comes whom FranceConnect knows by another name than his file does."""
    told = Told(
        "franceconnect",
        "https://franceconnect.example",
        "first-visit",
        given_names=f"{parent.first_name} Marie",
        birth_name="Lestienne",
        usage_name=parent.last_name,
        birth_date=parent.birth_date,
        birth_place="21231",
        birth_country="99100",
        email="premiere.visite@example.org",
    )
    letter = Letter(
        "premiere.visite@example.org",
        "",
        Arrival.HasFile.YES,
        "Mon dossier est à mon nom d’usage.",
    )
    arrival_ask(told=told, letter=letter, origin=Origin(), now=now)
