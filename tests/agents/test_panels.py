"""The page of a case of each kind: what it shows of the home, to whom, what it costs, and who came first."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from marelle.agents.cases import KINDS, case_url
from marelle.billing.models import Deferral, Invoice
from marelle.bookings.models import Absence, Attendance, Booking
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.subject import Subject
from marelle.enrolments.models import CallNote, EndRequest
from marelle.families.models import ChangeRequest, FamilyNote, Guardianship, HealthSheet
from marelle.files.apart import alone
from marelle.journal.models import Entry
from marelle.messaging.models import Thread
from marelle.relay.models import CareRequest
from tests.agents.every_case import EveryCase
from tests.apart import PRIVATE
from tests.care import sheets_say
from tests.roles.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.once]

OF_A_HOME = ("change", "absence", "end", "message", "care", "erasure", "call")
OF_A_CHILD = ("absence", "end", "call")
OFFICE_ALONE = ("change", "erasure")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker) -> Iterator[EveryCase]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        yield EveryCase()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(built: EveryCase) -> Iterator[EveryCase]:
    """Undone after each test, and what the builder remembers of it too."""
    with transaction.atomic():
        yield deepcopy(built)
        transaction.set_rollback(True)


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(world: EveryCase, kind: str, role: str = "office") -> str:
    answer = logged(world.users[role]).get(case_url(world.case(kind)))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("kind", OF_A_HOME)
def test_each_shows_the_home_its_children_and_its_bills(world, kind):
    leo = world.child(world.durand, "Léonie", born=date(2017, 5, 6))
    world.enrolment(leo, world.activity("Théâtre"), world.durand)
    Deferral.objects.all().delete()  # a delay was granted: nothing would be late
    FamilyNote.objects.create(
        family=world.durand.family,
        authority=world.the_authority,
        text="Appeler le soir.",
        pinned=True,
        at=NOW,
        by="Line",
    )
    Invoice.objects.create(
        authority=world.the_authority,
        family=world.durand.family,
        number="F-2",
        month=date(2026, 9, 1),
        issued_on=date(2026, 9, 10),
        due_on=date(2026, 10, 1),
        total=Decimal("82.50"),
    )
    page = page_of(world, kind)
    assert f'<a href="/agents/familles/{world.durand.family.pk}/">dossier' in page
    assert str(world.durand.adult) in page
    assert "Théâtre" in page
    assert "en retard" in page
    assert "Appeler le soir." in page
    assert str(world.other_home.family) in page
    if kind in OF_A_CHILD:
        assert "Léonie : Théâtre" in page
        assert "Fratrie" in page


@pytest.mark.parametrize("kind", OF_A_HOME)
@pytest.mark.parametrize("role", ["office", "director"])
def test_of_health_the_office_knows_that_there_is_something_and_a_structure_what(world, kind, role):
    HealthSheet.objects.get_or_create(child=world.child_asked, defaults={"updated_at": NOW})
    sheets_say(allergies="Arachide", is_severe=True)
    if role == "director" and kind in {*OFFICE_ALONE, "care"}:
        assert logged(world.users[role]).get(case_url(world.case(kind))).status_code in {403, 404}
        return
    Entry.objects.filter(verb="health.signs_read").delete()
    page = page_of(world, kind, role)
    assert ("information signalée" in page) is (role == "office")
    assert ("allergie grave signalée" in page) is (role == "director")
    assert "Arachide" not in page
    assert Entry.objects.filter(verb="health.signs_read").exists() is (role == "director")


def test_a_structure_that_knows_no_child_of_the_home_reads_nothing_of_it(world):
    stranger = world.home("Ortiz", "Ana")
    child = world.child(stranger, "Eva")
    sheet = HealthSheet.objects.create(child=child, allergies="Œufs", updated_at=NOW)
    FamilyNote.objects.create(
        family=stranger.family, text="Secret.", pinned=True, shared=True, at=NOW, by="Line"
    )
    Thread.objects.filter(pk=world.case("message").subject_id).update(family=stranger.family)
    page = page_of(world, "message", "director")
    assert "dossier" not in page.split("<dl")[1].split("</dl>")[0]
    for hidden in ("Eva", "Secret.", "signalée", "à jour"):
        assert hidden not in page
    assert sheet.allergies not in page


def test_an_absence_says_what_it_means_and_those_before(world):
    case = world.case("absence")
    told = Absence.objects.get(proof_id=case.subject_id)
    slot = told.booking.opening.slot
    slot.has_meal = True
    slot.save()
    for day in (date(2026, 11, 5), date(2026, 11, 12), date(2026, 10, 29)):
        booking = world.booking(world.child_asked, world.opening(slot, day))
        Absence.objects.create(
            booking=booking, declared_at=NOW, declared_by="Camille", justified=day.day == 12
        )
    page = page_of(world, "absence")
    assert "Elle reste tenue" in page
    assert "1 repas est déjà commandé." in page
    assert "peut ne pas être facturée" in page
    assert "2 absences avant celle-ci, dont 1 justifiées : 5 novembre 2026 et 12 novembre 2026" in page
    assert f'src="/agents/reservations/absences/{case.subject_id}/fichier/?cadre' in page


def test_an_end_says_what_it_cancels_and_when_the_child_came_last(world):
    case = world.case("end")
    page = page_of(world, "end")
    assert "aucune connue ici" in page
    assert "aucune après ce jour" in page
    activity = EndRequest.objects.get(pk=case.subject_id).enrolment.activity
    slot = world.slot(activity, "Sortie", weekdays=[4])
    opening = world.opening(slot, date(2026, 11, 20))
    world.booking(world.child_asked, opening)
    world.booking(world.child_asked, world.opening(slot, date(2027, 1, 8)))
    page = page_of(world, "end")
    assert "vendredi 20 novembre 2026, d’après ses réservations" in page
    assert "1 serait annulée" in page
    Attendance.objects.create(
        opening=opening, child=world.child_asked, day=opening.day, present=True, noted_at=NOW, noted_by="Ana"
    )
    assert "d’après ses réservations" not in page_of(world, "end")


def test_a_call_says_whom_to_call_first_and_when(world):
    asker = world.durand.adult
    other = world.adult(world.durand, "Hugo")
    for number, adult in enumerate((asker, other)):
        adult.phone, adult.work_phone = f"+3363998100{number}", ""
        adult.save()
    world.guardian(other, world.child_asked, link="father")
    page = page_of(world, "call")
    assert page.index(f"<b>{asker}</b> <span") < page.index(f"<b>{other}</b>")
    assert 'href="tel:+33639981000">06 39 98 10 00</a>' in page.replace("\u202f", " ").replace("\xa0", " ")
    Guardianship.objects.filter(adult=asker, child=world.child_asked).update(is_told=False)
    CallNote.objects.create(
        enrolment_id=world.case("call").subject_id,
        at=NOW,
        by="Ana",
        reached=False,
        again_on=date(2026, 12, 4),
    )
    page = page_of(world, "call")
    assert page.index(f"<b>{other}</b> <span") < page.index(f"<b>{asker}</b>")
    assert "ne reçoit pas les courriels de cet enfant" in page
    assert "à partir du 4 décembre 2026" in page


def test_a_message_leads_to_the_last_exchanges(world):
    assert PRIVATE["subject"] in page_of(world, "message")


def test_a_demand_shows_the_places_of_the_nurseries_in_the_hours_wished(world):
    nursery = world.structure("Les Ricochets", kind="childcare")
    care = world.activity("Multi-accueil", structure=nursery, years=(0, 4))
    world.slot(care, "Accueil", "08:00", "18:00", weekdays=[0, 1], capacity=10, by_hour=True)
    wanted = CareRequest.objects.get(pk=world.case("care").subject_id)
    wanted.starts_on, wanted.weekly = date(2026, 12, 5), {"0": ["09:00", "12:00"]}
    wanted.save()
    assert "Les Ricochets" not in page_of(world, "care")
    (monday, *_others) = world.openings(care, date(2026, 12, 7), date(2026, 12, 15))
    for quota in monday.quotas.all():
        quota.taken = 7 if quota.part == 20 else 9 if quota.part == 30 else 2
        quota.save()
    page = page_of(world, "care").replace("\xa0", " ")
    assert '<th scope="row">Les Ricochets</th>' in page
    assert '<td class="ok">7 / 10' in page
    assert "8 déc" not in page


def test_a_change_says_who_asks_when_it_was_last_changed_and_shows_its_proof(world):
    case = world.case("change")
    change = ChangeRequest.objects.get(pk=case.subject_id)
    page = page_of(world, "change")
    assert "Demandé par" in page
    assert "Dernier changement" not in page
    Entry.objects.create(
        at=NOW - timedelta(days=40),
        actor_label="Camille",
        verb="file.saved",
        subject_kind="family",
        subject_id=world.durand.family.pk,
        family_id=world.durand.family.pk,
        data={"fields": [change.field]},
    )
    page = page_of(world, "change")
    assert "Dernier changement" in page
    assert "16 octobre 2026" in page
    assert f'src="/agents/modifications/{change.pk}/justificatif/?cadre' in page


def test_all_the_changes_shown_are_accepted_with_one_button_and_no_other(world):
    case = world.case("change")
    page, pk = case_url(case), case.subject_id
    office = logged(world.users["office"])
    waiting = ChangeRequest.objects.filter(family=world.durand.family, state="open")
    assert waiting.count() > 1
    assert f"Accepter les {waiting.count()} modifications affichées ?" in page_of(world, "change")
    shown = office.get(page).content.decode()
    current = unescape(shown.split(f'name="{pk}-current" value="')[1].split('"')[0])
    answer = office.post(page, {"accept_all": "1", f"{pk}-current": current}, follow=True)
    assert "Choisissez « Accepter »" in answer.content.decode()
    assert waiting.filter(pk=pk).exists()
    waiting.exclude(pk=pk).delete()
    assert "modifications affichées ?" not in page_of(world, "change")
    office.post(page, {"accept_all": "1", f"{pk}-current": current})
    assert ChangeRequest.objects.get(pk=pk).state == "accepted"


def test_a_change_decided_meanwhile_stops_what_was_typed_for_the_others(world):
    case = world.case("change")
    page, pk = case_url(case), case.subject_id
    first, second = logged(world.users["office"]), logged(world.users["administrator"])
    others = ChangeRequest.objects.filter(family=world.durand.family, state="open").exclude(pk=pk)
    other = others.earliest("pk")
    where, data = world.no("change")
    first.post(where, data)
    typed = {f"{other.pk}-answer": "refuse", f"{other.pk}-reason": "Illisible.", f"{other.pk}-current": "{}"}
    answer = second.post(page, {**data, **typed}, follow=True).content.decode()
    assert "a répondu entre-temps" in answer
    assert "Illisible." in answer
    other.refresh_from_db()
    assert other.state == "open"


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_agent_is_told_who_decided_what(world, kind):
    case = world.case(kind)
    first = world.staff("premiere", Role.OFFICE)
    first.display_name = "Nadège Courtin"
    first.save()
    second = world.staff("second", Role.OFFICE)
    if kind == "paper":
        second.posts.create(role=Role.DIRECTOR.value, structure=world.the_structure)
    where, data = world.no(kind)
    logged(first).post(where, data)
    case.refresh_from_db()
    assert case.state != "open"
    assert case.decided_by == "Nadège Courtin"
    decided = (case.state, case.decided_at, case.reason)
    answer = logged(second).post(where, data, follow=True)
    assert answer.status_code == 200
    assert "Nadège Courtin" in answer.content.decode()
    assert "Nadège Courtin" in logged(second).get(case_url(case)).content.decode()
    case.refresh_from_db()
    assert (case.state, case.decided_at, case.reason) == decided
    assert Case.objects.filter(kind=kind, subject_id=case.subject_id).count() == 1


def test_an_erasure_carried_out_says_so_and_nothing_of_the_home(world):
    case = world.case("erasure")
    Case.objects.filter(pk=case.pk).update(state="accepted", decided_at=NOW, decided_by="Ana")
    office = logged(world.users["office"])
    page = office.get(case_url(case)).content.decode()
    assert "Ana a déjà accepté cette demande" in page
    assert world.durand.family.number not in page.split('<section class="in">')[1]
    answer = office.post(f"{case_url(case)}effacer/", follow=True)
    assert "Ana a déjà accepté cette demande" in answer.content.decode()


QUERIES = {
    "enrolment": 33,
    "change": 37,
    "paper": 23,
    "booking": 26,
    "place": 15,
    "alone": 22,
    "least": 26,
    "absence": 31,
    "mismatch": 26,
    "no_show": 26,
    "message": 34,
    "end": 32,
    "call": 30,
    "care": 29,
    "arrival": 30,
    "erasure": 36,
    "attendance": 20,
    "gauge": 20,
    "contest": 34,
}


def test_as_many_queries_with_sixty_cases_and_two_hundred_bookings(world):
    office = logged(world.users["office"])
    addresses = {kind: case_url(world.case(kind)) for kind in KINDS}

    def asked() -> dict[str, int]:
        found = {}
        for kind, address in addresses.items():
            office.get(address)
            with CaptureQueriesContext(connection) as seen:
                assert office.get(address).status_code == 200
            found[kind] = len(seen)
        return found

    few = asked()
    for number in range(59):
        open_case(
            actor=SYSTEM,
            kind="end",
            subject=Subject("end", 9000 + number, f"Enfant {number} · Mercredis"),
            authority_id=world.the_authority.pk,
            structure_id=world.the_structure.pk,
            now=NOW,
        )
    activity = world.activity("Cantine")
    slot = world.slot(activity, "Repas", weekdays=[0, 1, 3, 4], capacity=200)
    world.enrolment(world.child_asked, activity, world.durand)
    for opening in world.openings(activity, date(2026, 9, 1), date(2027, 8, 31))[:200]:
        world.booking(world.child_asked, opening)
    assert slot.openings.count() >= 200
    assert Booking.objects.filter(opening__slot=slot).count() == 200
    assert asked() == few
    assert {kind: number for kind, number in few.items() if number > QUERIES[kind]} == {}
    assert few.keys() == set(KINDS)


ARRIVED = {
    "enrolment": "Demande d’inscription reçue",
    "change": "Modification du dossier demandée",
    "paper": "Document à vérifier reçu",
    "booking": "Réservations à valider reçues",
    "place": "Place à proposer signalée",
    "alone": "Réservation sans le créneau qui va avec signalée",
    "absence": "Justificatif d’absence reçu",
    "mismatch": "Réponse à un écart de pointage reçue",
    "no_show": "Absences sans prévenir signalées",
    "message": "Message reçu",
    "end": "Fin d’inscription demandée",
    "call": "Appel à passer après un refus noté",
    "care": "Demande de mode de garde reçue",
    "arrival": "Première visite reçue",
    "erasure": "Effacement d’un foyer demandé",
}


@pytest.mark.parametrize("kind", ARRIVED)
def test_when_it_came_is_said_in_words_that_agree_with_it(world, kind):
    told = " ".join(strip_tags(page_of(world, kind)).split())
    assert f"{ARRIVED[kind]} aujourd’hui à " in told
