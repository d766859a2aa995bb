"""Absences: what the services write, tell and refuse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest

from marelle.activities.absences import AbsenceRule, Delay, Origin, Unit
from marelle.activities.models import Quota
from marelle.bookings.absences.grading import graded
from marelle.bookings.absences.listed import absences_of_month
from marelle.bookings.absences.pages import absence_page
from marelle.bookings.absences.services import (
    absence_proof_decide,
    absence_proof_send,
    absence_proof_undo,
    absence_withdraw,
    absences_declare,
)
from marelle.bookings.labels import refusal_text
from marelle.bookings.models import Absence, AbsenceProof, Attendance, Booking
from marelle.bookings.refusals import AbsenceDenied, ProofTooLate, ReasonMissing
from marelle.bookings.states import AbsenceReason, BookingState, ProofState
from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided, OwnFile
from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.core.refusals import NotYours
from marelle.files.fields import checked
from marelle.files.labels import NOT_SEEN
from marelle.files.models import StoredFile
from marelle.files.rules import NotSeen, Scan
from marelle.files.services import open_content
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.scenario import Home, Scenario, picture

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=PARIS)
"""Monday at seven: today and tomorrow can be cancelled no more, Wednesday can."""


@dataclass
class World:
    made: Scenario
    durand: Home
    zoe: object
    bookings: list[Booking]

    def declare(self, *bookings: Booking, actor=None, now=NOW, **options):
        ids = [booking.pk for booking in bookings]
        return absences_declare(actor=actor or self.durand.actor, booking_ids=ids, now=now, **options)

    def agent(self, role: Role = Role.DIRECTOR, **where):
        return actor_for(self.made.staff(f"agent{Case.objects.count()}{role.value}", role, **where))


@pytest.fixture
def world() -> World:
    made = Scenario()
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    canteen = made.activity("Restauration scolaire", kind="canteen")
    made.slot(canteen, "Repas", "12:00", "13:30", weekdays=[0, 1, 2, 3], capacity=10, has_meal=True)
    made.rule(canteen, absence_proof_hours=48)
    made.enrolment(zoe, canteen, durand)
    days = made.openings(canteen, MONDAY, MONDAY + timedelta(days=3))
    return World(made, durand, zoe, [made.booking(zoe, day) for day in days])


def denials(declared) -> list[str | None]:
    return [denial and denial.why.value for denial in declared]


def test_the_place_stays_held_and_the_home_and_the_history_are_told(world):
    monday = world.bookings[0]
    before = list(Quota.objects.values_list("pk", "taken"))
    assert denials(world.declare(monday, reason=AbsenceReason.ILLNESS)) == [None]
    monday.refresh_from_db()
    assert (monday.state, monday.changed_at) == (BookingState.BOOKED, NOW)
    assert list(Quota.objects.values_list("pk", "taken")) == before
    assert Absence.objects.get().reason == "illness"
    mail = Message.objects.get(kind="bookings/absence_noted")
    assert mail.to == world.durand.adult.email
    assert "lundi 23 novembre · Repas" in mail.text
    assert "03 00 00 00 01" in mail.text
    assert "maladie" not in mail.text.lower()
    entry = Entry.objects.get(verb="absence.declared")
    assert "illness" not in str(entry.data)
    assert not Case.objects.exists()


def test_of_several_days_what_is_possible_is_kept_and_the_rest_says_why(world):
    monday, tuesday, wednesday, _thursday = world.bookings
    tomorrow = NOW + timedelta(hours=6)
    assert denials(world.declare(monday, tuesday, wednesday, now=tomorrow)) == [None, None, "can_cancel"]
    assert denials(world.declare(monday, tuesday, now=tomorrow)) == ["already", "already"]
    assert Absence.objects.count() == 2
    assert Message.objects.filter(kind="bookings/absence_noted").count() == 1


def test_a_child_seen_at_the_door_is_not_absent(world):
    monday = world.bookings[0]
    Attendance.objects.create(
        opening=monday.opening, child=world.zoe, day=MONDAY, present=True, noted_at=NOW, noted_by="Samir"
    )
    assert denials(world.declare(monday)) == ["seen_present"]
    assert not Absence.objects.exists()


def test_a_child_is_told_absent_though_its_brother_was_seen_there(world):
    monday = world.bookings[0]
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, monday.opening.activity, world.durand)
    his = world.made.booking(leo, monday.opening)
    Attendance.objects.create(
        opening=monday.opening, child=leo, day=MONDAY, present=True, noted_at=NOW, noted_by="Samir"
    )
    assert denials(world.declare(monday, his)) == [None, "seen_present"]
    assert Absence.objects.get().booking == monday


def test_nobody_answers_for_the_bookings_of_another_home(world):
    martin = world.made.home("Martin")
    with pytest.raises(NotYours):
        world.declare(world.bookings[0], actor=martin.actor)
    link = world.zoe.guardians.get()
    link.may_book = False
    link.save()
    with pytest.raises(NotYours):
        world.declare(world.bookings[0])
    assert not Absence.objects.exists()


def test_one_booking_out_of_reach_and_nothing_is_kept(world):
    martin = world.made.home("Martin")
    ana = world.made.child(martin, "Ana")
    world.made.enrolment(ana, world.bookings[0].opening.activity, martin)
    theirs = world.made.booking(ana, world.bookings[0].opening)
    with pytest.raises(NotYours):
        world.declare(world.bookings[0], theirs)
    assert not Absence.objects.exists()


def test_taking_it_back_leaves_no_row_and_no_document(world, django_capture_on_commit_callbacks):
    monday = world.bookings[0]
    world.declare(monday, proof=checked(picture()))
    stored = StoredFile.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        absence_withdraw(actor=world.durand.actor, booking_id=monday.pk, now=NOW + timedelta(hours=1))
    assert not Absence.objects.exists()
    assert not AbsenceProof.objects.exists()
    assert Case.objects.get(kind="absence").state == "withdrawn"
    assert not StoredFile.objects.exists()
    with pytest.raises(FileNotFoundError):
        open_content(stored)


def test_once_it_has_begun_it_is_not_taken_back(world):
    monday = world.bookings[0]
    world.declare(monday)
    with pytest.raises(AbsenceDenied) as refused:
        absence_withdraw(actor=world.durand.actor, booking_id=monday.pk, now=monday.starts_at)
    assert refused.value.code == "started"


def test_one_document_for_several_days_is_one_case(world):
    monday, tuesday, *_rest = world.bookings
    noon = NOW + timedelta(hours=6)
    world.declare(monday, tuesday, proof=checked(picture()), now=noon)
    proof = AbsenceProof.objects.get()
    assert proof.absences.count() == 2
    case = Case.objects.get(kind="absence")
    assert (case.subject_id, case.structure_id) == (proof.pk, proof.structure_id)
    absence_withdraw(actor=world.durand.actor, booking_id=tuesday.pk, now=noon)
    assert Case.objects.get(kind="absence").state == "open"
    assert AbsenceProof.objects.exists()


def test_a_document_for_two_structures_is_read_by_each(world):
    other = world.made.structure("Périscolaire du Bourg")
    evenings = world.made.activity("Périscolaire", structure=other)
    world.made.slot(evenings, "Soir", "16:30", "18:30", weekdays=[0])
    world.made.rule(evenings, absence_proof_hours=24)
    world.made.enrolment(world.zoe, evenings, world.durand)
    (opening,) = world.made.openings(evenings, MONDAY)
    world.declare(world.bookings[0], world.made.booking(world.zoe, opening), proof=checked(picture()))
    assert StoredFile.objects.count() == 1
    assert AbsenceProof.objects.count() == Case.objects.filter(kind="absence").count() == 2
    assert Message.objects.filter(kind="bookings/absence_noted").count() == 2


def test_the_document_may_come_after_and_not_twice(world):
    monday = world.bookings[0]
    world.declare(monday)
    send = {"actor": world.durand.actor, "booking_id": monday.pk}
    absence_proof_send(proof=checked(picture()), now=NOW + timedelta(hours=40), **send)
    with pytest.raises(AbsenceDenied) as refused:
        absence_proof_send(proof=checked(picture()), now=NOW + timedelta(hours=41), **send)
    assert refused.value.code == "proof_sent"
    absence_proof_decide(
        actor=world.agent(),
        proof_id=AbsenceProof.objects.get().pk,
        accept=False,
        refusal="Illisible.",
        now=NOW,
    )
    absence_proof_send(proof=checked(picture()), now=NOW + timedelta(hours=42), **send)
    assert Case.objects.get(state="open").subject_id == AbsenceProof.objects.last().pk
    with pytest.raises(AbsenceDenied):
        absence_proof_send(proof=checked(picture()), now=NOW + timedelta(days=4), **send)


def test_an_agent_of_the_structure_accepts(world):
    world.declare(world.bookings[0], proof=checked(picture()))
    proof = AbsenceProof.objects.get()
    director = world.agent()
    absence_proof_decide(actor=director, proof_id=proof.pk, accept=True, now=NOW)
    assert Absence.objects.get().justified
    assert AbsenceProof.objects.get().state == ProofState.ACCEPTED
    assert "est accepté" in Message.objects.get(kind="bookings/absence_answered").text
    with pytest.raises(AlreadyDecided):
        absence_proof_decide(actor=director, proof_id=proof.pk, accept=False, refusal="Non.", now=NOW)
    assert Absence.objects.get().justified


@pytest.mark.parametrize("state", [Scan.WAITING, Scan.INFECTED])
def test_a_proof_that_nobody_could_open_is_not_accepted_and_may_be_refused(world, state):
    world.declare(world.bookings[0], proof=checked(picture()))
    StoredFile.objects.update(scan=state.value, scan_at=NOW)
    proof, director = AbsenceProof.objects.get(), world.agent()
    for more in ({}, {"derogation": "Vu au guichet."}):
        with pytest.raises(NotSeen) as refused:
            absence_proof_decide(actor=director, proof_id=proof.pk, accept=True, now=NOW, **more)
        assert refusal_text(refused.value) == str(NOT_SEEN[refused.value.code])
    assert Case.objects.get().state == "open"
    absence_proof_decide(actor=director, proof_id=proof.pk, accept=False, refusal="Non lu.", now=NOW)
    assert AbsenceProof.objects.get().state == ProofState.REFUSED


def test_a_proof_whose_file_was_destroyed_is_replaced_by_its_home(world):
    world.declare(world.bookings[0], proof=checked(picture()))
    actor, booking_id = world.durand.actor, world.bookings[0].pk
    send = {"actor": actor, "booking_id": booking_id, "now": NOW}
    StoredFile.objects.update(scan=Scan.WAITING.value, scan_at=NOW)
    with pytest.raises(AbsenceDenied):
        absence_proof_send(proof=checked(picture()), **send)
    lost = AbsenceProof.objects.get()
    StoredFile.objects.update(scan=Scan.INFECTED.value)
    assert absence_page(actor, booking_id, now=NOW).why_not_justify is None
    absence_proof_send(proof=checked(picture()), **send)
    proof = AbsenceProof.objects.get()
    assert proof.pk != lost.pk
    assert Absence.objects.get().proof == proof
    assert StoredFile.objects.get() == proof.file
    assert sorted(Case.objects.values_list("subject_id", "state")) == [
        (lost.pk, "withdrawn"),
        (proof.pk, "open"),
    ]


def test_a_refusal_has_its_reason_that_no_mail_holds(world):
    world.declare(world.bookings[0], proof=checked(picture()))
    proof = AbsenceProof.objects.get()
    with pytest.raises(ReasonMissing):
        absence_proof_decide(actor=world.agent(), proof_id=proof.pk, accept=False, refusal="  ", now=NOW)
    office = world.agent(Role.OFFICE)
    absence_proof_decide(actor=office, proof_id=proof.pk, accept=False, refusal="Illisible.", now=NOW)
    assert not Absence.objects.get().justified
    mail = Message.objects.get(kind="bookings/absence_answered")
    assert "Illisible" not in mail.text
    assert f"/reservations/absence/{world.bookings[0].pk}/" in mail.text


def test_who_decides_answers_for_the_structure_and_never_for_its_own_child(world):
    world.declare(world.bookings[0], proof=checked(picture()))
    proof = AbsenceProof.objects.get()
    elsewhere = world.made.structure("Ailleurs")
    for actor in (
        world.agent(Role.ANIMATOR),
        world.agent(structure=elsewhere),
        world.agent(Role.OFFICE, authority=world.made.authority("Mairie")),
        world.durand.actor,
    ):
        with pytest.raises(NotYours):
            absence_proof_decide(actor=actor, proof_id=proof.pk, accept=True, now=NOW)
    user = world.made.staff("parente", Role.DIRECTOR)
    world.durand.adult.account = user
    world.durand.adult.save()
    with pytest.raises(OwnFile):
        absence_proof_decide(actor=actor_for(user), proof_id=proof.pk, accept=True, now=NOW)


GRADED = AbsenceRule(
    MONDAY - timedelta(days=30),
    None,
    proofs=(Delay(0, Unit.HOURS), Delay(2, Unit.CALENDAR, Origin.FIRST)),
    waiting_days=1,
)


def rule_set(world: World, rule: AbsenceRule) -> None:
    world.made.absence_rule(world.bookings[0].opening.activity, rule)


def grades(world: World) -> list[tuple[str, int | None, bool]]:
    rows = graded(Booking.objects.filter(child=world.zoe).order_by("day"))
    return [(row.grade.told.value, row.grade.proof, row.grade.waiting) for row in rows]


def test_what_absences_are_follows_what_is_told_proved_and_seen(world, count_queries):
    """Derived each time: nothing has to be written again when a proof comes, or is refused."""
    rule_set(world, GRADED)
    monday, tuesday, wednesday, thursday = world.bookings
    assert grades(world) == [], "nobody is absent yet"
    world.declare(monday, tuesday, now=NOW + timedelta(hours=10))
    assert grades(world) == [("late", None, True), ("in_time", None, False)]
    absence_proof_send(
        actor=world.durand.actor,
        booking_id=tuesday.pk,
        proof=checked(picture()),
        now=NOW + timedelta(hours=20),
    )
    assert grades(world) == [("late", None, True), ("in_time", None, False)], "it waits"
    proof = AbsenceProof.objects.get()
    director = world.agent()
    absence_proof_decide(actor=director, proof_id=proof.pk, accept=True, now=NOW + timedelta(hours=21))
    assert grades(world) == [("late", 1, True), ("in_time", 0, False)]
    Attendance.objects.create(
        opening=thursday.opening,
        child=world.zoe,
        day=thursday.day,
        present=False,
        noted_at=NOW,
        noted_by="Samir",
    )
    with count_queries(5):
        assert grades(world)[2:] == [("never", None, True)], (
            "Wednesday, of which nobody knows, ends the first"
        )
    Attendance.objects.update(present=True)
    assert len(grades(world)) == 2
    assert wednesday.pk not in {row.place.id for row in graded(Booking.objects.all())}


def test_where_no_rule_counts_days_none_are_read(world, count_queries):
    world.declare(world.bookings[0])
    with count_queries(4):
        assert [row.grade.waiting for row in graded(Booking.objects.all())] == [False]


def test_a_proof_after_every_delay_is_accepted_with_a_reason_alone(world):
    rule_set(world, GRADED)
    monday = world.bookings[0]
    behind = replace(world.durand.actor, on_behalf_of=True)
    late = NOW + timedelta(days=5)
    assert denials(world.declare(monday, now=late)) == ["too_late"]
    assert denials(world.declare(monday, now=late, actor=behind, proof=checked(picture()))) == [None]
    proof = AbsenceProof.objects.get()
    director = world.agent()
    with pytest.raises(ProofTooLate):
        absence_proof_decide(actor=director, proof_id=proof.pk, accept=True, derogation=" ", now=late)
    absence_proof_decide(
        actor=director, proof_id=proof.pk, accept=True, derogation=" Hospitalisation. ", now=late
    )
    assert AbsenceProof.objects.get().derogation == "Hospitalisation."
    assert grades(world) == [("late", 0, True)]
    case = Case.objects.get(kind="absence")
    absence_proof_undo(actor=director, proof_id=proof.pk, decided_at=case.decided_at, now=late)
    assert AbsenceProof.objects.get().derogation == ""
    assert grades(world) == [("late", None, True)]
    with pytest.raises(AbsenceDenied):
        absence_proof_send(actor=world.durand.actor, booking_id=monday.pk, proof=checked(picture()), now=late)


def test_a_refusal_keeps_no_derogation(world):
    world.declare(world.bookings[0], proof=checked(picture()))
    proof = AbsenceProof.objects.get()
    absence_proof_decide(
        actor=world.agent(), proof_id=proof.pk, accept=False, refusal="Non.", derogation="Oui.", now=NOW
    )
    assert AbsenceProof.objects.get().derogation == ""


def test_a_delay_from_the_first_day_runs_for_all_the_days_told_together(world):
    """Two days from Monday: the proof of Wednesday too is wanted by Wednesday's end."""
    rule_set(world, GRADED)
    monday, tuesday, wednesday, _thursday = world.bookings
    world.declare(monday, tuesday, now=NOW + timedelta(hours=10))
    evening = NOW.replace(hour=20) + timedelta(days=2)
    assert denials(world.declare(wednesday, now=evening)) == [None]
    absence_proof_send(
        actor=world.durand.actor, booking_id=wednesday.pk, proof=checked(picture()), now=evening
    )
    after = evening + timedelta(days=1)
    with pytest.raises(AbsenceDenied) as refused:
        absence_proof_send(
            actor=world.durand.actor, booking_id=tuesday.pk, proof=checked(picture()), now=after
        )
    assert local(refused.value.denial.limit).day == wednesday.day.day


