"""A run of many homes, left to the worker: asked for, done once, by who may still ask for it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.campaigns import running
from marelle.campaigns.models import Campaign
from marelle.campaigns.refusals import CampaignRefused
from marelle.campaigns.running import campaign_run, run_asked
from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.flows.upkeep.campaign_runs import campaign_runs
from tests.campaigns.world import FIRST, OVER, SECOND, Summer

pytestmark = pytest.mark.django_db

LATER = OVER + timedelta(minutes=3)


@pytest.fixture
def world(time_machine, monkeypatch: pytest.MonkeyPatch) -> Summer:
    """Three homes, of which no two are run at once."""
    time_machine.move_to(OVER)
    monkeypatch.setattr(running, "AT_ONCE", 2)
    world = Summer()
    world.announced()
    for name in ("Durand", "Martin", "Petit"):
        world.wishes(world.family(name), FIRST, SECOND)
    world.drawn()
    return world


def asked(world: Summer) -> Campaign:
    assert campaign_run(actor=world.director, campaign_id=world.campaign.pk, now=OVER) is False
    return again(world)


def again(world: Summer) -> Campaign:
    world.campaign.refresh_from_db()
    return world.campaign


def test_few_homes_are_run_at_once(world, monkeypatch) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 3)
    assert campaign_run(actor=world.director, campaign_id=world.campaign.pk, now=OVER) is True
    assert (again(world).state, world.campaign.run_asked_at) == ("simulated", None)


def test_many_are_left_to_the_worker_which_does_it_once(world) -> None:
    row = asked(world)
    assert (row.state, row.run_asked_at) == ("closed", OVER)
    assert campaign_runs(now=LATER) == 1
    assert (again(world).state, row.simulated_at, row.run_asked_at) == ("simulated", LATER, None)
    assert campaign_runs(now=LATER) == 0


def test_it_is_done_by_who_asked_and_not_by_who_may_no_more(world) -> None:
    asked(world)
    User.objects.filter(pk=world.director.user_id).update(is_active=False)
    assert campaign_runs(now=LATER) == 0
    assert (again(world).state, world.campaign.run_asked_at) == ("closed", None)
    assert world.campaign.run_refused == "state"


def test_an_account_that_lost_its_post_runs_nothing(world) -> None:
    other = actor_for(world.staff("ailleurs", Role.ANIMATOR))
    asked(world)
    Campaign.objects.update(run_account_id=other.user_id)
    assert campaign_runs(now=LATER) == 0
    assert (again(world).state, world.campaign.run_refused) == ("closed", "state")


def test_of_two_workers_the_second_changes_nothing_of_the_first(world, monkeypatch) -> None:
    """Whether it comes when the first is done, or while both are at it."""
    seen = Campaign.objects.get(pk=asked(world).pk)
    keeps = running._keep

    def after_another(actor, done, now):
        monkeypatch.setattr(running, "_keep", keeps)
        assert campaign_runs(now=LATER) == 1
        return keeps(actor, done, now)

    monkeypatch.setattr(running, "_keep", after_another)
    for _beside_then_after in range(2):
        assert run_asked(seen, world.director, now=LATER + timedelta(minutes=1)) is False
        assert (again(world).simulated_at, world.campaign.run_refused) == (LATER, "")


def test_a_run_that_stopped_half_way_is_done_by_the_next_worker(world, monkeypatch) -> None:
    asked(world)

    def dies(*_asked, **_with):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            campaign_runs(now=LATER)
    assert (again(world).state, world.campaign.run_asked_at) == ("closed", OVER)
    assert campaign_runs(now=LATER) == 1


def test_it_is_asked_by_who_runs_the_campaign(world) -> None:
    other = actor_for(world.staff("ailleurs", Role.ANIMATOR))
    with pytest.raises(running.NotYours):
        campaign_run(actor=other, campaign_id=world.campaign.pk, now=OVER)
    Campaign.objects.update(state="published")
    with pytest.raises(CampaignRefused, match="state"):
        campaign_run(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    assert again(world).run_asked_at is None


def test_the_page_says_so_and_offers_nothing_meanwhile(world) -> None:
    client = Client()
    client.force_login(User.objects.get(identifier="direction"))
    url = f"/agents/attribution/{world.campaign.pk}/"

    def page() -> str:
        return re.sub(r"\s+", " ", client.get(url).content.decode())

    client.post(url, {"action": "simulate"})
    assert "Simulation demandée le dimanche 16 mai" in page()
    assert 'value="simulate"' not in page()
    campaign_runs(now=LATER)
    assert "Simulation demandée" not in page()
    assert 'value="verify"' in page()
    Campaign.objects.update(run_refused="no_wishes")
    assert "La simulation demandée n’a pas été faite. Aucun foyer n’a donné de vœux." in page()
