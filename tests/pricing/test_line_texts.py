"""A line that is kept as text comes back as it was, so that it explains itself for ever."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.pricing.days import day_lines
from marelle.pricing.facts import Wishes
from marelle.pricing.lines import Ledger, Line
from marelle.pricing.stored import line_data, line_read
from marelle.pricing.wishes import priced
from tests.pricing.reglement import a_day, invented
from tests.pricing.sheets import BOOKS
from tests.pricing.told import Example, examples
from tests.pricing.translated import book_of, day_of


def through_text(line: Line) -> Line:
    return line_read(json.loads(json.dumps(line_data(line))))


@pytest.mark.parametrize("example", list(examples()), ids=lambda one: one.case)
def test_each_line_of_the_worked_examples(example: Example):
    spans = (example.span,) if example.span else ()
    for line in priced(BOOKS[example.book], Wishes(example.days, spans)).lines:
        again = through_text(line)
        assert again == line
        assert repr(again.steps) == repr(line.steps), "and each figure is of the same kind"


@given(st.randoms(use_true_random=False))
def test_lines_at_random(random: Random):
    for line in day_lines(book_of(invented(random)), day_of(a_day(random))).lines:
        told = line._replace(
            ledger=Ledger("7067", "01", "cantine", Decimal(random.choice(["0.00", "5.50"]))),
            plate=random.choice([None, (Decimal("1.20"), Decimal("3.85"))]),
        )
        assert through_text(told) == told