@pytest.mark.parametrize(
    ("rule", "waits", "until"),
    [
        (AbsenceRule(MONDAY, None, proofs=(Delay(9, Unit.CALENDAR),), waiting_days=1), [True, False], 3),
        (AbsenceRule(MONDAY, None, proofs=(Delay(2, Unit.CALENDAR, Origin.FIRST),)), [False, False], 25),
    ],
)
def test_when_an_absence_began_is_read_for_its_carence_or_for_its_delay(world, rule, waits, until):
    rule_set(world, rule)
    world.declare(*world.bookings[:2], now=NOW + timedelta(hours=10))
    rows = graded(Booking.objects.filter(child=world.zoe).order_by("day"))
    assert [row.grade.waiting for row in rows] == waits
    assert local(rows[1].terms.proof_until).day == until


def test_a_proof_late_for_some_of_its_days_alone_needs_no_reason(world):
    rule_set(world, AbsenceRule(MONDAY, None, proofs=(Delay(1, Unit.CALENDAR),)))
    monday, tuesday, _wednesday, _thursday = world.bookings
    behind = replace(world.durand.actor, on_behalf_of=True)
    late = NOW + timedelta(days=2)
    world.declare(monday, tuesday, now=late, actor=behind, proof=checked(picture()))
    proof = AbsenceProof.objects.get()
    absence_proof_decide(actor=world.agent(), proof_id=proof.pk, accept=True, now=late)
    assert [proof for _told, proof, _waits in grades(world)] == [None, 0]


def test_the_absences_of_a_month_are_its_own_and_of_who_answers_for_them(world):
    """The last of November is a Monday, the first of December a Tuesday."""
    days = [date(2026, 11, 30), date(2026, 12, 1)]
    slot = world.bookings[0].opening.slot
    missed = [world.made.booking(world.zoe, world.made.opening(slot, day)) for day in days]
    for booking in missed:
        Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille")
    activity_id, director = missed[0].opening.activity_id, world.agent()
    months = (date(2026, 11, 1), date(2026, 12, 1))
    found = [absences_of_month(director, activity_id, month) for month in months]
    assert [[one.missed.opening.day for one in month] for month in found] == [[days[0]], [days[1]]]
    assert found[0][0].child == str(world.zoe)
    for actor in (
        actor_for(world.made.staff("loin", Role.DIRECTOR, structure=world.made.structure("Ailleurs"))),
        world.agent(Role.ANIMATOR),
        world.durand.actor,
    ):
        assert absences_of_month(actor, activity_id, date(2026, 11, 1)) == []
