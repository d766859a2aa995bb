"""A place offered: the agent's list, the home's answer, what the planning leads to."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from tests.reading import text
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=PARIS)
"""Tuesday after noon: Wednesday can be cancelled no more."""


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.wednesdays = self.activity("Mercredis")
        self.slot(self.wednesdays, "Matin", capacity=1)
        self.rule(self.wednesdays)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        (self.opening,) = self.openings(self.wednesdays, date(2026, 11, 25))
        self.waits = self.booking(self.zoe, self.opening, state=BookingState.WAITING)
        self.director = Client()
        self.director.force_login(self.staff("direction", Role.DIRECTOR))

    def offer(self, hours: object = 4):
        address = f"/agents/places/attente/{self.opening.pk}/proposer/"
        return self.director.post(address, {"hours": hours}, follow=True)


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def test_an_agent_offers_and_a_parent_accepts(world, parent, count_queries):
    world.director.get("/agents/places/attente/")  # definitions are kept from now on
    with count_queries(5):
        found = text(world.director.get("/agents/places/attente/"))
    assert "mercredi 25 novembre · Matin · Mercredis" in found
    assert "premier : Zoé Durand" in found
    assert "Proposer la place" in found
    assert "Place proposée à Zoé jusqu’au mardi 24 novembre à 18 h 00" in text(world.offer())
    week = f"/reservations/?enfant={world.zoe.pk}&date=2026-11-25&vue=semaine&activite=toutes"
    assert f'href="/reservations/proposition/{world.waits.pk}/"' in text(parent.get(week))
    page = text(parent.get(f"/reservations/proposition/{world.waits.pk}/"))
    assert "jusqu’au mardi 24 novembre à 18 h 00" in page
    assert "ne pourra plus être annulée" in page
    done = parent.post(f"/reservations/proposition/{world.waits.pk}/", {"answer": "accept"}, follow=True)
    assert "C’est réservé." in text(done)
    assert Booking.objects.get().state == BookingState.BOOKED
    again = parent.post(f"/reservations/proposition/{world.waits.pk}/", {"answer": "accept"}, follow=True)
    assert "Cette proposition n’est plus valable." in text(again)
    reread = parent.get(f"/reservations/proposition/{world.waits.pk}/", follow=True)
    assert "Vous avez déjà répondu à cette proposition" in text(reread)
    assert "Réservations de Zoé" in text(reread)


def test_a_place_that_can_still_be_given_back_says_so(world, parent, time_machine):
    time_machine.move_to(datetime(2026, 11, 24, 9, 0, tzinfo=PARIS))
    world.offer()
    page = text(parent.get(f"/reservations/proposition/{world.waits.pk}/"))
    assert "vous pourrez encore l’annuler dans votre espace, jusqu’au mardi 24 novembre à 12" in page
    assert "ne pourra plus être annulée" not in page


def test_a_parent_leaves_it(world, parent):
    world.offer()
    left = parent.post(f"/reservations/proposition/{world.waits.pk}/", {"answer": "non"}, follow=True)
    assert "la place ira à une autre famille" in text(left)
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_hours_out_of_the_list_offer_nothing(world):
    assert "Choisissez dans la liste" in text(world.offer("1000000"))
    assert Booking.objects.get().state == BookingState.WAITING


def test_it_is_offered_once(world):
    world.offer()
    assert "Personne n’attend cette place" in text(world.offer())


@pytest.mark.parametrize("width", [390, 1280])
def test_the_two_pages_in_a_browser(world, open_page, axe, width, time_machine):
    time_machine.move_to(NOW, tick=True)
    page = open_page(width=width)
    page.goto("/connexion/")
    page.fill("[name=identifier]", "direction")
    page.fill("[name=password]", "Une-phrase-a-retenir-2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/agents/")
    page.goto("/agents/places/attente/")
    assert axe(page) == []
    page.get_by_role("button", name="Proposer la place").click()
    page.get_by_text("Place proposée à Zoé").wait_for()
    assert axe(page) == []
