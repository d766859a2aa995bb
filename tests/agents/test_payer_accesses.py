"""« Accès en ligne » of a payer: the office invites, stops, and erases; the payer is told of each month."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.billing.guests import payer_invite
from marelle.billing.models import Coverage, Payer, PayerAccess
from marelle.core.actor import Role
from marelle.mail.models import Message
from tests.agents.test_payers import PAYERS, noted, text
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

SAID = {"name": "  Odile   Bertin ", "email": "odile@departement.example"}


built = built_once(lambda: Billed("wednesdays"), now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Billed:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


@pytest.fixture
def payer(office) -> Payer:
    return noted(office)


@pytest.fixture
def here(payer) -> str:
    return f"{PAYERS}{payer.pk}/acces/"


def test_a_person_is_invited_and_followed(world, office, payer, here, time_machine):
    assert here in office.get(f"{PAYERS}{payer.pk}/").content.decode()
    assert "Personne ne lit encore ces factures en ligne." in text(office.get(here))
    answer = office.post(here, SAID, follow=True)
    page = text(answer)
    assert "L’invitation est partie. Le lien est valable jusqu’au mardi 15 décembre 2026" in page
    assert "Odile Bertin invité" in page
    access = PayerAccess.objects.get()
    first = Message.objects.get(kind="accounts/payer_invitation")
    time_machine.move_to(NOW + timedelta(days=15), tick=False)
    office.force_login(world.staff("guichet2", Role.OFFICE))
    assert "invitation dépassée" in text(office.get(here))
    again = text(office.post(f"{here}{access.pk}/inviter/", follow=True))
    assert "L’invitation est partie." in again
    second = Message.objects.filter(kind="accounts/payer_invitation").latest("pk")
    assert (second.pk != first.pk, second.to) == (True, SAID["email"])


def test_what_came_in_is_stopped_with_a_reason_then_erased(world, office, payer, here):
    access = world.guest("departement", payer)
    page = text(office.get(here))
    assert "Departement ouvert" in page
    assert "jamais connecté" in page
    assert "Inviter à nouveau" not in page
    end = f"{here}{access.pk}/arreter/"
    assert "obligatoire" in text(office.post(end, {"reason": ""}))
    assert PayerAccess.objects.live().exists()
    page = text(office.post(end, {"reason": "A changé de service"}, follow=True))
    assert "L’accès est arrêté" in page
    assert "A changé de service" in page
    assert "déjà arrêté" in text(office.post(end, {"reason": "Encore"}))
    page = text(office.post(f"{here}{access.pk}/effacer/", follow=True))
    assert "Données effacées arrêté" in page
    assert "A changé de service" not in page
    assert "Effacer ses données" not in page


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"email": "odile"}, "adresse de courriel valide"),
        ({"email": ""}, "obligatoire"),
        ({"name": " "}, "obligatoire"),
        ({"name": "O" * 151}, "150"),
        ({"email": "camille@famille.example"}, "déjà celle d’un autre compte du portail"),
        ({"email": "PAUL@departement.example"}, "a déjà cet accès"),
    ],
)
def test_what_is_no_invitation_is_told_at_its_field(world, office, payer, here, said, told):
    home = world.home("Durand")
    home.user.email = "camille@famille.example"
    home.user.save()
    actor = world.office_actor()
    payer_invite(actor=actor, payer_id=payer.pk, name="Paul", email="paul@departement.example", now=NOW)
    page = office.post(here, SAID | said)
    assert told in text(page)
    assert page.status_code == 200
    assert PayerAccess.objects.count() == 1
    kept = "Bertin" if "name" not in said else "odile@departement.example"
    assert kept in page.content.decode(), "what was typed stays"


def test_stale_pages_are_told_so(world, office, payer, here):
    access = world.guest("departement", payer)
    page = text(office.post(f"{here}{access.pk}/inviter/", follow=True))
    assert "déjà ouvert son accès" in page
    page = text(office.post(f"{here}{access.pk}/effacer/", follow=True))
    assert "a encore un accès ouvert" in page
    office.post(f"{here}{access.pk}/arreter/", {"reason": "a"})
    assert "déjà arrêté" in text(office.post(f"{here}{access.pk}/inviter/", follow=True))


def test_the_address_of_who_goes_on_elsewhere_is_told_there_alone(world, office, payer, here):
    access = world.guest("departement", payer)
    other = noted(office, last_name="CCAS")
    PayerAccess.objects.create(account=access.account, payer=other, given_at=NOW, given_by="La mairie")
    office.post(f"{here}{access.pk}/arreter/", {"reason": "a"})
    User.objects.filter(pk=access.account_id).update(email="nouvelle@departement.example")
    assert "nouvelle@" not in text(office.get(here))
    assert "nouvelle@departement.example" in text(office.get(f"{PAYERS}{other.pk}/acces/"))


def test_another_office_finds_nothing(world, office, payer, here):
    access = world.guest("departement", payer)
    other = Client()
    other.force_login(world.staff("mairie", Role.OFFICE, authority=world.authority("Arelle")))
    assert other.get(here).status_code == 404
    assert other.post(here, SAID).status_code == 404
    for act in ("inviter", "arreter", "effacer"):
        assert other.post(f"{here}{access.pk}/{act}/", {"reason": "a"}).status_code == 404
    second = noted(office, last_name="CCAS")
    assert office.post(f"{PAYERS}{second.pk}/acces/{access.pk}/arreter/", {"reason": "a"}).status_code == 404
    assert PayerAccess.objects.live().count() == 1


def test_a_payer_is_told_once_of_a_month_however_many_homes_it_pays_for(world, office, payer):
    world.guest("departement", payer)
    for name in ("Roy", "Leroy"):
        home, zoe = home_of(world, name)
        world.books(zoe, FIRST, MORNING)
        world.books(zoe, SECOND, MORNING)
        Coverage.objects.create(
            family=home.family, authority=world.the_authority, payer=payer, since=date(2026, 11, 1),
            figure=Decimal(50), reason="Décision", noted_at=NOW, noted_by="G",
        )  # fmt: skip
    bills = world.bills()
    assert sum(bill.payer_id == payer.pk for bill in bills) == 2
    (mail,) = Message.objects.filter(kind="billing/payer_bills_there")
    assert mail.to == "departement@departement.example"
    assert "2 factures à lire" in mail.subject
    for name in ("Roy", "Zoé"):
        assert name not in mail.text
