"""A session that ends on a telephone: what was written is there after the login, and nothing is sent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from marelle.bookings.models import Booking
from marelle.campaigns.models import Wish
from marelle.enrolments.models import Enrolment
from marelle.messaging.models import Thread
from tests.campaigns.world import FIRST, IN_WINDOW, Summer
from tests.road.walker import Walker
from tests.scenario import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

WEDNESDAY = date(2027, 5, 19)
KEPT = "Voici ce que vous aviez coché ou écrit"
WORDS = "Zoé a laissé ses bottes sous le banc."


@pytest.mark.parametrize("javascript", [True, False])
def test_what_a_lost_session_held_is_there_after_the_login_and_not_sent(open_page, axe, javascript) -> None:
    with time_machine.travel(IN_WINDOW):
        world = Summer()
        world.announced()
        home = world.family("Roy")
        [zoe] = world.children_of(home)
        season = {"first_day": WEDNESDAY - timedelta(days=200), "last_day": WEDNESDAY + timedelta(days=90)}
        wednesdays = world.activity("Mercredis", **season)
        world.rule(wednesdays)
        world.enrolment(zoe, wednesdays, home)
        world.opening(world.slot(wednesdays, "Matin"), WEDNESDAY)
        music = world.activity("Musique", **season)
        world.slot(music, "Atelier")
        before = Booking.objects.count(), Enrolment.objects.count()

        walker = Walker(open_page(width=390, javascript=javascript), axe, javascript=javascript)
        page = walker.page
        walker.come_in(home.user.identifier, "Bonjour")

        def loses(button: str) -> None:
            """The session ends, the form is sent, and its owner comes in again where that leads."""
            Session.objects.update(expire_date=IN_WINDOW - timedelta(minutes=1))
            walker.press(button)
            page.get_by_label("Identifiant ou adresse de courriel").fill(home.user.identifier)
            page.get_by_label("Mot de passe").fill(PASSWORD)
            walker.main.get_by_role("button", name="Je me connecte").click()
            walker.look(KEPT)

        walker.open(f"/reservations/?enfant={zoe.pk}&date={WEDNESDAY}&vue=semaine&activite=toutes")
        page.get_by_role("checkbox", name="Matin").check(force=True)
        loses("ENREGISTRER")
        expect(page.get_by_role("checkbox", name="Matin")).to_be_checked()

        walker.open("/contact/ecrire/")
        page.get_by_label("Choisir le destinataire").select_option(index=1)
        page.get_by_label("Objet du message").fill("Des bottes")
        page.get_by_label("Contenu du message").fill(WORDS)
        loses("ENVOYER LE MESSAGE")
        expect(page.get_by_label("Contenu du message")).to_have_value(WORDS)

        walker.open(f"/voeux/{world.campaign.pk}/")
        rank = page.locator(f'[name="r-{zoe.pk}-{FIRST.isoformat()}.{world.day.pk}"]')
        rank.select_option("2")
        loses("ENREGISTRER MES VŒUX")
        expect(rank).to_have_value("2")

        walker.open(f"/inscriptions/{zoe.pk}/demander/{music.pk}/")
        page.get_by_label("Une précision pour le service").fill("Le soir, si possible.")
        loses("ENREGISTRER")
        expect(page.get_by_label("Une précision pour le service")).to_have_value("Le soir, si possible.")

    assert (Booking.objects.count(), Enrolment.objects.count()) == before
    assert not Thread.objects.exists()
    assert not Wish.objects.exists()
