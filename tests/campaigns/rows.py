"""Campaigns for the world of who may read what: one is prepared, one has the wishes of the home."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from marelle.activities.models import Activity
from marelle.campaigns.models import AnswerMove, Campaign, Criterion, Wish, WishLine
from marelle.families.models import Person
from tests.scenario import Home, Scenario

WEEK = date(2026, 12, 7)
LACKED = {"place": "Matin · 2026-12-10 · 1", "needed": 1, "left": 0, "by_home": 0}


def campaign_rows(world: Scenario, home: Home, child: Person, now: datetime) -> dict[str, object]:
    """Of the mornings, where the child is enrolled: see `tests.booked`."""
    mornings = Activity.objects.get(name="Matins")
    slot = mornings.slots.get()
    world.opening(slot, WEEK + timedelta(days=3))
    draft = _campaign(world, mornings, now, "Printemps", opens_at=now + timedelta(days=9))
    announced = _campaign(
        world,
        mornings,
        now,
        "Décembre",
        opens_at=now - timedelta(days=2),
        state="announced",
        promise="0" * 64,
        announced_at=now - timedelta(days=9),
    )
    wish = Wish.objects.create(
        campaign=announced, family=home.family, came_at=now, sent_at=now, sent_by=str(home.adult)
    )
    WishLine.objects.create(wish=wish, child=child, slot=slot, day=WEEK, rank=1)
    simulated = _campaign(
        world,
        mornings,
        now,
        "Novembre",
        opens_at=now - timedelta(days=20),
        closes_at=now - timedelta(days=9),
        state="simulated",
        promise="0" * 64,
        public_number="4 8 15",
        file='{"homes": [], "places": {}, "ranks": {}}\n',
        fingerprint="f" * 64,
    )
    run = Wish.objects.create(
        campaign=simulated,
        family=home.family,
        came_at=now,
        sent_at=now,
        sent_by=str(home.adult),
        tier=0,
        points=0,
        turn=0,
        met=["Habiter Arelle"],
        blocked=[{"choice": 0, "rank": 1, "last_turn": None, "lacks": [LACKED]}],
        faults=["n’a pas reçu ce qui était possible"],
        given_at=now,
    )
    WishLine.objects.create(wish=run, child=child, slot=slot, day=WEEK, rank=1)
    AnswerMove.objects.create(wish=run, before=[1], after=[2], reason="Décision du CCAS", at=now, by="Line")
    criterion = Criterion.objects.create(campaign=draft, use="tier", kind="residents", label="Habiter Arelle")
    return {
        "campaign_id": draft.pk,
        "criterion_id": criterion.pk,
        "wished_id": announced.pk,
        "simulated_id": simulated.pk,
        "drawn_id": simulated.pk,
        "wish_id": run.pk,
    }


def _campaign(
    world: Scenario, activity: Activity, now: datetime, name: str, *, opens_at: datetime, **fields: object
) -> Campaign:
    row = Campaign.objects.create(
        **{
            "authority": world.the_authority,
            "name": name,
            "first_day": WEEK,
            "last_day": WEEK + timedelta(days=6),
            "opens_at": opens_at,
            "closes_at": now + timedelta(days=10),
            "answers_at": now + timedelta(days=11),
            "answer_until": now + timedelta(days=12),
            "public_source": "Loto du samedi",
            "created_at": now,
            "created_by": "Line",
            **fields,
        }
    )
    row.activities.add(activity)
    return row
