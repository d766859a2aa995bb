"""Two engines of different shapes agree, over règlements and days at random, always the same ones."""

from __future__ import annotations

from random import Random

import pytest

from marelle.pricing.days import day_lines
from tests.pricing.reglement import Day, Reglement, a_day, invented
from tests.pricing.second import Answer, answer
from tests.pricing.translated import book_of, day_of

DAYS_OF_A_REGLEMENT = 10


def first(said: Reglement, day: Day) -> Answer:
    priced = day_lines(book_of(said), day_of(day))
    lines = [(line.child_id, tuple(sorted(line.slots)), int(line.amount * 100)) for line in priced.lines]
    return sorted(lines), sorted((gap.child_id, gap.what, gap.id) for gap in priced.gaps)


def disagreements(seed: int, days: int) -> list[tuple[int, Reglement, Day]]:
    random = Random(seed)
    found = []
    for number in range(days):
        if number % DAYS_OF_A_REGLEMENT == 0:
            said = invented(random)
        day = a_day(random)
        if first(said, day) != answer(said, day):
            found.append((number, said, day))
    return found


def test_both_agree_on_five_thousand_days():
    assert disagreements(15, 5_000) == []


@pytest.mark.prove
def test_both_agree_on_two_hundred_thousand_days():
    assert disagreements(16, 200_000) == []
