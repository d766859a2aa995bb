"""Booking rules set by date: the past keeps its own, a slot's own ends, the effect is that of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from marelle.activities.effects import facts_of, opening_on
from marelle.activities.models import BookingRule
from marelle.activities.rules import After, Limit, LimitKind, Rule
from marelle.activities.services import (
    RuleRefused,
    booking_rule_set,
    booking_rules_end,
    facts_with,
    rules_of,
    rules_version,
)
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.refusals import ChangedMeanwhile, NotYours
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY, WEDNESDAY = date(2026, 11, 25), date(2026, 12, 2)
TUESDAY_BEFORE = Limit(LimitKind.WEEK_BEFORE, n=1, weekday=1, time=time(23, 59))
NEW = Rule(since=TODAY, until=None, book=TUESDAY_BEFORE, cancel=TUESDAY_BEFORE, after=After.LATE)


@pytest.fixture
def world() -> Scenario:
    world = Scenario()
    world.wednesdays = world.activity("Mercredis")  # type: ignore[attr-defined]
    world.morning = world.slot(world.wednesdays)  # type: ignore[attr-defined]
    world.rule(world.wednesdays)
    return world


def given(world, rule: Rule = NEW, *, slot=None, actor=SYSTEM, **more):
    return booking_rule_set(
        actor=actor,
        activity_id=world.wednesdays.pk,
        slot_id=slot.pk if slot else None,
        rule=rule,
        now=NOW,
        **more,
    )


def closes(world, day: date) -> datetime | None:
    world.wednesdays.refresh_from_db()
    window = facts_of(world.wednesdays).window_of(world.morning.pk, opening_on(world.morning, day))
    assert window is not None
    return window.closes_at


def test_a_new_rule_counts_from_its_day_and_the_past_keeps_its_own(world):
    before = closes(world, date(2026, 11, 18))
    given(world)
    assert closes(world, date(2026, 11, 18)) == before
    assert closes(world, WEDNESDAY) == datetime(2026, 11, 24, 23, 59, tzinfo=PARIS)
    assert BookingRule.objects.count() == 2
    given(world, replace(NEW, after=After.REFUSE))
    assert BookingRule.objects.count() == 2
    assert rules_of(world.wednesdays.pk, None)[1].after == "refuse"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"since": date(2026, 11, 24)}, "past"),
        ({"since": WEDNESDAY, "until": TODAY}, "not_in_order"),
    ],
)
def test_neither_the_past_nor_an_end_before_the_beginning(world, changes, code):
    with pytest.raises(RuleRefused) as refused:
        given(world, replace(NEW, **changes))
    assert refused.value.code == code
    assert BookingRule.objects.count() == 1


def test_a_slot_has_its_own_until_it_follows_the_activity_again(world):
    given(world, slot=world.morning)
    own = closes(world, WEDNESDAY)
    booking_rules_end(
        actor=SYSTEM,
        activity_id=world.wednesdays.pk,
        slot_id=world.morning.pk,
        since=date(2026, 12, 9),
        now=NOW,
    )
    assert closes(world, WEDNESDAY) == own
    assert closes(world, date(2026, 12, 9)) == datetime(2026, 12, 8, 12, tzinfo=PARIS)
    with pytest.raises(NotYours):
        given(world, slot=world.slot(world.activity("Vacances")))


def test_some_weekdays_have_their_own_until_they_follow_all_days_again(world):
    usual = closes(world, WEDNESDAY)
    given(world, replace(NEW, weekdays=frozenset({2})))
    given(world, replace(NEW, weekdays=frozenset({0, 1}), book=Limit(LimitKind.START)))
    assert closes(world, WEDNESDAY) == datetime(2026, 11, 24, 23, 59, tzinfo=PARIS)
    assert BookingRule.objects.count() == 3, "two of one day, of other weekdays, stand side by side"
    end = {"actor": SYSTEM, "activity_id": world.wednesdays.pk, "slot_id": None, "now": NOW}
    booking_rules_end(**end, weekdays={2}, since=date(2026, 12, 9))
    assert closes(world, WEDNESDAY) != usual
    assert closes(world, date(2026, 12, 9)) == datetime(2026, 12, 8, 12, tzinfo=PARIS)
    assert set(BookingRule.objects.values_list("until", flat=True)) == {None, date(2026, 12, 8)}
    with pytest.raises(RuleRefused) as refused:
        booking_rules_end(**end, since=date(2026, 12, 9))
    assert refused.value.code == "nothing_under"


def test_what_would_never_hold_is_refused_with_what_hides_it(world):
    both = replace(NEW, weekdays=frozenset({1, 2}))
    given(world, both)
    with pytest.raises(RuleRefused) as refused:
        given(world, replace(NEW, weekdays=frozenset({2, 3})))
    assert (refused.value.code, refused.value.data["by"]) == ("hidden", both)
    given(world, replace(both, after=After.REFUSE))
    given(world, replace(NEW, weekdays=frozenset({2, 3}), since=date(2026, 12, 9)))
    holidays = replace(NEW, since=date(2026, 12, 19), until=date(2027, 1, 3), book=Limit(LimitKind.START))
    given(world, holidays)
    wednesday = opening_on(world.morning, date(2026, 12, 23))
    world.wednesdays.refresh_from_db()
    assert facts_of(world.wednesdays).window_of(world.morning.pk, wednesday).closes_at == wednesday.starts_at


def test_two_agents_and_who_is_not_in_charge(world):
    seen = rules_version(rules_of(world.wednesdays.pk, None))
    given(world, seen=seen)
    with pytest.raises(ChangedMeanwhile) as refused:
        given(world, replace(NEW, after=After.REFUSE), seen=seen)
    given(world, replace(NEW, after=After.REFUSE), seen=refused.value.data["held"]["version"])
    with pytest.raises(NotYours):
        given(world, actor=world.home("Durand").actor)


def test_the_effect_of_what_is_typed_is_what_it_has_once_stored(world):
    opening = opening_on(world.morning, WEDNESDAY)
    of_days = replace(NEW, weekdays=frozenset({2}), book=Limit(LimitKind.START, strict=True))
    for slot_id, rule in ((None, NEW), (None, of_days), (world.morning.pk, NEW), (world.morning.pk, of_days)):
        typed = facts_with(facts_of(world.wednesdays), slot_id, rule).window_of(world.morning.pk, opening)
        given(world, rule, slot=world.morning if slot_id else None)
        world.wednesdays.refresh_from_db()
        assert facts_of(world.wednesdays).window_of(world.morning.pk, opening) == typed
