"""« Guichet unique » and the relais's mornings on screen, for families and for who has no account."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from marelle.core.clock import PARIS
from marelle.places.models import Structure
from marelle.relay.models import CareRequest, Visit
from marelle.robots.challenges import new_challenge
from tests.forms import form_with
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 9, tzinfo=PARIS)
TYPED = {
    "asker_name": "Clara Weiss 👶 <b>",
    "email": "clara@familles.example",
    "phone": "06 39 98 10 01",
    "expected_on": "2027-03-04",
    "care": "any",
    "starts_on": "2027-06-01",
    "day0_from": "08:00",
    "day0_to": "17:30",
}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def world() -> Scenario:
    return Scenario()


@pytest.fixture(autouse=True)
def relay(world: Scenario) -> Structure:
    return world.structure("Relais petite enfance", kind="relay")


def logged(home: Home) -> Client:
    client = Client()
    client.force_login(home.user)
    return client


def proof() -> dict[str, str]:
    challenge = new_challenge(NOW)
    return {"robot_token": challenge.token, "robot_answer": str(sum(challenge.terms))}


def test_future_parents_ask_and_are_told_what_was_received():
    client = Client()
    assert client.get("/guichet-unique/").status_code == 200
    answer = client.post("/guichet-unique/", TYPED | proof(), follow=True)
    row = CareRequest.objects.get()
    assert (row.asker_name, row.phone) == ("Clara Weiss 👶 <b>", "+33639981001")
    text = answer.content.decode()
    assert row.reference in text
    assert "mardi 1er décembre 2026 à 9 h 00" in text
    assert Client().get("/guichet-unique/recue/").status_code == 302


def test_who_uses_an_address_up_keeps_its_owner_from_nothing(world: Scenario):
    for number in range(6):
        typed = TYPED | {"asker_name": f"N° {number}"} | proof()
        answer = Client(REMOTE_ADDR=f"192.0.2.{number}").post("/guichet-unique/", typed)
    assert answer.status_code == 200, "the sixth to one address waits"
    assert logged(world.home("Weiss")).post("/guichet-unique/", TYPED).status_code == 302


def test_without_the_proof_nothing_is_sent_and_what_was_typed_stays():
    answer = Client().post("/guichet-unique/", TYPED)
    assert answer.status_code == 200
    assert not CareRequest.objects.exists()
    text = answer.content.decode()
    assert "clara@familles.example" in text
    assert "Clara Weiss 👶 &lt;b&gt;" in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expected_on": "1850-01-01"}, "Cette date est passée"),
        ({"expected_on": "bientôt"}, "Donnez une date, par exemple"),
        ({"birth_date": "1850-01-01", "expected_on": ""}, "moins de 6 ans"),
        ({"phone": "appelez-moi"}, "Un numéro de téléphone n’a que des chiffres"),
        ({"phone": "", "email": ""}, "Donnez un téléphone ou une adresse de courriel"),
        ({"day0_to": ""}, "Donnez l’arrivée et le départ"),
        ({"day0_from": "", "day0_to": ""}, "Choisissez au moins un jour"),
        ({"day0_from": "18:00"}, "Le départ vient après l’arrivée"),
        ({"day0_from": "03:17"}, "Donnez une heure entre 6 h et 20 h 30."),
        ({"day0_from": "tôt"}, "Donnez une heure entre 6 h et 20 h 30."),
        ({"care": "tout"}, "Sélectionnez un choix valide"),
        ({"asker_name": "x" * 81}, "au plus 80"),
    ],
)
def test_each_wrong_answer_is_told_in_french(world: Scenario, changed: dict[str, str], said: str):
    answer = logged(world.home("Durand")).post("/guichet-unique/", TYPED | changed)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not CareRequest.objects.exists()


BY_CHIPS = {"day0_from": "", "day0_to": "", "hour_from": "08:00", "hour_to": "17:30"}


def test_days_share_their_hours_and_one_may_have_its_own(world: Scenario):
    own = {"day2_from": "09:00", "day2_to": "12:00", "day4_from": "13:00", "day4_to": "18:00"}
    answer = logged(world.home("Durand")).post(
        "/guichet-unique/", TYPED | BY_CHIPS | own | {"days": ["0", "2"]}
    )
    assert answer.status_code == 302
    assert CareRequest.objects.get().weekly == {
        "0": ["08:00", "17:30"],
        "2": ["09:00", "12:00"],
        "4": ["13:00", "18:00"],  # its own hours say that it is wished
    }


@pytest.mark.parametrize(
    ("changed", "said", "field"),
    [
        ({"hour_from": "", "hour_to": ""}, "Donnez l’arrivée et le départ de ces jours.", "hour_from"),
        ({"hour_to": ""}, "Donnez l’arrivée et le départ, ou aucun des deux.", "hour_to"),
        ({"hour_from": "18:00"}, "Le départ vient après l’arrivée", "hour_to"),
        ({"days": []}, "Choisissez au moins un jour.", "days"),
        ({"days": ["9"]}, "Sélectionnez un choix valide", "days"),
    ],
)
def test_what_is_wrong_with_the_days_is_beside_it_and_what_was_chosen_stays(world, changed, said, field):
    typed = TYPED | BY_CHIPS | {"days": ["0", "2"]} | changed
    answer = logged(world.home("Durand")).post("/guichet-unique/", typed)
    form = answer.context["form"]
    assert [said in text for text in form.errors[field]] == [True]
    assert form["days"].value() == typed["days"]
    assert not CareRequest.objects.exists()


def test_all_that_is_wrong_is_told_in_one_go():
    """One by one, five mistakes were five sendings: and who had sent nothing was a flood."""
    empty = {"asker_name": "", "email": "", "phone": "", "expected_on": "", "starts_on": ""}
    wrong = TYPED | empty | {"day0_from": "", "day0_to": "", "day1_from": "17:00", "day1_to": "08:00"}
    for _try in range(7):
        text = Client().post("/guichet-unique/", wrong | proof()).content.decode()
        for said in (
            "Donnez la date de naissance, ou la date prévue",
            "Donnez un téléphone ou une adresse de courriel",
            "Le départ vient après l’arrivée",
            "Votre prénom et votre nom</a>",
            "À partir du</a>",
        ):
            assert said in text, said
    late = TYPED | {"expected_on": "2025-01-01", "starts_on": "2026-01-01", "day0_from": "", "day0_to": ""}
    text = Client().post("/guichet-unique/", late | proof()).content.decode()
    for said in ("si l’enfant est né, donnez", "choisissez un jour à venir", "Choisissez au moins un jour"):
        assert said in text, said
    answer = Client().post("/guichet-unique/", TYPED | proof())
    assert answer.status_code == 302, "no try that was refused counts as a sending"


def test_what_could_not_be_read_has_one_word(world: Scenario):
    answer = logged(world.home("Durand")).post("/guichet-unique/", TYPED | {"expected_on": "bientôt"})
    text = answer.content.decode()
    assert "Donnez une date, par exemple" in text
    assert "Donnez la date de naissance" not in text


def test_the_commune_of_a_home_is_already_chosen(world: Scenario):
    world.commune("Zonza")
    answer = logged(world.home("Durand")).get("/guichet-unique/").content.decode()
    assert f'<option value="{world.the_commune.pk}" selected>' in answer


def test_a_flood_is_stopped(world: Scenario):
    client = logged(world.home("Durand"))
    codes = [
        client.post("/guichet-unique/", TYPED | {"starts_on": f"2027-07-{day:02}"}).status_code
        for day in range(1, 8)
    ]
    assert codes == [302] * 5 + [200] * 2, "what was typed stays on screen"
    assert CareRequest.objects.count() == 5


def test_a_home_follows_and_takes_back(world: Scenario):
    durand, martin = world.home("Durand"), world.home("Martin")
    client = logged(durand)
    client.post("/guichet-unique/", TYPED)
    row = CareRequest.objects.get()
    assert row.reference in client.get("/guichet-unique/mes-demandes/").content.decode()
    assert row.reference not in logged(martin).get("/guichet-unique/mes-demandes/").content.decode()
    assert logged(martin).post(f"/guichet-unique/mes-demandes/{row.pk}/retirer/").status_code == 404
    client.post(f"/guichet-unique/mes-demandes/{row.pk}/retirer/")
    again = client.post(f"/guichet-unique/mes-demandes/{row.pk}/retirer/", follow=True)
    assert "déjà close" in again.content.decode()


def test_a_morning_is_booked_changed_and_given_back(world: Scenario, relay: Structure, count_queries):
    mornings = world.activity(
        "Matinées", kind="relay", structure=relay, enrolment_mode="none", booking_mode="accompanied"
    )
    world.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=2)
    world.rule(mornings)
    first, *_others = world.openings(mornings, date(2026, 12, 3), date(2026, 12, 3) + timedelta(days=50))
    durand, martin = world.home("Durand"), world.home("Martin")
    noe = world.child(durand, "Noé", born=date(2025, 1, 2))
    client = logged(durand)
    client.get("/reservations/matinees/")
    with count_queries(8):
        text = client.get("/reservations/matinees/").content.decode()
    assert "2 places libres" in text
    page = f"/reservations/matinees/{first.pk}/"
    refused = client.post(page, {"adult_name": "", "children": [noe.pk]})
    assert refused.status_code == 200
    done = client.post(page, {"adult_name": "Camille", "children": [noe.pk]}, follow=True)
    assert "Camille et Noé" in done.content.decode()
    visit = Visit.objects.get()
    stale = client.post(page, {"adult_name": "Sacha", "children": [noe.pk], "seen": ""}).content.decode()
    assert "Qui vient, pour l’instant\u00a0: Camille et Noé" in stale
    visit.refresh_from_db()
    assert visit.adult_name == "Camille"
    client.post(page, form_with(stale, "adult_name").data())
    visit.refresh_from_db()
    assert visit.adult_name == "Sacha"
    ines = world.child(martin, "Inès", born=date(2025, 1, 2))
    stolen = client.post(page, {"adult_name": "Camille", "children": [ines.pk]})
    assert "Choisissez parmi les enfants de votre foyer" in stolen.content.decode()
    assert logged(martin).post(f"/reservations/matinees/annuler/{visit.pk}/").status_code == 404
    client.post(f"/reservations/matinees/annuler/{visit.pk}/")
    visit.refresh_from_db()
    assert visit.cancelled_at is not None
    assert client.get(f"/reservations/matinees/{first.pk + 999}/").status_code == 404


def test_on_a_phone_and_without_scripts(open_page, axe, world: Scenario):
    page = open_page(width=390)
    page.goto("/guichet-unique/")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    plain = open_page(javascript=False)
    plain.goto("/guichet-unique/")
    plain.get_by_label("Votre prénom et votre nom").fill("Clara Weiss")
    plain.get_by_role("button", name="ENVOYER LA DEMANDE").click()
    assert "à corriger" in plain.content()
