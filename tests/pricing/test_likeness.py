"""Two days that are said to be alike cost the same, whoever's they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from marelle.pricing.days import day_lines
from marelle.pricing.facts import HomeDay, Income, IncomeStatus, Known
from marelle.pricing.likeness import Likeness
from tests.pricing.reglement import a_day, invented
from tests.pricing.translated import book_of, day_of


def another_home(random: Random, day: HomeDay) -> HomeDay:
    """Of children with other numbers and birthdays, in the same order; of an income that is near."""
    ids = sorted({*day.household, *(child.child_id for child in day.children)})
    eldest = sorted(day.children, key=lambda one: (one.birth or day.day, one.child_id))
    moved = timedelta(days=random.randint(0, 300))
    names = {pk: 1_000 + 10 * place for place, pk in enumerate(ids)}
    amount = day.income.quotient.amount
    near = None if amount is None else amount + random.choice([Decimal(0), Decimal("0.01"), Decimal(3)])
    income = replace(day.income, quotient=replace(day.income.quotient, amount=near))
    children = [
        replace(child, child_id=names[child.child_id], birth=child.birth and child.birth - moved)
        for child in eldest
    ]
    random.shuffle(children)
    return replace(
        day, income=income, children=tuple(children), household=tuple(names[pk] for pk in day.household)
    )


@pytest.mark.parametrize("seed", range(40))
def test_what_is_alike_costs_the_same(seed: int):
    random = Random(seed)
    book = book_of(invented(random))
    likeness = Likeness((book,))
    found = defaultdict(set)
    same = 0
    for _number in range(60):
        day = day_of(a_day(random))
        for one in (day, another_home(random, day)):
            priced = day_lines(book, one)
            gaps = tuple(sorted((gap.what, gap.id) for gap in priced.gaps))
            found[book.era(one.day), likeness.of(one)].add((priced.total, gaps))
        same += likeness.of(day) == likeness.of(another_home(random, day))
    assert all(len(answers) == 1 for answers in found.values())
    assert same > 10, "or nothing would be shared"


def test_a_limit_of_a_bracket_tells_two_quotients():
    random = Random(1)
    book = book_of(invented(random))
    likeness, day = Likeness((book,)), day_of(a_day(random))
    known = [Income(Known(IncomeStatus.PROVED, Decimal(amount))) for amount in range(0, 3000, 7)]
    answers = {
        (likeness.of(replace(day, income=one)), day_lines(book, replace(day, income=one)).total)
        for one in known
    }
    assert len({like for like, _total in answers}) == len(answers)
