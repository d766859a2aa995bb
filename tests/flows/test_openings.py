"""Openings generated from the screens: what is booked is looked up, and stays."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from marelle.activities.models import Opening, Quota, Slot
from marelle.activities.services import outing_add, part_change
from marelle.activities.services.draws import OutingRefused
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.catalogue.openings import PreviewStale, activity_generate, activity_preview
from marelle.journal.edits import NotPossible
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DECEMBER = {"first_day": date(2026, 11, 18), "last_day": date(2026, 12, 16)}
FIRST, SECOND = date(2026, 12, 2), date(2026, 12, 9)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis", **DECEMBER)
        self.morning = self.slot(self.wednesdays, capacity=4)
        durand = self.home("Durand")
        self.zoe = self.child(durand, "Zoé")
        self.enrolment(self.zoe, self.wednesdays, durand)

    def generate(self, actor=SYSTEM, seen=None):
        version = seen or activity_preview(self.wednesdays, now=NOW).version
        return activity_generate(actor=actor, activity_id=self.wednesdays.pk, seen=version, now=NOW)

    def booked(self, day: date = FIRST) -> Opening:
        opening = Opening.objects.get(slot=self.morning, day=day)
        self.booking(self.zoe, opening)
        return opening


@pytest.fixture
def world() -> Village:
    return Village()


def test_the_preview_is_what_is_done_from_tomorrow(world):
    assert len(activity_preview(world.wednesdays, now=NOW).difference.create) == 3
    assert world.generate().created == 3
    assert activity_preview(world.wednesdays, now=NOW).difference.is_empty
    assert Opening.objects.order_by("day").first().day == FIRST, "today and the past are left alone"


def test_hours_changed_move_what_nobody_booked_and_name_what_somebody_did(world):
    world.generate()
    world.booked()
    Opening.objects.filter(day=SECOND).update(hand_edited=True)
    part_change(actor=SYSTEM, model=Slot, pk=world.morning.pk, changes={"ends": time(11)}, now=NOW)
    found = activity_preview(world.wednesdays, now=NOW).difference
    assert [row.wanted.day for row in found.update_hours] == [date(2026, 12, 16)]
    assert [row.day for row in found.kept_because_booked] == [FIRST]
    assert [row.day for row in found.kept_by_hand] == [SECOND]
    assert world.generate().moved == 1
    counters_hold()


def test_what_was_shown_and_is_so_no_more_is_shown_again(world):
    world.generate()
    part_change(actor=SYSTEM, model=Slot, pk=world.morning.pk, changes={"weekdays": [3]}, now=NOW)
    shown = activity_preview(world.wednesdays, now=NOW).version
    world.booked()
    with pytest.raises(PreviewStale):
        world.generate(seen=shown)
    with pytest.raises(NotYours):
        world.generate(actor=world.home("Martin").actor, seen=shown)
    assert Opening.objects.count() == 3


def test_an_outing_has_its_day_its_hours_and_its_own_places(world):
    outings = world.slot(world.wednesdays, "Sortie", one_off=True, weekdays=())
    values = {"slot": outings, "group": None, "title": "Minigolf", "day": FIRST}
    values |= {"starts": time(13, 30), "ends": time(17)}

    def add(**changes):
        return outing_add(
            actor=SYSTEM,
            activity_id=world.wednesdays.pk,
            values={**values, **changes},
            seats=8,
            now=NOW,
        )

    opening = add()
    assert [(quota.capacity, quota.part) for quota in opening.quotas.all()] == [(8, Quota.WHOLE_DAY)]
    for changes, code in (
        ({}, "there_already"),
        ({"day": date(2026, 11, 24)}, "past_day"),
        ({"slot": world.morning}, "no_such_slot"),
    ):
        with pytest.raises(OutingRefused) as refused:
            add(**changes)
        assert refused.value.code == code
    with pytest.raises(NotPossible):
        add(ends=time(12), title="À l’envers")
    assert activity_preview(world.wednesdays, now=NOW).difference.remove == ()
    add(title="Piscine")
    assert Opening.objects.filter(day=FIRST, slot=outings).count() == 2
