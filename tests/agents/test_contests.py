"""« Ligne de facture contestée » on the desk: what is read before it is decided, and what is decided."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from marelle.billing.models import Assessment, Contest
from marelle.core.actor import Role
from tests.flows.bills.billed import SECOND, THIRD
from tests.flows.bills.test_contests import WHY, Contested

pytestmark = pytest.mark.django_db


class OnTheDesk(Contested):
    def __init__(self) -> None:
        super().__init__()
        self.row = self.contests(SECOND, THIRD)
        self.url = f"/agents/contestations/{self.row.pk}/"
        self.client = self.client_of(Role.OFFICE)

    def client_of(self, role: Role) -> Client:
        where = (
            {"authority": self.the_authority} if role == Role.OFFICE else {"structure": self.the_structure}
        )
        client = Client()
        client.force_login(self.staff(f"agent-{role}", role, **where))
        return client

    def page(self) -> str:
        text = re.sub(r"<[^>]+>", " ", self.client.get(self.url).content.decode())
        return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def test_it_waits_on_the_desk_and_says_all_that_decides():
    world = OnTheDesk()
    assert world.url in world.client.get("/agents/").content.decode()
    told = world.page()
    assert WHY in told
    assert "les 18 et 25 novembre 2026" in told
    assert "Mercredi 18 novembre · 5,50 €" in told
    assert "Matin : réservé" in told
    assert "Rien pour cet enfant." in told
    assert "est dans la tranche de 360 à 564,99" in told


def test_it_is_accepted_in_one_click_and_then_leads_to_the_correction():
    world = OnTheDesk()
    world.client.post(world.url, {"answer": "accept", "reason": ""})
    world.row.refresh_from_db()
    assert world.row.state == "accepted"
    page = world.client.get(world.url).content.decode()
    assert f"/agents/factures/{world.bill.pk}/corriger/" in page
    answer = world.client.post(f"{world.url}reprendre/", {"reason": ""})
    assert answer.status_code == 200
    world.client.post(f"{world.url}reprendre/", {"reason": "Une erreur."})
    world.row.refresh_from_db()
    assert (world.row.state, world.row.reason) == ("taken_back", "Une erreur.")


def test_it_is_refused_with_a_reason():
    world = OnTheDesk()
    page = world.client.post(world.url, {"answer": "refuse", "reason": " "}).content.decode()
    assert "Dites pourquoi" in page
    world.client.post(world.url, {"answer": "refuse", "reason": "Pointée à 8 h."})
    assert Contest.objects.get().state == "refused"


def test_a_colleague_who_comes_second_is_told():
    world = OnTheDesk()
    world.client.post(world.url, {"answer": "accept"})
    answer = world.client.post(world.url, {"answer": "refuse", "reason": "Non."}, follow=True)
    assert "a déjà accepté cette demande" in answer.content.decode()
    assert Contest.objects.get().state == "accepted"


def test_what_the_home_took_back_leaves_the_desk_and_who_decides_is_told():
    world = OnTheDesk()
    world.withdraws(world.row)
    assert world.url not in world.client.get("/agents/").content.decode()
    answer = world.client.post(world.url, {"answer": "accept"}, follow=True)
    assert f"{world.roy.actor.label} a retiré cette demande le" in answer.content.decode()
    page = world.client.get(world.url).content.decode()
    assert 'value="accept"' not in page
    world.row.refresh_from_db()
    assert world.row.state == "withdrawn"


def test_a_director_has_none_of_it():
    world = OnTheDesk()
    director = world.client_of(Role.DIRECTOR)
    assert director.get(world.url).status_code == 403
    assert director.post(world.url, {"answer": "accept"}).status_code == 403
    assert "contestations/" not in director.get("/agents/").content.decode()


def test_where_no_key_opens_the_price_the_rest_is_read():
    world = OnTheDesk()
    Assessment.objects.filter(items__isnull=False).update(items=None)
    assert "Matin : réservé" in world.page()
