"""Agents: the end of an enrolment decided, a call after a refusal, what keeps from asking for an activity."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import CallNote, EndRequest
from marelle.enrolments.services import end_ask
from tests.enrolments.rows import decided_rows
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.canteen = self.activity("Cantine", kind="canteen")
        self.rows = decided_rows(self, self.durand, self.zoe, self.staff("chef", Role.ADMINISTRATOR))
        self.call = f"/agents/appels/{self.rows['refused_id']}/"
        self.end = f"/agents/fins/{self.rows['end_id']}/"


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world) -> Client:
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def test_the_queue_leads_to_both(world, office):
    page = text(office.get("/agents/"))
    assert world.call in page
    assert "Appel à passer" in page
    assert world.end in page


def test_a_call_says_whom_to_call_and_why(world, office):
    page = text(office.get(world.call))
    assert str(world.durand.adult) in page
    assert world.durand.adult.phone in page
    assert "Plus de place." in page
    stays = office.post(world.call, {"outcome": "in_vain", "note": "Messagerie <b>"}, follow=True)
    assert "l’appel reste à passer" in text(stays)
    assert "Messagerie &lt;b&gt;" in text(stays)
    office.post(world.call, {"outcome": "reached"})
    assert [note.reached for note in CallNote.objects.all()] == [False, True]
    assert "a joint la famille" in text(office.get(world.call))
    twice = office.post(world.call, {"outcome": "reached"}, follow=True)
    assert "Un collègue a joint la famille avant vous." in text(twice)


@pytest.mark.parametrize("typed", [{}, {"outcome": "x"}, {"outcome": "reached", "note": "é" * 501}])
def test_a_call_badly_noted_stores_nothing(world, office, typed):
    page = text(office.post(world.call, typed))
    assert str(typed.get("note", "")) in page
    assert not CallNote.objects.exists()
    assert Case.objects.open().filter(kind="call").count() == 1


def test_an_end_is_accepted_or_refused_with_a_reason(world, office):
    assert "vendredi 18 décembre 2026" in text(office.get(world.end))
    assert "Donnez une raison" in text(office.post(f"{world.end}refuser/", {"reason": " "}))
    done = office.post(f"{world.end}accepter/", follow=True)
    assert "Fin d’inscription acceptée." in text(done)
    assert EndRequest.objects.get().enrolment.ends_on == date(2026, 12, 18)
    late = office.post(f"{world.end}refuser/", {"reason": "Non."}, follow=True)
    assert "a déjà accepté cette demande" in text(late)


def test_a_refused_end_may_be_asked_again(world, office):
    office.post(f"{world.end}refuser/", {"reason": "Préavis d’un mois."})
    assert EndRequest.objects.get().state == "refused"
    again = end_ask(
        actor=world.durand.actor,
        enrolment_id=world.rows["accepted_id"],
        last_day=date(2027, 1, 8),
        comment="",
        now=NOW,
    )
    assert again.state == "requested"


def test_what_keeps_from_asking_and_the_canteen_locked(world, office):
    page = f"/agents/activites/{world.canteen.pk}/modifier/inscription/"
    assert "ni la demande" not in text(office.get(page))
    typed = {"enrolment_mode": "asked", "booking_mode": "parent", "decided_by": "structure"}
    typed["unpaid"] = "requests"
    seen = {name: getattr(world.canteen, name) for name in ("enrolment_mode", "booking_mode", "decided_by")}
    seen |= {"requests_open_at": None, "requests_close_at": None}
    seen |= {"closes_when_full": False, "unpaid": "nothing", "asks_times": False, "asks_card": False}
    refused = office.post(page, {**typed, "closes_when_full": "on", "seen": json.dumps(seen)})
    assert "Sélectionnez un choix valide" in text(refused)
    office.post(page, {**typed, "unpaid": "warn", "closes_when_full": "on", "seen": json.dumps(seen)})
    world.canteen.refresh_from_db()
    assert (world.canteen.unpaid, world.canteen.closes_when_full) == ("warn", True)
    assert "complet : pas de demande" in text(office.get("/agents/activites/"))


def test_a_message_left_says_when_to_call_again(world, office):
    wrong = text(office.post(world.call, {"outcome": "message", "again_on": "2026-11-24", "note": "Hier"}))
    assert "Choisissez aujourd’hui ou un jour à venir." in wrong
    assert "Hier" in wrong
    assert not CallNote.objects.exists()
    page = text(office.post(world.call, {"outcome": "message", "again_on": "2026-12-04"}, follow=True))
    assert "Message laissé, rappeler le 4 décembre 2026" in page
    assert Case.objects.open().filter(kind="call").exists()
    office.post(world.call, {"outcome": "reached", "again_on": "2026-12-04"})
    assert CallNote.objects.latest("pk").again_on is None
