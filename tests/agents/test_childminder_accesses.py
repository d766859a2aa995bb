"""« Accès en ligne » of a childminder: the relais invites, stops, and erases."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.mail.models import Message
from marelle.relay.models import Childminder, ChildminderAccess
from tests.agents.test_payers import text
from tests.relay.test_childminders import Minded
from tests.relay.test_visits import NOW
from tests.standing import built_once

pytestmark = pytest.mark.django_db

LIST = "/agents/matinees/assistantes-maternelles/"
MAIL = "nina@accueil.example"


built = built_once(Minded, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Minded:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


@pytest.fixture
def relay(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


@pytest.fixture
def nina(world) -> Childminder:
    return Childminder.objects.create(authority=world.the_authority, name="Nina Roy", email=MAIL)


def test_she_is_invited_and_followed(world, relay, nina, time_machine):
    here = f"{LIST}{nina.pk}/acces/"
    assert here in relay.get(LIST).content.decode()
    page = relay.get(here)
    assert "Elle n’a pas d’accès en ligne." in text(page)
    assert f'value="{MAIL}"' in page.content.decode()
    answer = relay.post(here, {"email": MAIL}, follow=True)
    assert "L’invitation est partie. Le lien est valable jusqu’au mardi 15 décembre 2026" in text(answer)
    assert "Nina Roy invité" in text(answer)
    assert "INVITER" not in text(answer), "one account at a time"
    assert "accès : invité" in text(relay.get(LIST))
    access = ChildminderAccess.objects.get(childminder=nina)
    time_machine.move_to(NOW + timedelta(days=15), tick=False)
    relay.force_login(world.staff("guichet2", Role.OFFICE))
    assert "invitation dépassée" in text(relay.get(here))
    assert "L’invitation est partie." in text(relay.post(f"{here}{access.pk}/inviter/", follow=True))
    assert Message.objects.filter(kind="relay/childminder_invitation", to=MAIL).count() == 2


def test_she_is_stopped_with_a_reason_then_erased(world, relay):
    here = f"{LIST}{world.odile.pk}/acces/"
    assert "Odile ouvert" in text(relay.get(here))
    end = f"{here}{world.access.pk}/arreter/"
    assert "obligatoire" in text(relay.post(end, {"reason": ""}))
    assert ChildminderAccess.objects.live().exists()
    page = text(relay.post(end, {"reason": "Déménage"}, follow=True))
    assert "L’accès est arrêté" in page
    assert "Déménage" in page
    assert "INVITER" in page
    assert "déjà arrêté" in text(relay.post(end, {"reason": "Encore"}))
    assert "déjà arrêté" in text(relay.post(f"{here}{world.access.pk}/inviter/", follow=True))
    page = text(relay.post(f"{here}{world.access.pk}/effacer/", follow=True))
    assert "Données effacées arrêté" in page
    assert "Odile Fontaine" in text(relay.get(LIST)), "who still comes"


def test_who_comes_no_more_is_erased_from_the_list(world, relay):
    page = text(relay.post(f"{LIST}{world.odile.pk}/effacer/", follow=True))
    assert "a encore un accès ouvert" in page
    relay.post(f"{LIST}{world.odile.pk}/arreter/")
    assert not ChildminderAccess.objects.live().exists()
    assert "Celles qui ne viennent plus" in text(relay.get(LIST))
    assert relay.get(f"{LIST}{world.odile.pk}/acces/").status_code == 404
    page = text(relay.post(f"{LIST}{world.odile.pk}/effacer/", follow=True))
    assert "Son nom, son téléphone et son adresse sont effacés." in page
    assert "Odile" not in text(relay.get(LIST))
    assert "Celles qui ne viennent plus" not in text(relay.get(LIST))


def test_of_a_morning_those_of_its_authority_are_offered(world):
    elsewhere, _mayor = world.another_relay()
    client = Client()
    client.force_login(world.staff("admin", Role.ADMINISTRATOR))
    here = f"/agents/matinees/{world.morning.pk}/"
    page = text(client.get(here))
    assert (world.odile.name in page, elsewhere.name in page) == (True, False)
    page = text(client.post(here, {"childminder": elsewhere.pk, "children": "Lou"}))
    assert "Une réponse est à corriger" in page
    assert world.taken() == 0


def test_who_comes_back_has_no_access_until_it_is_given(world, relay):
    relay.post(f"{LIST}{world.odile.pk}/arreter/")
    relay.post(LIST, {"name": "Odile Fontaine", "authority": world.the_authority.pk})
    world.odile.refresh_from_db()
    assert (world.odile.active, world.odile.stopped_at) == (True, None)
    assert not ChildminderAccess.objects.live().exists()


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("nina", "adresse de courriel valide"),
        ("", "obligatoire"),
        ("durand@famille.example", "déjà celle d’un autre compte du portail"),
        ("ODILE@accueil.example", "déjà cet accès"),
    ],
)
def test_what_is_no_invitation_is_told_at_its_field(world, relay, nina, email, told):
    home = world.home("Durand")
    home.user.email = "durand@famille.example"
    home.user.save()
    page = relay.post(f"{LIST}{nina.pk}/acces/", {"email": email})
    assert (page.status_code, told in text(page)) == (200, True)
    assert f'value="{email}"' in page.content.decode() or not email
    assert ChildminderAccess.objects.count() == 1
    nina.refresh_from_db()
    assert nina.email == MAIL


def test_another_relais_and_another_childminder_find_nothing(world, relay, nina):
    other = Client()
    other.force_login(world.staff("mairie", Role.OFFICE, authority=world.authority("Arelle")))
    here = f"{LIST}{world.odile.pk}/acces/"
    assert other.get(here).status_code == 404
    assert other.post(here, {"email": MAIL}).status_code == 404
    assert other.post(f"{LIST}{world.odile.pk}/effacer/").status_code == 404
    for act in ("inviter", "arreter", "effacer"):
        for client, row in ((other, world.odile), (relay, nina)):
            path = f"{LIST}{row.pk}/acces/{world.access.pk}/{act}/"
            assert client.post(path, {"reason": "a"}).status_code == 404
    assert ChildminderAccess.objects.live().count() == 1
