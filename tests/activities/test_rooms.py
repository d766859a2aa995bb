"""Is a place left in a group? By day, by half-hour, by group; and the canteen is never kept from anybody."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import IntegrityError

from marelle.activities import selectors
from marelle.activities.kinds import Unpaid
from marelle.activities.models import Activity
from marelle.activities.selectors import GroupRoom, group_rooms
from marelle.core.clock import PARIS
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
WEDNESDAY = date(2026, 12, 2)


def rooms(activity: Activity) -> list[tuple[bool, bool]]:
    found = group_rooms([activity.pk], now=NOW)[activity.pk]
    return [(room.to_come, room.has_room) for room in found]


def test_a_day_is_full_for_the_group_that_fills_it(count_queries):
    world = Scenario()
    activity = world.activity()
    small, big = world.group(activity, "3–5 ans", (3, 5)), world.group(activity, "6–12 ans", (6, 12))
    slot = world.slot(activity, capacity=1)
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    world.enrolment(zoe, activity, durand)
    opening = world.opening(slot, WEDNESDAY, group=big)
    assert rooms(activity) == [(False, False), (True, True)]
    world.booking(zoe, opening)
    with count_queries(1):
        found = group_rooms([activity.pk], now=NOW)[activity.pk]
    assert found == (
        GroupRoom(small.pk, 36, 71, to_come=False, has_room=False),
        GroupRoom(big.pk, 72, 155, to_come=True, has_room=False),
    )


def test_what_is_past_closed_or_without_a_gauge():
    world = Scenario()
    activity = world.activity()
    slot = world.slot(activity)
    world.opening(slot, date(2026, 11, 18))
    closed = world.opening(slot, WEDNESDAY, state="closed")
    assert rooms(activity) == [(False, False)]
    closed.state = "open"
    closed.save()
    assert rooms(activity) == [(True, True)]


def test_by_the_hour_one_free_half_hour_is_room():
    world = Scenario()
    activity = world.activity("Multi-accueil", kind="childcare", years=(0, 12))
    slot = world.slot(activity, "Accueil", "08:00", "09:00", capacity=1, by_hour=True)
    opening = world.opening(slot, WEDNESDAY)
    for number, hours in enumerate((("08:00", "08:30"), ("08:30", "09:00"))):
        assert rooms(activity) == [(True, True)]
        home = world.home(f"Foyer{number}")
        child = world.child(home, "Noé")
        world.enrolment(child, activity, home)
        world.booking(child, opening, hours=hours)
    assert rooms(activity) == [(True, False)]


@pytest.mark.parametrize("effect", [Unpaid.REQUESTS, Unpaid.BOOKINGS])
def test_a_canteen_is_locked_by_the_database(effect):
    canteen = Scenario().activity("Cantine", kind="canteen", unpaid=Unpaid.WARN)
    with pytest.raises(IntegrityError, match="activity_canteen_feeds_all"):
        Activity.objects.filter(pk=canteen.pk).update(unpaid=effect)


def test_no_choice_makes_postgresql_read_the_openings_and_quotas_of_others():
    """Either side of an OR is looked up in all that there is, where this is asked of twenty activities."""
    sql, _params = selectors._group_rooms.sql([1, 2], NOW)
    assert "EXISTS" in sql
    assert " OR " not in sql
