"""Due less billed: whatever is corrected, in whatever order, what was billed adds up to what is due."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.bill_lines import bill_lines, written_read, written_text
from marelle.billing.bill_words import written
from marelle.billing.due import Cause, Charge, Correction, Item, billed_of, late, owed, renamed, to_bill
from marelle.billing.rules import amount_of
from marelle.billing.stored import items_read, items_text
from marelle.core.money import ZERO, rounded
from marelle.pricing.days import day_lines
from marelle.pricing.lines import Ledger, Line
from tests.pricing.reglement import a_day, invented
from tests.pricing.translated import book_of, day_of

randoms = st.integers(0, 2**32).map(Random)
"""By a seed: draws that hypothesis would follow one by one take a hundred times as long."""

CANTEEN, CARE = Ledger("7067", regie="cantine"), Ledger("70632", regie="accueil")


def total(items) -> Decimal:
    return sum((item.amount for item in items), ZERO)


def a_due(random: Random) -> list[Charge]:
    """Days of a home as some tariffs price them, in three activities with two accounts."""
    book = book_of(invented(random))
    found: dict[date, list[Charge]] = {}
    for _number in range(random.randint(0, 4)):
        day = day_of(a_day(random))
        found[day.day] = [_charge(random, line) for line in day_lines(book, day).lines]
    return [charge for them in found.values() for charge in them]


def _charge(random: Random, line: Line) -> Charge:
    activity = random.choice([None, 1, 2])
    plate = random.choice([None, (Decimal("1.20"), Decimal("3.85"))])
    told = line._replace(ledger=random.choice([CANTEEN, CARE]), plate=plate)
    return Charge(told, activity, activity and 10 + activity, random.choice([False, True]))


@given(randoms)
def test_no_history_of_corrections_leaves_a_cent(random: Random):
    billed: list[Item] = []
    for _run in range(random.randint(1, 5)):
        priced = a_due(random)
        known = sorted({one.place for one in (*priced, *billed)}, key=lambda place: place.order)
        waived = {place for place in known if random.random() < 0.2}
        due = list(owed(priced, waived))
        to_come = to_bill(due, billed_of(billed), waived)
        billed += items_read(items_text(late(to_come, date(2026, 11, 1))))
        assert total(billed) == total(due)
        assert amounts(billed) == amounts(due), "of each account, and of each plate"
        assert not {one.place for one in due} & waived
        assert list(to_bill(due, billed_of(billed), waived)) == [], "done twice it is nothing"


def amounts(items) -> dict[Ledger, tuple[Decimal, Decimal]]:
    found: dict[Ledger, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for item in items:
        whole, food = found[item.ledger]
        found[item.ledger] = whole + item.amount, food + (item.food or ZERO)
    return {ledger: sums for ledger, sums in found.items() if any(sums)}


@given(randoms)
def test_what_is_kept_as_text_is_what_was_billed(random: Random):
    first, second = a_due(random), a_due(random)
    items = [*first, *to_bill(second, billed_of(first))]
    again = items_read(items_text(items))
    assert sorted(map(repr, again)) == sorted(map(repr, items))


@given(randoms)
def test_lines_of_a_bill_add_up_and_can_be_counted_again(random: Random):
    first, second = a_due(random), a_due(random)
    items = [*second, *late(to_bill(first, billed_of(a_due(random))), date(2027, 1, 1))]
    lines = bill_lines(items)
    assert sum((line.amount for line in lines), ZERO) == total(items)
    assert sum(len(line.days) for line in lines) == len(items)
    for line in lines:
        assert amount_of(line.quantity, line.unit_price) == line.amount
        assert line.quantity == rounded(line.quantity), "or it is another once it is stored"
    told = [written(line, {}, {}, {}) for line in lines]
    assert list(written_read(written_text(told))) == told
    assert all(len(line.label) <= 160 for line in told)


def test_children_are_called_otherwise_and_back():
    random = Random(3)
    items: list[Item] = []
    while not any(isinstance(item, Correction) and item.before for item in items):
        first = a_due(random)
        items = [*first, *to_bill(a_due(random), billed_of(first))]
    ids = {item.place.child_id for item in items}
    there = {pk: pk + 100 for pk in ids if pk is not None}
    back = {other: pk for pk, other in there.items()}
    assert [renamed(renamed(item, there), back) for item in items] == items
    assert not {item.place.child_id for item in (renamed(one, there) for one in items)} & set(there)


def a_charge() -> Charge:
    random = Random(5)
    found: list[Charge] = []
    while not any(charge.line.slots and charge.amount for charge in found):
        found = a_due(random)
    charge = next(charge for charge in found if charge.line.slots and charge.amount)
    return Charge(charge.line._replace(missed=False), 1, 11)


def of_line(charge: Charge, **fields) -> Charge:
    return charge._replace(line=charge.line._replace(**fields))


def told(before: list[Charge], after: list[Charge]) -> list[Cause]:
    found = to_bill(after, billed_of(before))
    return [item.cause for item in found if isinstance(item, Correction)]


def test_each_correction_says_why():
    charge = a_charge()
    [*steps, last] = charge.line.steps
    dearer = (*steps, last._replace(amount=last.amount + 1))
    of_income = last._replace(amount=last.amount + 1, figures=(("value", Decimal(1)),))
    more = last._replace(amount=last.amount + 1, source=last.source + 1)
    assert told([charge], []) == [Cause.REMOVED]
    assert told([charge], [of_line(charge, missed=True, steps=dearer)]) == [Cause.ABSENCE]
    assert told([charge], [of_line(charge, slots=frozenset({1, 99}), steps=dearer)]) == [Cause.SLOTS]
    assert told([charge], [of_line(charge, quantity=charge.line.quantity + 1, steps=dearer)]) == [Cause.HOURS]
    assert told([charge], [of_line(charge, steps=(*steps, of_income))]) == [Cause.INCOME]
    assert told([charge], [of_line(charge, steps=(*charge.line.steps, more))]) == [Cause.TARIFF]
    assert told([charge], [of_line(charge, steps=dearer)]) == [Cause.OTHER]


@pytest.mark.parametrize(("seen", "cause"), [(False, Cause.ADDED), (True, Cause.SEEN)])
def test_what_comes_late_says_so(seen: bool, cause: Cause):
    charge = a_charge()._replace(seen=seen)
    month = charge.line.day.replace(day=1)
    assert list(late([charge], month)) == [charge], "not in its own month"
    [found] = late([charge], date(month.year + 1, 1, 1))
    assert isinstance(found, Correction)
    assert (found.amount, found.cause, found.after) == (charge.amount, cause, (charge.line,))


def test_what_was_taken_back_and_comes_again_is_added():
    charge = a_charge()
    billed: list[Item] = [charge]
    billed += to_bill([], billed_of(billed))
    assert told(billed, [charge]) == [Cause.ADDED]


def test_what_is_waived_says_so_and_what_is_waived_no_more_too():
    charge = a_charge()
    billed: list[Item] = [charge]
    waived = {charge.place}
    [given_back] = to_bill(list(owed([charge], waived)), billed_of(billed), waived)
    assert isinstance(given_back, Correction)
    assert (given_back.cause, given_back.amount) == (Cause.CONTESTED, -charge.amount)
    billed += items_read(items_text([given_back]))
    assert told(billed, [charge]) == [Cause.DUE_AGAIN]


def test_what_changes_without_a_cent_is_not_told():
    charge = a_charge()
    assert told([charge], [of_line(charge, name="Un autre nom")]) == []


def test_a_third_of_an_hour_is_written_as_it_can_be_counted():
    charge = a_charge()
    step = charge.line.steps[-1]._replace(amount=Decimal("1.00"))
    third = Decimal(1) / Decimal(3)
    [line] = bill_lines([of_line(charge, quantity=third, unit=Decimal("3.00"), steps=(step,))])
    assert (line.quantity, line.unit_price) == (Decimal(1), Decimal("1.00"))
