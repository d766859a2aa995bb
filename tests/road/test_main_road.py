"""Ask, accept or refuse, book, cancel, wait: at two widths, and on a phone without JavaScript."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from tests.road.walker import SMALLEST, Axe, Walker
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Village(Scenario):
    """Léo may ask for two activities; on Wednesdays Matin has room and Repas is full."""

    def __init__(self) -> None:
        super().__init__()
        today = local(timezone.now()).date()
        self.wednesday = today + timedelta(days=(2 - today.weekday()) % 7 + 14)
        span = {"first_day": today - timedelta(days=60), "last_day": today + timedelta(days=200)}
        self.durand = self.home("Durand", "Camille", identifier="durand")
        self.leo = self.child(self.durand, "Léo", born=date(today.year - 5, 1, 15))
        self.wednesdays = self.activity("Mercredis de Brisecombe", **span)
        self.activity("Vacances à Brisecombe", kind="holidays", **span)
        self.rule(self.wednesdays)
        self.slot(self.wednesdays, "Matin", capacity=8)
        meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", capacity=1)
        self.openings(self.wednesdays, self.wednesday, self.wednesday + timedelta(days=14))
        martin = self.home("Martin", "Julie")
        ines = self.child(martin, "Inès")
        self.enrolment(ines, self.wednesdays, martin)
        self.booking(ines, meal.openings.get(day=self.wednesday))
        self.staff("guichet", Role.OFFICE)


def ask_for(walker: Walker, activity: str) -> None:
    walker.main.get_by_role("link", name=f"Demander : {activity}").click()
    walker.look("Étape 1")
    walker.press("ENREGISTRER")
    walker.look("Votre demande est maintenant envoyée", activity, "Référence")
    walker.follow("Inscriptions de Léo")
    walker.look("en attente")


def decide(walker: Walker) -> None:
    """The counter accepts Wednesdays, refuses the holidays with a reason, and calls the family."""
    walker.look("2 demandes")
    walker.follow("Mercredis de Brisecombe")
    walker.look("Léo Durand", "Places les jours souhaités")
    walker.press("Accepter")
    walker.look("Inscription acceptée")
    walker.look("Léo Durand, 5 ans → Vacances à Brisecombe")  # the next case has come by itself
    walker.main.get_by_text("Refuser…").click()
    walker.main.get_by_label("Raison du refus").fill("Plus de place cet hiver.")
    walker.look()
    walker.press("Refuser la demande")
    walker.look("Demande refusée", "Appel à passer", "Qui appeler", "Plus de place cet hiver.")
    walker.press("Famille jointe")
    walker.look("Tout est traité")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (SMALLEST, True), (SMALLEST, False)])
def test_from_a_question_to_a_booked_cell(open_page, axe: Axe, width: int, javascript: bool) -> None:
    world = Village()
    page = open_page(width=width, javascript=javascript)
    walker = Walker(page, axe, javascript=javascript)

    walker.come_in("durand", "Bonjour Camille")
    walker.menu("Ma famille")
    walker.look("Léo Durand", "5 ans")
    walker.follow("Léo Durand")
    walker.look("Date de naissance", "Responsables")
    walker.menu("Mes inscriptions")
    walker.look("Léo")
    walker.follow("Léo")
    walker.look("Étape 1")
    ask_for(walker, "Mercredis de Brisecombe")
    ask_for(walker, "Vacances à Brisecombe")
    walker.leave()

    walker.come_in("guichet", "À traiter")
    decide(walker)
    walker.leave()
    states = dict(Enrolment.objects.filter(person=world.leo).values_list("activity__name", "state"))
    assert states == {
        "Mercredis de Brisecombe": Enrolment.State.ACCEPTED,
        "Vacances à Brisecombe": Enrolment.State.REFUSED,
    }

    page.goto("/demo/courriels/")
    walker.look("Mercredis de Brisecombe", "Vacances à Brisecombe")
    walker.follow("Inscription validée")
    walker.look("Bonjour")

    walker.come_in("durand", "rien n’est réservé")
    walker.menu("Mes inscriptions")
    walker.follow("Léo")
    walker.look("acceptée", "refusée", "Plus de place cet hiver.", "L’INSCRIPTION NE SUFFIT PAS")
    walker.follow("Étape 2 : réserver des créneaux")
    page.goto(f"/reservations/?enfant={world.leo.pk}&date={world.wednesday}&vue=semaine&activite=toutes")
    walker.look("Réservations de Léo", "Cliquez sur une case blanche")

    walker.cell("Matin").check(force=True)
    if javascript:
        expect(page.locator("[data-summary]")).to_contain_text("1 ajout")
        walker.look("À enregistrer")
    walker.press("ENREGISTRER")
    walker.look("C’est enregistré", "Réservé.")
    expect(walker.cell("Matin")).to_be_checked()
    assert Booking.objects.live().get(child=world.leo).state == BookingState.BOOKED

    walker.cell("Matin").uncheck(force=True)
    walker.look()
    walker.press("ENREGISTRER")
    walker.look("Annulé.")
    assert not Booking.objects.live().filter(child=world.leo).exists()

    walker.cell("Repas").check(force=True)
    walker.press("ENREGISTRER")
    walker.look("inscrit sur la liste d’attente")
    assert Booking.objects.live().get(child=world.leo).state == BookingState.WAITING

    walker.menu("Historique de mes actions")
    walker.look("Connexion")
    walker.leave()


def test_leaving_with_unsaved_changes_asks(open_page, axe: Axe) -> None:
    world = Village()
    world.enrolment(world.leo, world.wednesdays, world.durand)
    page = open_page()
    walker = Walker(page, axe, javascript=True)
    walker.come_in("durand", "Bonjour Camille")
    page.goto(f"/reservations/?enfant={world.leo.pk}&date={world.wednesday}&vue=semaine&activite=toutes")
    walker.page.locator("td.c", has=walker.cell("Matin")).click()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="suivant").click()
    page.wait_for_timeout(300)
    assert len(asked) == 1
    assert str(world.wednesday) in page.url


def test_the_keyboard_alone_books(open_page, axe: Axe) -> None:
    world = Village()
    world.enrolment(world.leo, world.wednesdays, world.durand)
    page = open_page()
    walker = Walker(page, axe, javascript=True)
    walker.come_in("durand", "Bonjour Camille")
    page.goto(f"/reservations/?enfant={world.leo.pk}&date={world.wednesday}&vue=semaine&activite=toutes")
    walker.cell("Matin").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="ENREGISTRER").focus()
    page.keyboard.press("Enter")
    walker.look("Réservé.")


def test_a_double_click_on_enregistrer_books_once(open_page, axe: Axe) -> None:
    world = Village()
    world.enrolment(world.leo, world.wednesdays, world.durand)
    page = open_page()
    walker = Walker(page, axe, javascript=True)
    walker.come_in("durand", "Bonjour Camille")
    page.goto(f"/reservations/?enfant={world.leo.pk}&date={world.wednesday}&vue=semaine&activite=toutes")
    walker.cell("Matin").check(force=True)
    page.get_by_role("button", name="ENREGISTRER").dblclick()
    walker.look("éservé")
    assert Booking.objects.live().filter(child=world.leo).count() == 1
