"""A month with each last minute: pure lines, then the page of both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.catalogue import definition_changed
from marelle.activities.effects import openings_of_month
from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity
from marelle.activities.month import month_after, month_asked, month_before, month_lines
from marelle.activities.month_told import month_told
from marelle.activities.rules import After, Limit, LimitKind, OpeningFacts, Rule
from marelle.core.actor import Role
from marelle.core.clock import PARIS, instant_at
from tests.bookings.facts import AFTERNOON, MEAL, MORNING, RULE, activity
from tests.reading import text
from tests.scenario import Scenario

EVE = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12))
START = Limit(LimitKind.START)
WEDNESDAY = date(2026, 12, 2)


def at(day: date, start: int, end: int) -> OpeningFacts:
    return OpeningFacts(day, instant_at(day, time(start)), instant_at(day, time(end)))


def opened(day: date) -> list[tuple[int, OpeningFacts]]:
    return [(AFTERNOON, at(day, 14, 18)), (MORNING, at(day, 8, 12)), (MEAL, at(day, 12, 14))]


@pytest.mark.once
def test_slots_of_one_limit_are_one_line_in_their_order() -> None:
    facts = activity(rules=(Rule(date(2026, 9, 1), None, EVE, EVE),))
    (line,) = month_lines(facts, opened(WEDNESDAY))
    assert (line.day, line.slot_ids) == (WEDNESDAY, (MORNING, MEAL, AFTERNOON))
    own = replace(facts, slot_rules={MEAL: (Rule(date(2026, 9, 1), None, EVE, START),)}, windows={})
    assert [line.slot_ids for line in month_lines(own, opened(WEDNESDAY))] == [(MORNING, AFTERNOON), (MEAL,)]


@pytest.mark.once
def test_a_day_is_named_once_and_the_year_has_an_end() -> None:
    own = {MEAL: (Rule(date(2026, 9, 1), None, EVE, START),)}
    facts = activity(rules=(Rule(date(2026, 9, 1), None, EVE, EVE),), slot_rules=own)
    told = month_told(facts, opened(WEDNESDAY), date(2026, 12, 1))
    assert [(row.day, row.slots) for row in told.rows] == [
        ("mercredi 2 décembre", "Matin, Après-midi"),
        ("", "Repas"),
    ]
    assert (told.before, told.after) == ("2026-11", "2027-01")
    assert month_told(facts, [], date(2026, 9, 1)).before == ""
    assert month_told(facts, [], date(2027, 8, 1)).after == ""


@pytest.mark.once
def test_two_groups_of_a_slot_are_one() -> None:
    facts = activity()
    twice = [(MORNING, at(WEDNESDAY, 8, 12)), (MORNING, at(WEDNESDAY, 9, 12))]
    assert [line.slot_ids for line in month_lines(facts, twice)] == [(MORNING,)]


@pytest.mark.once
def test_days_come_in_order_and_a_day_without_a_rule_says_so() -> None:
    facts = activity(rules=(Rule(date(2026, 12, 9), None, EVE, EVE, after=After.LATE),))
    days = [WEDNESDAY + timedelta(weeks=week) for week in (1, 0)]
    told = month_told(facts, [pair for day in days for pair in opened(day)], date(2026, 12, 1))
    late = "passé ce délai, la réservation est notée «\u00a0tardive\u00a0»"
    assert [(row.day, row.book) for row in told.rows] == [
        ("mercredi 2 décembre", "jamais en ligne"),
        ("mercredi 9 décembre", f"jusqu’au mardi 8 décembre à 12\u00a0h\u00a000\u00a0; {late}"),
    ]
    assert told.rows[1].cancel == "jusqu’au mardi 8 décembre à 12\u00a0h\u00a000"
    by_structure = replace(facts, booking_mode=BookingMode.STRUCTURE)
    (row,) = month_told(by_structure, opened(WEDNESDAY), date(2026, 12, 1)).rows
    assert (row.book, row.cancel) == ("la structure réserve", "la structure annule")


@pytest.mark.once
@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_months_follow_each_other(day: date) -> None:
    after = month_after(day)
    assert (after.day, (after - timedelta(days=1)).month) == (1, day.month)
    assert month_before(after) == day.replace(day=1)


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", date(2026, 10, 1)),
        ("2027-02", date(2027, 2, 1)),
        ("2030-01", date(2027, 8, 1)),
        ("2020-01", date(2026, 9, 1)),
        ("2026-13", date(2026, 10, 1)),
        ("<b>", date(2026, 10, 1)),
    ],
)
def test_what_an_address_asks_stays_within_the_activity(text: str, first: date) -> None:
    assert month_asked(text, date(2026, 10, 10), activity()) == first


@pytest.mark.once
@given(st.lists(st.dates(date(2026, 9, 1), date(2027, 8, 31)), unique=True, max_size=31))
def test_each_opening_is_on_one_line(days: list[date]) -> None:
    facts = activity(rules=(RULE,))
    lines = month_lines(facts, [pair for day in days for pair in opened(day)])
    assert [line.day for line in lines] == sorted(days)
    assert all(line.slot_ids == (MORNING, MEAL, AFTERNOON) for line in lines)


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", capacity=10)
        self.rule(self.wednesdays)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.openings(self.wednesdays, date(2026, 12, 1), date(2027, 1, 31))

    def logged(self, user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(datetime(2026, 11, 25, 9, tzinfo=PARIS))
    return World()


def test_both_sides_print_the_month_that_comes(world: World, count_queries: Any) -> None:
    parent, director = world.logged(world.durand.user), world.logged(world.staff("direction", Role.DIRECTOR))
    there = f"/agents/activites/{world.wednesdays.pk}/delais/calendrier/"
    mine = f"/reservations/regles/{world.wednesdays.pk}/"
    for client, address in ((director, there), (parent, mine)):
        page = text(client.get(address))
        assert "Mercredis, décembre 2026" in page
        assert "mercredi 2 décembre" in page
        assert "jusqu’au mardi 1er décembre à 12\u00a0h\u00a000" in page
        assert "data-print" in page
        assert 'href="?mois=2027-01"' in page
        assert "mercredi 6 janvier" in text(client.get(f"{address}?mois=2027-01"))
        assert "Rien n’est ouvert ce mois-là." in text(client.get(f"{address}?mois=2027-03"))
    assert there in text(director.get(f"/agents/activites/{world.wednesdays.pk}/delais/"))
    assert mine in text(parent.get("/reservations/regles/"))
    with count_queries() as one:
        parent.get(mine)
    for name in ("Repas", "Soir"):
        slot = world.slot(world.wednesdays, name, "12:00", "14:00")
        for day in (2, 9, 16):
            world.opening(slot, date(2026, 12, day))
    definition_changed(Activity.objects.all())
    parent.get(mine)
    with count_queries(len(one)):
        parent.get(mine)


def test_what_is_closed_is_not_there_and_what_another_home_has_neither(world: World) -> None:
    world.wednesdays.openings.filter(day=WEDNESDAY).update(state="closed")
    assert [day.day for _slot, day in openings_of_month(world.wednesdays.pk, date(2026, 12, 1))] == [
        date(2026, 12, day) for day in (9, 16, 23, 30)
    ]
    martin = world.logged(world.home("Martin").user)
    assert martin.get(f"/reservations/regles/{world.wednesdays.pk}/").status_code == 404
