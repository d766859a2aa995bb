"""« Ma famille », the public home and the contact page, as a browser asks for them."""

from __future__ import annotations

import pytest
from django.test import Client

from marelle.core.actor import Role
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db


def logged_in(home: Home) -> Client:
    client = Client()
    client.force_login(home.user)
    return client


def secrets_of(home: Home) -> set[str]:
    residence = home.family.residences.get()
    return {residence.street, home.adult.email, home.adult.phone, home.adult.last_name}


def test_neither_home_of_a_shared_child_reads_the_coordinates_of_the_other():
    world = Scenario()
    martin, petit = world.home("Martin", "Alex"), world.home("Petit", "Dominique")
    lou = world.child(martin, "Lou", last_name="Dupont")
    world.shared(lou, martin, petit)
    world.quotient(martin, "512.00")
    world.quotient(petit, "913.00")
    for mine, other, income in ((martin, petit, "913"), (petit, martin, "512")):
        client = logged_in(mine)
        addresses = [
            "/famille/",
            "/famille/foyer/",
            "/famille/confirmer/",
            f"/famille/{lou.pk}/",
            f"/famille/{mine.adult.pk}/",
        ]
        text = " ".join(client.get(address).content.decode() for address in addresses)
        told = {*secrets_of(other), f"{income},00", f"{income}.00"}
        assert not [secret for secret in told if secret in text]
        assert all(secret in text for secret in secrets_of(mine))
        assert other.adult.first_name in text


def test_a_browser_proposes_what_it_knows_of_who_types_and_of_nobody_else():
    world = Scenario()
    durand = world.home("Durand")
    other = world.adult(durand, "Alex")
    client = logged_in(durand)
    mine, theirs = (client.get(f"/famille/{person.pk}/").content.decode() for person in (durand.adult, other))
    for known in ("given-name", "family-name", "bday", "tel", "work tel"):
        assert f'autocomplete="{known}"' in mine
        assert f'autocomplete="{known}"' not in theirs
    assert 'autocomplete="address-line1"' in client.get("/famille/foyer/").content.decode()


def test_other_people_are_not_found():
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    child = world.child(martin, "Lou")
    client = logged_in(durand)
    for person in (child.pk, martin.adult.pk, 10**12):
        assert client.get(f"/famille/{person}/").status_code == 404
    assert client.get("/famille/99999999999999999999999/").status_code == 404


def test_staff_without_family_has_no_family_page():
    client = Client()
    client.force_login(Scenario().staff("guichet", Role.OFFICE))
    assert client.get("/famille/").status_code == 404


def test_my_family_asks_as_many_queries_for_one_child_as_for_many(count_queries):
    world = Scenario()
    small, large = world.home("Durand"), world.home("Martin")
    world.child(small, "Zoé")
    for number in range(8):
        world.child(large, f"Enfant{number}")
    logged_in(small).get("/famille/")
    seen = []
    for home in (small, large):
        client = logged_in(home)
        with count_queries(14) as statements:
            client.get("/famille/")
        seen.append(len(statements))
    assert seen[0] == seen[1]


def test_a_child_to_come_is_shown_with_its_term():
    from datetime import date

    world = Scenario()
    durand = world.home("Durand")
    world.child(durand, "Bébé", born=None, expected_on=date(2030, 1, 3))
    assert "naissance prévue le 3 janvier 2030" in logged_in(durand).get("/famille/").content.decode()


def test_the_public_home_says_whom_to_ask(client: Client):
    world = Scenario()
    relay = world.structure("Relais du Val", kind="relay")
    world.structure("Mercredis d’Arelle")
    text = client.get("/").content.decode()
    assert "<b>Documents</b>" in text
    assert relay.name in text
    assert "Mercredis d’Arelle" in text
    assert "pour les 3–12 ans" in text
    assert "Guichet unique" in text
    assert "7 jours sur 7 et 24 heures sur 24" in text
    assert "Je me connecte" in text
    assert "pas encore d’accès" in text


def test_the_public_home_stands_before_anything_is_set_up(client: Client):
    assert client.get("/").status_code == 200


def test_who_is_in_is_led_to_its_space():
    world = Scenario()
    assert 'href="/tableau-de-bord/"' in logged_in(world.home("Durand")).get("/").content.decode()
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE))
    assert 'href="/agents/"' in client.get("/").content.decode()


def test_contact_puts_the_structures_of_the_children_first():
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    world.structure("Aaa, sans eux")
    ours = world.structure("Zzz, la leur")
    world.enrolment(zoe, world.activity(structure=ours), durand)
    text = logged_in(durand).get("/contact/").content.decode()
    assert text.index("Zzz, la leur") < text.index("Aaa, sans eux")


def test_each_page_asks_who_is_there(client: Client):
    for address in ("/famille/", "/famille/1/", "/contact/echanges/"):
        assert client.get(address).status_code == 302
