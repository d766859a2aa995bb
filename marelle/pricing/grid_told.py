"""The prices of an activity as families read them: a line for each bracket, that of the home marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from marelle.core.french import euros_text
from marelle.pricing.amounts import Asked, Brackets, Edge, price_of
from marelle.pricing.income_words import Reader, income_words
from marelle.pricing.labels import (
    Grid,
    Names,
    adjustment_label,
    dates_label,
    grids,
    sets_label,
    span_rule_label,
    started_label,
)
from marelle.pricing.lines import Step
from marelle.pricing.tariffs import Sets, Tariff, TariffBook

NOT_TOLD: Final = Reader(shows_income=False)
DAYS_OF_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a column: a tariff, and what it is of."""

    name: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A bracket, with the price of each tariff under its name. `mark` says that it is the home's."""

    label: str
    cells: tuple[tuple[str, str], ...]
    mark: str


@dataclass(frozen=True, slots=True)
class GridTold:
    whom: str
    facts: tuple[str, ...]
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What changes a price: its name, a sentence, when it holds."""

    name: str
    line: str
    dates: str


@dataclass(frozen=True, slots=True)
class PricesTold:
    """`own`: what the home pays today for each thing, before what changes a price. `incomes`: what of its
    income says so; `at_highest`: the highest price is counted, for want of one."""

    own: tuple[tuple[str, str], ...]
    incomes: tuple[str, ...]
    at_highest: bool
    grids: tuple[GridTold, ...]
    beside: tuple[Beside, ...]


def prices_told(
    book: TariffBook, names: Names, day: date, asked: Asked | None = None, reader: Reader = NOT_TOLD
) -> PricesTold:
    """`book` holds what concerns an activity. Without `asked` nothing is marked: who may not know what the
    home earns is not shown its line either."""
    tariffs = {row.id: row for row in book.tariffs if isinstance(row.what, Sets)}
    own = {} if asked is None else _own(book, tariffs.values(), asked, day)
    today = [(tariffs[pk], step) for pk, step in own.items() if tariffs[pk].is_in_force(day)]
    incomes = (income_words(step.data, reader) for _row, step in today)
    return PricesTold(
        tuple((_title(row, names), _price(row, step)) for row, step in today),
        tuple(dict.fromkeys(filter(None, incomes))),
        any(step.data.get("edge") == Edge.HIGHEST for _row, step in today),
        tuple(_grid(one, tariffs, own) for one in grids(tariffs.values(), names, day)),
        tuple(_beside(book, names, day)),
    )


def _own(book: TariffBook, tariffs: Iterable[Tariff], asked: Asked, day: date) -> Mapping[int, Step]:
    """The price of those that are the home's, on the first day from `day` on that they hold."""
    found: dict[int, Step] = {}
    for row in tariffs:
        at = _first_day(row, day)
        held = {} if at is None else book.sets_for(asked.traits, at)
        if at is not None and any(one.id == row.id for one in held.values()):
            step = price_of(row.amount, replace(asked, day=at), row.id, row.name)
            if step is not None:
                found[row.id] = step
    return found


def _first_day(row: Tariff, day: date) -> date | None:
    first = max(day, row.since)
    days = (first + timedelta(days=ahead) for ahead in range(DAYS_OF_A_WEEK))
    return next((one for one in days if row.holds(one)), None)


def _title(row: Tariff, names: Names) -> str:
    """ "Journée (Matin + Repas)", what it is of where its name does not say it."""
    told = sets_label(row.what.sets, names) if isinstance(row.what, Sets) else ""
    return row.name if told in {"", row.name} else f"{row.name} ({told})"


def _price(row: Tariff, step: Step) -> str:
    started = row.what.started if isinstance(row.what, Sets) else None
    price = euros_text(step.amount)
    return f"{price}, {started_label(started)}" if started else price


def _grid(grid: Grid, tariffs: Mapping[int, Tariff], own: Mapping[int, Step]) -> GridTold:
    mine = next((row.id for row in grid.rows if row.id in own), None)
    place = None if mine is None else _place(tariffs[mine], own[mine])
    mark = _mark(grid, None if mine is None else own[mine])
    return GridTold(
        grid.whom,
        grid.facts,
        tuple(Heading(row.name, row.details) for row in grid.rows),
        tuple(
            Row(
                column if len(grid.columns) > 1 else _("tous"),
                tuple((row.name, row.cells[number][1]) for row in grid.rows),
                mark if number == place else "",
            )
            for number, column in enumerate(grid.columns)
        ),
    )


def _mark(grid: Grid, step: Step | None) -> str:
    if step is not None and step.data.get("edge"):
        return _("comptée pour vous")
    return _("votre tranche") if len(grid.columns) > 1 else _("votre prix")


def _place(tariff: Tariff, step: Step) -> int:
    """Which of its brackets the price is that of; the only line, of a tariff without brackets."""
    if not isinstance(tariff.amount, Brackets):
        return 0
    since = step.data["since"]
    return next(number for number, row in enumerate(tariff.amount.rows) if row.since == since)


def _beside(book: TariffBook, names: Names, day: date) -> Iterator[Beside]:
    for row in sorted(book.adjustments, key=lambda row: (row.step, row.order, row.id)):
        dates = dates_label(row.since, row.until, day)
        yield Beside(row.name, adjustment_label(row, names, day), dates)
    for rule in sorted(book.span_rules, key=lambda row: (row.step, row.order, row.id)):
        yield Beside(rule.name, span_rule_label(rule, names, day), dates_label(rule.since, rule.until, day))
