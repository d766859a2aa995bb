"""« Les règles »: what a family reads is made from the rows, dated, of its own activities alone."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django.test import Client

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import Limit, LimitKind
from marelle.core.clock import PARIS
from tests.bounds import bound_given
from tests.reading import text
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 10, tzinfo=PARIS)
PAGE = "/reservations/regles/"


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin")
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.client = Client()
        self.client.force_login(self.durand.user)

    def page(self) -> str:
        return text(self.client.get(PAGE))


@pytest.fixture
def world(time_machine) -> World:
    time_machine.move_to(NOW)
    return World()


def test_without_a_row_nothing_is_booked_on_line(world):
    assert "Rien ne se réserve en ligne." in world.page()


@pytest.mark.parametrize(
    ("hour", "strict", "said"),
    [
        (18, False, "Réserver jusqu’à la veille, 18\u00a0h\u00a000"),
        (10, True, "Réserver avant 10\u00a0h\u00a000 la veille"),
    ],
)
def test_a_limit_is_told_in_its_own_words(world, hour, strict, said):
    limit = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(hour), strict=strict)
    world.rule(world.wednesdays, book=limit)
    assert said in world.page()


def test_what_will_change_is_told_with_its_day_and_what_is_over_is_not(world):
    world.rule(world.wednesdays, since=date(2025, 9, 1), until=date(2026, 8, 31), book=Limit(LimitKind.NEVER))
    world.rule(world.wednesdays, since=date(2026, 9, 1), until=date(2026, 11, 30))
    world.rule(world.wednesdays, since=date(2026, 12, 1), book=Limit(LimitKind.START))
    page = world.page()
    assert "jamais en ligne" not in page
    assert page.index("Jusqu’au 30 novembre 2026") < page.index("À partir du 1er décembre 2026")


def test_a_slot_with_its_own_rule_and_some_weekdays_are_named(world):
    world.rule(world.wednesdays)
    world.rule(world.wednesdays, slot=world.morning, weekdays=[0], book=Limit(LimitKind.HOURS_BEFORE, n=48))
    page = world.page()
    assert "Réserver et annuler\u00a0: « Matin »" in page
    assert "Les lundis" in page
    assert "jusqu’à 48 heures avant" in page


def test_how_much_is_told_with_its_dates(world):
    bound_given(world.wednesdays, 3)
    bound_given(world.wednesdays, 1, since=date(2026, 12, 1), until=date(2026, 12, 31))
    bound_given(world.wednesdays, 7, until=date(2026, 8, 31))
    page = world.page()
    assert "3 jours par semaine au plus." in page
    assert "Du 1er au 31 décembre 2026" in page
    assert "7 jours" not in page


@pytest.mark.parametrize(
    ("mode", "said"),
    [(BookingMode.FREE, "L’accès est libre"), (BookingMode.STRUCTURE, "C’est la structure qui réserve")],
)
def test_where_nothing_is_booked_by_families_it_says_so(world, mode, said):
    world.activity("Yoga", booking_mode=mode)
    other = world.activity("Libre", booking_mode=mode)
    world.enrolment(world.zoe, other, world.durand)
    page = world.page()
    assert said in page
    assert "Yoga" not in page


def test_the_activities_of_another_home_are_not_told(world):
    martin = world.home("Martin", "Sacha")
    other = world.client
    other.force_login(martin.user)
    assert "Aucune inscription en cours" in world.page()
    assert "Mercredis" not in world.page()


def test_the_page_asks_one_query_for_all_of_its_activities(world, count_queries):
    world.rule(world.wednesdays)
    world.page()
    with count_queries() as before:
        world.page()
    for name in ("Judo", "Danse"):
        other = world.activity(name)
        world.rule(other)
        world.enrolment(world.zoe, other, world.durand)
    world.page()
    with count_queries(len(before)):
        world.page()
