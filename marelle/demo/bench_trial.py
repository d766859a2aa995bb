"""The tariffs of a next year tried over a month of all the homes of an authority."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from marelle.core.kept import revision_once
from marelle.demo.bench_queries import counting
from marelle.flows.catalogue.next_tariffs import next_tariffs
from marelle.flows.prices.comparing import compared
from marelle.flows.prices.spans import month_of
from marelle.pricing.copying import Raise, books_tried
from marelle.pricing.selectors import tariff_books

PERCENT = Decimal(3)
RUNS = 3


@dataclass(frozen=True, slots=True)
class TrialFigures:
    """Milliseconds and queries of the least of the runs; `homes` that have something of the month."""

    homes: int
    ms: float
    cpu_ms: float
    queries: int


def trial_figures(today: date) -> TrialFigures:
    """What « Préparer les tarifs » reads and counts, of the authority with most tariffs and the month before;
    zeros where nothing has a tariff."""
    books = tariff_books()
    if not books:
        return TrialFigures(0, 0, 0, 0)
    authority_id = max(books, key=lambda pk: len(books[pk].tariffs))
    month = month_of(today.replace(day=1) - timedelta(days=1))
    by = Raise(date(today.year + 1, 1, 2), PERCENT)
    found = []
    with revision_once():
        for _run in range(RUNS):
            with counting() as seen:
                began, cpu_began = time.perf_counter(), time.process_time()
                prepared = next_tariffs(authority_id, by, None)
                tried = compared(authority_id, books_tried(prepared.book, prepared.made, by.since), month)
                spent, cpu_spent = time.perf_counter() - began, time.process_time() - cpu_began
            found.append(TrialFigures(len(tried.homes), spent * 1000, cpu_spent * 1000, len(seen)))
    return min(found, key=lambda one: one.cpu_ms)
