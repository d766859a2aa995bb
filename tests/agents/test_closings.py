"""« Fermetures », as an agent and the family see it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.places.models import Closure
from tests.road.walker import Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=PARIS)
DAY = date(2026, 12, 2)


class Village(Scenario):
    def __init__(self, day: date = DAY) -> None:
        super().__init__()
        self.day = day
        self.durand = self.home("Durand", "Camille", identifier="durand")
        self.zoe, self.leo = self.child(self.durand, "Zoé"), self.child(self.durand, "Léo")
        wednesdays = self.activity("Mercredis")
        week = range(7)
        self.slot(wednesdays, "Matin", capacity=2, weekdays=week)
        self.slot(wednesdays, "Repas", "12:00", "13:30", capacity=2, weekdays=week)
        self.rule(wednesdays)
        self.morning, self.meal = self.openings(wednesdays, day)
        for child in (self.zoe, self.leo):
            self.enrolment(child, wednesdays, self.durand)
        self.booking(self.zoe, self.morning)
        self.booking(self.zoe, self.meal)
        self.booking(self.leo, self.morning, state=BookingState.WAITING)
        self.director = Client()
        self.director.force_login(self.staff("direction", Role.DIRECTOR))
        self.page = f"/agents/fermetures/jour/?structure={self.the_structure.pk}&jour={DAY}"


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def text(response) -> str:
    return response.content.decode()


def test_seen_first_then_closed_then_read_by_the_family(world, client, count_queries):
    menu = text(world.director.get("/agents/"))
    assert 'href="/agents/fermetures/"' in menu
    with count_queries(10):
        review = text(world.director.get(world.page))
    assert "Fermer le mercredi 2 décembre 2026" in review
    assert "1 enfant réservé, 1 en attente" in review
    assert "Zoé Durand" in review
    assert "Matin (liste d’attente)" in review
    assert Booking.objects.live().count() == 3, "seeing closes nothing"
    done = text(world.director.post(world.page, {"reason": "Neige & verglas"}, follow=True))
    assert "Les réservations de 2 enfants sont annulées, leurs familles sont prévenues." in done
    assert "Neige &amp; verglas" in done
    again = text(world.director.get(world.page))
    assert "Rien à fermer ce jour-là" in again
    twice = text(world.director.post(world.page, {"reason": "Neige"}, follow=True))
    assert "Rien n’est ouvert ce jour-là, ou c’est déjà fermé." in twice
    client.force_login(world.durand.user)
    planning = text(
        client.get(f"/reservations/?enfant={world.zoe.pk}&date={DAY}&vue=semaine&activite=toutes")
    )
    assert "annulé par la structure" in planning
    assert "Neige &amp; verglas" in planning


def test_one_slot_alone(world):
    assert f"creneau={world.meal.pk}" in text(world.director.get(world.page))
    world.director.post(f"{world.page}&creneau={world.meal.pk}", {"reason": "Four en panne"})
    assert set(Booking.objects.live().values_list("opening_id", flat=True)) == {world.morning.pk}
    assert world.director.get(f"{world.page}&creneau={world.meal.pk}").status_code == 404
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("structure={}&jour=2026-11-24", "Ce jour est passé : il ne peut plus être fermé."),
        ("structure={}&jour=1850-01-01", "Ce jour est passé : il ne peut plus être fermé."),
        ("structure={}&jour=hier", "Donnez une date, par exemple 02/12/2026."),
        ("structure=999&jour=2026-12-02", "Choisissez dans la liste."),
        ("structure={}&jour=2027-12-02", "Rien à fermer ce jour-là"),
        ("", "Fermer un jour"),
    ],
)
def test_what_cannot_be_chosen_says_so(world, query, said):
    page = f"/agents/fermetures/jour/?{query.format(world.the_structure.pk)}"
    assert said in text(world.director.get(page))
    world.director.post(page, {"reason": "Neige"})
    assert Booking.objects.live().count() == 3


@pytest.mark.parametrize(("reason", "said"), [("  ", "Donnez une raison"), ("é" * 121, "é" * 121)])
def test_a_reason_is_needed_and_stays_as_typed(world, reason, said):
    sent = text(world.director.post(world.page, {"reason": reason}))
    assert said in sent
    assert "Zoé Durand" in sent
    assert Booking.objects.live().count() == 3


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_closed_in_a_browser(open_page, axe, width, javascript):
    world = Village(local(timezone.now()).date() + timedelta(days=7))
    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.come_in("direction", "Demandes à traiter")
    walker.open("/agents/fermetures/", "Fermer un jour", "Aucune pour l’instant.")
    walker.page.get_by_label("Jour à fermer").fill(world.day.isoformat())
    walker.press("Voir qui est touché")
    walker.look("Zoé Durand", "Matin, Repas", "1 enfant réservé, 1 en attente")
    walker.page.get_by_label("Raison de la fermeture").fill("Neige")
    walker.press("Fermer et prévenir les familles")
    walker.look("C’est fermé.", "Neige")
    assert not Booking.objects.live().exists()
