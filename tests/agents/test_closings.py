"""« Fermetures », as an agent and the family see it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.places.models import Closure
from tests.reading import text
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

    def closes(self, more: str = "", **sent: str):
        """Seen, then confirmed."""
        page = self.page + more
        posted = {"vu": mark(self.director.get(page)), **(sent or {"reason": "Neige"})}
        return self.director.post(page, posted, follow=True)


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def mark(response) -> str:
    """What the page says that it showed."""
    found = re.search(r'name="vu" value="(\w+)"', text(response))
    return found[1] if found else ""


def test_seen_first_then_closed_then_read_by_the_family(world, client, count_queries):
    menu = text(world.director.get("/agents/activites/"))
    assert 'href="/agents/fermetures/"' in menu
    with count_queries(13):
        review = text(world.director.get(world.page))
    assert "Fermer le 2 décembre 2026" in review
    assert "1 enfant réservé, 1 en attente" in review
    assert "Zoé Durand" in review
    assert "Matin (liste d’attente)" in review
    assert Booking.objects.live().count() == 3, "seeing closes nothing"
    done = text(world.closes(reason="other", other="Neige & verglas"))
    assert "Les réservations de 2 enfants sont annulées, leurs familles sont prévenues." in done
    assert "Neige &amp; verglas" in done
    again = text(world.director.get(world.page))
    assert "Rien à fermer ces jours-là" in again
    twice = text(world.closes())
    assert "Rien n’est ouvert ces jours-là, ou c’est déjà fermé." in twice
    client.force_login(world.durand.user)
    planning = text(
        client.get(f"/reservations/?enfant={world.zoe.pk}&date={DAY}&vue=semaine&activite=toutes")
    )
    assert "annulé par la structure" in planning
    assert "Neige &amp; verglas" in planning


def test_one_slot_alone(world):
    quoi = f"&quoi=slot-{world.meal.slot_id}"
    assert f'value="slot-{world.meal.slot_id}"' in text(world.director.get(world.page))
    world.closes(quoi, reason="other", other="Four en panne")
    assert set(Booking.objects.live().values_list("opening_id", flat=True)) == {world.morning.pk}
    assert Closure.objects.get().part == "Mercredis · Repas"
    assert world.director.get(f"{world.page}&quoi=slot-999").status_code == 404


def test_what_changed_since_is_shown_again_and_what_was_typed_stays(world):
    seen = mark(world.director.get(world.page))
    world.booking(world.leo, world.meal)
    sent = world.director.post(world.page, {"reason": "Neige", "words": "Dès 14 h", "vu": seen})
    assert "La liste a changé" in text(sent)
    assert "Dès 14 h" in text(sent)
    assert "2 enfants réservés" in text(sent)
    assert Booking.objects.live().count() == 4
    world.director.post(world.page, {"reason": "Neige", "vu": mark(sent)})
    assert not Booking.objects.live().exists()


def test_undone_and_what_came_back(world, count_queries):
    world.closes()
    page = f"/agents/fermetures/{Closure.objects.get().pk}/"
    assert "Annuler la fermeture" in text(world.director.get(page))
    done = text(world.director.post(f"{page}annuler/", follow=True))
    assert "Les réservations de 2 enfants sont rétablies" in done
    assert done.count("rétabli</") == 3
    assert "Annuler la fermeture" not in done
    assert Booking.objects.live().count() == 3
    again = text(world.director.post(f"{page}annuler/", follow=True))
    assert "il n’y a plus rien à annuler" in again
    with count_queries(8):
        world.director.get(page)


def test_another_structure_sees_no_closing(world):
    world.closes()
    page = f"/agents/fermetures/{Closure.objects.get().pk}/"
    other = Client()
    other.force_login(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    assert other.get(page).status_code == 404
    assert other.post(f"{page}annuler/").status_code == 404
    assert world.director.post(f"{page}annuler/", {"jour": "hier"}).status_code == 404
    assert not Booking.objects.live().exists()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("structure={}&jour=2026-11-24", "Ce jour est passé : il ne peut plus être fermé."),
        ("structure={}&jour=1850-01-01", "Ce jour est passé : il ne peut plus être fermé."),
        ("structure={}&jour=hier", "Donnez une date, par exemple 02/12/2026."),
        ("structure=999&jour=2026-12-02", "Choisissez dans la liste."),
        ("structure={}&jour=2027-12-02", "Rien à fermer ces jours-là"),
        ("structure={}&jour=2026-12-02&fin=2026-12-01", "Le dernier jour vient avant le premier."),
        ("structure={}&jour=2026-12-02&fin=2027-12-01", "62 jours au plus"),
        ("structure={}&jour=2026-12-02&quoi=tout", "Choisissez dans la liste ce qui ferme."),
        ("structure={}&jour=2026-12-02&quoi=slot-" + "9" * 30, "Choisissez dans la liste ce qui ferme."),
        ("", "Premier jour"),
    ],
)
def test_what_cannot_be_chosen_says_so(world, query, said):
    page = f"/agents/fermetures/jour/?{query.format(world.the_structure.pk)}"
    assert said in text(world.director.get(page))
    world.director.post(page, {"reason": "Neige"})
    assert Booking.objects.live().count() == 3


@pytest.mark.parametrize(("reason", "said"), [("  ", "Donnez une raison"), ("é" * 121, "é" * 121)])
def test_a_reason_is_needed_and_stays_as_typed(world, reason, said):
    seen = mark(world.director.get(world.page))
    sent = text(world.director.post(world.page, {"reason": "other", "other": reason, "vu": seen}))
    assert said in sent
    assert "Zoé Durand" in sent
    assert Booking.objects.live().count() == 3


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_closed_in_a_browser(open_page, axe, width, javascript):
    world = Village(local(timezone.now()).date() + timedelta(days=7))
    walker = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
    walker.come_in("direction", "À traiter")
    walker.open("/agents/fermetures/", "Ouvertures et fermetures", "Aucune fermeture pour l’instant.")
    walker.page.get_by_label("Premier jour").fill(world.day.isoformat())
    walker.press("Voir qui est touché")
    walker.look("Zoé Durand", "Matin, Repas", "1 enfant réservé, 1 en attente")
    walker.page.get_by_label("Neige").check()
    walker.page.get_by_label("Un mot aux familles").fill("Nous rouvrons demain.")
    walker.press("Fermer et prévenir les familles")
    walker.look("C’est fermé.", "Neige")
    assert not Booking.objects.live().exists()
    walker.page.get_by_role("link", name=re.compile("Neige")).click()
    walker.look("Réservations touchées", "Zoé Durand")
    walker.press("Annuler la fermeture")
    walker.look("C’est rouvert.", "rétabli")
    assert Booking.objects.live().count() == 3
