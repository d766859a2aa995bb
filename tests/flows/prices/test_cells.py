"""What a cell says is what the bar says of the same click, and what the month is then billed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.accounts.models import User
from marelle.bookings.models import Absence
from marelle.bookings.planning import planning
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_preview, bookings_save
from marelle.core.actor import Actor, Role
from marelle.core.clock import instant_at
from marelle.core.kept import kept_changed, revision_once
from marelle.families.models import Person
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.actor.actors import actor_for
from marelle.flows.prices.cells import CellPrice, cell_prices
from marelle.flows.prices.changes import bill_before, price_change
from marelle.flows.prices.months import priced_home, totals
from marelle.places.models import Post
from marelle.pricing.models import SpanRule
from marelle.pricing.tariffs import Becomes
from marelle.pricing.tariffs import Missed as PricedMissed
from marelle.pricing.writing import adjustment_write
from tests.flows.prices.priced import Priced, months_of_home, seen
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING, adjustment, fixed

pytestmark = pytest.mark.django_db
NOW = instant_at(date(2026, 10, 1), datetime.min.time())
WEEK = date(2026, 11, 2), date(2026, 11, 8)
WEDNESDAY = date(2026, 11, 4)


@pytest.fixture
def world() -> Priced:
    return Priced("wednesdays siblings")


def opened(world: Priced, *days: date) -> None:
    world.rule(world.wednesdays)
    for slot in (*world.slots.values(), world.whole_day):
        for day in days:
            if not slot.openings.filter(day=day).exists():
                world.opening(slot, day)


def shown(
    actor: Actor, days: tuple[date, date] = WEEK, now: datetime = NOW, **asked
) -> tuple[dict[tuple[str, str], CellPrice], bool]:
    """By slot and child, as the home sees them."""
    home = priced_home(actor)
    assert home is not None
    found = planning(actor, first=days[0], last=days[1], beside=home.beside(days), now=now, **asked)
    prices = cell_prices(found, home, days, now=now)
    names = {
        cell.key: (one.child.first_name, cell.opening.slot.name)
        for one in found.shown
        for cells in one.cells.values()
        for cell in cells
    }
    return {names[key]: price for key, price in prices.by_key.items()}, prices.at_highest


def test_a_cell_says_what_it_changes_and_not_what_it_costs_alone(world: Priced):
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, WEDNESDAY, MORNING)
    opened(world, WEDNESDAY)
    found, at_highest = shown(home.actor)
    assert found["Zoé", "Matin"] == CellPrice(Decimal("5.50"), added=False)
    assert found["Zoé", "Repas"] == CellPrice(Decimal("2.00"), added=True)
    assert found["Zoé", "Après-midi"] == CellPrice(Decimal("5.50"), added=True)
    assert found["Zoé", "Journée"] == CellPrice(Decimal("5.50"), added=True), "11.00 in place of 5.50"
    assert not at_highest


def test_a_brother_or_sister_who_is_not_shown_counts(world: Priced):
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe, leo = world.enrols(home, "Zoé"), world.enrols(home, "Léo", date(2016, 5, 14))
    world.books(leo, WEDNESDAY, MORNING)
    opened(world, WEDNESDAY)
    found, _ = shown(home.actor, child_id=zoe.pk)
    assert found["Zoé", "Matin"].amount == Decimal("4.95"), "the second of the day"


def test_what_the_other_home_booked_has_no_price(world: Priced):
    first, second = world.home("Roy"), world.home("Blanc")
    zoe = world.enrols(first, "Zoé")
    world.shared(zoe, first, second)
    other = world.enrolment(zoe, world.wednesdays, second, state="ended")
    world.books(zoe, WEDNESDAY, MORNING, enrolment=other)
    opened(world, WEDNESDAY)
    found, _ = shown(first.actor)
    assert ("Zoé", "Matin") not in found


def test_what_no_tariff_holds_has_no_amount(world: Priced):
    home = world.home("Roy")
    world.enrols(home, "Zoé")
    opened(world, WEDNESDAY)
    found, at_highest = shown(home.actor)
    assert found["Zoé", "Repas"].amount is None
    assert at_highest, "no quotient is known"


def test_nothing_is_read_where_there_is_no_tariff(django_assert_num_queries):
    world = Priced()
    home = world.home("Roy")
    assert priced_home(home.actor) is None


def test_what_is_over_has_no_price(world: Priced):
    home = world.home("Roy")
    world.enrols(home, "Zoé")
    opened(world, date(2026, 9, 30))
    home_of = priced_home(home.actor)
    days = date(2026, 9, 28), date(2026, 10, 4)
    found = planning(home.actor, first=days[0], last=days[1], beside=home_of.beside(days), now=NOW)
    assert not cell_prices(found, home_of, days, now=NOW).by_key


def test_an_agent_sees_no_price_that_tells_an_income_that_it_may_not_read(world: Priced):
    home = world.home("Roy")
    staff = world.staff("dir", Role.DIRECTOR)
    assert priced_home(on_behalf_of(actor_for(staff), home.family.pk)) is None
    Post.objects.update(reads_incomes=True)
    staff = User.objects.get(pk=staff.pk)
    assert priced_home(on_behalf_of(actor_for(staff), home.family.pk)) is not None


def test_an_office_in_the_home_s_name_sees_the_prices_of_its_own_authority_alone(world: Priced):
    """What another authority was told of incomes, a price there would tell."""
    village = world.authority("Mairie")
    staff = world.staff("mairie", Role.OFFICE, authority=village)
    home = world.home("Roy")
    assert priced_home(on_behalf_of(actor_for(staff), home.family.pk)) is None
    world.staff("office", Role.OFFICE)
    own = actor_for(User.objects.get(identifier="office"))
    assert set(priced_home(on_behalf_of(own, home.family.pk)).known) == {world.the_authority.pk}


BOOKS = [
    "wednesdays siblings",
    "wednesdays apart",
    "flat",
    "most",
    "third day",
    "linear",
    "late wednesdays part",
]


@pytest.mark.parametrize("name", BOOKS)
def test_a_cell_the_bar_and_the_month_say_the_same(name: str):
    world = Priced(name)
    home = world.home("Roy")
    world.quotient(home, "987")
    zoe, leo = world.enrols(home, "Zoé"), world.enrols(home, "Léo", date(2016, 5, 14))
    days = [WEDNESDAY + timedelta(days=shift) for shift in range(-2, 4)]
    for day in days[:4]:
        world.books(zoe, day, MEAL)
    world.books(leo, WEDNESDAY, MORNING, AFTERNOON)
    opened(world, *days)
    home_of = priced_home(home.actor)
    span = date(2026, 11, 1), date(2026, 11, 30)
    found = planning(home.actor, first=span[0], last=span[1], beside=home_of.beside(span), now=NOW)
    prices = cell_prices(found, home_of, span, now=NOW)
    told = 0
    for one in found.shown:
        for cells in one.cells.values():
            for cell in cells:
                price = prices.by_key.get(cell.key)
                if price is None or price.amount is None:
                    continue
                change = Change(one.child.id, cell.opening.id, seen=not price.added, wanted=price.added)
                result = Result.BOOKED if price.added else Result.CANCELLED
                outcome = Outcome(change, result, cell.opening, late=cell.state.late)
                bar = price_change(home_of, [outcome])
                assert sum(month.amount for month in bar.months) == (
                    price.amount if price.added else -price.amount
                ), (cell.opening.slot.name, cell.opening.day)
                told += 1
    assert told >= 12


def week_of_meals(book: str) -> tuple[Priced, Any, Person]:
    """Four meals from Tuesday on, or from Monday; Friday is open to be booked."""
    world = Priced(book)
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    opened(world, WEEK[0] + timedelta(days=4))
    return world, home, zoe


def prices_at(home: Any, now: datetime, days: tuple[date, date] = WEEK) -> set[Decimal]:
    home_of = priced_home(home.actor)
    found = planning(home.actor, first=days[0], last=days[1], beside=home_of.beside(days), now=now)
    return amounts_of(cell_prices(found, home_of, days, now=now).by_key.values())


@pytest.mark.parametrize(("spared", "missed_before"), [(0, False), (1, True)])
def test_a_day_that_was_missed_counts_for_the_days_to_come_of_its_week(spared: int, missed_before: bool):
    """Five meals cost 19.80 € instead of 20; of a week in which one was missed, which is charged apart, the
    fourth costs 4 €."""
    world, home, zoe = week_of_meals("flat")
    missed = adjustment(90, 50, PricedMissed(), Becomes(fixed("1")), spared=spared)
    adjustment_write(world.the_authority.pk, missed)
    for day in (date(2026, 9, 8), *(WEEK[0] + timedelta(days=shift) for shift in range(4))):
        if day >= WEEK[0] or missed_before:
            [booked] = world.books(zoe, day, MEAL)
            if day <= WEEK[0]:
                Absence.objects.create(booking=booked, declared_at=NOW, declared_by="x")
    assert prices_at(home, instant_at(date(2026, 11, 5), time(20))) == {Decimal(4)}


@pytest.mark.parametrize("came", [True, False])
def test_who_is_told_absent_today_may_have_come(world: Priced, came: bool):
    """A meal is priced with its morning alone, and a morning that was missed is charged apart."""
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    adjustment_write(world.the_authority.pk, adjustment(90, 50, PricedMissed(), Becomes(fixed("1"))))
    [booked] = world.books(zoe, WEDNESDAY, MORNING)
    Absence.objects.create(booking=booked, declared_at=NOW, declared_by="x")
    if came:
        seen(zoe, booked.opening)
    opened(world, WEDNESDAY)
    now = instant_at(WEDNESDAY, time(9))
    found, _ = shown(home.actor, now=now)
    assert (found["Zoé", "Repas"].amount is not None) is came


@pytest.mark.parametrize(
    ("today", "came", "told"), [(1, False, "4.00"), (2, False, "4.00"), (2, True, "3.80")]
)
def test_who_is_told_absent_counts_as_missed_but_who_came_all_the_same(today: int, came: bool, told: str):
    """Of Monday, told on it or the day before: the fifth meal of the week is then the fourth. Nothing is
    asked for a day to come."""
    world, home, zoe = week_of_meals("flat")
    adjustment_write(world.the_authority.pk, adjustment(90, 50, PricedMissed(), Becomes(fixed("1"))))
    for shift in range(4):
        [booked] = world.books(zoe, WEEK[0] + timedelta(days=shift), MEAL)
        if not shift:
            Absence.objects.create(booking=booked, declared_at=NOW, declared_by="x")
            if came:
                seen(zoe, booked.opening)
    home_of, now = priced_home(home.actor), instant_at(date(2026, 11, today), time(8))
    days = WEEK[0] + timedelta(days=1), WEEK[1]
    found = planning(home.actor, first=days[0], last=days[1], beside=home_of.beside(days), now=now)
    with revision_once():
        cell_prices(found, home_of, days, now=now)
        with CaptureQueriesContext(connection) as asked:
            prices = cell_prices(found, home_of, days, now=now)
    friday = (price for price in prices.by_key.values() if price.added)
    assert amounts_of(friday) == {Decimal(told)}
    assert bool(len(asked)) is (today == WEEK[0].day)


@pytest.mark.parametrize(("today", "told"), [(3, {"3.80", "4.00"}), (5, {"3.80"})])
@pytest.mark.parametrize("days", [WEEK, (date(2026, 11, 1), date(2026, 11, 30))])
def test_who_was_seen_unbooked_counts_for_the_days_to_come_of_its_week(
    days: tuple[date, date], today: int, told: set[str]
):
    """The fifth meal of the week; of those booked, one taken back leaves four."""
    world, home, zoe = week_of_meals("flat")
    opening = world.opening(world.slots[MEAL], WEEK[0])
    seen(zoe, opening)
    for shift in range(1, 4):
        world.books(zoe, WEEK[0] + timedelta(days=shift), MEAL)
    assert prices_at(home, instant_at(date(2026, 11, today), time(20)), days) == set(map(Decimal, told))


@pytest.mark.parametrize(("about", "more"), [(MORNING, False), (MEAL, True)])
def test_a_week_that_has_begun_is_read_where_a_rule_is_about_what_is_to_come(about: int, more: bool):
    """Friday has a meal to come."""
    world, home, zoe = week_of_meals("flat")
    SpanRule.objects.get().slots.set([world.slots[about]])
    kept_changed()
    for shift in range(4):
        world.books(zoe, WEEK[0] + timedelta(days=shift), MEAL)
    home_of, now = priced_home(home.actor), instant_at(date(2026, 11, 4), time(20))
    found = planning(home.actor, first=WEEK[0], last=WEEK[1], beside=home_of.beside(WEEK), now=now)
    with revision_once():
        cell_prices(found, home_of, WEEK, now=now)
        with CaptureQueriesContext(connection) as asked:
            cell_prices(found, home_of, WEEK, now=now)
    assert bool(len(asked)) is more


def test_what_is_taken_back_gives_back_what_its_week_corrects():
    world, home, zoe = week_of_meals("flat")
    for shift in range(5):
        world.books(zoe, WEEK[0] + timedelta(days=shift), MEAL)
    assert prices_at(home, NOW) == {Decimal("3.80")}


def test_days_to_come_of_a_week_beyond_the_month_cost_no_query(django_assert_num_queries):
    world, home, zoe = week_of_meals("flat")
    november = date(2026, 11, 1), date(2026, 11, 30)
    monday, first = date(2026, 11, 30), date(2026, 12, 1)
    opened(world, monday)
    for shift in range(4):
        world.books(zoe, first + timedelta(days=shift), MEAL)
    home_of = priced_home(home.actor)
    found = planning(
        home.actor, first=november[0], last=november[1], beside=home_of.beside(november), now=NOW
    )
    unread = replace(found, beside=home_of.beside(WEEK))
    with revision_once():
        asked = cell_prices(unread, home_of, november, now=NOW)
        with django_assert_num_queries(0):
            prices = cell_prices(found, home_of, november, now=NOW)
    assert prices == asked
    by_week = {Decimal(4), Decimal("3.80")}
    assert amounts_of(prices.by_key.values()) == by_week, "alone in its week, and the fifth"


def amounts_of(prices: Iterable[CellPrice]) -> set[Decimal]:
    return {price.amount for price in prices if price.amount is not None}


def test_the_bar_is_what_the_save_changes(world: Priced):
    home = world.home("Roy")
    world.quotient(home, "400")
    zoe = world.enrols(home, "Zoé")
    world.books(zoe, WEDNESDAY, MORNING)
    opened(world, WEDNESDAY, date(2026, 12, 2))
    openings = {
        (opening.slot_id, opening.day): opening.pk
        for slot in (*world.slots.values(), world.whole_day)
        for opening in slot.openings.all()
    }
    changes = [
        Change(zoe.pk, openings[MORNING, WEDNESDAY], seen=True, wanted=False),
        Change(zoe.pk, openings[world.whole_day.pk, WEDNESDAY], seen=False, wanted=True),
        Change(zoe.pk, openings[MORNING, date(2026, 12, 2)], seen=False, wanted=True),
        Change(zoe.pk, 10**9, seen=False, wanted=True),
    ]
    home_of = priced_home(home.actor)
    span = date(2026, 11, 1), date(2026, 12, 31)
    before = totals(months_of_home(home.family.pk, span))
    bill = bill_before(home_of, {change.opening_id for change in changes})
    bar = price_change(home_of, bookings_preview(home.actor, changes, now=NOW))
    assert bar == bill.changed_by(bookings_save(actor=home.actor, changes=changes, now=NOW))
    after = totals(months_of_home(home.family.pk, span))
    assert [(one.first, one.amount, one.total) for one in bar.months] == [
        (first, after[first] - before.get(first, 0), after[first]) for first in after
    ]
    assert [str(one.amount) for one in bar.months] == ["5.50", "5.50"]
    [why] = bar.why
    come, go = (sum(one.amount for one in lines) for lines in (why.more, why.less))
    assert come - go == sum(one.amount for one in bar.months)
    assert [one.days for one in why.less] == [(WEDNESDAY,)]


def test_what_waits_for_a_place_costs_nothing_yet(world: Priced):
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    opened(world, WEDNESDAY)
    opening = world.slots[MORNING].openings.get()
    change = Change(zoe.pk, opening.pk, seen=False, wanted=True)
    waiting = [Outcome(change, Result.WAITING, _opening(home.actor, opening.pk))]
    assert [month.amount for month in price_change(priced_home(home.actor), waiting).months] == []


def _opening(actor: Actor, opening_id: int):
    found = planning(actor, first=WEEK[0], last=WEEK[1], now=NOW)
    cells = (cell for one in found.shown for cells in one.cells.values() for cell in cells)
    return next(cell.opening for cell in cells if cell.opening.id == opening_id)
