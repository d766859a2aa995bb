"""A month that is over, with the tariffs that hold and with others: what each home would pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from marelle.activities.models import Activity
from marelle.bookings.models import Attendance
from marelle.flows.prices.comparing import MOST_NAMED, Compared, HomeCompared, compared
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.reading import NO_SLOTS, There, slots_held
from marelle.places.models import Authority
from marelle.pricing.copying import Raise, Rounding, books_tried, copies, plan
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Most
from marelle.pricing.writing import span_rule_write
from tests.flows.prices.priced import NOVEMBER, WEDNESDAYS, Priced, amounts
from tests.pricing.sheets import AFTERNOON, BOOKS, MEAL, MORNING, euros, fixed

pytestmark = pytest.mark.django_db

JANUARY = date(2027, 1, 1)
FIRST, SECOND, THIRD = WEDNESDAYS
DEARER = Raise(JANUARY, Decimal(10), Rounding.TEN)


def tried(world: Priced, own=None, by: Raise = DEARER) -> Compared:
    authority_id = world.the_authority.pk
    book = book_of(authority_id)
    made = copies(plan(book, JANUARY, own).rows, by)
    return compared(authority_id, books_tried(book, made, JANUARY), NOVEMBER, own)


def test_each_home_pays_what_its_month_costs_then_what_it_would():
    world = Priced("wednesdays")
    roy, martin = world.home("Roy"), world.home("Martin")
    world.quotient(roy, "400")
    zoe, ines = world.enrols(roy, "Zoé"), world.enrols(martin, "Inès")
    for day in (FIRST, SECOND):
        world.books(zoe, day, MORNING, MEAL)
    world.books(ines, THIRD, AFTERNOON)
    found = tried(world)
    assert [(one.family_id, one.before, one.after) for one in found.homes] == [
        (roy.family.pk, euros("15.00"), euros("16.60")),
        (martin.family.pk, euros("8.00"), euros("8.80")),
    ]
    assert found.before == sum(amounts(roy)) + sum(amounts(martin))
    assert (found.more, found.less, found.same) == (2, 0, 0)
    assert found.median == euros("1.20"), "of 1.60 and 0.80"
    assert [one.family_id for one in found.losers] == [roy.family.pk, martin.family.pk]


def test_days_of_a_home_that_differ_are_each_priced_as_they_are():
    """By what is had, and by the quotient that counts: of a change in mid-month, from its date."""
    world = Priced("wednesdays")
    Authority.objects.filter(pk=world.the_authority.pk).update(incomes_count="its_date")
    roy = world.home("Roy")
    world.quotient(roy, "590", since=date(2026, 9, 1))
    world.quotient(roy, "350", since=date(2026, 11, 16))
    zoe = world.enrols(roy, "Zoé")
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, SECOND, MORNING)
    world.books(zoe, THIRD, MORNING, MEAL)
    [found] = tried(world).homes
    assert found.before == sum(amounts(roy)) == euros("18.00"), "6.00, 5.00 and 7.00"
    assert found.after == euros("19.80")


def test_days_that_no_week_corrects_are_priced_beside_those_that_one_does():
    """A week of the month before counts for its cap; a day of it is not of the month."""
    world = Priced("wednesdays")
    rule = replace(BOOKS["most"].span_rules[0], id=90, slots=frozenset({MEAL}), rule=Most(fixed("3")))
    span_rule_write(world.the_authority.pk, rule)
    roy = world.home("Roy")
    world.quotient(roy, "400")
    zoe = world.enrols(roy, "Zoé")
    world.books(zoe, date(2026, 10, 31), MORNING)
    world.books(zoe, FIRST, MORNING)
    world.books(zoe, SECOND, MORNING, MEAL)
    [found] = tried(world).homes
    assert found.before == sum(amounts(roy)) == euros("5.50") + euros("3.00")


def test_weeks_correct_their_days_as_in_a_month_of_the_home():
    world = Priced("flat")
    roy = world.home("Roy")
    zoe = world.enrols(roy, "Zoé")
    for day in range(2, 7):
        world.books(zoe, date(2026, 11, day), MEAL)
    found = tried(world)
    assert found.before == sum(amounts(roy)) == euros("19.80")
    assert found.after == euros("21.80")


def test_what_would_have_no_price_is_counted_by_home():
    world = Priced("wednesdays")
    for name in ("Roy", "Martin"):
        child = world.enrols(world.home(name), "Zoé")
        for day in (FIRST, SECOND):
            world.books(child, day, MEAL)
    found = tried(world)
    assert found.gaps == {MEAL: 2}
    assert found.slots == {MEAL: f"Repas ({world.wednesdays.name})"}
    assert tried(world, frozenset({MORNING})).gaps == {}, "it is not of these slots"


def test_of_an_activity_the_homes_that_booked_it_alone_are_counted():
    world = Priced("wednesdays")
    other = world.activity("Cantine", kind="canteen")
    lunch = world.slot(other, "Midi")
    world.books(world.enrols(world.home("Roy"), "Zoé"), FIRST, MORNING)
    world.books(world.enrols(world.home("Martin"), "Léo", activity=other), FIRST, lunch)
    assert len(tried(world).homes) == 2
    assert len(tried(world, frozenset({MORNING, MEAL, AFTERNOON})).homes) == 1
    assert Activity.objects.count() == 2


def test_what_is_cancelled_or_of_another_month_or_authority_is_not_counted():
    world = Priced("wednesdays")
    child = world.enrols(world.home("Roy"), "Zoé")
    world.books(child, FIRST, MORNING, state="cancelled")
    world.books(child, date(2026, 12, 2), MORNING)
    assert tried(world).homes == ()
    assert tried(world).median == 0


def test_of_one_authority_the_same_is_read_as_of_all():
    world = Priced("wednesdays")
    roy = world.home("Roy")
    zoe, leo = world.enrols(roy, "Zoé"), world.enrols(roy, "Léo")
    world.books(zoe, FIRST, MORNING, late=True)
    [missed] = world.books(leo, SECOND, MEAL)
    Attendance.objects.create(
        opening=missed.opening, child=leo, day=SECOND, present=False, noted_at=timezone.now(), noted_by="Sam"
    )
    opening = world.opening(world.slots[MEAL], THIRD)
    Attendance.objects.create(
        opening=opening, child=zoe, day=THIRD, present=True, noted_at=timezone.now(), noted_by="Sam"
    )
    situations = situations_of([roy.family.pk])
    every = slots_held(situations, NOVEMBER, NO_SLOTS)
    assert len(every[roy.family.pk]) == 3
    assert slots_held(situations, NOVEMBER, NO_SLOTS, There(world.the_authority.pk)) == every
    assert slots_held(situations, NOVEMBER, NO_SLOTS, There(0)) == {roy.family.pk: []}


def test_ten_who_would_pay_most_are_told_the_most_first():
    homes = tuple(HomeCompared(pk, euros("10"), euros("10") + pk) for pk in range(-2, 15))
    found = Compared(NOVEMBER[0], homes, {}, {})
    assert [one.family_id for one in found.losers] == list(range(14, 14 - MOST_NAMED, -1))
    assert (found.more, found.less, found.same) == (14, 2, 1)
    assert [one.family_id for one in Compared(NOVEMBER[0], homes[:4], {}, {}).losers] == [1]


def test_queries_do_not_grow_with_homes(django_assert_max_num_queries):
    world = Priced("wednesdays")
    for name in ("Roy", "Martin", "Petit", "Durand"):
        world.books(world.enrols(world.home(name), "Zoé"), FIRST, MORNING)
    tried(world)
    with django_assert_max_num_queries(8):
        tried(world)
