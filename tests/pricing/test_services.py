"""Who writes tariffs, from when, and what becomes of those before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Role
from marelle.pricing.models import Adjustment, Price, PriceBracket, Product, ResourceBound, SpanRule, Tariff
from marelle.pricing.products import ProductTerms, product_add
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.selectors import book_of
from marelle.pricing.services import resource_bound_set, tariff_end, tariff_set
from marelle.pricing.tariffs import LateFetch, Sets
from marelle.pricing.tariffs import Product as PureProduct
from tests.pricing.sheets import BOOKS, MEAL, MEAL_AT_4, SLOTS, euros, fixed
from tests.scenario import Scenario

NOW = datetime(2026, 11, 4, 10, tzinfo=PARIS)
TODAY = NOW.date()
JANUARY = date(2027, 1, 1)
MEALS = replace(MEAL_AT_4, since=TODAY)


@pytest.fixture
def world(db) -> Scenario:
    world = Scenario()
    activity = world.activity()
    for name, number in SLOTS.items():
        world.slot(activity, name, pk=number)
    return world


@pytest.fixture
def office(world: Scenario):
    return actor_for(world.staff("guichet", Role.OFFICE))


def refused(code: str):
    return pytest.raises(TariffRefused, check=lambda no: no.code == code)


def add(actor, world: Scenario, tariff=MEALS, **others):
    return tariff_set(
        actor=actor, authority_id=world.the_authority.pk, tariff=tariff, **{"now": NOW} | others
    )


def end(actor, world: Scenario, row, until: date):
    tariff_end(actor=actor, authority_id=world.the_authority.pk, row=row, until=until, now=NOW)


def told() -> list[tuple[str, str]]:
    return list(Entry.objects.order_by("pk").values_list("verb", "subject_label"))


def test_a_tariff_ends_and_another_begins(world: Scenario, office):
    """The one that has priced something stays as it was, until the day before."""
    row = add(office, world)
    add(office, world, replace(MEALS, since=JANUARY, amount=fixed("4.20"), name="2027"), replaces=row.pk)
    first, second = book_of(world.the_authority.pk).tariffs
    assert (first.amount, first.since, first.until) == (fixed("4"), TODAY, date(2026, 12, 31))
    assert (second.amount, second.since, second.until) == (fixed("4.20"), JANUARY, None)
    assert told() == [("tariff.set", MEALS.name), ("tariff.set", "2027")]


def test_each_kind_is_written_and_ended(world: Scenario, office):
    adjustment = replace(BOOKS["canteen"].adjustments[0], since=TODAY)
    rule = replace(BOOKS["flat"].span_rules[0], since=TODAY)
    rows = [add(office, world, one) for one in (MEALS, adjustment, rule)]
    assert [type(row) for row in rows] == [Tariff, Adjustment, SpanRule]
    for row in rows:
        end(office, world, row, JANUARY)
    book = book_of(world.the_authority.pk)
    assert {row.until for row in (*book.tariffs, *book.adjustments, *book.span_rules)} == {JANUARY}
    assert [verb for verb, _label in told()] == ["tariff.set"] * 3 + ["tariff.ended"] * 3
    assert Entry.objects.filter(verb="tariff.ended").first().data == {"day": "2027-01-01"}


def test_what_would_not_have_begun_is_taken_away_with_its_prices(world: Scenario, office):
    grid = BOOKS["canteen"].tariffs[0].amount
    later = add(office, world, replace(MEALS, since=JANUARY, amount=grid, food=fixed("1")))
    late = add(office, world, replace(BOOKS["canteen"].adjustments[0], since=JANUARY))
    end(office, world, later, date(2026, 12, 31))
    add(office, world, replace(BOOKS["canteen siblings"].adjustments[2], since=TODAY), replaces=late.pk)
    assert (Tariff.objects.count(), Price.objects.count(), PriceBracket.objects.count()) == (0, 0, 0)
    assert Adjustment.objects.count() == 1


def test_days_gone_by_are_not_touched(world: Scenario, office):
    yesterday, before = date(2026, 11, 3), date(2026, 11, 2)
    with refused("past"):
        add(office, world, replace(MEALS, since=yesterday))
    row = add(office, world)
    Tariff.objects.update(since=date(2026, 9, 1))
    with refused("past"):
        end(office, world, row, before)
    end(office, world, row, yesterday)
    assert Tariff.objects.get().until == yesterday
    with refused("not_in_order"):
        add(office, world, replace(MEALS, since=JANUARY, until=TODAY))


def test_what_has_ended_already_has_no_other_end(world: Scenario, office):
    row = add(office, world, replace(MEALS, until=date(2026, 11, 30)))
    with refused("replaced"):
        add(office, world, replace(MEALS, since=JANUARY), replaces=row.pk)
    assert Tariff.objects.count() == 1
    add(office, world, replace(MEALS, since=date(2026, 12, 1)), replaces=row.pk)
    assert Tariff.objects.count() == 2


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (Sets(()), "no_slots"),
        (Sets((frozenset({MEAL}), frozenset())), "no_slots"),
        (Sets((frozenset({MEAL, 99}),)), "slots"),
        (LateFetch(frozenset({99})), "slots"),
        (PureProduct(99), "product"),
    ],
)
def test_what_is_priced_is_of_the_authority(world: Scenario, office, what, code: str):
    with refused(code):
        add(office, world, replace(MEALS, what=what))
    with refused("slots"):
        add(office, world, replace(BOOKS["canteen"].adjustments[0], since=TODAY, slots=frozenset({99})))
    assert (Tariff.objects.count(), Price.objects.count()) == (0, 0)


def test_slots_and_products_of_another_authority_are_not_there(world: Scenario):
    mairie = world.authority("Mairie")
    other = actor_for(world.staff("mairie", Role.OFFICE, authority=mairie))
    product = Product.objects.create(authority=world.the_authority, name="Carte")
    for what, code in ((MEALS.what, "slots"), (PureProduct(product.pk), "product")):
        with refused(code):
            tariff_set(actor=other, authority_id=mairie.pk, tariff=replace(MEALS, what=what), now=NOW)


def test_only_the_office_of_the_authority_writes_its_tariffs(world: Scenario, office):
    row = add(office, world)
    mairie = world.authority("Mairie")
    others = (
        actor_for(world.staff("mairie", Role.OFFICE, authority=mairie)),
        actor_for(world.staff("direction", Role.DIRECTOR)),
        actor_for(world.staff("animation", Role.ANIMATOR)),
    )
    bound = {"since": TODAY, "floor": euros("1"), "ceiling": euros("2"), "now": NOW}
    for actor in others:
        authority_id = world.the_authority.pk
        with pytest.raises(NotYours):
            add(actor, world)
        with pytest.raises(NotYours):
            end(actor, world, row, JANUARY)
        with pytest.raises(NotYours):
            product_add(actor=actor, authority_id=authority_id, terms=ProductTerms("Carte"), now=NOW)
        with pytest.raises(NotYours):
            resource_bound_set(actor=actor, authority_id=authority_id, **bound)
    with pytest.raises(NotYours):
        tariff_end(actor=others[0], authority_id=mairie.pk, row=row, until=JANUARY, now=NOW)
    assert (Tariff.objects.get().until, Product.objects.count(), ResourceBound.objects.count()) == (
        None,
        0,
        0,
    )


def test_what_is_replaced_is_of_the_same_kind_and_authority(world: Scenario, office):
    row = add(office, world, replace(BOOKS["canteen"].adjustments[0], since=TODAY))
    first = add(office, world)
    for number in (row.pk + 100, first.pk + 1):  # the second: what the new row itself is going to be
        with pytest.raises(NotYours):
            add(office, world, replace(MEALS, since=JANUARY), replaces=number)
    assert list(Tariff.objects.all()) == [first]


def test_a_product_is_named_once(world: Scenario, office):
    product = product_add(
        actor=office, authority_id=world.the_authority.pk, terms=ProductTerms("Carte"), now=NOW
    )
    add(office, world, replace(MEALS, what=PureProduct(product.pk)))
    with refused("name"):
        product_add(actor=office, authority_id=world.the_authority.pk, terms=ProductTerms("Carte"), now=NOW)
    assert told()[0] == ("tariff.product_added", "Carte")


def test_a_floor_and_a_ceiling_from_a_date(world: Scenario, office):
    def bound(since: date, ceiling: str):
        return resource_bound_set(
            actor=office,
            authority_id=world.the_authority.pk,
            since=since,
            floor=euros("814.62"),
            ceiling=euros(ceiling),
            now=NOW,
        )

    bound(TODAY, "8500")
    bound(JANUARY, "8700")
    bound(JANUARY, "9000")
    assert list(ResourceBound.objects.values_list("since", "ceiling")) == [
        (TODAY, euros("8500")),
        (JANUARY, euros("9000")),
    ]
    with refused("past"):
        bound(date(2026, 11, 3), "8500")
    with refused("not_in_order"):
        bound(JANUARY, "800")
    assert told()[-1] == ("tariff.bound_set", world.the_authority.name)
