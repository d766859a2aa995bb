"""Letters to print, for those who have no mail address."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.mail.services import queue
from marelle.places.models import Post
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
LETTERS = "/agents/courriers/"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.dominique = self.adult(self.durand, "Dominique")
        self.dominique.email = ""
        self.dominique.save()
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))

    def invite(self, seen: int = 0):
        address = f"/agents/familles/{self.durand.family.pk}/inviter/{self.dominique.pk}/"
        return self.client.post(address, {"seen": seen})

    def as_role(self, role: Role) -> Client:
        client = Client()
        client.force_login(self.staff(role.value, role))
        return client


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def test_without_a_mail_address_the_letter_opens_at_once_with_its_link_and_where_it_goes(world):
    answer = world.invite()
    letter = Message.objects.get()
    assert answer["Location"] == f"{LETTERS}{letter.pk}/"
    answer = world.client.get(answer["Location"])
    page = answer.content.decode()
    assert "Dominique Durand" in page
    assert "/activation/" in page
    assert "21999 Arelle" in page
    assert "Courriel envoyé automatiquement" not in page
    assert "no-store" in answer["Cache-Control"]


def test_the_list_shows_what_is_to_be_printed(world):
    assert "Aucune lettre à imprimer" in world.client.get(LETTERS).content.decode()
    world.invite()
    page = world.client.get(LETTERS).content.decode()
    assert f"Durand ({world.durand.family.number})" in page
    assert "/activation/" not in page


def test_once_printed_the_link_is_wiped_and_a_second_click_changes_nothing(world):
    letter_page = world.invite()["Location"]
    assert world.client.get(f"{letter_page}imprime/").status_code == 405
    first = world.client.post(f"{letter_page}imprime/", follow=True).content.decode()
    assert "la lettre est imprimée" in first
    letter = Message.objects.get()
    assert (letter.state, letter.text, letter.html, letter.sent_at) == (MessageState.PRINTED, "", "", NOW)
    second = world.client.post(f"{letter_page}imprime/", follow=True).content.decode()
    assert "n’est plus à imprimer" in second
    entry = Entry.objects.get(verb="letter.printed")
    assert (entry.family_id, entry.actor_label) == (world.durand.family.pk, "Guichet")
    assert world.client.get(letter_page).status_code == 404


def test_an_answer_to_a_home_without_mail_is_a_letter_with_its_address_and_keeps_its_text(world):
    context = {
        "accepted": ["Adresse du foyer"],
        "refused": [],
        "service": "Guichet",
        "phone": "",
        "email": "",
    }
    letter = queue(
        kind="families/change_answered", to="", context=context, family_id=world.durand.family.pk, now=NOW
    )
    page = world.client.get(f"{LETTERS}{letter.pk}/").content.decode()
    for told in ("Famille Durand", "21999 Arelle", "Le 25 novembre 2026", "Adresse du foyer"):
        assert told in page
    assert "sera effacé" not in page
    world.client.post(f"{LETTERS}{letter.pk}/imprime/")
    letter.refresh_from_db()
    assert (letter.state, "Adresse du foyer" in letter.text) == (MessageState.PRINTED, True)


def test_a_letter_replaced_by_another_is_no_longer_to_be_printed(world):
    former = world.invite()["Location"]
    world.dominique.refresh_from_db()
    again = world.invite(seen=world.dominique.account.invitations.get().pk)["Location"]
    assert former != again
    assert world.client.get(former).status_code == 404
    assert world.client.get(again).status_code == 200
    assert Message.objects.filter(state=MessageState.TO_PRINT).count() == 1


def test_a_mail_is_no_letter(world):
    context = {"name": "Camille", "url": "https://portail.example/", "days": 14}
    mail = queue(
        kind="accounts/invitation",
        to="camille@famille.example",
        context=context,
        family_id=world.durand.family.pk,
        now=NOW,
    )
    assert world.client.get(f"{LETTERS}{mail.pk}/").status_code == 404


def test_a_letter_to_the_staff_is_for_the_administrator(world):
    context = {"name": "Chef", "url": "https://portail.example/activation/x/", "days": 14}
    letter = queue(kind="accounts/invitation", to="", context=context, secret=True, now=NOW)
    assert world.client.get(f"{LETTERS}{letter.pk}/").status_code == 404
    assert "Votre accès" not in world.client.get(LETTERS).content.decode()
    world.client.post(f"{LETTERS}{letter.pk}/imprime/")
    letter.refresh_from_db()
    assert letter.state == MessageState.TO_PRINT
    assert world.as_role(Role.ADMINISTRATOR).get(f"{LETTERS}{letter.pk}/").status_code == 200


def test_nobody_prints_the_link_of_ones_own_home(world):
    page = world.invite()["Location"]
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    agent = Client()
    agent.force_login(world.durand.user)
    assert agent.get(page).status_code == 404
    assert "Durand (" not in agent.get(LETTERS).content.decode()
    agent.post(f"{page}imprime/")
    assert Message.objects.get().state == MessageState.TO_PRINT


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANIMATOR])
def test_directors_and_animators_print_nothing(world, role):
    page = world.invite()["Location"]
    other = world.as_role(role)
    assert other.get(LETTERS).status_code == 403
    assert other.get(page).status_code == 403
    assert other.post(f"{page}imprime/").status_code == 403
    assert Message.objects.get().state == MessageState.TO_PRINT


def test_the_same_number_of_queries_at_one_letter_and_at_many(world, count_queries):
    world.invite()
    world.client.get(LETTERS)
    with count_queries() as few:
        world.client.get(LETTERS)
    for number in range(4):
        home = world.home(f"Autre{number}")
        context = {"name": "A", "url": "https://portail.example/", "days": 14}
        queue(kind="accounts/invitation", to="", context=context, family_id=home.family.pk, now=NOW)
    with count_queries() as many:
        world.client.get(LETTERS)
    assert len(many) == len(few)
