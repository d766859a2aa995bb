"""A director’s year in a browser: next year built from this one, asked for, decided, booked, then snow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.activities.models import Activity
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.mail.models import Message
from marelle.places.rules import school_year_days, school_year_of
from tests.road.walker import SMALLEST, Axe, Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Village(Scenario):
    """A director, its Wednesdays of this year, and Camille whose Léo has never come."""

    def __init__(self) -> None:
        super().__init__()
        self.today = local(timezone.now()).date()
        self.year = school_year_of(self.today)
        first, last = school_year_days(self.year)
        for year in (self.year, self.year + 1):
            self.span(date(year, 12, 19), date(year + 1, 1, 3), name="Vacances de Noël")
        self.durand = self.home("Durand", "Camille", identifier="durand")
        self.leo = self.child(self.durand, "Léo", born=date(self.today.year - 5, 1, 15))
        self.wednesdays = self.activity(self.name(self.year), first_day=first, last_day=last)
        self.slot(self.wednesdays, "Matin", capacity=8)
        self.rule(self.wednesdays)
        self.staff("direction", Role.DIRECTOR)

    @staticmethod
    def name(year: int) -> str:
        return f"Mercredis {year}-{year + 1}"

    def mail(self, subject: str) -> Message:
        """The last mail so called, which went to Camille."""
        sent = Message.objects.filter(to=self.durand.adult.email).order_by("-pk")
        found = next((one for one in sent if subject.lower() in one.subject.lower()), None)
        assert found is not None, list(Message.objects.values_list("to", "subject"))
        return found


def in_the_next_winter(made: Activity) -> date:
    """A Wednesday of January when the new activity is open."""
    days = made.openings.filter(day__month=1).order_by("day").values_list("day", flat=True)
    return list(days)[1]


def next_year_is_built(desk: Walker, world: Village) -> Activity:
    page = desk.page
    desk.open("/agents/activites/annee/", f"Préparer l’année {world.year + 1}-{world.year + 2}")
    desk.follow("Copier des activités")
    page.get_by_label(world.name(world.year)).check()
    desk.press("Voir les dates")
    desk.look("Jauges, les mêmes")
    desk.press("Copier")
    desk.look("1 activité est copiée.")
    made = Activity.objects.get(copied_from=world.wednesdays)
    assert made.name == world.name(world.year + 1)

    desk.open("/agents/activites/annee/", made.name)
    page.get_by_label(made.name).check()
    page.get_by_label("Ouvrir les demandes le").fill(f"{world.today - timedelta(days=1)}T09:00")
    desk.press("Enregistrer ce jour")
    desk.look("1 activité")
    made.refresh_from_db()
    assert made.requests_open_at is not None
    return made


def a_parent_asks(home: Walker, world: Village, made: Activity) -> None:
    home.menu("Mes inscriptions")
    home.follow("Léo")
    home.main.get_by_role("link", name=f"Demander : {made.name}").click()
    home.look("Étape 1")
    home.press("ENREGISTRER")
    home.look("Votre demande est maintenant envoyée", made.name)


def the_desk_accepts_by_keyboard(desk: Walker, world: Village, made: Activity) -> None:
    desk.open("/agents/", "1 demande", "Léo Durand")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("heading", level=2).first).to_contain_text("Léo Durand")
    desk.look("Accepter")
    desk.page.keyboard.press("a")
    desk.look("Inscription acceptée")
    assert Enrolment.objects.get(person=world.leo).state == Enrolment.State.ACCEPTED
    world.mail("Inscription validée")


def the_parent_books(home: Walker, world: Village, day: date) -> None:
    home.page.goto(f"/reservations/?enfant={world.leo.pk}&date={day}&vue=semaine&activite=toutes")
    home.cell("Matin").check(force=True)
    home.press("ENREGISTRER")
    home.look("Réservé.")


def snow(desk: Walker, world: Village, day: date) -> None:
    page = desk.page
    desk.open("/agents/fermetures/", "Ouvertures et fermetures")
    page.get_by_label("Structure").select_option(label=world.the_structure.name)
    page.get_by_label("Premier jour").fill(str(day))
    desk.press("Voir qui est touché")
    desk.look("Qui est touché", "Léo Durand")
    page.get_by_label("Neige").check()
    page.get_by_label("Un mot aux familles").fill("Les cars ne roulent pas.")
    desk.press("Fermer et prévenir les familles")
    desk.look("C’est fermé", "Les réservations de 1 enfant sont annulées")
    ended = Booking.objects.get(child=world.leo)
    assert (ended.state, ended.end_cause) == (BookingState.CANCELLED, EndCause.STRUCTURE)
    told = world.mail("réservations annulées")
    assert "Les cars ne roulent pas." in told.text


def the_snow_melts(desk: Walker, world: Village) -> None:
    desk.follow("Neige")
    desk.look("Fermeture", "Léo Durand")
    desk.press("Annuler la fermeture")
    desk.look("Léo Durand")
    assert Booking.objects.live().get(child=world.leo).state == BookingState.BOOKED


def test_a_year_from_the_copy_to_the_snow(open_page: Any, axe: Axe) -> None:
    world = Village()
    desk = Walker(open_page(width=1280), axe)
    home = Walker(open_page(width=SMALLEST), axe)
    desk.come_in("direction", "À traiter")
    home.come_in("durand", "Bonjour Camille")

    made = next_year_is_built(desk, world)
    day = in_the_next_winter(made)
    a_parent_asks(home, world, made)
    the_desk_accepts_by_keyboard(desk, world, made)
    the_parent_books(home, world, day)
    snow(desk, world, day)
    home.page.reload()
    home.look("annulé")
    the_snow_melts(desk, world)
    home.page.reload()
    expect(home.cell("Matin")).to_be_checked()
    assert "Léo" in world.mail("finalement ouvert").text
