"""A form that comes after its session has ended: there again for its account alone, and nothing is sent."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from marelle.accounts.models import User
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Message, Thread
from marelle.shell.unsent import KEPT_FOR, LONGEST, UNSENT
from tests.messaging.uploads import a_picture
from tests.reading import text
from tests.scenario import PASSWORD, Home, Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)
WRITE = "/contact/ecrire/"
WORDS = "Zoé a laissé ses bottes sous le banc."
KEPT = "Voici ce que vous aviez coché ou écrit"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.adult(self.durand, "Sacha", identifier="sacha")
        self.roy = self.home("Roy", "Lou")
        self.zoe = self.child(self.durand, "Zoé")
        self.enrolment(self.zoe, self.activity(), self.durand)
        contact = self.the_structure.contacts.get()
        self.letter = {
            "recipient": f"{self.the_structure.pk}-{contact.pk}",
            "subject": "Des bottes",
            "text": WORDS,
        }


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def comes_in(client: Client, home: Home, place: int = 0, *, to: str = "/compte/"):
    """By the login page, as whoever has a password; what it leads to."""
    account = home.adults[place].account
    assert account is not None
    typed = {"identifier": account.identifier, "password": PASSWORD, "next": to}
    return client.post("/connexion/", typed, follow=True)


def session_ends() -> None:
    """By the server's clock: the browser keeps its cookie."""
    Session.objects.update(expire_date=NOW - MINUTE)


def sent_too_late(client: Client, home: Home, url: str, data: dict[str, object]):
    comes_in(client, home)
    assert client.get(url).status_code == 200
    session_ends()
    return client.post(url, data)


def test_a_message_is_not_a_strangers_and_is_there_after_the_login(world, client):
    answer = sent_too_late(client, world.durand, f"{WRITE}?destinataire=1", world.letter)
    assert answer["Location"] == "/connexion/?next=/contact/ecrire/%3Fdestinataire%3D1"
    assert WORDS not in text(client.get(answer["Location"]))
    page = text(comes_in(client, world.durand, to=f"{WRITE}?destinataire=1"))
    assert KEPT in page
    assert WORDS in page
    assert 'value="Des bottes"' in page
    assert f'value="{world.letter["recipient"]}" selected' in page
    assert not Thread.objects.exists(), "nothing is sent without its owner"
    client.post(f"{WRITE}?destinataire=1", world.letter)
    assert Thread.objects.get().family_id == world.durand.family.pk
    assert WORDS not in text(client.get(f"{WRITE}?destinataire=1"))


@pytest.mark.parametrize("lost", ["marelle", "/deconnexion/"])
def test_it_is_there_after_a_logout_elsewhere_and_once_the_cookie_has_gone(world, client, lost):
    comes_in(client, world.durand)
    if lost == "marelle":
        del client.cookies[lost]
    else:
        client.post(lost)
    client.post(WRITE, world.letter)
    assert WORDS in text(comes_in(client, world.durand, to=WRITE))


@pytest.mark.parametrize(("home", "place"), [("durand", 1), ("roy", 0)])
def test_it_is_of_its_account_alone(world, client, home, place):
    sent_too_late(client, world.durand, WRITE, world.letter)
    page = text(comes_in(client, getattr(world, home), place, to=WRITE))
    assert KEPT not in page
    assert WORDS not in page
    assert UNSENT not in client.session
    client.post("/deconnexion/")
    assert WORDS not in text(comes_in(client, world.durand, to=WRITE)), "somebody else has been in"


def test_it_is_of_who_came_in_last_not_of_who_chose_a_password_there(world, client):
    User.objects.filter(pk=world.roy.user.pk).update(email="lou@famille.example")
    comes_in(client, world.roy)
    client.post("/deconnexion/")
    comes_in(client, world.durand, to=WRITE)
    client.post("/mot-de-passe/", {"name": world.roy.user.identifier})
    link = next(part for part in Mail.objects.latest("pk").text.split() if "/mot-de-passe/" in part)
    new = "un goûter sous le tilleul"
    client.post(f"/mot-de-passe/{link.rstrip('/.').rpartition('/')[2]}/", {"password": new, "repeated": new})
    session_ends()
    client.post(WRITE, world.letter)
    client.post("/connexion/", {"identifier": world.roy.user.identifier, "password": new})
    assert WORDS not in text(client.get(WRITE))


