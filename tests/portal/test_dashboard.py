"""The dashboard: what waits, what is next, and in how many queries."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.test import Client

from marelle.activities.absences import AbsenceRule, Delay, Unit
from marelle.activities.models import Activity, Opening
from marelle.bookings.models import Absence, AbsenceProof, Booking
from marelle.bookings.states import BookingState, EndCause, ProofState
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import instant_at
from marelle.enrolments.models import Enrolment
from marelle.families.models import (
    Consent,
    ConsentType,
    FieldPolicy,
    FileConfirmation,
    HealthSheet,
    Person,
)
from marelle.files.services import file_make
from marelle.messaging.models import News, Thread, ThreadRead
from marelle.relay.models import Visit, VisitChild
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 30)
DAY = timedelta(days=1)
NOON = instant_at(MONDAY, time(12))


CLOSED = {"reason": "Neige", "state": Opening.State.CLOSED}


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(instant_at(MONDAY, time(9)), tick=False):
        yield


def page(home: Home, address: str = "/tableau-de-bord/") -> str:
    client = Client()
    client.force_login(home.user)
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def family_of(world: Scenario, name: str, children: int, activities: int) -> Home:
    """Each child booked in every activity but the last, where nothing is booked."""
    home = world.home(name)
    kids = [world.child(home, f"Enfant{number}") for number in range(children)]
    for number in range(activities):
        activity = world.activity(
            f"Activité {name} {number}", structure=world.structure(f"S {name} {number}")
        )
        world.slot(activity, "Repas", weekdays=[0, 1, 2, 3, 4], capacity=50)
        world.rule(activity)
        openings = world.openings(activity, MONDAY, MONDAY + 11 * DAY)
        for child in kids:
            world.enrolment(child, activity, home)
            if number < activities - 1:
                for opening in openings:
                    world.booking(child, opening)
    return home


def test_an_enrolment_with_nothing_booked_is_told_with_its_limit_and_the_way():
    world = Scenario()
    durand = world.home("Durand")
    leo = world.child(durand, "Léo")
    activity = world.activity("Mercredis de Brisecombe")
    world.slot(activity, capacity=10)
    world.rule(activity)
    world.openings(activity, MONDAY, MONDAY + 30 * DAY)
    world.enrolment(leo, activity, durand)
    text = page(durand)
    assert "Léo\xa0: rien n’est réservé mercredi 2 décembre" in text
    assert "Mercredis de Brisecombe · réservez jusqu’à demain 12\xa0h" in text
    assert f"/reservations/?enfant={leo.pk}&amp;activite={activity.pk}" in text


def test_what_is_booked_shows_on_its_day_and_is_no_more_a_note():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity("Restauration", kind="canteen")
    world.slot(activity, "Repas", "11:45", "13:30", weekdays=[0, 1], capacity=10)
    world.slot(activity, "Soir", "16:30", "18:30", weekdays=[0], capacity=10)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    for opening in world.openings(activity, MONDAY, MONDAY + 6 * DAY):
        world.booking(zoe, opening)
    FileConfirmation.objects.create(family=durand.family, school_year=2026, at=NOON, by="Camille")
    text = page(durand)
    assert re.search(r"Zoé\xa0: </span>repas, soir<", text)
    assert "Prochain créneau\xa0: aujourd’hui, repas (Zoé)" in text
    assert "rien n’est réservé" not in text
    assert "Rien ne vous attend" not in text, "its care is to be filled in"


def test_a_place_on_the_waiting_list_is_not_shown_as_booked():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity()
    world.slot(activity, weekdays=[0], capacity=1)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    (opening,) = world.openings(activity, MONDAY)
    world.booking(zoe, opening, state=BookingState.WAITING)
    text = page(durand)
    assert "</span>matin<" not in text


def test_a_place_offered_is_told_until_when_however_far_its_day():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity()
    world.slot(activity, weekdays=[0], capacity=3)
    world.rule(activity)
    world.enrolment(zoe, activity, durand)
    near, far, over = world.openings(activity, MONDAY + 14 * DAY, MONDAY + 30 * DAY)
    world.booking(zoe, near)
    offered = {"state": BookingState.OFFERED}
    kept = world.booking(zoe, far, **offered, offered_until=NOON)
    late = world.booking(zoe, over, **offered, offered_until=instant_at(MONDAY, time(8)))
    FileConfirmation.objects.create(family=durand.family, school_year=2026, at=NOON, by="Camille")
    text = page(durand)
    assert "Une place est gardée pour Zoé lundi 21 décembre" in text
    assert "Matin · répondez jusqu’à aujourd’hui 12\xa0h" in text
    assert f'href="/reservations/proposition/{kept.pk}/"' in text
    assert f"/reservations/proposition/{late.pk}/" not in text
    assert "1 place proposée" in text


def test_a_family_without_child_is_led_to_add_one():
    bernard = Scenario().home("Bernard")
    text = page(bernard)
    for address, said in (("/inscriptions/", "Ajoutez votre enfant"), ("/reservations/", "ajoutez d’abord")):
        assert said in page(bernard, address)
        assert 'href="/famille/"' in page(bernard, address).split("<main")[1]
    assert "Première étape\xa0: ajoutez votre enfant" in text
    assert 'href="/famille/ajouter/"' in text


def test_a_home_that_has_left_is_told_only_of_what_it_keeps():
    world = Scenario()
    durand = world.home("Durand")
    world.enrolment(world.child(durand, "Zoé"), world.activity(), durand)
    durand.family.left_on = MONDAY
    durand.family.save()
    text = page(durand)
    assert "Vos factures et votre historique restent ici." in text
    assert 'href="/reservations/"' not in text.split("<main")[1].split("</main>")[0]
    assert 'class="week"' not in text
    assert "rien n’est réservé" not in text


def test_news_of_the_structures_where_a_child_is_enrolled():
    world = Scenario()
    durand = world.home("Durand")
    world.enrolment(world.child(durand, "Zoé"), world.activity(), durand)
    at = instant_at(MONDAY - DAY, time(9))
    for structure, title in (
        (world.the_structure, "Fête de Noël"),
        (world.structure("Ailleurs"), "Loin d’ici"),
    ):
        News.objects.create(
            structure=structure, title=title, text="Venez.", written_at=at, published_at=at, by="D"
        )
    text = page(durand)
    assert "Fête de Noël" in text
    assert "Loin d’ici" not in text
    assert 'href="/actualites/"' in text


def test_a_family_without_enrolment_is_led_to_its_first():
    world = Scenario()
    bernard = world.home("Bernard")
    world.child(bernard, "Lou")
    text = page(bernard)
    assert "Première étape\xa0: demandez une inscription" in text
    assert "Déclarer une absence" not in text, "nothing may be booked yet"


def test_a_request_that_waits_is_told():
    world = Scenario()
    durand = world.home("Durand")
    world.enrolment(world.child(durand, "Zoé"), world.activity(), durand, state="requested")
    text = page(durand)
    assert "1 en attente" in text
    assert "Première étape" not in text


def test_the_menu_shows_nothing_of_another_family():
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    world.child(martin, "Lou")
    assert not re.search(r"\bLou\b", page(durand))


def test_staff_without_family_goes_to_its_own_side():
    client = Client()
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    answer = client.get("/tableau-de-bord/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/agents/")


def at_lunch(world: Scenario, home: Home, child: Person) -> Activity:
    activity = world.activity("Restauration", kind="canteen")
    world.slot(activity, "Repas", "11:45", "13:30", weekdays=[0, 1, 2, 3, 4], capacity=10)
    world.rule(activity)
    world.enrolment(child, activity, home)
    return activity


def test_a_day_that_closed_is_told_with_whom_it_touches_until_the_child_is_booked_again():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    canteen = at_lunch(world, durand, zoe)
    openings = world.openings(canteen, MONDAY, MONDAY + 18 * DAY)
    monday, tuesday, far = openings[0], openings[1], openings[-1]
    world.booking(zoe, monday)
    ended = {"state": BookingState.CANCELLED, "end_cause": EndCause.STRUCTURE, "ended_at": NOON - DAY}
    taken = [world.booking(zoe, opening, **ended).pk for opening in (tuesday, far)]
    Opening.objects.filter(pk=tuesday.pk).update(**CLOSED)
    text = page(durand)
    assert "Fermé mardi 1er décembre\xa0: Restauration" in text
    assert "Neige · Zoé (repas)" in text
    assert "Annulé vendredi 18 décembre\xa0: Restauration" in text
    assert "Annulé\xa0: Restauration</small>" in text
    Booking.objects.filter(pk__in=taken).update(end_cause=EndCause.FAMILY)
    assert "À savoir" not in page(durand)
    Booking.objects.filter(pk__in=taken).update(end_cause=EndCause.STRUCTURE)
    for opening in (tuesday, far):
        world.booking(zoe, opening)
    assert "À savoir" not in page(durand)


def test_a_refusal_is_told_until_it_is_asked_again():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = world.activity("Mercredis")
    refused = world.enrolment(zoe, activity, durand, state="refused")
    Enrolment.objects.update(decided_at=NOON - 3 * DAY)
    address = f"/inscriptions/{zoe.pk}/inscription/{refused.pk}/"
    text = page(durand)
    assert "Zoé\xa0: inscription refusée" in text
    assert address in text
    Enrolment.objects.update(decided_at=NOON - 30 * DAY)
    assert address not in page(durand)
    Enrolment.objects.update(decided_at=NOON - 3 * DAY)
    world.enrolment(zoe, activity, durand, state="requested")
    assert address not in page(durand)


def test_a_booking_refused_is_told_with_its_reason():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    (opening,) = world.openings(at_lunch(world, durand, zoe), MONDAY + DAY)
    refused = {"state": BookingState.REFUSED, "ended_at": NOON - DAY, "refusal": "Équipe incomplète"}
    world.booking(zoe, opening, **refused)
    text = page(durand)
    assert "Réservation refusée mardi 1er décembre\xa0: Restauration" in text
    assert "Équipe incomplète · Zoé (repas)" in text


def test_a_proof_refused_is_told_with_where_another_is_sent(count_queries):
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    activity = at_lunch(world, durand, zoe)
    world.absence_rule(activity, AbsenceRule(date(2026, 9, 1), None, proofs=(Delay(48, Unit.HOURS),)))
    openings = world.openings(activity, MONDAY - 4 * DAY, MONDAY)
    missed = [world.booking(zoe, opening) for opening in openings]
    client = Client()
    client.force_login(durand.user)
    client.get("/tableau-de-bord/")
    with count_queries() as before:
        client.get("/tableau-de-bord/")
    proof = AbsenceProof.objects.create(
        family=durand.family,
        child=zoe,
        structure=activity.structure,
        file=file_make(actor=SYSTEM, content=b"%PDF-1.7", name="mot.pdf", pages=1, now=NOON),
        sent_at=NOON - 2 * DAY,
        state=ProofState.REFUSED,
        refusal="La date est illisible.",
        decided_at=NOON - DAY,
    )
    for one in missed:
        Absence.objects.create(booking=one, declared_at=NOON - 4 * DAY, proof=proof)
    with count_queries(len(before)):
        text = client.get("/tableau-de-bord/").content.decode()
    assert "Zoé\xa0: justificatif d’absence refusé" in text
    assert "Absence du 26 au 30 novembre 2026. La raison est sur la page." in text
    address = f"/reservations/absence/{missed[-1].pk}/"
    assert text.count(address) == 1
    assert "La date est illisible." in page(durand, address)
    assert "Envoyer le justificatif" in page(durand, address)
    first = page(durand, f"/reservations/absence/{missed[0].pk}/")
    assert "Trop tard\xa0: c’était possible" in first
    assert f"/contact/ecrire/?destinataire={activity.structure_id}" in first
    assert "Envoyer le justificatif" not in first
    AbsenceProof.objects.update(decided_at=NOON - 15 * DAY)
    assert address not in page(durand)
    AbsenceProof.objects.update(decided_at=NOON - DAY, state=ProofState.RECEIVED)
    assert address not in page(durand)


def test_care_that_is_empty_is_told_to_who_may_fill_it():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    both = "Zoé\xa0: fiche sanitaire et autorisations à remplir"
    asked = ConsentType.objects.create(authority=world.the_authority, code="photo", label="Photos")
    assert both not in page(durand), "nobody looks after the child"
    at_lunch(world, durand, zoe)
    assert both in page(durand)
    assert f"/famille/{zoe.pk}/sante/" in page(durand)
    FieldPolicy.objects.bulk_create(
        FieldPolicy(code=f"health.{part}", policy="read_only")
        for part in ("allergies", "pai", "treatments", "remarks", "doctor", "vaccinations")
    )
    assert "Zoé\xa0: autorisations à donner ou à refuser" in page(durand), "no home writes the sheet"
    FieldPolicy.objects.all().delete()
    said = {"child": zoe, "family": durand.family, "type": asked, "given": False, "answered_at": NOON}
    Consent.objects.create(**said, school_year=2025)
    assert both in page(durand), "those of last year say nothing of this one"
    Consent.objects.create(**said, school_year=2026)
    assert "Zoé\xa0: fiche sanitaire à remplir" in page(durand)
    HealthSheet.objects.create(child=zoe, updated_at=NOON, updated_by="Camille")
    assert "fiche sanitaire" not in page(durand)
    HealthSheet.objects.all().delete()
    zoe.guardians.update(has_authority=False)
    assert "fiche sanitaire" not in page(durand)


def test_a_morning_of_the_relais_is_on_its_day():
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    noe, lou = world.child(durand, "Noé"), world.child(martin, "Lou")
    relay = world.structure("Relais du Val", kind="relay")
    mornings = world.activity("Matinées", structure=relay, booking_mode="accompanied")
    world.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[1], capacity=10)
    (tuesday,) = world.openings(mornings, MONDAY, MONDAY + 2 * DAY)
    for home, child in ((durand, noe), (martin, lou)):
        visit = Visit.objects.create(
            opening=tuesday, family=home.family, adult_name="C", seats=1, booked_at=NOON, booked_by="C"
        )
        VisitChild.objects.create(visit=visit, child=child, first_name=child.first_name)
    for address, told in (
        ("/tableau-de-bord/", "matinée du relais à 9\xa0h\xa030"),
        ("/reservations/a-venir/", "Noé · Matinée"),
    ):
        text = page(durand, address)
        assert told in text
        assert "Lou" not in text
    Visit.objects.update(cancelled_at=NOON)
    assert "matinée du relais" not in page(durand)
    assert "Noé · Matinée" not in page(durand, "/reservations/a-venir/")


def test_what_waits_for_an_answer_is_on_the_dock_of_every_page_but_its_own():
    world = Scenario()
    durand = world.home("Durand")
    yesterday = NOON - DAY
    thread = Thread.objects.create(
        structure=world.the_structure,
        family=durand.family,
        subject="Goûter",
        opened_at=yesterday,
        last_at=yesterday,
        staff_wrote_at=yesterday,
    )
    told = '<em>1<span class="v"> réponse non lue</span></em>'
    assert told in page(durand, "/famille/")
    assert told in page(durand)
    assert "Une réponse à lire" in page(durand)
    assert told not in page(durand, "/contact/echanges/")
    ThreadRead.objects.create(thread=thread, account=durand.user, at=NOON)
    assert told not in page(durand, "/famille/")


def test_as_many_queries_whatever_the_family(count_queries):
    world = Scenario()
    small, large = family_of(world, "Durand", 1, 2), family_of(world, "Martin", 5, 5)
    page(small)
    page(large)
    seen = []
    for home in (small, large):
        client = Client()
        client.force_login(home.user)
        with count_queries(11) as statements:
            client.get("/tableau-de-bord/")
        seen.append(len(statements))
    assert seen[0] == seen[1]
