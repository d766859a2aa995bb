"""« Tarifs » of an activity: what concerns its slots, today and later, and what to look at."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from datetime import date

import pytest

from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.pricing.about import concerning
from marelle.pricing.services import tariff_set
from marelle.pricing.tariffs import ALL_SLOTS, LateFetch, Sets, TariffBook, Voted
from tests.agents.village import NOW, Village, text
from tests.pricing.sheets import BOOKS, adjustment, brackets, fixed, weekly
from tests.pricing.sheets import tariff as sheet
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
JANUARY = date(2027, 1, 1)


class Prices(Village):
    def __init__(self) -> None:
        super().__init__()
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30")
        self.tariff_page = f"{self.page}tarifs/"
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def write(self, row, **others):
        told = {"actor": self.office, "authority_id": self.the_authority.pk, "now": NOW}
        return tariff_set(**told, tariff=replace(row, since=max(row.since, TODAY)), **others)

    def on_morning(self, amount, **others):
        return replace(sheet(1, (frozenset({self.morning.pk}),), amount), **others)

    def read(self) -> str:
        return text(self.director.get(self.tariff_page)).replace("\u202f", " ")


built = built_once(Prices, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Prices:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_without_a_tariff_the_page_says_what_to_do(world):
    page = world.read()
    assert "Aucun tarif" in page
    assert f'href="{world.page}modifier/presentation/"' in page
    assert "À regarder" not in page


def test_a_grid_shows_each_bracket_and_what_was_voted(world):
    world.write(
        world.on_morning(
            brackets(("0", "5"), ("1201", "8")), name="Matinée", voted=Voted("2026-47", date(2026, 6, 12))
        )
    )
    page = world.read()
    assert re.findall(r'<th scope="col">([^<]*)', page) == ["Tarif", "moins de 1 201", "1 201 et plus"]
    assert re.findall(r"</span>([\d,]+ €)</td>", page) == ["5,00 €", "8,00 €"]
    assert "Matinée<small>Matin</small>" in page
    assert "depuis le 25 novembre 2026 · délibération n° 2026-47 du 12 juin 2026" in page
    assert "Matinée" in text(world.director.get(world.page))
    assert f'href="{world.tariff_page}"' in text(world.director.get(world.page))


def test_what_comes_stands_apart_and_what_is_over_is_not_told(world, time_machine):
    first = world.write(world.on_morning(fixed("5"), name="Premier"))
    world.write(world.on_morning(fixed("6"), name="Second", since=JANUARY), replaces=first.pk)
    page = world.read()
    today, later = page.split("À partir du 1er janvier 2027")
    assert "Premier" in today
    assert "du 25 novembre au 31 décembre 2026" in today
    assert "Second" in later
    assert "Second" not in today
    time_machine.move_to(NOW.replace(year=2027, month=1, day=1))
    world.director = world.logged("direction2", Role.DIRECTOR)
    page = world.read()
    assert "Second" in page
    assert "Premier" not in page
    assert "À partir du" not in page


def test_adjustments_and_rules_of_a_span_are_sentences(world):
    world.write(world.on_morning(fixed("5")))
    world.write(replace(BOOKS["wednesdays"].adjustments[0], name="Hors commune"))
    world.write(replace(BOOKS["most"].span_rules[0], name="Semaine"))
    page = world.read()
    assert "Pour les familles hors commune : 2,00 € de plus par formule." in page
    assert "Par semaine et par enfant : 19,80 € au plus." in page


def test_a_slot_without_a_price_is_told_with_its_first_day(world):
    world.opening(world.morning, date(2026, 12, 2))
    world.opening(world.meal, date(2026, 12, 2))
    world.write(world.on_morning(fixed("5")))
    assert "Repas : aucun tarif pour tous à compter du mercredi 2 décembre 2026" in world.read()


def test_a_slot_that_includes_others_is_priced_as_they_are(world):
    whole = world.slot(world.wednesdays, "Journée", "08:00", "18:00")
    whole.includes.set([world.morning])
    world.opening(world.morning, date(2026, 12, 2))
    world.opening(whole, date(2026, 12, 2))
    world.write(world.on_morning(fixed("5")))
    assert "aucun tarif" not in world.read()


def test_the_tariffs_of_another_activity_are_not_shown(world):
    other = world.slot(world.activity("Cantine"), "Déjeuner")
    world.write(replace(sheet(1, (frozenset({other.pk}),), fixed("3")), name="Le repas des autres"))
    assert "Le repas des autres" not in world.read()
    world.write(replace(sheet(1, (frozenset({other.pk, world.morning.pk}),), fixed("3")), name="Les deux"))
    assert "Matin + Déjeuner (Cantine)" in world.read()


def test_what_is_doubtful_elsewhere_is_told_there(world):
    """Both tariffs concern the activity; they overlap on a slot of another one alone."""
    other = frozenset({world.slot(world.activity("Cantine"), "Déjeuner").pk})
    morning, meal = frozenset({world.morning.pk}), frozenset({world.meal.pk})
    world.write(sheet(1, (morning, other), fixed("3")))
    world.write(sheet(2, (meal, other), fixed("4")))
    assert "valent pour la même chose" not in world.read()
    world.write(sheet(3, (morning,), fixed("5")))
    assert "valent pour la même chose" in world.read()


def test_what_concerns_an_activity():
    """A row that names no slot is for all."""
    always, mine, theirs = BOOKS["wednesdays"].adjustments[0], frozenset({1}), frozenset({2})
    every = TariffBook(
        (
            sheet(1, (mine,), fixed("1")),
            sheet(2, (theirs,), fixed("1")),
            sheet(3, (theirs, mine | theirs), fixed("1")),
            replace(sheet(4, (), fixed("1")), what=LateFetch(theirs)),
            replace(sheet(5, (), fixed("1")), what=LateFetch(ALL_SLOTS)),
            replace(sheet(6, (mine,), fixed("1")), until=TODAY.replace(day=24)),
            replace(sheet(7, (mine,), fixed("1")), until=TODAY),
            BOOKS["card"].tariffs[0],
        ),
        (
            always,
            adjustment(21, 1, always.case, always.effect, slots=theirs),
            adjustment(22, 1, always.case, always.effect, slots=mine),
        ),
        (
            BOOKS["most"].span_rules[0],
            replace(weekly(BOOKS["most"].span_rules[0].rule), id=61, slots=theirs),
        ),
    )
    found = concerning(every, mine, TODAY)
    assert isinstance(found.tariffs[0].what, Sets)
    assert [row.id for row in found.tariffs] == [1, 3, 5, 7]
    assert [row.id for row in found.adjustments] == [always.id, 22]
    assert [row.id for row in found.span_rules] == [60]


def test_many_tariffs_cost_no_more_queries(world, count_queries):
    for number in range(3):
        world.write(world.on_morning(brackets(("0", "5"), ("600", "6")), order=number))
    with count_queries() as few:
        world.read()
    for number in range(3, 12):
        world.write(world.on_morning(brackets(("0", "5"), ("600", "6")), order=number))
    with count_queries(len(few)):
        world.read()
