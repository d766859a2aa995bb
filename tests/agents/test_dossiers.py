"""The file of a family: who has an account, and inviting who has none."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from django.test import Client

from marelle.accounts.models import Invitation, User
from marelle.accounts.rules import INVITATION_LIFE
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.places.models import Post
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.dominique = self.adult(self.durand, "Dominique")
        self.martin = self.home("Martin", "Sacha")
        self.address = f"/agents/familles/{self.durand.family.pk}/"
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))

    def page(self) -> str:
        return self.client.get(self.address).content.decode()

    def invite(self, person=None, *, seen: object = 0, client: Client | None = None):
        pk = (person or self.dominique).pk
        return (client or self.client).post(f"{self.address}inviter/{pk}/", {"seen": seen}, follow=True)


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def last_of(world: Village) -> Invitation:
    world.dominique.refresh_from_db()
    return Invitation.objects.filter(user=world.dominique.account).latest("id")


def test_the_file_says_who_has_an_account(world):
    page = world.page()
    assert "Camille Durand" in page
    assert "accès utilisé" in page
    assert "jamais invité" in page
    assert "8 ans" in page
    assert "Inviter\u00a0: Dominique Durand" in page
    assert "Inviter : Camille" not in page


def test_the_search_leads_to_the_file(world):
    world.searchable()
    page = world.client.get("/agents/familles/", {"q": "zoé"}).content.decode()
    assert f'href="{world.address}"' in page


def test_inviting_sends_a_mail_and_the_file_says_until_when(world):
    page = world.invite().content.decode()
    assert "L’invitation est envoyée" in page
    assert "invité, lien valable jusqu’au mercredi 9 décembre 2026 à 21 h 14" in page
    assert "Envoyer de nouveau l’invitation\u00a0: Dominique Durand" in page
    assert Message.objects.get().to == world.dominique.email
    assert Entry.objects.get(verb="account.invited").family_id == world.durand.family.pk


@pytest.mark.parametrize("seen", [0, "", "x", "-3", "9" * 40])
def test_a_second_click_sends_nothing_more(world, seen):
    world.invite()
    page = world.invite(seen=seen).content.decode()
    assert "L’invitation est déjà partie" in page
    assert Message.objects.count() == Invitation.objects.count() == 1


def test_sent_again_when_asked_so_the_former_mail_no_longer_leaves(world):
    world.invite()
    first = last_of(world)
    page = world.invite(seen=first.pk).content.decode()
    assert "L’invitation est envoyée" in page
    first.refresh_from_db()
    assert first.revoked_at == NOW
    states = Message.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [MessageState.REVOKED, MessageState.QUEUED]


def test_an_invitation_is_taken_back_once_and_its_link_opens_nothing(world):
    world.invite()
    first = last_of(world)
    address = f"{world.address}inviter/{world.dominique.pk}/retirer/"
    assert "n’attend plus" in text(world.client.post(address, {"seen": first.pk + 1}, follow=True))
    page = text(world.client.post(address, {"seen": first.pk}, follow=True))
    assert "L’invitation de Dominique Durand est retirée" in page
    assert "invitation retirée" in page
    assert "Retirer l’invitation" not in page
    first.refresh_from_db()
    assert first.revoked_at == NOW
    assert Message.objects.get().state == MessageState.REVOKED
    assert Entry.objects.get(verb="account.invitation_revoked").family_id == world.durand.family.pk
    assert "n’attend plus" in text(world.client.post(address, {"seen": first.pk}, follow=True))
    assert "L’invitation est envoyée" in text(world.invite(seen=first.pk))
    director = Client()
    director.force_login(world.staff("direction9", Role.DIRECTOR))
    assert director.post(address, {"seen": last_of(world).pk}).status_code == 403


def test_a_link_that_is_over_is_said(world, time_machine):
    world.invite()
    time_machine.move_to(NOW + INVITATION_LIFE + timedelta(hours=1), tick=False)
    world.client.force_login(User.objects.get(identifier="guichet"))
    page = world.page()
    assert "lien périmé depuis le mercredi 9 décembre 2026 à 21 h 14" in page
    assert "Envoyer de nouveau" in page


def test_an_account_in_use_is_left_alone(world):
    page = world.invite(world.durand.adult).content.decode()
    assert "a déjà un accès" in page
    assert not Message.objects.exists()


def test_a_closed_account_is_not_invited(world):
    User.objects.filter(pk=world.durand.user.pk).update(is_active=False)
    page = world.page()
    assert "accès fermé" in page
    assert "invitation\u00a0: Camille" not in page


def test_only_an_adult_of_that_family(world):
    for person in (world.zoe, world.martin.adult):
        assert world.invite(person).status_code == 404
    assert world.client.post(f"/agents/familles/9999/inviter/{world.dominique.pk}/").status_code == 404
    assert world.client.get(f"{world.address}inviter/{world.dominique.pk}/").status_code == 405
    assert not Message.objects.exists()


def test_a_family_that_does_not_exist(world):
    assert world.client.get("/agents/familles/999999/").status_code == 404


def test_nobody_invites_into_ones_own_home_nor_the_other_home_of_ones_child(world):
    Post.objects.create(user=world.martin.user, role="office", authority=world.the_authority)
    world.shared(world.zoe, world.durand, world.martin)
    agent = Client()
    agent.force_login(world.martin.user)
    page = agent.get(world.address).content.decode()
    assert "votre propre famille" in page
    assert "Inviter : Dominique" not in page
    assert "votre propre famille" in world.invite(client=agent).content.decode()
    assert not Message.objects.exists()


def test_an_office_of_another_authority_keeps_files_too(world):
    mairie = Client()
    mairie.force_login(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    assert "L’invitation est envoyée" in world.invite(client=mairie).content.decode()


@pytest.mark.parametrize(("role", "answer"), [(Role.DIRECTOR, 404), (Role.ANIMATOR, 403)])
def test_a_director_of_elsewhere_and_animators_open_no_file(world, role, answer):
    other = Client()
    other.force_login(world.staff("autre", role))
    assert other.get(world.address).status_code == answer
    assert world.invite(client=other).status_code == 403


def test_the_same_number_of_queries_at_one_row_and_at_many(world, count_queries):
    world.client.get(world.address)
    with count_queries() as few:
        world.client.get(world.address)
    for number in range(5):
        world.invite(world.adult(world.durand, f"Adulte{number}"))
        world.child(world.durand, f"Enfant{number}")
    world.client.get(world.address)
    with count_queries() as many:
        world.client.get(world.address)
    assert len(many) == len(few)
