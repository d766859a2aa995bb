"""Is a place left in a group? By day, by half-hour, by group; and who may set what keeps from asking."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import IntegrityError

from marelle.activities.models import Activity
from marelle.activities.selectors import GroupRoom, group_rooms
from marelle.activities.services import CanteenFeedsAll, NotYours, activity_requests_set
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actors import actor_for
from marelle.journal.models import Entry
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
WEDNESDAY = date(2026, 12, 2)


def rooms(activity: Activity) -> list[tuple[bool, bool]]:
    found = group_rooms(Activity.objects.filter(pk=activity.pk), now=NOW)[activity.pk]
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
        found = group_rooms(Activity.objects.filter(pk=activity.pk), now=NOW)[activity.pk]
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


def test_who_answers_for_the_activity_sets_what_keeps_from_asking():
    world = Scenario()
    activity = world.activity()
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    chosen = {"unpaid_blocks": True, "closes_when_full": True, "now": NOW}
    activity_requests_set(actor=director, activity_id=activity.pk, **chosen)
    activity.refresh_from_db()
    assert (activity.unpaid_blocks, activity.closes_when_full) == (True, True)
    assert Entry.objects.get().verb == "activity.requests_set"
    elsewhere = world.structure("Ailleurs")
    for outsider in (
        actor_for(world.staff("animation", Role.ANIMATOR)),
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        world.home("Durand").actor,
    ):
        with pytest.raises(NotYours):
            activity_requests_set(actor=outsider, activity_id=activity.pk, **chosen)


def test_a_canteen_is_locked_by_the_service_and_by_the_database():
    world = Scenario()
    canteen = world.activity("Cantine", kind="canteen")
    office = actor_for(world.staff("guichet", Role.OFFICE))
    with pytest.raises(CanteenFeedsAll):
        activity_requests_set(
            actor=office, activity_id=canteen.pk, unpaid_blocks=True, closes_when_full=False, now=NOW
        )
    with pytest.raises(IntegrityError, match="activity_canteen_feeds_all"):
        Activity.objects.filter(pk=canteen.pk).update(unpaid_blocks=True)
