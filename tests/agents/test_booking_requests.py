"""Bookings to validate, as an agent and the family see them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django.test import Client

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Quota
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from tests.reading import text
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
MONDAY = date(2026, 12, 7)


class Creche(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand")
        self.noe = self.child(self.durand, "Noé", born=date(2025, 2, 3))
        care = self.activity("Multi-accueil", years=(0, 4), booking_mode=BookingMode.VALIDATED)
        self.slot(care, "Accueil", "08:00", "18:00", weekdays=[0, 1], capacity=10, by_hour=True)
        self.rule(care)
        self.enrolment(self.noe, care, self.durand)
        days = self.openings(care, MONDAY, date(2026, 12, 8))
        bookings_save(
            actor=self.durand.actor,
            changes=[
                Change(self.noe.pk, day.pk, seen=False, wanted=True, starts=time(8), ends=time(12))
                for day in days
            ],
            now=NOW,
        )
        self.monday, self.tuesday = Booking.objects.order_by("day")
        self.page = f"/agents/reservations/demandes/{BookingRequest.objects.get().pk}/"
        self.director = Client()
        self.director.force_login(self.staff("direction", Role.DIRECTOR))


@pytest.fixture
def creche(time_machine) -> Creche:
    time_machine.move_to(NOW)
    return Creche()


def test_what_is_kept_of_its_places_is_told(creche):
    Quota.objects.update(kept=3, kept_taken=1)
    assert "1 / 10 places, demande comprise, 2 gardées" in text(creche.director.get(creche.page))


def test_from_the_queue_to_the_answer_and_back_to_the_planning(creche, client, count_queries):
    assert f'href="{creche.page}"' in text(creche.director.get("/agents/"))
    meals = creche.activity("Repas", years=(0, 4))
    creche.slot(meals, "Midi", "12:00", "13:00", weekdays=[0])
    creche.enrolment(creche.noe, meals, creche.durand)
    (noon,) = creche.openings(meals, MONDAY)
    creche.booking(creche.noe, noon)
    with count_queries(21):
        page = text(creche.director.get(creche.page))
    assert "lundi 7 décembre · Midi, 12 h – 13 h (Repas)" in page
    assert "rien de signalé" in page
    assert "Noé Durand → Multi-accueil" in page
    assert "lundi 7 décembre · Accueil, 8 h – 12 h" in page
    assert "1 / 10 places, demande comprise" in page
    answered = {"answer": "accept", "b": [creche.monday.pk], "reason": "Complet <b>mardi</b>"}
    done = creche.director.post(creche.page, answered, follow=True)
    assert "Réponse enregistrée. La famille sera prévenue" in text(done)
    client.force_login(creche.durand.user)
    week = f"/reservations/?enfant={creche.noe.pk}&date={MONDAY}&vue=semaine&activite=toutes"
    planning = text(client.get(week))
    assert "Refusé" in planning
    assert "Complet &lt;b&gt;mardi&lt;/b&gt;" in planning
    again = text(creche.director.get(creche.page))
    assert "a déjà accepté cette demande" in again
    assert "Déjà répondu" in again


def test_without_a_reason_nothing_is_answered_and_what_was_ticked_stays(creche):
    for answer, ticked in (("accept", [creche.tuesday.pk]), ("refuse", [])):
        sent = text(creche.director.post(creche.page, {"answer": answer, "b": ticked, "reason": " "}))
        assert "Donnez une raison : la famille la lira." in sent
        for booking in (creche.monday, creche.tuesday):
            box = f'name="b" value="{booking.pk}"'
            assert (f"{box} checked" in sent) is (booking.pk in ticked)
    assert set(Booking.objects.values_list("state", flat=True)) == {"requested"}


def test_ids_of_other_requests_are_not_answered(creche):
    sent = {"answer": "accept", "b": [creche.monday.pk, creche.tuesday.pk, 999_999, "x"], "reason": ""}
    creche.director.post(creche.page, sent)
    assert set(Booking.objects.values_list("state", flat=True)) == {"booked"}


def test_the_page_in_a_browser(creche, open_page, axe, time_machine):
    time_machine.move_to(NOW, tick=True)
    page = open_page(width=1280)
    page.goto("/connexion/")
    page.fill("[name=identifier]", "direction")
    page.fill("[name=password]", "Une-phrase-a-retenir-2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/")
    page.goto(creche.page)
    assert axe(page) == []
    page.get_by_role("button", name="Valider les jours cochés").click()
    page.get_by_text("Réponse enregistrée").wait_for()
