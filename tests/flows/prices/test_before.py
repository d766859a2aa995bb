"""Fetched late, and what warns first: the same price by every way to it, whichever days are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from marelle.activities.absences import AbsenceGrade, Told
from marelle.activities.effects import facts_of
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.models import Absence
from marelle.bookings.planning import planning
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.states import BookingState
from marelle.core.clock import instant_at
from marelle.flows.prices.cells import cell_prices
from marelle.flows.prices.changes import bill_of, price_change
from marelle.flows.prices.comparing import compared
from marelle.flows.prices.months import priced_home
from marelle.flows.prices.trying import Happened, Wanted, tried_for_home
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Becomes, LateFetch, Tariff
from marelle.pricing.tariffs import Missed as PricedMissed
from marelle.pricing.writing import adjustment_write, tariff_write
from tests.flows.prices.priced import NOVEMBER, Priced, amounts, months_of_home, seen
from tests.flows.prices.test_months import QUERIES
from tests.pricing.sheets import (
    AFTERNOON,
    BOOKS,
    EVENING,
    MEAL,
    MORNING,
    START,
    adjustment,
    euros,
    fixed,
    tariff,
)

pytestmark = pytest.mark.django_db

DAYS = [date(2026, 11, day) for day in (4, 5, 18, 25)]
FIRST, SECOND, THIRD, FOURTH = DAYS
DECEMBER = date(2026, 12, 1), date(2026, 12, 31)


class Closing(Priced):
    """Evenings until 18:30, at 2.00; fetched after them 26.00, a warning first."""

    def __init__(self) -> None:
        super().__init__()
        self.evening = self.slot(self.wednesdays, "Soir", "16:30", "18:30", pk=EVENING)
        for row in (tariff(1, (frozenset({EVENING}),), fixed("2")), *BOOKS["closing"].tariffs):
            tariff_write(self.the_authority.pk, row)
        self.roy = self.home("Roy")
        self.zoe = self.enrols(self.roy, "Zoé")

    def fetched(self, day: date, left: str = "18:45", child=None, **others) -> None:
        child = child or self.zoe
        [booked] = self.books(child, day, self.evening, **others)
        seen(child, booked.opening, left)


def test_the_first_time_is_a_warning_and_the_next_is_charged():
    world = Closing()
    for day in (FIRST, SECOND, THIRD):
        world.fetched(day)
    assert amounts(world.roy) == [*map(euros, ("2", "0", "2", "26", "2", "26"))]


@pytest.mark.parametrize(
    ("left", "minutes"),
    [("18:29", 0), ("18:30:59", 0), ("18:31", 1), ("18:31:01", 2), ("18:45", 15), (None, 0)],
)
def test_the_minute_of_the_end_is_not_late_and_one_begun_counts(left, minutes):
    world = Closing()
    world.fetched(FIRST, left)
    rows = bill_of(priced_home(world.roy.actor), NOVEMBER).rows
    assert [row.fetched for row in rows] == [minutes]


def test_who_is_marked_absent_was_not_fetched():
    world = Closing()
    [booked] = world.books(world.zoe, FIRST, world.evening)
    seen(world.zoe, booked.opening, "18:45", present=False)
    assert amounts(world.roy) == [2]


def test_who_goes_on_to_the_next_slot_was_not_fetched():
    """Be the next one booked by its other home."""
    world = Closing()
    other = world.home("Blanc")
    world.shared(world.zoe, world.roy, other)
    stay = world.enrolment(world.zoe, world.wednesdays, other, state="ended")
    [afternoon] = world.books(world.zoe, FIRST, AFTERNOON)
    seen(world.zoe, afternoon.opening, "18:10")
    rows = bill_of(priced_home(world.roy.actor), NOVEMBER).rows
    assert [row.fetched for row in rows] == [10]
    world.books(world.zoe, FIRST, world.evening, enrolment=stay)
    rows = bill_of(priced_home(world.roy.actor), NOVEMBER).rows
    assert [row.fetched for row in rows] == [0]


def test_what_it_has_in_another_structure_is_another_departure():
    world = Closing()
    elsewhere = world.activity("Musique", structure=world.structure("Conservatoire"))
    lesson = world.slot(elsewhere, "Leçon", "19:00", "20:00")
    world.enrolment(world.zoe, elsewhere, world.roy)
    world.fetched(FIRST)
    world.books(world.zoe, FIRST, lesson)
    rows = bill_of(priced_home(world.roy.actor), NOVEMBER).rows
    assert [row.fetched for row in rows] == [15, 0]


def test_a_whole_day_is_fetched_from_its_last_slot():
    world = Priced("wednesdays")
    late = Tariff(45, "retard", START, None, LateFetch(frozenset({AFTERNOON})), fixed("26"))
    tariff_write(world.the_authority.pk, late)
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    [booked] = world.books(zoe, FIRST, world.whole_day)
    seen(zoe, booked.opening, "18:15")
    assert amounts(home) == [16, 26]


def test_where_nobody_is_charged_for_it_nothing_is_told():
    world = Priced("wednesdays")
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    [booked] = world.books(zoe, FIRST, AFTERNOON)
    seen(zoe, booked.opening, "18:15")
    [month] = months_of_home(home.family.pk, NOVEMBER)
    assert (len(month.lines), month.gaps) == (1, ())


def test_the_home_that_is_charged_is_the_one_that_booked():
    world = Closing()
    other = world.home("Blanc")
    world.shared(world.zoe, world.roy, other)
    stay = world.enrolment(world.zoe, world.wednesdays, other, state="ended")
    world.fetched(FIRST)
    world.fetched(SECOND, enrolment=stay)
    world.fetched(THIRD)
    assert amounts(world.roy) == [2, 0, 2, 26]
    assert amounts(other) == [2, 0], "what another home was told is no warning"


def test_unbooked_it_is_the_home_whose_day_it_is():
    world = Closing()
    other = world.home("Blanc")
    world.shared(world.zoe, world.roy, other)
    for day in (FIRST, date(2026, 11, 11)):  # Weeks 45 and 46: even weeks are the first home's.
        seen(world.zoe, world.opening(world.evening, day), "18:45")
    found = [
        [(row.day.day, row.fetched) for row in bill_of(priced_home(home.actor), NOVEMBER).rows]
        for home in (world.roy, other)
    ]
    assert found == [[(11, 15)], [(4, 15)]]


def test_a_time_of_an_earlier_month_counts_and_one_of_an_earlier_school_year_does_not():
    world = Closing()
    world.fetched(date(2026, 9, 30))
    world.fetched(FIRST)
    assert amounts(world.roy) == [2, 26]
    assert amounts(world.roy, (date(2026, 9, 1), NOVEMBER[1])) == [2, 0, 2, 26]
    world.fetched(date(2027, 9, 1))
    september = date(2027, 9, 1), date(2027, 9, 30)
    assert amounts(world.roy, september) == [2, 0]
    assert amounts(world.roy, (date(2027, 8, 1), september[1])) == [2, 0]
    assert amounts(world.roy, (date(2026, 9, 1), september[1])) == [2, 0, 2, 26, 2, 0]


def test_a_price_that_changes_takes_no_warning_back():
    world = Closing()
    world.fetched(FIRST)
    TariffRow.objects.filter(name="retard").update(until=date(2026, 11, 10))
    dearer = replace(BOOKS["closing"].tariffs[0], since=date(2026, 11, 11), amount=fixed("30"))
    tariff_write(world.the_authority.pk, dearer)
    world.fetched(THIRD)
    assert amounts(world.roy) == [2, 0, 2, 30]


class Warned(Priced):
    """« canteen warned »: booked late, unbooked and missed, each with its warnings."""

    def __init__(self, name: str = "canteen warned") -> None:
        super().__init__(name)
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé")


def test_each_kind_of_thing_has_its_own_warnings():
    world = Warned()
    world.books(world.zoe, FIRST, MEAL, late=True)
    seen(world.zoe, world.opening(world.slots[MEAL], SECOND))
    [told] = world.books(world.zoe, THIRD, MEAL)
    Absence.objects.create(booking=told, declared_at=timezone.now(), declared_by="x")
    assert amounts(world.roy) == [euros("3.15")] * 3
    world.books(world.zoe, date(2026, 12, 2), MEAL, late=True)
    seen(world.zoe, world.opening(world.slots[MEAL], date(2026, 12, 3)))
    [missed] = world.books(world.zoe, date(2026, 12, 4), MEAL)
    seen(world.zoe, missed.opening, present=False)
    assert amounts(world.roy, DECEMBER) == [*map(euros, ("4.73", "10", "3.15"))]


def test_a_brother_or_sister_has_its_own():
    world = Warned()
    leo = world.enrols(world.roy, "Léo")
    world.books(world.zoe, FIRST, MEAL, late=True)
    world.books(leo, SECOND, MEAL, late=True)
    assert amounts(world.roy) == [euros("3.15")] * 2


def test_it_hangs_on_days_and_not_on_the_order_of_clicks():
    world = Warned()
    for day in (THIRD, FIRST, SECOND):
        world.books(world.zoe, day, MEAL, late=True)
    assert amounts(world.roy) == [*map(euros, ("3.15", "4.73", "4.73"))]


def prices_of_cells(world: Priced, days, now: datetime):
    home = priced_home(world.roy.actor)
    found = planning(world.roy.actor, first=days[0], last=days[1], beside=home.beside(days), now=now)
    prices = cell_prices(found, home, days, now=now)
    for one in found.shown:
        for cells in one.cells.values():
            for cell in cells:
                price = prices.by_key.get(cell.key)
                if price is not None and price.amount is not None:
                    yield one.child.id, cell, price


@pytest.mark.parametrize("name", ["canteen warned", "late wednesdays warned", "flat"])
def test_a_cell_the_bar_and_the_month_say_the_same_whatever_days_are_shown(name: str):
    """Late cells before, between and after what was booked late, a week shown or a month."""
    world = Warned(name)
    if name == "flat":
        late = replace(BOOKS["canteen warned"].adjustments[0], id=90)
        adjustment_write(world.the_authority.pk, late)
    month_before = Limit(LimitKind.MONTH_BEFORE, n=1, time=time(12))
    world.rule(world.wednesdays, book=month_before, cancel=Limit(LimitKind.START), after="late")
    first = date(2026, 11, 2)
    days = [first + timedelta(days=ahead) for ahead in range(5)] + [date(2026, 11, 18)]
    for day in days:
        for slot in world.slots.values():
            world.opening(slot, day)
    for day, slot in ((days[1], MEAL), (days[3], MEAL), (days[3], MORNING), (days[5], MEAL)):
        world.books(world.zoe, day, slot, late=True)
    world.books(world.zoe, days[2], MORNING)
    now = instant_at(date(2026, 11, 1), time(12))
    told, lates = {}, set()
    for shown in ((first, date(2026, 11, 8)), NOVEMBER):
        for child_id, cell, price in prices_of_cells(world, shown, now):
            change = Change(child_id, cell.opening.id, seen=not price.added, wanted=price.added)
            result = Result.BOOKED if price.added else Result.CANCELLED
            outcome = Outcome(change, result, cell.opening, late=cell.state.late)
            bar = price_change(priced_home(world.roy.actor), [outcome])
            amount = sum(month.amount for month in bar.months)
            assert amount == (price.amount if price.added else -price.amount), (name, cell.key, shown)
            assert told.setdefault(cell.key, price) == price
            lates.add(cell.state.late)
    assert len(told) >= 6
    assert lates == {True, False}


def test_a_cell_before_a_warning_makes_the_next_time_one_to_pay():
    world = Warned()
    month_before = Limit(LimitKind.MONTH_BEFORE, n=1, time=time(12))
    world.rule(world.wednesdays, book=month_before, cancel=Limit(LimitKind.START), after="late")
    world.opening(world.slots[MEAL], FIRST)
    world.books(world.zoe, THIRD, MEAL, late=True)
    now = instant_at(date(2026, 11, 1), time(12))
    week = date(2026, 11, 2), date(2026, 11, 8)
    [(_child, _cell, price)] = prices_of_cells(world, week, now)
    assert price.amount == euros("4.73"), "3.15 that day, and 1.58 on the 18th"


def test_an_absence_that_is_told_counts_those_before_it():
    world = Warned()
    for day in (date(2026, 9, 2), date(2026, 10, 7)):
        [missed] = world.books(world.zoe, day, MEAL)
        seen(world.zoe, missed.opening, present=False)
    [booked] = world.books(world.zoe, FIRST, MEAL)
    bill = bill_of(priced_home(world.roy.actor), NOVEMBER)
    never = AbsenceGrade(Told.NEVER, None, waiting=False)
    assert [one.amount for one in bill.without((), {booked.pk: never}).months] == [euros("2.85")]


def test_tried_it_is_what_the_month_would_say():
    world = Warned()
    facts = facts_of(world.wednesdays)
    home, child = world.roy.family.pk, world.zoe.pk
    assert tried_for_home(facts, home, child, Wanted(FIRST, [MEAL], Happened.LATE)).added == euros("3.15")
    world.books(world.zoe, date(2026, 9, 2), MEAL, late=True)
    assert tried_for_home(facts, home, child, Wanted(FIRST, [MEAL], Happened.LATE)).added == euros("4.73")
    assert tried_for_home(facts, home, child, Wanted(FIRST, [MEAL], Happened.UNBOOKED)).added == euros("3.15")


@pytest.mark.parametrize("name", ["canteen warned", "flat"])
def test_a_month_tried_with_other_tariffs_counts_what_was_before_it(name: str):
    world = Warned(name)
    if name == "flat":
        adjustment_write(world.the_authority.pk, replace(BOOKS["canteen warned"].adjustments[0], id=90))
    other = world.home("Blanc")
    world.quotient(other, "400")
    leo = world.enrols(other, "Léo")
    world.books(leo, FIRST, MEAL, late=True)
    for day in (date(2026, 9, 2), FIRST):
        world.books(world.zoe, day, MEAL, late=True)
    book = book_of(world.the_authority.pk)
    found = compared(world.the_authority.pk, (book, book), NOVEMBER)
    assert [one.before for one in found.homes] == [sum(amounts(home)) for home in (world.roy, other)]
    assert found.before == found.after


def test_queries_are_more_only_where_something_was_done_that_is_warned_of(django_assert_num_queries):
    world = Warned()
    world.books(world.zoe, FIRST, MEAL)
    amounts(world.roy)
    with django_assert_num_queries(QUERIES):
        amounts(world.roy)
    world.books(world.zoe, SECOND, MEAL, late=True)
    with django_assert_num_queries(QUERIES + 1):
        amounts(world.roy)
    for day in range(7, 12):
        world.books(world.zoe, date(2026, 10, day), MEAL, late=True)
    with django_assert_num_queries(QUERIES + 1):
        amounts(world.roy)


def test_a_place_that_it_waits_for_is_no_slot_to_go_on_to():
    world = Closing()
    [afternoon] = world.books(world.zoe, FIRST, AFTERNOON)
    seen(world.zoe, afternoon.opening, "18:10")
    world.books(world.zoe, FIRST, world.evening, state=BookingState.WAITING)
    rows = bill_of(priced_home(world.roy.actor), NOVEMBER).rows
    assert [row.fetched for row in rows] == [10]


def test_what_was_done_at_another_authority_is_no_time_here():
    world = Warned()
    village = world.authority("Mairie d’Arelle")
    canteen = world.activity("Cantine", kind="canteen", structure=world.structure("École", authority=village))
    lunch = world.slot(canteen, "Midi", "12:00", "14:00")
    world.enrolment(world.zoe, canteen, world.roy)
    world.books(world.zoe, date(2026, 9, 2), lunch, late=True)
    world.books(world.zoe, FIRST, MEAL, late=True)
    assert amounts(world.roy) == [euros("3.15")]


WEEK = date(2026, 11, 2), date(2026, 11, 8)
NOW = instant_at(date(2026, 11, 1), time(12))


@pytest.mark.parametrize(("before", "price"), [(False, "3.15"), (True, "4.73")])
def test_a_cell_counts_what_was_before_the_days_shown(before: bool, price: str):
    world = Warned()
    month_before = Limit(LimitKind.MONTH_BEFORE, n=1, time=time(12))
    world.rule(world.wednesdays, book=month_before, cancel=Limit(LimitKind.START), after="late")
    world.opening(world.slots[MEAL], FIRST)
    if before:
        world.books(world.zoe, date(2026, 9, 2), MEAL, late=True)
    [(_child, _cell, found)] = prices_of_cells(world, WEEK, NOW)
    assert found.amount == euros(price)


def test_taking_back_a_warning_makes_a_later_time_one():
    world = Warned()
    world.rule(world.wednesdays)
    for day in (FIRST, THIRD):
        world.books(world.zoe, day, MEAL, late=True)
    [(_child, _cell, found)] = prices_of_cells(world, WEEK, NOW)
    assert found.amount == euros("4.73"), "3.15, and 1.58 on the 18th"


def test_a_cell_beside_an_absence_counts_those_before_it():
    """Matin, missed for the second time, is charged apart: Repas has its own price, and not that of a set."""
    world = Warned("wednesdays apart")
    missed = adjustment(90, 50, PricedMissed(), Becomes(fixed("1")), spared=1)
    adjustment_write(world.the_authority.pk, missed)
    world.rule(world.wednesdays)
    world.opening(world.slots[MEAL], FIRST)
    amount = []
    for day in (FIRST, date(2026, 9, 2)):
        [told] = world.books(world.zoe, day, MORNING)
        Absence.objects.create(booking=told, declared_at=timezone.now(), declared_by="x")
        prices = prices_of_cells(world, WEEK, NOW)
        amount += [price.amount for _child, cell, price in prices if cell.opening.slot.name == "Repas"]
    assert amount == [euros("2"), euros("3.15")]


def test_of_a_month_tried_a_day_that_ended_late_is_not_like_another():
    world = Closing()
    TariffRow.objects.filter(name="retard").update(spared=0)
    world.fetched(FIRST)
    world.fetched(SECOND, "18:20")
    book = book_of(world.the_authority.pk)
    assert compared(world.the_authority.pk, (book, book), NOVEMBER).before == sum(amounts(world.roy)) == 30
