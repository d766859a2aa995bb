"""A form sent while its home is erased or made one with another: nothing is kept, what was typed is shown."""

from __future__ import annotations

from copy import deepcopy
from html import unescape
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client

from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.families.models import FamilyNote
from marelle.files.models import StoredFile
from marelle.flows.actor.actors import ACTING_FOR, actor_for
from marelle.mail.models import Message as Mail
from marelle.messaging import services
from marelle.messaging.models import Thread
from marelle.portal.gone import typed_words
from tests.gone import erases, merges
from tests.roles.world import NOW
from tests.scenario import Scenario, picture
from tests.standing import built_once

pytestmark = pytest.mark.django_db

WORDS = "Merci pour tout, et pardon du dérangement."


class Leaving(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand, self.twin = self.home("Durand", "Camille"), self.home("Durant", "Camille")
        self.guichet = self.staff("guichet", Role.OFFICE)
        self.office = actor_for(self.guichet)
        self.typed = {
            "recipient": f"{self.the_structure.pk}-{self.the_structure.contacts.get().pk}",
            "subject": "Au revoir à tous",
            "text": WORDS,
            "files": picture(),
        }


built = built_once(Leaving, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Leaving:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def test_a_message_sent_while_its_home_is_erased_is_not_kept_and_its_words_are_shown(world, monkeypatch):
    """The request has read its home; the erasure comes before it writes."""
    erase, opens = erases(world.office, world.durand), services.thread_open
    monkeypatch.setattr(services, "thread_open", lambda **sent: erase() or opens(**sent))
    client = Client()
    client.force_login(world.durand.user)
    answer = client.post("/contact/ecrire/", world.typed)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Ce dossier vient d’être effacé : rien n’est enregistré." in page
    assert WORDS in page
    assert "Au revoir à tous" in page
    assert "Camille" not in page
    home = world.durand.family.pk
    assert not Thread.objects.exists()
    assert not StoredFile.objects.filter(family_id=home).exists()
    assert not Mail.objects.filter(family_id=home).exists()
    assert not Case.objects.filter(family_id=home).exists()


def test_one_sent_while_its_file_goes_into_another_is_not_kept_either(world, monkeypatch):
    merge, opens = merges(world.office, world.durand, world.twin), services.thread_open
    monkeypatch.setattr(services, "thread_open", lambda **sent: merge() and opens(**sent))
    client = Client()
    client.force_login(world.durand.user)
    answer = client.post("/contact/ecrire/", world.typed)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Ce dossier vient d’être réuni à un autre : rien n’est enregistré." in page
    assert WORDS in page
    assert not Thread.objects.exists()


def test_an_agent_whose_page_was_of_a_home_erased_since_is_told(world):
    erase = erases(world.office, world.durand)
    client = Client()
    client.force_login(world.guichet)
    erase()
    answer = client.post(f"/agents/familles/{world.durand.family.pk}/notes/", {"text": WORDS})
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Ce dossier vient d’être effacé" in page
    assert WORDS in page
    assert not FamilyNote.objects.exists()


def test_an_agent_in_the_name_of_a_home_erased_since_is_itself_again(world):
    erase = erases(world.office, world.durand)
    client = Client()
    client.force_login(world.guichet)
    client.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    assert client.session[ACTING_FOR] == world.durand.family.pk
    erase()
    page = client.get("/agents/").content.decode()
    assert "Vous agissez au nom de la famille" not in page


def test_words_are_what_somebody_wrote():
    posted = QueryDict(
        "text=Bonjour+%C3%A0+tous&text=Bonjour+%C3%A0+tous&recipient=3-4&password=mon+mot+de+passe"
        "&csrfmiddlewaretoken=a+b&seen=un+deux&seen_text=un+deux&note=l%C3%A0%0Abas"
    )
    assert typed_words(posted) == ["Bonjour à tous", "là\nbas"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "bonnet"),
        ("comment", "merci"),
        ("adulte1-first_name", "zoé"),
        ("12-reason", "Complet"),
        ("adult-profession-value", "infirmier"),
        ("home-address-street", "mairie"),
        ("child-school-teacher", "aubry"),
        ("name", "7"),
    ],
)
def test_one_word_is_what_somebody_wrote_too(name, value):
    assert typed_words(QueryDict(f"{name}={quote(value)}")) == [value]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "Secret1"),
        ("present", "Mon mot de passe"),
        ("repeated", "Mon mot de passe"),
        ("csrfmiddlewaretoken", "aZ09"),
        ("robot", "eyJhbGdvcml0aG0iOiJ"),
        ("robot_token", "A:b"),
        ("recipient", "3-4"),
        ("enfant1-level", "CE1"),
        ("vu", "Un état lu"),
        ("decided", "2026-11-28T08:17:00+00:00"),
        ("reason", "not_yours"),
        ("child-diet-value", "no_pork"),
        ("child-school-school", "4"),
        ("child-birth_date-value", "2019-03-04"),
        ("case", "17"),
        ("starts_on", "2026-12-02"),
    ],
)
def test_what_a_form_carries_is_not(name, value):
    assert typed_words(QueryDict(f"{name}={quote(value)}")) == []


def test_a_message_of_one_word_is_shown_when_its_home_is_gone(world, monkeypatch):
    erase, opens = erases(world.office, world.durand), services.thread_open
    monkeypatch.setattr(services, "thread_open", lambda **sent: erase() or opens(**sent))
    client = Client()
    client.force_login(world.durand.user)
    page = client.post("/contact/ecrire/", {**world.typed, "subject": "bonnet", "text": "perdu"})
    assert page.status_code == 409
    assert ">bonnet<" in page.content.decode()
    assert ">perdu<" in page.content.decode()
