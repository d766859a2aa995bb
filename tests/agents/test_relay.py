"""The relais's side: demands followed and answered, mornings, childminders."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.activities.models import Opening
from marelle.cases.models import Case
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from marelle.relay.models import CareRequest, Childminder, Visit
from marelle.relay.services import care_ask
from tests.relay.test_services import ASKED
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 9, tzinfo=PARIS)


@pytest.fixture
def world(time_machine) -> Scenario:
    time_machine.move_to(NOW)
    return Scenario()


@pytest.fixture
def client(world: Scenario) -> Client:
    relay = world.structure("Relais petite enfance", kind="relay")
    mornings = world.activity(
        "Matinées", kind="relay", structure=relay, enrolment_mode="none", booking_mode="accompanied"
    )
    world.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=4)
    world.rule(mornings)
    world.openings(mornings, date(2026, 12, 3), date(2026, 12, 3))
    care_ask(actor=Actor(user_id=None, label=""), demand=ASKED, now=NOW)
    client = Client()
    client.force_login(world.staff("relais", Role.DIRECTOR, structure=relay))
    return client


def test_a_demand_goes_from_the_queue_to_its_answer(client: Client, count_queries):
    row = CareRequest.objects.get()
    page = f"/agents/guichet/{row.pk}/"
    assert page in client.get("/agents/").content.decode()
    with count_queries(12):
        assert "Clara Weiss" in client.get("/agents/guichet/").content.decode()
    with count_queries(16):
        client.get(page)
    wrong = client.post(f"{page}contact/", {"on": "hier", "means": "phone", "note": "Gardée"})
    assert "Gardée" in wrong.content.decode()
    client.post(f"{page}contact/", {"on": "2026-12-01", "means": "phone", "note": "Rappeler"})
    assert "Rappeler" in client.get(page).content.decode()
    assert "Ce champ est obligatoire" in client.post(f"{page}reponse/", {"outcome": "found"}).content.decode()
    client.post(f"{page}reponse/", {"outcome": "found", "answer": "Une place vous attend."})
    again = client.post(f"{page}reponse/", {"outcome": "closed", "answer": "Non."}, follow=True)
    assert "déjà close par" in again.content.decode()
    row.refresh_from_db()
    assert (row.state, row.answer) == ("found", "Une place vous attend.")


def test_a_demand_passes_to_the_office_and_back(client: Client, world: Scenario):
    row = CareRequest.objects.get()
    case = Case.objects.get(kind="care")
    page, notes = f"/agents/guichet/{row.pk}/", f"/agents/notes/{case.pk}/"
    answer = {"outcome": "closed", "answer": "Non."}
    client.post(notes, {"text": "Famille connue du guichet.", "pass": "office"})
    assert "Décidé par le guichet unique" in client.get(page).content.decode()
    said = client.post(f"{page}reponse/", answer, follow=True).content.decode()
    assert "Un autre service décide" in said
    office = Client()
    office.force_login(world.staff("guichet", Role.OFFICE))
    assert f"Rendre à {row.structure.name}" in office.get(page).content.decode()
    office.post(notes, {"text": "À vous.", "pass": str(row.structure_id)})
    client.post(f"{page}reponse/", answer)
    row.refresh_from_db()
    assert row.state == "closed"


def test_an_asker_without_a_file_is_looked_for_and_its_file_begins_with_what_it_typed(
    client: Client, world: Scenario
):
    row = CareRequest.objects.get()
    page, new = f"/agents/guichet/{row.pk}/", f"/agents/familles/nouvelle/?demande={row.pk}"
    seen = client.get(page).content.decode()
    assert 'href="/agents/familles/?q=Clara+Weiss"' in seen
    assert new not in seen
    office = Client()
    office.force_login(world.staff("guichet", Role.OFFICE))
    assert f'href="{new}"' in office.get(page).content.decode()
    form = office.get(new).content.decode()
    for name, value in (
        ("adulte1-first_name", "Clara"),
        ("adulte1-last_name", "Weiss"),
        ("adulte1-email", "clara@familles.example"),
        ("enfant1-first_name", "Bébé"),
        ("enfant1-expected_on", "2027-03-04"),
    ):
        assert re.search(f'name="{name}" value="{value}"', form)
    elsewhere = Client()
    elsewhere.force_login(world.staff("autre", Role.OFFICE, authority=world.authority("Ailleurs")))
    assert "Weiss" not in elsewhere.get(new).content.decode()
    assert elsewhere.get("/agents/familles/nouvelle/?demande=%00").status_code == 200
    home = world.home("Weiss", "Clara")
    home.adult.email = "Clara@familles.example"
    home.adult.save()
    other = world.home("Petit", "Sonia")
    assert f"Rattacher la demande à {home.family.number}" in office.get(page).content.decode()
    assert "Rattacher" not in client.get(page).content.decode()
    office.post(f"{page}dossier/", {"family": other.family.pk})
    row.refresh_from_db()
    assert row.family is None
    office.post(f"{page}dossier/", {"family": home.family.pk})
    row.refresh_from_db()
    case = Case.objects.get(kind="care")
    assert row.family_id == case.family_id == home.family.pk
    office.post(f"{page}dossier/", {"family": home.family.pk})
    assert Entry.objects.filter(verb="care.filed").count() == 1
    assert "nouvelle/?demande" not in office.get(page).content.decode()
    assert "clara@familles" not in office.get(new).content.decode()


def test_a_childminder_is_added_and_comes(client: Client, world: Scenario, count_queries):
    listed = "/agents/matinees/assistantes-maternelles/"
    typed = {"name": "Odile Fontaine", "phone": "06 39 98 21 01", "authority": world.the_authority.pk}
    client.post(listed, typed)
    odile = Childminder.objects.get()
    assert "06 39 98 21 01" in client.get(listed).content.decode()
    (opening,) = Opening.objects.all()
    page = f"/agents/matinees/{opening.pk}/"
    for lines, said in (
        ("12/12/2024", "ne se lit pas"),
        ("Lou 31/02/2025", "n’existe pas"),
        ("", "obligatoire"),
    ):
        answer = client.post(page, {"childminder": odile.pk, "children": lines})
        assert said in answer.content.decode()
    client.post(page, {"childminder": odile.pk, "children": "Lou\nSacha 03/05/2025"})
    assert "Lou et Sacha" in client.get(page).content.decode()
    assert "2 / 4 places" in client.get("/agents/matinees/").content.decode()
    visit = Visit.objects.get()
    client.post(f"/agents/matinees/annuler/{visit.pk}/")
    with count_queries(4):
        assert "0 / 4 places" in client.get("/agents/matinees/").content.decode()
    client.post(f"{listed}{odile.pk}/arreter/")
    assert f'value="{odile.pk}"' not in client.get(page).content.decode()
