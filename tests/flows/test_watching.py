"""What is unusual of what agents read is found, told once, and names no child."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.families.incomes.reading import READ
from marelle.flows.actor.actors import actor_for
from marelle.flows.care.lists import care_list
from marelle.flows.journal.sentences import SENTENCES
from marelle.flows.journal.staff import READINGS
from marelle.flows.journal.watching import LISTED, SHEETS, TOLD, readings_since, readings_watched
from marelle.flows.journal.watching_rules import Bounds, Found, Reading, Unusual, is_night, night_of, unusual
from marelle.journal.models import Entry
from marelle.journal.services import Act, record_many
from marelle.mail.models import Message
from tests.scenario import Scenario

NOON = datetime(2026, 9, 8, 10, tzinfo=UTC)
DAY = date(2026, 9, 8)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def sheets(count: int, at: datetime = NOON, *, every: timedelta = SECOND, first: int = 0) -> list[Reading]:
    return [Reading(7, at + n * every, first + n) for n in range(count)]


def kinds(readings: list[Reading], **bounds: int) -> list[tuple[Unusual, int]]:
    return [(one.kind, one.count) for one in unusual(readings, Bounds(**bounds))]


def test_as_many_as_the_bound_is_usual_and_one_more_is_not() -> None:
    assert kinds(sheets(300)) == []
    assert unusual(sheets(301), Bounds()) == (Found(7, Unusual.MANY, DAY, 301, NOON + 300 * SECOND),)


def test_a_sheet_read_again_counts_once_in_the_hour() -> None:
    assert kinds(sheets(3) * 200, many=3) == []


def test_the_hour_slides_over_the_clock() -> None:
    half = sheets(2, NOON + 50 * MINUTE) + sheets(2, NOON + 70 * MINUTE, first=2)
    assert kinds(half, many=3) == [(Unusual.MANY, 4)]
    assert kinds(sheets(9, every=20 * MINUTE), many=3) == []
    assert kinds(sheets(9, every=20 * MINUTE - SECOND), many=3) == [(Unusual.MANY, 4)]


def test_a_sheet_that_left_the_hour_counts_again() -> None:
    again = [*sheets(2), *sheets(2, NOON + 61 * MINUTE), Reading(7, NOON + 62 * MINUTE, 5)]
    assert kinds(again, many=2) == [(Unusual.MANY, 3)]


def test_each_agent_and_each_day_by_itself() -> None:
    other = [reading._replace(agent_id=8) for reading in sheets(2)]
    assert kinds([*sheets(2), *other], many=2) == []
    days = [*sheets(3), *sheets(3, NOON + timedelta(days=1))]
    assert [(one.day, one.count) for one in unusual(days, Bounds(many=2))] == [
        (DAY, 3),
        (DAY + timedelta(days=1), 3),
    ]


@pytest.mark.parametrize(
    ("hour", "minute", "night"), [(5, 59, True), (6, 0, False), (21, 59, False), (22, 0, True), (0, 0, True)]
)
def test_a_night_is_from_ten_to_six_in_paris(hour: int, minute: int, night: bool) -> None:
    assert is_night(datetime(2026, 9, 8, hour, minute, tzinfo=PARIS)) is night


def test_a_night_is_one_over_midnight_whatever_the_hours() -> None:
    evening = datetime(2026, 9, 8, 23, 30, tzinfo=PARIS).astimezone(UTC)
    slow = sheets(22, evening, every=17 * MINUTE)
    assert kinds(slow) == [(Unusual.AT_NIGHT, 22)]
    assert {night_of(one.at) for one in slow} == {DAY}
    assert kinds(sheets(20, evening)) == []


def test_lists_are_counted_apart_by_whom_they_show_the_fullest_of_a_structure() -> None:
    lists = [Reading(7, NOON + n * MINUTE, n % 2, 400 + n) for n in range(6)]
    assert kinds([*lists, *sheets(10)], lists=808) == [(Unusual.LISTS, 809)]
    assert kinds([*lists, *sheets(10)], lists=809) == []
    late = [lists[0], lists[1]._replace(at=NOON + 61 * MINUTE)]
    assert kinds(late, lists=500) == []


class Watched(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.the_authority.dpo_email = "donnees@x.example"
        self.the_authority.save()
        self.admin = self.staff("admin", Role.ADMINISTRATOR)
        self.director = self.staff("direction", Role.DIRECTOR)
        for user in (self.admin, self.director):
            user.email = f"{user.identifier}@x.example"
            user.save()

    def reads(self, user: Any, count: int, verb: str = "health.read", at: datetime = NOON) -> None:
        acts = [Act(verb, Subject("person", n, "Zoé Durand")) for n in range(count)]
        record_many(actor=actor_for(user), acts=acts, now=at)


@pytest.fixture
def world(db: None) -> Watched:
    cache.clear()
    return Watched()


def looked(at: datetime = NOON + MINUTE) -> list[str]:
    cache.clear()
    readings_watched(now=at)
    return list(Message.objects.order_by("pk").values_list("to", flat=True))


def test_it_is_told_once_to_who_watches_and_written_down_and_names_no_child(world: Watched) -> None:
    world.reads(world.director, 301)
    assert looked() == ["donnees@x.example", "admin@x.example"]
    assert looked(NOON + 10 * MINUTE) == ["donnees@x.example", "admin@x.example"]
    mail = Message.objects.latest("pk")
    assert "301 fiches d’enfants différents en une heure" in mail.text
    assert str(world.director) in mail.subject
    assert "Zoé" not in mail.text + mail.html
    told = Entry.objects.get(verb=TOLD)
    assert told.data == {"kind": "many", "day": "2026-09-08", "count": 301}
    assert (told.subject_id, told.actor_user_id) == (world.director.pk, None)


def test_incomes_are_counted_by_home_and_apart_from_sheets_but_at_night(world: Watched) -> None:
    world.reads(world.director, 200)
    acts = [Act(READ, Subject("family", n, "Durand")) for n in range(301)]
    record_many(actor=actor_for(world.admin), acts=acts[:200], now=NOON)
    assert looked() == []
    record_many(actor=actor_for(world.admin), acts=[*acts[:50], *acts[200:]], now=NOON + MINUTE)
    assert looked(NOON + 2 * MINUTE) == ["donnees@x.example"], "an administrator is not told of itself"
    mail = Message.objects.latest("pk")
    assert "301 foyers différents en une heure, pour leurs revenus" in mail.text
    assert "Durand" not in mail.text + mail.html


def test_a_night_counts_sheets_and_homes_together() -> None:
    night = datetime(2026, 9, 8, 22, tzinfo=UTC)
    both = [*sheets(2, night), *(Reading(7, night, n, is_income=True) for n in range(2))]
    assert kinds(both, at_night=3) == [(Unusual.AT_NIGHT, 4)]
    assert kinds(both, many=1, incomes=1) == [(Unusual.MANY, 2), (Unusual.INCOMES, 2)]


def test_the_next_day_is_told_anew(world: Watched) -> None:
    world.reads(world.director, 301)
    looked()
    world.reads(world.director, 301, at=NOON + timedelta(days=1))
    assert len(looked(NOON + timedelta(days=1, minutes=1))) == 4


def test_an_administrator_is_not_the_one_told_of_itself(world: Watched) -> None:
    world.reads(world.admin, 301)
    assert looked() == ["donnees@x.example"]


def test_nothing_is_told_of_what_is_usual(world: Watched) -> None:
    world.reads(world.director, 300)
    world.reads(world.director, 900, "enrolment.accepted")
    assert looked() == []
    assert not Entry.objects.filter(verb=TOLD).exists()


def test_a_list_says_how_many_it_showed(world: Watched) -> None:
    home = world.home("Durand")
    activity = world.activity()
    for name in ("Zoé", "Tom"):
        world.enrolment(world.child(home, name), activity, home)
    now = datetime(2026, 9, 9, 10, tzinfo=PARIS)
    assert care_list(actor_for(world.director), structure_id=None, now=now) is not None
    (reading,) = readings_since(now - MINUTE)
    assert (reading.agent_id, reading.of, reading.shown) == (world.director.pk, world.the_structure.pk, 2)


def test_it_is_looked_at_every_five_minutes_alone(world: Watched, count_queries: Any) -> None:
    looked()
    with count_queries(0):
        readings_watched(now=NOON + 2 * MINUTE)


def test_its_verbs_are_readings() -> None:
    assert {*SHEETS, LISTED} < READINGS <= set(SENTENCES)
