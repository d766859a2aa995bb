"""What a home pays at once of what it has taken: when, and with the days of which period. Pure.

A period is paid once, whole, on the first of its days on which the home has the product. Who takes it later
in the period is counted with those of its own month: what was paid before does not change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from marelle.flows.prices.situations import Situation, Subscribed, Territory
from marelle.flows.prices.spans import Days, month_of, periods_in
from marelle.pricing.facts import HomeSpan, SpanKind, Taken
from marelle.pricing.tariffs import TariffBook


def taken_spans(situation: Situation, territory: Territory, days: Days) -> Iterator[HomeSpan]:
    """The periods that have a day of `days`, with what is paid for each; those of one span are counted
    together."""
    paid: dict[tuple[Days, int, int | None], date] = {}
    for one in situation.subscribed_at(territory.authority_id):
        for period in _periods(one, days):
            on = _first_day(situation, one, period)
            if on is not None:
                key = period, one.product, one.child_id
                paid[key] = min(on, paid.get(key, on))
    together: dict[tuple[Days, Days], list[Taken]] = defaultdict(list)
    for (period, product, child_id), on in paid.items():
        standing = situation.on(on, territory)
        traits = standing.of_home if child_id is None else standing.traits(child_id)
        together[period, month_of(on)].append(Taken(product, on, child_id, traits, standing.income))
    for (period, _month), taken in sorted(together.items(), key=lambda one: one[0]):
        kind = SpanKind.MONTH if period == month_of(period[0]) else SpanKind.YEAR
        yield HomeSpan(kind, *period, taken=tuple(taken))


def periods_closed(situation: Situation, authority_id: int, book: TariffBook, days: Days) -> list[Days]:
    """The periods that end within `days` and give back what is missed: never more than was paid, so that all
    of their days are to be known."""
    return [
        period
        for one in situation.subscribed_at(authority_id)
        if one.product in book.giving_back
        for period in _periods(one, days)
        if period[1] <= days[1]
    ]


def _periods(one: Subscribed, days: Days) -> Iterator[Days]:
    return periods_in(one.period, days, (one.since, one.until or date.max))


def _first_day(situation: Situation, one: Subscribed, period: Days) -> date | None:
    """Of the period, on which the home has it."""
    had = situation.had(one)
    return min(
        (max(first, period[0]) for first, last in had if first <= period[1] and period[0] <= last),
        default=None,
    )
