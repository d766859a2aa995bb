"""« Commissions »: what makes no sense is said on its field, and what leaves as a file."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.campaigns.models import CommissionSection, CommissionSheet
from marelle.files.listings import listing_pdf
from tests.campaigns.commissions.world import NOW, SITS, Sitting
from tests.standing import built_once

pytestmark = pytest.mark.django_db

built = built_once(Sitting)


@pytest.fixture
def world(built, db, time_machine) -> Sitting:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def agent(world) -> Client:
    client = Client()
    client.force_login(User.objects.get(identifier="relais"))
    return client


def plain(content: bytes) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


SECTION = {
    "name": "Petits",
    "min_months": "2",
    "max_months": "11",
    "starts_on": "2027-08-30",
    "places_0": "1",
}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"structure": "0"}, "Choisissez dans la liste"),
        ({"structure": ""}, "Choisissez dans la liste"),
        ({"places_0": "0"}, "Donnez une place au moins"),
        ({"places_0": "-1"}, "Donnez un nombre plus grand"),
        ({"max_months": "1"}, "Le dernier âge vient avant le premier"),
        ({"starts_on": "bientôt"}, "Donnez une date"),
    ],
)
def test_wrong_places_are_said_and_stay_typed(world, agent, fields, said):
    url = f"/agents/commissions/{world.commission.pk}/places/"
    page = agent.post(url, {**SECTION, "structure": world.nursery.pk, **fields})
    assert said in plain(page.content)
    assert 'value="Petits"' in page.content.decode()
    assert CommissionSection.objects.count() == 1


def test_two_sections_have_two_ranks_and_a_decision_its_reason(world, agent, monkeypatch):
    other = world.places("Autres", {"0": 1})
    (sheet,) = world.looks_at(world.demand("Clara Weiss"))
    url = f"/agents/commissions/fiches/{sheet.pk}/"
    ranks = {f"rank_{world.section.pk}": "1", f"rank_{other.pk}": "1"}
    assert "le même rang" in plain(agent.post(url, {"action": "fill", **ranks}).content)
    agent.post(url, {"action": "fill", **ranks, f"rank_{world.section.pk}": "2"})
    assert CommissionSheet.objects.get().wishes == [other.pk, world.section.pk]
    world.sit(NOW)
    assert CommissionSheet.objects.get().section == other
    decided = agent.post(url, {"action": "decide", "decision": "waiting", "reason": ""})
    assert "Donnez une raison" in plain(decided.content)
    assert "Choisissez dans la liste" in plain(agent.post(url, {"action": "decide", "decision": "x"}).content)
    assert agent.post(url, {"action": "fill"}).headers["Location"] == url
    assert CommissionSheet.objects.get().outcome == "given"


def test_a_demand_leads_to_its_sheets_for_who_runs_the_commission(world, agent):
    (sheet,) = world.looks_at(world.demand("Clara Weiss"))
    other = world.demand("Paul Weiss")
    link = f'href="/agents/commissions/fiches/{sheet.pk}/"'
    found = agent.get(f"/agents/guichet/{sheet.request_id}/").content.decode()
    assert link in found
    assert f"{world.commission.name} · pas encore vue" in plain(found.encode())
    assert "/agents/commissions/fiches/" not in agent.get(f"/agents/guichet/{other.pk}/").content.decode()


def test_minutes_name_nobody_unless_they_are_asked_to(world, agent, monkeypatch):
    said = []

    def told(*listings, now):
        said.append(listings)
        return listing_pdf(*listings, now=now)

    monkeypatch.setattr("marelle.agents.commissions.sheet_views.listing_pdf", told)
    tier = world.criterion("Parent isolé")
    (sheet,) = world.looks_at(world.demand("Clara Weiss"))
    world.fill(sheet, tier)
    url = f"/agents/commissions/{world.commission.pk}"
    assert agent.get(f"{url}/proces-verbal/").status_code == 404
    world.sit(NOW)
    world.send(NOW + timedelta(hours=1))
    commission = type(world.commission).objects.get()
    for asked, is_named in (("", False), ("?noms=1", True)):
        assert agent.get(f"{url}/proces-verbal/{asked}").content.startswith(b"%PDF")
        text = repr(said.pop())
        assert ("Weiss" in text) is is_named
        for part in (commission.seed, commission.fingerprint, commission.public_number, "Nadège Courtin"):
            assert part in text
        assert "à accepter" in text
    assert agent.get(f"{url}/fiches/").content.startswith(b"%PDF")
    text = repr(said.pop())
    assert "Clara Weiss" in text
    assert "attestation" in text
    assert agent.get(f"{url}/fichier/").json()["seed"] == commission.seed


def test_a_home_says_yes_or_no_and_nothing_else(world, time_machine):
    home = world.home("Roy")
    (sheet,) = world.looks_at(world.demand("Camille Roy", home=home))
    world.sit(NOW)
    world.send(NOW)
    time_machine.move_to(SITS - timedelta(days=15))
    client = Client()
    client.force_login(home.user)
    url = f"/guichet-unique/mes-demandes/commission/{sheet.pk}/"
    page = client.post(url, {"answer": "?"}, follow=True)
    assert "Dites si vous acceptez la place" in plain(page.content)
    assert CommissionSheet.objects.get().answer == ""
    assert "Vous avez rendu la place" in plain(client.post(url, {"answer": "decline"}, follow=True).content)
    assert "plus proposée" in plain(client.post(url, {"answer": "accept"}, follow=True).content)
