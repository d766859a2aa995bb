"""What always holds of prices, over règlements and days at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from marelle.core.money import rounded
from marelle.pricing import memo as memo_module
from marelle.pricing.amounts import Fixed
from marelle.pricing.days import day_lines
from marelle.pricing.facts import ChildDay, HomeDay, Income, IncomeStatus, Known, Wishes
from marelle.pricing.lines import LineKind, StepCode, total
from marelle.pricing.memo import Memo
from marelle.pricing.wishes import difference, priced
from tests.pricing.reglement import Held, a_day, invented
from tests.pricing.translated import book_of, day_of

randoms = st.randoms(use_true_random=False)


def plain(held: Held) -> Held:
    """Booked in time, and nothing else to say."""
    return replace(held, booked=True, late=False, missed=None, card=False)


def plain_day(random: Random) -> HomeDay:
    day = a_day(random)
    kids = tuple(replace(kid, held=tuple(plain(held) for held in kid.held), fetched=()) for kid in day.kids)
    return day_of(replace(day, kids=kids))


def total_of(day: HomeDay, child_id: int, book) -> Decimal:
    return total(line for line in day_lines(book, day).lines if line.child_id == child_id)


@given(randoms)
def test_the_order_of_clicks_changes_nothing(random: Random):
    book, day = book_of(invented(random)), day_of(a_day(random))
    children = [
        replace(child, pieces=tuple(random.sample(child.pieces, len(child.pieces)))) for child in day.children
    ]
    random.shuffle(children)
    assert day_lines(book, replace(day, children=tuple(children))) == day_lines(book, day)


@given(randoms)
def test_a_day_that_is_like_another_is_priced_as_by_itself(random: Random):
    """Over days on which tariffs begin and end, brackets of resources change, and weekdays count."""
    book = book_of(invented(random))
    first, *others = book.tariffs
    day = day_of(a_day(random))
    cut = day.day + timedelta(days=random.randint(-3, 3))
    rows = (
        replace(first, until=cut),
        replace(first, since=cut + timedelta(days=2), order=-1, amount=Fixed(Decimal("7.77"))),
        *(replace(one, weekdays=frozenset({random.randint(0, 6)})) for one in others[:1]),
        *others[1:],
    )
    memo = Memo(replace(book, tariffs=rows))
    for shift in random.sample(range(-6, 7), 13):
        other = replace(day, day=day.day + timedelta(days=shift))
        assert memo.lines(other) == day_lines(memo.book, other)


@given(randoms)
def test_the_order_of_tariffs_changes_nothing(random: Random):
    book, day = book_of(invented(random)), day_of(a_day(random))
    tariffs = random.sample(book.tariffs, len(book.tariffs))
    adjustments = random.sample(book.adjustments, len(book.adjustments))
    other = replace(book, tariffs=tuple(tariffs), adjustments=tuple(adjustments))
    assert day_lines(other, day) == day_lines(book, day)


@given(randoms)
def test_lines_add_up_and_explain_themselves(random: Random):
    book, day = book_of(invented(random)), day_of(a_day(random))
    found = day_lines(book, day)
    slots = [slot for line in found.lines if line.kind in COUNTED for slot in named(line)]
    slots += [(gap.child_id, gap.id) for gap in found.gaps if gap.what == "slot"]
    held = [(child.child_id, piece.slot_id) for child in day.children for piece in child.pieces]
    assert sorted(slots) == sorted(held)
    assert found.total == sum(line.amount for line in found.lines)
    for line in found.lines:
        assert line.amount == line.steps[-1].amount
        assert all(step.amount == rounded(step.amount) for step in line.steps)
        assert all(step.amount >= 0 for step in line.steps if step.code is not StepCode.GIVEN_BACK)


COUNTED = {LineKind.DUE, LineKind.APART, LineKind.PREPAID}


def named(line) -> list[tuple[int, int]]:
    return [(line.child_id, slot) for slot in line.slots]


@given(randoms)
def test_a_price_depends_on_no_other_home(random: Random):
    """Each home prices what it holds of a shared child, whatever the other holds and was priced before."""
    said = invented(random)
    day, other = day_of(a_day(random)), day_of(a_day(random))
    alone = day_lines(book_of(said), day)
    book = book_of(said)
    day_lines(book, other)
    assert day_lines(book, day) == alone


@given(randoms)
def test_a_set_never_costs_more_than_its_parts(random: Random):
    """Of one child, where nothing was done late or missed: however what it holds is parted."""
    book, day = book_of(invented(random)), plain_day(random)
    child = random.choice(day.children)
    some = tuple(piece for piece in child.pieces if random.random() < 0.5)
    others = tuple(piece for piece in child.pieces if piece not in some)
    whole, one, two = (
        day_lines(book, replace(day, children=(replace(child, pieces=pieces),)))
        for pieces in (child.pieces, some, others)
    )
    if not one.gaps and not two.gaps:
        assert not whole.gaps
        assert whole.total <= one.total + two.total


@given(randoms)
def test_one_more_brother_never_raises_a_price(random: Random):
    """What was done late or missed aside: a surcharge is of the set, and another set may be the cheapest."""
    book, day = book_of(invented(random)), plain_day(random)
    brother = replace(random.choice(plain_day(random).children), child_id=9)
    more = replace(day, children=(*day.children, brother), household=(*day.household, 9))
    for child in day.children:
        assert total_of(more, child.child_id, book) <= total_of(day, child.child_id, book)


@given(randoms)
def test_a_higher_quotient_never_lowers_a_price(random: Random):
    book, day = book_of(invented(random)), plain_day(random)
    value = Decimal(random.randrange(0, 140_000)).scaleb(-2)
    more = value + Decimal(random.randrange(0, 20_000)).scaleb(-2)
    child = random.choice(day.children)
    low, high = (
        replace(
            day,
            income=replace(day.income, quotient=Known(IncomeStatus.PROVED, quotient)),
            children=(child,),
        )
        for quotient in (value, more)
    )
    assert day_lines(book, low).total <= day_lines(book, high).total


def known_as(income: Income, status: IncomeStatus) -> Income:
    quotient, resources = (replace(one, status=status) for one in (income.quotient, income.resources))
    return replace(income, quotient=quotient, resources=resources)


@given(randoms)
def test_unknown_is_the_highest_price_and_no_income_the_lowest(random: Random):
    book, day = book_of(invented(random)), plain_day(random)
    child: ChildDay = random.choice(day.children)
    lowest, known, *highest = (
        day_lines(book, replace(day, income=known_as(day.income, status), children=(child,))).total
        for status in (
            IncomeStatus.NONE,
            IncomeStatus.PROVED,
            IncomeStatus.UNKNOWN,
            IncomeStatus.REFUSED,
        )
    )
    assert lowest <= known <= highest[0] == highest[1]


@given(randoms)
def test_a_change_of_wishes_costs_their_difference(random: Random):
    """Successive changes add up; one that changes nothing costs nothing; lines say all of it."""
    book = book_of(invented(random))
    one, two, three = (Wishes((day_of(a_day(random)),)) for _ in range(3))
    first, second = difference(book, one, two), difference(book, two, three)
    assert first.amount == priced(book, two).total - priced(book, one).total
    assert first.amount + second.amount == difference(book, one, three).amount
    assert first.amount == total(first.gained) - total(first.lost)
    assert first.gaps == priced(book, two).gaps
    same = difference(book, one, one)
    assert (same.amount, same.lost, same.gained) == (0, (), ())


def test_no_more_days_are_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(memo_module, "MOST", 3)
    random = Random(7)
    memo = Memo(book_of(invented(random)))
    days = [day_of(a_day(random)) for _ in range(8)]
    for day in days:
        memo.alike(day)
        assert len(memo.book.priced) <= 3
    assert [memo.lines(day) for day in days] == [day_lines(memo.book, day) for day in days]
