"""The relais's side: demands followed and answered, mornings, childminders."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.activities.models import Opening
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
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
    with count_queries(12):
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


def test_a_childminder_is_added_and_comes(client: Client, world: Scenario):
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
    assert "0 / 4 places" in client.get("/agents/matinees/").content.decode()
    client.post(f"{listed}{odile.pk}/arreter/")
    assert f'value="{odile.pk}"' not in client.get(page).content.decode()
