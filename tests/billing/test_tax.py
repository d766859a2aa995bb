"""What a year paid for the care of children: cut to the cent, years adding up, food and older ones apart."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.kinds import ActivityKind
from marelle.billing.models import Invoice, InvoiceLine, Payer
from marelle.billing.tax.rules import (
    Asked,
    Bill,
    Item,
    Paid,
    Part,
    counts,
    paid_in,
    paid_in_years,
    parts_of,
    shared,
)
from marelle.billing.tax.statements import statements_of
from marelle.billing.tax.words import told
from tests.billing.world import Village
from tests.standing import built_once

ZOE, LEO = 1, 2
items = st.builds(Item, st.sampled_from((None, ZOE, LEO)), st.sampled_from(Part))
cents = st.decimals(min_value=-300, max_value=300, places=2)
days = st.integers(0, 1200).map(lambda n: date(2024, 6, 1) + timedelta(days=n))
bills = st.builds(
    Bill,
    asked=st.lists(st.builds(Asked, items, cents, days), max_size=6).map(tuple),
    paid=st.lists(st.builds(Paid, cents, days), max_size=5).map(tuple),
    cancelled_on=st.none() | days,
)


def euros(text: str) -> Decimal:
    return Decimal(text)


@given(st.dictionaries(items, cents), cents)
def test_what_is_shared_is_what_is_paid_but_never_more_than_is_asked(asked, paid):
    total = sum(asked.values())
    found = shared(asked, paid)
    assert sum(found.values()) == (min(paid, total) if total > 0 and paid > 0 else 0)
    if 0 < total <= paid:
        assert {item: amount for item, amount in found.items() if amount} == {
            item: amount for item, amount in asked.items() if amount
        }


@given(bills)
def test_years_add_up_to_what_is_paid_at_the_end_whatever_came_between(bill):
    last = 2028
    sums: Counter[Item] = Counter()
    for year in range(2023, last + 1):
        for item, amount in paid_in(bill, year).items():
            sums[item] += amount
    whole: Counter[Item] = Counter()
    if bill.cancelled_on is None:
        for one in bill.asked:
            whole[one.item] += one.amount
    at_last = shared(whole, sum((one.amount for one in bill.paid), Decimal(0)))
    assert {item: n for item, n in sums.items() if n} == {item: n for item, n in at_last.items() if n}
    by_year = paid_in_years([bill], last)
    assert all(any(found.values()) for found in by_year.values())
    if bill.paid:
        assert sum((sum(found.values()) for found in by_year.values()), Decimal(0)) == sum(sums.values())


def test_a_credit_note_after_the_year_takes_nothing_from_it():
    care = Item(ZOE, Part.CARE)
    bill = Bill(
        (Asked(care, euros("100"), date(2026, 11, 1)), Asked(care, euros("-30"), date(2027, 2, 1))),
        (Paid(euros("100"), date(2026, 12, 1)),),
    )
    assert paid_in(bill, 2026) == {care: 100}
    assert paid_in(bill, 2027) == {care: -30}
    assert paid_in(bill, 2028) == {}


def test_what_a_week_takes_off_is_taken_off_the_care():
    lines = ((ZOE, Part.CARE, "50"), (ZOE, Part.FOOD, "20"), (ZOE, Part.MIXED, "-10"), (LEO, Part.MIXED, "9"))
    asked = tuple(Asked(Item(child, part), euros(amount), date(2026, 11, 1)) for child, part, amount in lines)
    found = paid_in_years([Bill(asked, (Paid(euros("69"), date(2026, 12, 1)),))], 2026)
    assert found == {2026: {Item(ZOE, Part.CARE): 40, Item(ZOE, Part.FOOD): 20, Item(LEO, Part.MIXED): 9}}


@pytest.mark.parametrize(
    ("kind", "food", "has_meal", "expected"),
    [
        (ActivityKind.CHILDCARE, None, False, {Part.CARE: 10}),
        (ActivityKind.WEDNESDAY, None, False, {Part.CARE: 10}),
        (ActivityKind.WEDNESDAY, None, True, {Part.MIXED: 10}),
        (ActivityKind.WEDNESDAY, "3", True, {Part.CARE: 7, Part.FOOD: 3}),
        (ActivityKind.WEDNESDAY, "0", True, {Part.CARE: 10, Part.FOOD: 0}),
        (ActivityKind.CANTEEN, None, True, {Part.FOOD: 10}),
        (ActivityKind.CANTEEN, "4", True, {Part.CARE: 6, Part.FOOD: 4}),
        (ActivityKind.YOUTH, None, False, {Part.OTHER: 10}),
        (None, None, False, {Part.MIXED: 10}),
    ],
)
def test_what_a_line_is_made_of(kind, food, has_meal, expected):
    food = None if food is None else euros(food)
    for child_id in (ZOE, None):
        found = dict(parts_of(euros("10"), food, kind=kind, has_meal=has_meal, child_id=child_id))
        wanted = expected if child_id else {Part.OTHER: 10}
        assert found == {Item(child_id, part): amount for part, amount in wanted.items()}


@pytest.mark.parametrize(
    ("born", "counted"),
    [
        (date(2019, 12, 31), False),
        (date(2020, 1, 1), True),
        (date(2026, 5, 4), True),
        (date(2027, 1, 1), False),
        (None, False),
    ],
)
def test_a_child_counts_under_six_on_the_first_of_january(born, counted):
    assert counts(born, 2026) is counted


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def statements(world: Village, day: date = date(2027, 1, 10)):
    return statements_of(Invoice.objects.all(), family_id=world.durand.family.pk, day=day)


def line(invoice: Invoice, child, amount: str, activity, **others) -> None:
    InvoiceLine.objects.create(
        invoice=invoice, child=child, activity=activity.name, of_activity=activity, label="x", quantity=1,
        unit_price=Decimal(amount), amount=Decimal(amount), order=InvoiceLine.objects.count() + 9, **others,
    )  # fmt: skip


def test_of_stored_bills_care_food_half_paid_credited_and_of_another_payer(world, count_queries):
    wednesdays = world.activity("Mercredis", kind=ActivityKind.WEDNESDAY)
    canteen = world.activity("Cantine", kind=ActivityKind.CANTEEN)
    bill = world.invoice(total="60.00", paid="30.00", paid_on=date(2026, 12, 20))
    bill.lines.all().delete()
    line(bill, world.leo, "40.00", wednesdays)
    line(bill, world.leo, "10.00", canteen)
    line(bill, world.zoe, "10.00", wednesdays)
    note = world.invoice(total="-12.00", kind="credit", corrects=bill, issued_on=date(2026, 12, 1))
    note.lines.all().delete()
    line(note, world.leo, "-12.00", wednesdays)
    someone = Payer.objects.create(authority=world.the_authority, kind="ccas", last_name="CCAS")
    world.invoice(total="99.00", paid="99.00", payer=someone)
    world.invoice(total="77.00", paid="77.00", cancelled_on=date(2026, 12, 3))
    world.invoice(total="5.00")
    with count_queries() as queries:
        (found,) = statements(world)
    assert len(queries) == 5
    zoe, leo = found.children
    # 30 of 48: 28 of Wednesdays and 10 of meals for Léo, 10 for Zoé, who is seven.
    assert (zoe.of(Part.CARE), leo.of(Part.CARE), leo.of(Part.FOOD)) == (
        euros("6.25"),
        euros("17.50"),
        euros("6.25"),
    )
    assert (zoe.counts, leo.counts, zoe.by_turns, leo.by_turns) == (False, True, False, False)
    assert (found.year, found.is_over, found.total, found.care) == (2026, True, 30, euros("17.50"))
    assert told(found).total == ("Frais de garde payés en 2026", "17,50\u00a0€")
    assert not statements(world, date(2026, 12, 31))[0].is_over


def test_a_child_of_two_homes_is_told_and_what_a_file_does_not_say_is_not_counted(world):
    other = world.home("Morel", "Nadia")
    world.shared(world.leo, world.durand, other)
    bill = world.invoice(total="20.00", paid="20.00")
    bill.lines.update(child=world.leo)
    (found,) = statements(world)
    (leo,) = found.children
    assert leo.by_turns
    assert (leo.of(Part.MIXED), found.care) == (20, 0)
    said = told(found)
    assert "vit aussi dans un autre foyer" in said.rows[0].note
    assert [("alternée" in note, "Non séparés" in note) for note in said.notes] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip
    assert statements_of(Invoice.objects.all(), family_id=other.family.pk, day=date(2027, 1, 1)) == []
