"""« Listes de la veille »: who chooses where they go, who reads the password, what the pages tell."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marelle.core.actor import Role
from marelle.flows.door.evening import evening_set
from marelle.flows.door.evening_sending import evenings_sent
from marelle.flows.models import Evening
from marelle.journal.models import Entry
from marelle.mail.services import send_due
from tests.agents.listed import DAY, EVENING, NOW, TO, Eve
from tests.standing import built_once

pytestmark = pytest.mark.django_db

PAGE = "/agents/reglages/listes-de-la-veille/"

built = built_once(Eve, now=NOW)


@pytest.fixture
def world(built: Eve, db: None, time_machine: Any) -> Eve:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_a_mail_that_was_refused_is_told_on_both_pages(world: Eve, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.NoSuchPerson"
    evenings_sent(now=EVENING)
    client = world.as_role(Role.DIRECTOR)
    assert "Le courriel attend de partir." in client.get(f"{PAGE}{world.site}/").content.decode()
    send_due(now=EVENING)
    assert "Le courriel a été refusé" in client.get(f"{PAGE}{world.site}/").content.decode()
    assert ">à voir<" in client.get(PAGE).content.decode()


def test_the_office_chooses_on_its_page_and_overwrites_nobody(world: Eve) -> None:
    client = world.as_role(Role.OFFICE)
    page = client.get(f"{PAGE}{world.site}/regler/")
    assert "dossier du serveur" not in page.content.decode()
    seen = json.dumps({"hour": "18:00:00", "to": TO, "in_folder": False})
    sent = {"hour": "17:30", "to": "pas une adresse", "seen": seen}
    wrong = client.post(f"{PAGE}{world.site}/regler/", sent).content.decode()
    assert 'value="pas une adresse"' in wrong
    assert Evening.objects.get().to == TO
    good = {**sent, "to": "loisirs@arelle.example"}
    assert client.post(f"{PAGE}{world.site}/regler/", good).status_code == 302
    assert Evening.objects.get().hour == time(17, 30)
    stale = client.post(f"{PAGE}{world.site}/regler/", {**good, "hour": "19:00"}).content.decode()
    assert "a modifié ceci" in stale
    assert Evening.objects.get().hour == time(17, 30)
    assert set(Entry.objects.filter(verb="evening.set").latest("pk").data["fields"]) == {"hour", "to"}


def test_the_director_sends_again_and_prints_the_password(world: Eve, time_machine: Any) -> None:
    time_machine.move_to(EVENING)
    client = world.as_role(Role.DIRECTOR)
    page = client.get(f"{PAGE}{world.site}/")
    assert "Envoyer la liste du mercredi 2 décembre" in page.content.decode()
    assert world.password not in page.content.decode()
    sent = client.post(f"{PAGE}{world.site}/envoyer/", {"day": str(DAY), "seen": ""}, follow=True)
    assert "La liste est faite, et elle part." in sent.content.decode()
    again = client.post(f"{PAGE}{world.site}/envoyer/", {"day": str(DAY), "seen": ""}, follow=True)
    assert "Une liste est partie entre-temps" in again.content.decode()
    for nonsense in ("", "demain", "2026-13-45", "2026-12-25"):
        refused = client.post(f"{PAGE}{world.site}/envoyer/", {"day": nonsense, "seen": ""}, follow=True)
        assert "Rien n’est ouvert ce jour-là." in refused.content.decode()
    assert world.password in client.get(f"{PAGE}{world.site}/mot-de-passe/").content.decode()
    renew = f"{PAGE}{world.site}/mot-de-passe/nouveau/"
    seen = Evening.objects.get().password_at.isoformat()
    assert "Pourquoi" in client.post(renew, {"seen": seen}).content.decode()
    before = world.password
    assert client.post(renew, {"seen": seen, "why": "lost"}).status_code == 302
    assert world.password != before


def test_the_list_of_structures_costs_the_same_for_many(world: Eve) -> None:
    evenings_sent(now=EVENING)
    client: Client = world.as_role(Role.OFFICE)
    client.get(PAGE)

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    before = counted()
    for number in range(5):
        other = world.structure(f"Accueil {number}")
        evening_set(actor=world.office, structure_id=other.pk, hour=time(18), to=TO, in_folder=False, now=NOW)
    assert counted() == before
