"""« Accès en ligne » of a childminder: the relais invites, stops, and erases."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.mail.models import Message
from marelle.relay.childminders import childminder_invite
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
    assert "effacés pour de bon" in text(relay.get(f"{here}{world.access.pk}/effacer/"))
    assert "Données effacées" not in text(relay.get(here))
    page = text(relay.post(f"{here}{world.access.pk}/effacer/", follow=True))
    assert "Données effacées arrêté" in page
    assert "Odile Fontaine" in text(relay.get(LIST)), "who still comes"


def test_what_is_noted_of_her_is_changed(world, relay, nina):
    here = f"{LIST}{nina.pk}/"
    assert f'href="{here}"' in relay.get(LIST).content.decode()
    form = relay.get(here).context["form"]
    typed = {name: form[name].value() or "" for name in ("name", "phone", "email", "commune", "seen")}
    page = text(relay.post(here, {**typed, "name": "Odile Fontaine"}))
    assert "Cette personne est déjà dans la liste." in page
    assert "Vérifiez ce numéro" in text(relay.post(here, {**typed, "phone": "12"}))
    answer = relay.post(
        here, {**typed, "phone": "06 39 98 21 02", "email": "roy@accueil.example"}, follow=True
    )
    assert "C’est enregistré." in text(answer)
    assert "06 39 98 21 02" in text(answer)
    nina.refresh_from_db()
    assert (nina.name, nina.email) == ("Nina Roy", "roy@accueil.example")
    stale = text(relay.post(here, {**typed, "name": "N. Roy"}))
    assert "a modifié ceci" in stale
    assert "Rien n’avait changé." in text(
        relay.post(
            here, {name: relay.get(here).context["form"][name].value() or "" for name in typed}, follow=True
        )
    )


def test_the_address_of_who_comes_in_is_hers_to_change(world, relay):
    page = relay.get(f"{LIST}{world.odile.pk}/")
    assert "elle la change elle-même" in text(page)
    assert "email" not in page.context["form"].fields


def test_her_address_is_told_to_those_alone_where_she_still_comes_in(world, relay):
    row, mayor = world.another_relay()
    childminder_invite(actor=mayor, childminder_id=row.pk, email=world.access.account.email, now=NOW)
    world.ends()
    User.objects.filter(pk=world.access.account_id).update(email="nouvelle@accueil.example")
    assert "nouvelle@" not in text(relay.get(f"{LIST}{world.odile.pk}/acces/"))
    there = Client()
    there.force_login(User.objects.get(pk=mayor.user_id))
    assert "nouvelle@accueil.example" in text(there.get(f"{LIST}{row.pk}/acces/"))
    ChildminderAccess.objects.live().update(ended_at=NOW, ended_by="Le relais")
    assert "nouvelle@accueil.example" in text(relay.get(f"{LIST}{world.odile.pk}/acces/")), (
        "to invite her anew"
    )


def test_what_cannot_be_taken_back_is_asked_about_on_a_page_of_its_own(world, relay):
    """Without scripts as well: no list does it at once."""
    her = f"{LIST}{world.odile.pk}/"
    assert f'action="{her}' not in relay.get(LIST).content.decode()
    page = text(relay.get(f"{her}arreter/"))
    assert "son accès en ligne s’arrête aussitôt" in page
    assert ChildminderAccess.objects.live().exists()
    relay.post(f"{her}arreter/")
    assert f'href="{her}effacer/"' in relay.get(LIST).content.decode()
    assert "effacés pour de bon" in text(relay.get(f"{her}effacer/"))
    world.odile.refresh_from_db()
    assert world.odile.erased_at is None
    assert relay.get(f"{her}arreter/").status_code == 404
    assert relay.get(f"{her}").status_code == 404


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