def test_it_is_sealed_and_forgotten_after_an_hour(world, client, time_machine):
    sent_too_late(client, world.durand, WRITE, world.letter)
    kept = client.session[UNSENT]
    assert "bottes" not in kept
    time_machine.move_to(NOW + KEPT_FOR, tick=False)
    page = text(comes_in(client, world.durand, to=WRITE))
    assert WORDS not in page
    assert UNSENT not in client.session


def test_it_is_shown_on_its_page_and_once(world, client):
    sent_too_late(client, world.durand, WRITE, {**world.letter, "joined": a_picture()})
    assert KEPT not in text(comes_in(client, world.durand))
    page = text(client.get(WRITE))
    assert "Les fichiers sont à joindre de nouveau." in page
    assert WORDS in page
    assert WORDS not in text(client.get(WRITE))


@pytest.mark.parametrize("why", ["no key", "too long"])
def test_what_cannot_be_kept_is_shown_to_be_copied(world, client, settings, why):
    comes_in(client, world.durand)
    session_ends()
    if why == "no key":
        settings.SEALING_KEYS = []
    said = WORDS if why == "no key" else "é" * LONGEST
    answer = client.post(WRITE, {**world.letter, "text": said})
    assert answer.status_code == 403
    assert said in text(answer)
    assert not Thread.objects.exists()


def test_of_an_agent_nothing_is_kept(world, client):
    """Which home it had open went with its session."""
    world.staff("guichet", Role.OFFICE)
    client.post("/connexion/", {"identifier": "guichet", "password": PASSWORD})
    session_ends()
    answer = client.post(WRITE, world.letter)
    assert answer.status_code == 403
    assert WORDS in text(answer)
    assert UNSENT not in client.session


def test_a_stranger_still_gets_the_form_back(world, client):
    page = text(client.post(WRITE, world.letter))
    assert WORDS in page
    assert "Votre nom" in page
    comes_in(client, world.durand)
    client.post("/deconnexion/")
    asked = text(client.post(WRITE, {**world.letter, "robot": "", "robot_token": "x"}))
    assert "Votre nom" in asked, "the public form, sent by who has been in"


def test_a_reply_is_there_too(world, client):
    comes_in(client, world.durand)
    client.post(WRITE, world.letter)
    thread = Thread.objects.get()
    url = f"/contact/echanges/{thread.pk}/"
    session_ends()
    client.post(url, {"text": "Merci bien !"})
    assert "Merci bien !" in text(comes_in(client, world.durand, to=url))
    assert Message.objects.count() == 1


def test_ticked_cells_are_there_and_not_booked(world, client):
    activity = world.activity("Mercredis")
    world.rule(activity)
    world.enrolment(world.zoe, activity, world.durand)
    opening = world.opening(world.slot(activity, "Matin", capacity=4), date(2026, 12, 9))
    key = f"{world.zoe.pk}.{opening.pk}"
    url = f"/reservations/?enfant={world.zoe.pk}&date=2026-12-07&vue=semaine&activite=toutes"
    sent_too_late(client, world.durand, url, {"seen": "", "c": [key]})
    page = comes_in(client, world.durand, to=url).content.decode()
    assert KEPT in page
    assert re.search(rf'<input[^>]*value="{re.escape(key)}"[^>]* checked', page)
    assert not Booking.objects.exists()
    client.post(url, {"seen": "", "c": [key]})
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("many", [False, True])
def test_a_request_is_there_and_not_sent(world, client, many):
    activity = world.activity("Mercredis")
    morning = world.slot(activity, "Matin", weekdays=[2], capacity=24)
    pair = f"{world.zoe.pk}-{activity.pk}"
    if many:
        url = "/inscriptions/plusieurs/"
        typed = {"starts_on": "2026-12-02", "wanted": [pair], "wishes": [f"{pair}-2-{morning.pk}"]}
        box = pair
    else:
        url = f"/inscriptions/{world.zoe.pk}/demander/{activity.pk}/"
        box = f"2-{morning.pk}"
        typed = {"starts_on": "2026-12-02", "ends_on": "2027-08-31", "wishes": [box], "comment": WORDS}
    before = Enrolment.objects.count()
    sent_too_late(client, world.durand, url, typed)
    page = comes_in(client, world.durand, to=url).content.decode()
    assert KEPT in page
    assert re.search(rf'<input[^>]*value="{re.escape(box)}"[^>]* checked', page)
    assert Enrolment.objects.count() == before
