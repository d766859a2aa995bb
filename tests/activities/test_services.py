"""Openings written from slots and calendar, with their quotas; generating again is harmless."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time

import pytest

from marelle.activities.models import Opening, Quota
from marelle.activities.services import OpeningClosed, openings_close, openings_generate
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS, local
from marelle.journal.models import Entry
from marelle.places.models import Closure
from marelle.places.rules import SpanKind
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 8, 20, 9, tzinfo=PARIS)
SEPTEMBER = {"first_day": date(2026, 9, 1), "last_day": date(2026, 9, 30)}


class Village(Scenario):
    """Wednesdays of September, two groups, a meal that both share with a dining room."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis", **SEPTEMBER)
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.room = self.gauge("Salle à manger", 60)
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", weekdays=[2], gauges=[self.room])
        for group, places in ((self.small, 16), (self.big, 24)):
            self.draws(self.meal, self.gauge(f"Repas {group}", places), group)

    def generate(self, booked=(), **changes):
        return openings_generate(
            actor=SYSTEM, activity_id=self.wednesdays.pk, booked=booked, now=NOW, **changes
        )


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_each_group_has_its_openings_and_both_draw_on_the_dining_room(world):
    assert world.generate().created == 10
    assert Quota.objects.count() == 15
    for opening in Opening.objects.all():
        own = {"3–5 ans": 16, "6–12 ans": 24}[opening.group.name]
        assert sorted(quota.capacity for quota in opening.quotas.all()) == sorted((own, 60))
    assert Quota.objects.filter(gauge=world.room, openings__isnull=False).distinct().count() == 5


def test_again_is_nothing(world):
    world.generate()
    again = world.generate()
    assert (again.created, again.moved, again.removed) == (0, 0, 0)
    assert Entry.objects.filter(verb="activity.openings_generated").count() == 1


def test_holidays_public_holidays_and_closures_have_none(world):
    world.span(date(2026, 9, 9))
    world.span(date(2026, 9, 16), kind=SpanKind.PUBLIC_HOLIDAY)
    Closure.objects.create(
        structure=world.the_structure,
        reason="Travaux",
        first_day=date(2026, 9, 23),
        last_day=date(2026, 9, 23),
    )
    world.generate()
    assert set(Opening.objects.values_list("day", flat=True)) == {date(2026, 9, 2), date(2026, 9, 30)}


def test_what_is_booked_or_corrected_by_hand_stays(world):
    world.generate()
    booked, by_hand, *_others = Opening.objects.order_by("pk")
    Opening.objects.filter(pk=by_hand.pk).update(hand_edited=True)
    world.meal.weekdays = [3]
    world.meal.save()
    result = world.generate(booked=[booked.pk])
    assert [row.id for row in result.kept_because_booked] == [booked.pk]
    left = Opening.objects.filter(day__iso_week_day=3)
    assert set(left.values_list("pk", flat=True)) == {booked.pk, by_hand.pk}


def test_new_hours_move_the_openings_and_the_half_hours_they_draw_on(world):
    creche = world.activity("Crèche", first_day=date(2026, 9, 2), last_day=date(2026, 9, 2))
    care = world.slot(creche, "Accueil", "08:00", "10:00", weekdays=[2], capacity=12, by_hour=True)

    def generate():
        return openings_generate(actor=SYSTEM, activity_id=creche.pk, booked=(), now=NOW)

    generate()
    opening = Opening.objects.get(slot=care)
    assert [quota.part for quota in opening.quotas.order_by("part")] == [16, 17, 18, 19]
    Quota.objects.filter(part=19).update(taken=3)
    care.starts, care.ends = time(9), time(11)
    care.save()
    assert generate().moved == 1
    opening.refresh_from_db()
    assert local(opening.starts_at).hour == 9
    assert [quota.part for quota in opening.quotas.order_by("part")] == [18, 19, 20, 21]
    assert Quota.objects.get(part=19).taken == 3


def test_days_before_are_left_alone(world):
    assert world.generate(from_day=date(2026, 9, 20)).created == 4


def test_what_was_closed_with_the_structure_keeps_its_reason(world):
    world.generate()
    day = date(2026, 9, 23)
    Closure.objects.create(structure=world.the_structure, reason="Travaux", first_day=day, last_day=day)
    Opening.objects.filter(day=day).update(state=Opening.State.CLOSED, reason="Travaux")
    assert world.generate().removed == 0


def test_a_closed_opening_says_why_and_stays_closed(world):
    world.generate()
    opening = Opening.objects.order_by("pk")[0]
    openings_close(actor=SYSTEM, opening_ids=[opening.pk], reason="Grève", now=NOW)
    world.generate()
    opening.refresh_from_db()
    assert (opening.state, opening.reason) == (Opening.State.CLOSED, "Grève")
    with pytest.raises(OpeningClosed) as refused:
        openings_close(actor=SYSTEM, opening_ids=[opening.pk], reason="Neige", now=NOW)
    assert refused.value.data == {"reason": "Grève"}
