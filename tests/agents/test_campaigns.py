"""« Attribution »: a campaign is prepared, announced, closed; each way to open a period has its page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.campaigns.models import Campaign, Criterion
from marelle.core.actor import Role
from marelle.core.clock import local
from tests.campaigns.world import ANSWERS, CLOSES, DRAFTED, FIRST, OPENS, OVER, SECOND, UNTIL, Summer
from tests.waves import wave, waves_given

pytestmark = pytest.mark.django_db


def plain(content: bytes) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


@pytest.fixture
def world(time_machine) -> Summer:
    time_machine.move_to(DRAFTED)
    return Summer()


@pytest.fixture
def director(world) -> Client:
    client = Client()
    client.force_login(User.objects.get(identifier="direction"))
    return client


def typed(world: Summer, **fields) -> dict[str, object]:
    def instant(at) -> str:
        return local(at).strftime("%Y-%m-%dT%H:%M")

    return {
        "name": "Juillet",
        "activities": [world.centre.pk],
        "first_day": FIRST.isoformat(),
        "last_day": (SECOND + timedelta(days=4)).isoformat(),
        "mode": "wishes",
        "unit": "week",
        "opens_at": instant(OPENS),
        "closes_at": instant(CLOSES),
        "answers_at": instant(ANSWERS),
        "answer_until": instant(UNTIL),
        "most_plans": "4",
        "most_given": "2",
        "public_source": "Loto du 19 mai",
        **fields,
    }


def test_the_four_ways_to_open_a_period_lead_where_each_is_set(director):
    page = director.get("/agents/attribution/choisir/").content.decode()
    assert page.count('href="/agents/activites/"') >= 2
    assert 'href="/agents/attribution/nouvelle/?facon=early"' in page
    assert 'href="/agents/attribution/nouvelle/?facon=wishes"' in page


def test_a_campaign_is_prepared_changed_and_given_up(world, director):
    answer = director.post("/agents/attribution/nouvelle/", typed(world))
    row = Campaign.objects.get(name="Juillet")
    url = f"/agents/attribution/{row.pk}/"
    assert answer.headers["Location"] == url
    assert (row.authority, row.most_plans, row.opens_at) == (world.the_authority, 4, OPENS)
    form = director.get(f"{url}modifier/").content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', form).group(1).replace("&quot;", '"')
    director.post(f"{url}modifier/", typed(world, most_plans="5", seen=seen))
    row.refresh_from_db()
    assert row.most_plans == 5
    stale = director.post(f"{url}modifier/", typed(world, most_plans="6", seen=seen)).content
    assert "a modifié ceci" in plain(stale)
    director.post(f"{url}criteres/", {"use": "points", "weight": "3", "kind": "siblings", "label": "Fratrie"})
    criterion = Criterion.objects.get(campaign=row)
    assert "3 points" in plain(director.get(url).content)
    director.post(f"{url}criteres/{criterion.pk}/retirer/")
    assert not Criterion.objects.filter(campaign=row).exists()
    director.post(f"{url}supprimer/")
    assert not Campaign.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"activities": []}, "Choisissez au moins une activité"),
        ({"last_day": "2027-07-01"}, "Le dernier jour vient avant"),
        ({"closes_at": "2027-05-01T08:00"}, "Les vœux se ferment avant"),
        ({"answers_at": "2027-05-10T08:00"}, "Les réponses viennent après"),
        ({"mode": "early"}, "donnez une heure entre"),
        ({"early_until": "2027-05-03T08:10"}, "pour lui seul"),
        ({"most_given": "9"}, "pas plus de vœux accordés"),
        ({"opens_at": "hier"}, "Donnez un jour et une heure"),
    ],
)
def test_what_makes_no_sense_is_said_and_stays_typed(world, director, fields, said):
    page = director.post("/agents/attribution/nouvelle/", typed(world, **fields))
    assert page.status_code == 200
    assert said in plain(page.content)
    assert "Loto du 19 mai" in page.content.decode()
    assert Campaign.objects.count() == 1


def test_a_criterion_by_a_paper_names_it_and_points_have_points(world, director):
    url = f"/agents/attribution/{world.campaign.pk}/criteres/"
    wrong = director.post(url, {"use": "tier", "weight": "", "kind": "paper", "label": "Travail"})
    assert "Choisissez le document" in plain(wrong.content)
    wrong = director.post(url, {"use": "points", "weight": "", "kind": "staff", "label": "Agents"})
    assert "Donnez le nombre de points" in plain(wrong.content)
    assert not Criterion.objects.exists()


def test_it_is_announced_and_closed_by_a_number_and_nothing_changes_in_between(world, director, time_machine):
    url = f"/agents/attribution/{world.campaign.pk}/"
    waves_given(world.centre, wave(None))
    refused = director.post(url, {"action": "announce"}, follow=True)
    assert "Les familles pourraient réserver « Journée » (Été) avant les réponses" in plain(refused.content)
    waves_given(world.centre, wave(ANSWERS))
    assert "C’est annoncé" in plain(director.post(url, {"action": "announce"}, follow=True).content)
    assert director.get(f"{url}modifier/").status_code == 404
    assert director.get(f"{url}criteres/").status_code == 404
    world.wishes(world.family("Roy"), FIRST)
    assert "1 foyer a donné ses vœux" in plain(director.get(url).content)
    time_machine.move_to(OVER)
    director.force_login(User.objects.get(identifier="direction"))
    assert "Donnez le nombre public" in plain(director.post(url, {"action": "number", "number": ""}).content)
    assert "Le tirage est fait" in plain(
        director.post(url, {"action": "number", "number": "4 8 15"}, follow=True).content
    )
    assert Campaign.objects.get().public_number == "4 8 15"
    assert director.post(url, {"action": "autre"}).status_code == 404


def test_a_director_of_elsewhere_sees_none_of_it(world):
    client = Client()
    client.force_login(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Autre")))
    assert "Été 2027" not in client.get("/agents/attribution/").content.decode()
    assert client.get(f"/agents/attribution/{world.campaign.pk}/").status_code == 404
    answer = client.post("/agents/attribution/nouvelle/", typed(world))
    assert "Choisissez dans la liste" in plain(answer.content)
