"""The lines of what is priced by a week, a month or a year.

What is taken at once: a yearly fee, a card, a month, a contract of hours (monthly fee of the PSU: weeks ×
hours a week ÷ months billed × hourly price). And what the span makes of its days, one correction each:
never more than, a flat price from so many days on, a reduction from the n-th day on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from marelle.core.money import ZERO, rounded
from marelle.pricing.amounts import Asked, price_of
from marelle.pricing.facts import Contract, HomeSpan, SpanKind, Taken, Traits
from marelle.pricing.lines import HUNDRED, Gap, Line, LineKind, Priced, Step, StepCode, joined, total
from marelle.pricing.own import ONE, plate, times
from marelle.pricing.tariffs import (
    Flat,
    Most,
    Nth,
    Product,
    Slots,
    SpanRule,
    Tariff,
    TariffBook,
)
from marelle.pricing.trying import by_step

MINUTES_OF_AN_HOUR = 60
DAY = timedelta(days=1)


def span_lines(book: TariffBook, span: HomeSpan, of_days: Iterable[Line]) -> Priced:
    """What a span adds to the lines of its days, or takes off them."""
    lines = [line for line in of_days if span.first <= line.day <= span.last]
    taken = joined(_taken_lines(book, span, lines))
    corrected = (
        line
        for child_id, traits in sorted(span.traits, key=lambda one: one[0])
        for line in _corrections(book, span, child_id, traits, lines)
    )
    return Priced((*taken.lines, *corrected), taken.gaps)


def spans_about(book: TariffBook, of_days: Iterable[Line]) -> frozenset[SpanKind]:
    """The spans that could correct such lines: what they add to these changes with them."""
    due = [line.slots for line in of_days if line.kind is LineKind.DUE]
    return frozenset(row.span for row in book.rules.some_of(*due)) if due else frozenset()


def _taken_lines(book: TariffBook, span: HomeSpan, lines: Iterable[Line]) -> Iterator[Priced]:
    """By product and child: what is paid, and what their days would give back beyond it."""
    numbers = Counter(product for product, _child in {(one.product, one.child_id) for one in span.taken})
    given_back = _given_back(book, lines, {(one.product, one.child_id) for one in span.taken})
    every = sorted(span.taken, key=lambda one: (one.product, one.child_id or 0, one.on))
    for (product, child_id), group in groupby(every, key=lambda one: (one.product, one.child_id)):
        paid = joined(_taken(book, taken, numbers[product]) for taken in group)
        yield paid
        beyond = given_back.get((product, child_id), ZERO) - paid.total
        if paid.lines and beyond > 0:
            yield Priced((_kept(span, paid.lines[-1], beyond),))


def _given_back(
    book: TariffBook, lines: Iterable[Line], own: Container[tuple[int, int | None]]
) -> Mapping[tuple[int, int | None], Decimal]:
    """What the days of each product give back, whichever of its tariffs held on each; of a child that has
    none of its `own`, to the home."""
    found: dict[tuple[int, int | None], Decimal] = {}
    for line in lines:
        if line.kind is LineKind.GIVEN_BACK:
            product = book.product_of[line.tariff]
            key = product, line.child_id if (product, line.child_id) in own else None
            found[key] = found.get(key, ZERO) - line.amount
    return found


def _kept(span: HomeSpan, paid: Line, beyond: Decimal) -> Line:
    step = Step(StepCode.KEPT, beyond, paid.tariff, paid.name)
    return paid._replace(
        day=span.last,
        kind=LineKind.CORRECTION,
        quantity=ONE,
        unit=beyond,
        steps=(step,),
        plate=None,
    )


def _taken(book: TariffBook, taken: Taken, number: int) -> Priced:
    found = book.product(taken.product, taken.traits, taken.on)
    asked = Asked(taken.on, taken.income, taken.traits, number)
    unit = found and price_of(found[0].amount, asked, found[0].id, found[0].name)
    if found is None or unit is None:
        return Priced(gaps=(Gap(taken.on, taken.child_id, "product", taken.product),))
    return Priced(tuple(_paid(taken, *found, asked, unit)))


def _paid(taken: Taken, tariff: Tariff, what: Product, asked: Asked, unit: Step) -> Iterator[Line]:
    contract = taken.contract
    if contract is None:
        yield _line(taken.on, taken.child_id, LineKind.TAKEN, tariff, ONE, (unit,), asked)
        return
    fee = _fee(contract, unit)
    yield _line(taken.on, taken.child_id, LineKind.TAKEN, tariff, ONE, (unit, fee), asked)
    if contract.extra_minutes:
        quantity = what.extra.quantity(contract.extra_minutes)
        steps = unit, times(unit, quantity, what.extra.per)
        yield _line(taken.on, taken.child_id, LineKind.EXTRA, tariff, quantity, steps, asked)
    if contract.deducted_minutes:
        hours = Decimal(contract.deducted_minutes)
        less = min(rounded(unit.amount * hours / MINUTES_OF_AN_HOUR), fee.amount)
        step = Step(
            StepCode.DEDUCTED, -less, unit.source, unit.name, (("minutes", contract.deducted_minutes),)
        )
        yield _line(taken.on, taken.child_id, LineKind.DEDUCTED, tariff, -ONE, (unit, step))


def _fee(contract: Contract, unit: Step) -> Step:
    """Divided last, so that nothing is rounded before the cent."""
    minutes = contract.weeks * contract.minutes_a_week
    figures = (
        ("weeks", contract.weeks),
        ("minutes_a_week", contract.minutes_a_week),
        ("months", contract.months),
    )
    amount = rounded(unit.amount * minutes / (MINUTES_OF_AN_HOUR * contract.months))
    return Step(StepCode.CONTRACT, amount, unit.source, unit.name, figures)


def _corrections(
    book: TariffBook, span: HomeSpan, child_id: int, traits: Traits, lines: Iterable[Line]
) -> Iterator[Line]:
    due = [line for line in lines if line.child_id == child_id and line.kind is LineKind.DUE]
    about = book.rules.some_of(*(line.slots for line in due))
    rows = (row for row in about if row.span is span.kind and row.is_for(traits, span.first))
    made: list[Line] = []
    for of_step in by_step(rows):
        held: list[Slots] = []
        for row in of_step:
            if not _bites(row, due) or any(_meet(row.slots, slots) for slots in held):
                continue
            held.append(row.slots)
            for line in _correction(row, span, traits, due, made):
                made.append(line)
                yield line


def _bites(row: SpanRule, due: Iterable[Line]) -> bool:
    match row.rule:
        case Flat(days) | Nth(days):
            return len(_by_day(row, due)) >= days
        case Most():
            return bool(_by_day(row, due))


def _meet(one: Slots, other: Slots) -> bool:
    """Whether a rule of these slots is about some of the others; none said is all."""
    return not one or not other or bool(one & other)


def _correction(
    row: SpanRule, span: HomeSpan, traits: Traits, due: Iterable[Line], made: Iterable[Line]
) -> Iterator[Line]:
    """A line of nothing is none."""
    by_day = _by_day(row, due)
    before = sum(by_day.values(), ZERO) + total(line for line in made if _within(row, line.slots))
    asked = Asked(span.first, span.income, traits)
    child = next((line.child_id for line in due), None)
    on = _day_of(span, by_day)
    match row.rule:
        case Most(amount):
            most = price_of(amount, asked, row.id, row.name)
            if most is not None and before > most.amount:
                yield _corrected(row, on, child, StepCode.MOST, most.amount - before, before, len(by_day))
        case Flat(_days, amount):
            flat = price_of(amount, asked, row.id, row.name)
            if flat is not None and before != flat.amount:
                yield _corrected(row, on, child, StepCode.FLAT, flat.amount - before, before, len(by_day))
        case Nth(days, percent):
            for number, day in enumerate(sorted(by_day), 1):
                price = by_day[day]
                less = rounded(max(price + price * percent / HUNDRED, ZERO)) - price
                if number >= days and less:
                    yield _corrected(row, day, child, StepCode.NTH, less, price, number)


def _day_of(span: HomeSpan, by_day: Iterable[date]) -> date:
    """Of what a span makes of all its days: its last, or the last of its first month where a week has no day
    in the second, so that both are billed together."""
    second = span.second_month
    return second - DAY if second and max(by_day, default=second) < second else span.last


def _by_day(row: SpanRule, due: Iterable[Line]) -> Mapping[date, Decimal]:
    """What each day costs of what the rule is about."""
    found: dict[date, Decimal] = {}
    for line in due:
        if not row.slots or row.slots & line.slots:
            found[line.day] = found.get(line.day, ZERO) + line.amount
    return found


def _within(row: SpanRule, slots: Slots) -> bool:
    """Whether a correction already made is of the same slots, or of some of them."""
    return not row.slots or (bool(slots) and slots <= row.slots)


def _corrected(
    row: SpanRule,
    day: date,
    child_id: int | None,
    code: StepCode,
    amount: Decimal,
    before: Decimal,
    days: int,
) -> Line:
    step = Step(code, amount, row.id, row.name, (("before", before), ("days", days)))
    return Line(
        day=day,
        child_id=child_id,
        kind=LineKind.CORRECTION,
        tariff=row.id,
        name=row.name,
        quantity=ONE,
        unit=amount,
        steps=(step,),
        ledger=row.ledger,
        slots=row.slots,
    )


def _line(
    day: date,
    child_id: int | None,
    kind: LineKind,
    tariff: Tariff,
    quantity: Decimal,
    steps: tuple[Step, ...],
    asked: Asked | None = None,
) -> Line:
    return Line(
        day=day,
        child_id=child_id,
        kind=kind,
        tariff=tariff.id,
        name=tariff.name,
        quantity=quantity,
        unit=steps[0].amount,
        steps=steps,
        ledger=tariff.ledger,
        plate=None if asked is None else plate(tariff, asked, ONE, steps[-1].amount),
    )
