"""The worked examples, read from docs/prices.md as it stands."""

from __future__ import annotations

import pytest

from marelle.pricing.facts import Wishes
from marelle.pricing.wishes import priced
from tests.pricing.sheets import BOOKS, TEXT
from tests.pricing.told import Example, examples

OF_DAYS = [one for one in examples() if one.span is None]
OF_SPANS = [one for one in examples() if one.span is not None]


@pytest.mark.parametrize("example", OF_SPANS, ids=lambda one: one.case)
def test_a_span_costs_what_the_document_says(example: Example):
    found = priced(BOOKS[example.book], Wishes(example.days, (example.span,)))
    assert (found.total, found.gaps) == (example.total, ())


@pytest.mark.parametrize("example", OF_DAYS, ids=lambda one: one.case)
def test_a_worked_example_costs_what_the_document_says(example: Example):
    found = priced(BOOKS[example.book], Wishes(example.days))
    if example.answer is None:
        assert (found.lines, len(found.gaps)) == ((), 1)
        return
    assert found.gaps == ()
    assert tuple(line.amount for line in found.lines) == example.answer
    assert found.total == example.total


def test_each_row_of_an_example_is_read_once():
    cases = [one.case for one in examples()]
    rows = [row for row in TEXT.splitlines() if row.startswith("| ") and row.count("|") == 6]
    assert len(cases) == len(set(cases)) == len([row for row in rows if not row.startswith("| case |")])
    assert {one.book for one in examples()} == set(BOOKS)
