"""Tariffs as rows come back as they were, and what the database refuses is said in French."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from marelle.pricing.amounts import ByNumber, Effort
from marelle.pricing.facts import Trait, TraitKind
from marelle.pricing.lines import Ledger
from marelle.pricing.models import Adjustment, Price, PriceBracket, PriceRate, ResourceBound, SpanRule
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.models.amounts import PriceKind
from marelle.pricing.selectors import book_of, tariff_books
from marelle.pricing.tariffs import Product, TariffBook, Voted
from marelle.pricing.writing import adjustment_write, price_write, span_rule_write, tariff_write
from tests.pricing.reglement import CARD, invented
from tests.pricing.sheets import BOOKS, EFFORT, MEAL_AT_4, PRODUCTS, SLOTS, euros, fixed
from tests.pricing.translated import book_of as book_said
from tests.scenario import Scenario


@pytest.fixture
def world(db) -> Scenario:
    """Its slots have the numbers of the examples, and so have its products."""
    world = Scenario()
    activity = world.activity()
    for name, number in SLOTS.items():
        world.slot(activity, name, pk=number)
    for name, number in {**PRODUCTS, "abonnement": CARD}.items():
        ProductRow.objects.create(pk=number, authority=world.the_authority, name=name)
    return world


def bounds_of(book: TariffBook) -> set:
    efforts = [row.amount for row in book.tariffs if isinstance(row.amount, Effort)]
    return {bound for effort in efforts for bound in effort.bounds}


def stored(world: Scenario, book: TariffBook) -> TariffBook:
    authority_id = world.the_authority.pk
    for bound in bounds_of(book):
        ResourceBound.objects.create(
            authority_id=authority_id, since=bound.since, floor=bound.floor, ceiling=bound.ceiling
        )
    for tariff in book.tariffs:
        tariff_write(authority_id, tariff)
    for adjustment in book.adjustments:
        adjustment_write(authority_id, adjustment)
    for rule in book.span_rules:
        span_rule_write(authority_id, rule)
    return book_of(authority_id)


def without_ids(book: TariffBook) -> TariffBook:
    """Rows have ids of their own, in the order in which they were written."""
    return TariffBook(
        tuple(replace(row, id=0) for row in book.tariffs),
        tuple(replace(row, id=0) for row in book.adjustments),
        tuple(replace(row, id=0) for row in book.span_rules),
    )


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_the_tariffs_of_the_examples_come_back_as_they_were(world: Scenario, name: str):
    assert without_ids(stored(world, BOOKS[name])) == without_ids(BOOKS[name])


@pytest.mark.parametrize("seed", range(12))
def test_invented_tariffs_come_back_as_they_were(world: Scenario, seed: int):
    book = book_said(invented(Random(seed)))
    assert without_ids(stored(world, book)) == without_ids(book)


def test_all_that_a_tariff_may_say_comes_back(world: Scenario):
    said = replace(
        MEAL_AT_4,
        until=date(2027, 8, 31),
        weekdays=frozenset({0, 3}),
        who=frozenset({Trait(TraitKind.DECISION, 12), Trait(TraitKind.STAFF)}),
        order=4,
        food=fixed("2.10"),
        ledger=Ledger("70671", "01", "Régie", euros("5.50")),
        voted=Voted("2026-41", date(2026, 6, 30)),
    )
    card = replace(
        said,
        what=Product(71, ByNumber((EFFORT, fixed("1"))), BOOKS["card"].tariffs[0].what.gives_back),
        amount=ByNumber((EFFORT, fixed("4"))),
        food=ByNumber((fixed("1"), fixed("2"))),
        voted=Voted("", date(2026, 6, 30)),
    )
    book = TariffBook((said, card))
    world_bounds = TariffBook((replace(said, amount=EFFORT),))
    for bound in bounds_of(world_bounds):
        ResourceBound.objects.create(
            authority=world.the_authority, since=bound.since, floor=bound.floor, ceiling=bound.ceiling
        )
    assert without_ids(stored(world, book)) == without_ids(book)


def test_an_authority_has_its_own_tariffs(world: Scenario):
    other = world.authority("Mairie")
    tariff_write(other.pk, MEAL_AT_4)
    adjustment_write(other.pk, BOOKS["canteen"].adjustments[0])
    span_rule_write(other.pk, BOOKS["flat"].span_rules[0])
    ResourceBound.objects.create(authority=other, since=date(2026, 9, 1), floor=1, ceiling=2)
    tariff_write(world.the_authority.pk, replace(MEAL_AT_4, amount=EFFORT))
    found = book_of(world.the_authority.pk)
    assert (len(found.tariffs), found.adjustments, found.span_rules) == (1, (), ())
    assert found.tariffs[0].amount.bounds == ()


def test_a_book_is_read_in_as_many_queries_however_long(world: Scenario, django_assert_num_queries):
    counts = []
    for times in (1, 4):
        for _ in range(times):
            for name in ("wednesdays siblings", "closing", "card", "flat", "canteen penalties"):
                book = BOOKS[name]
                for tariff in book.tariffs:
                    tariff_write(world.the_authority.pk, tariff)
                for adjustment in book.adjustments:
                    adjustment_write(world.the_authority.pk, adjustment)
                for rule in book.span_rules:
                    span_rule_write(world.the_authority.pk, rule)
        with django_assert_num_queries(QUERIES) as captured:
            tariff_books.read()
        counts.append(len(captured))
    assert counts == [QUERIES] * 2


QUERIES = 23


# What the database refuses.


def refused(row, message: str) -> None:
    with pytest.raises(ValidationError) as said:
        row.full_clean()
    assert message in str(said.value.message_dict)


TOO_MUCH = "7 chiffres"
LOW_AND_HIGH = "plus petit que le plus bas"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": PriceKind.FIXED, "amount": euros("-0.01")}, "Un prix n’est jamais négatif."),
        ({"kind": PriceKind.FIXED, "amount": euros("10000000")}, TOO_MUCH),
        ({"kind": PriceKind.FIXED}, "Il manque un montant"),
        (
            {"kind": PriceKind.LINEAR, "percent": euros("1"), "floor": euros("1")},
            LOW_AND_HIGH,
        ),
        (
            {"kind": PriceKind.LINEAR, "percent": euros("1"), "floor": euros("2"), "ceiling": euros("1")},
            LOW_AND_HIGH,
        ),
        ({"kind": PriceKind.LINEAR, "floor": euros("1"), "ceiling": euros("1")}, "Il manque un montant"),
        (
            {"kind": PriceKind.LINEAR, "percent": euros("-1"), "floor": euros("1"), "ceiling": euros("1")},
            "Un pourcentage n’est jamais négatif.",
        ),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(db, fields: dict, message: str):
    row = Price(**{**fields, "kind": fields["kind"].value})
    refused(row, message)
    if message is not TOO_MUCH:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_brackets_and_rates_are_once_and_never_negative(db):
    price = price_write(BOOKS["canteen"].tariffs[0].amount)
    refused(PriceBracket(price=price, since=601, amount=1), "Deux tranches commencent au même quotient.")
    refused(PriceBracket(price=price, since=1, amount=-1), "Un prix ou un quotient n’est jamais négatif.")
    effort = price_write(EFFORT)
    refused(PriceRate(price=effort, children=2, percent=1), "Deux taux sont donnés")
    refused(PriceRate(price=effort, children=9, percent=-1), "Un taux n’est jamais négatif.")


def test_a_floor_and_a_ceiling_are_once_a_day_and_in_order(world: Scenario):
    day = date(2026, 9, 1)
    ResourceBound.objects.create(authority=world.the_authority, since=day, floor=1, ceiling=2)
    refused(
        ResourceBound(authority=world.the_authority, since=day, floor=1, ceiling=2), "commencent déjà ce jour"
    )
    refused(
        ResourceBound(authority=world.the_authority, since=date(2027, 1, 1), floor=2, ceiling=1),
        "Le plafond est plus petit que le plancher.",
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"until": date(2026, 8, 31)}, "La fin vient avant le début."),
        ({"subject": "product"}, "Dites de quel abonnement"),
        ({"product_id": 71}, "Dites de quel abonnement"),
        ({"step": 30}, "Donnez la période commencée"),
        ({"step": 30, "per": 1441}, "Donnez la période commencée"),
        ({"voted_number": "2026-41"}, "Donnez la date de la délibération."),
        ({"weekdays": [7]}, "Choisissez des jours de la semaine."),
        ({"who": ["rich"]}, "Choisissez pour qui dans la liste."),
        ({"name": ""}, "Ce champ ne peut pas être vide."),
    ],
)
def test_a_tariff_that_makes_no_sense_is_refused(world: Scenario, fields: dict, message: str):
    row = tariff_write(world.the_authority.pk, MEAL_AT_4)
    for name, value in fields.items():
        setattr(row, name, value)
    refused(row, message)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"more": euros("1")}, "un seul des trois"),
        ({"effect": "plus"}, "un seul des trois"),
        ({"effect": "becomes", "percent": None}, "un seul des trois"),
        ({"first": 0}, "Dites à partir de quel enfant"),
        ({"first": None}, "Dites à partir de quel enfant"),
        ({"last": 1}, "Dites à partir de quel enfant"),
        ({"until": date(2026, 8, 31)}, "La fin vient avant le début."),
    ],
)
def test_an_adjustment_that_makes_no_sense_is_refused(world: Scenario, fields: dict, message: str):
    row: Adjustment = adjustment_write(world.the_authority.pk, BOOKS["canteen siblings"].adjustments[2])
    assert (row.case, row.effect) == ("rank", "percent")
    for name, value in fields.items():
        setattr(row, name, value)
    refused(row, message)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"percent": euros("1")}, "un seul des deux"),
        ({"effect": "nth"}, "un seul des deux"),
        ({"days": 0}, "Donnez au moins 1 jour."),
        ({"until": date(2026, 8, 31)}, "La fin vient avant le début."),
    ],
)
def test_a_rule_of_a_span_that_makes_no_sense_is_refused(world: Scenario, fields: dict, message: str):
    row: SpanRule = span_rule_write(world.the_authority.pk, BOOKS["flat"].span_rules[0])
    for name, value in fields.items():
        setattr(row, name, value)
    refused(row, message)


def test_a_product_is_named_once(world: Scenario):
    refused(ProductRow(authority=world.the_authority, name="card"), "Ce nom est déjà pris.")
