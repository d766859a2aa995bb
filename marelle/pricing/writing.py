"""Writes pure tariffs as rows; within the transaction of a service, which has checked that they may be."""

from __future__ import annotations

from typing import Final

from marelle.pricing import tariffs as pure
from marelle.pricing.amounts import Amount, Brackets, ByNumber, Effort, Fixed, Linear
from marelle.pricing.models import (
    Adjustment,
    GiveBack,
    Price,
    PriceBracket,
    PriceRate,
    SpanRule,
    Tariff,
    TariffSet,
)
from marelle.pricing.models.adjustments import Case, Effect, SpanEffect
from marelle.pricing.models.amounts import PriceKind
from marelle.pricing.models.dated import DatedPrice, trait_code
from marelle.pricing.models.tariffs import Subject

CASES: Final[dict[type, Case]] = {
    pure.Always: Case.ALWAYS,
    pure.Rank: Case.RANK,
    pure.Late: Case.LATE,
    pure.Unbooked: Case.UNBOOKED,
    pure.Missed: Case.MISSED,
}


def tariff_write(authority_id: int, tariff: pure.Tariff) -> Tariff:
    """A new row: the id of the pure one says nothing."""
    row = Tariff(authority_id=authority_id, price=price_write(tariff.amount))
    _dated(row, tariff)
    row.set_ledger(tariff.ledger)
    row.food = None if tariff.food is None else price_write(tariff.food)
    if tariff.voted:
        row.voted_number, row.voted_on = tariff.voted.number, tariff.voted.on
    what = tariff.what
    match what:
        case pure.Sets():
            row.subject, started = Subject.SETS, what.started
        case pure.LateFetch():
            row.subject, started, row.spared = Subject.LATE_FETCH, what.started, what.spared
        case pure.Product():
            row.subject, started, row.product_id = Subject.PRODUCT, what.extra, what.id
            row.back = None if what.given_back is None else price_write(what.given_back)
    if started:
        row.hours, row.step, row.per = started.hours.value, started.step, started.per
    row.full_clean()
    row.save()
    _parts(row, what)
    return row


def _parts(row: Tariff, what: pure.Sets | pure.LateFetch | pure.Product) -> None:
    match what:
        case pure.Sets(sets):
            for slots in sets:
                TariffSet.objects.create(tariff=row).slots.set(slots)
        case pure.LateFetch(slots):
            row.fetched_slots.set(slots)
        case pure.Product():
            for way in what.gives_back:
                back = GiveBack(tariff=row)
                back.set_missed(way)
                back.save()


def adjustment_write(authority_id: int, adjustment: pure.Adjustment) -> Adjustment:
    """A new row."""
    row = Adjustment(authority_id=authority_id, step=adjustment.step, case=CASES[type(adjustment.case)].value)
    _dated(row, adjustment)
    row.whole, row.spared = adjustment.whole, adjustment.spared
    match adjustment.case:
        case pure.Rank(first, last, by):
            row.first, row.last, row.by = first, last, by.value
        case pure.Missed() as missed:
            row.set_missed(missed)
        case _:
            pass
    match adjustment.effect:
        case pure.Percent(percent):
            row.effect, row.percent = Effect.PERCENT.value, percent
        case pure.Plus(more):
            row.effect, row.more = Effect.PLUS.value, more
        case pure.Becomes(amount):
            row.effect, row.price = Effect.BECOMES.value, price_write(amount)
    row.full_clean()
    row.save()
    row.slots.set(adjustment.slots)
    return row


def span_rule_write(authority_id: int, rule: pure.SpanRule) -> SpanRule:
    """A new row."""
    row = SpanRule(authority_id=authority_id, span=rule.span.value, step=rule.step)
    _dated(row, rule)
    row.set_ledger(rule.ledger)
    match rule.rule:
        case pure.Most(amount):
            row.effect, row.price = SpanEffect.MOST.value, price_write(amount)
        case pure.Flat(days, amount):
            row.effect, row.days, row.price = SpanEffect.FLAT.value, days, price_write(amount)
        case pure.Nth(days, percent):
            row.effect, row.days, row.percent = SpanEffect.NTH.value, days, percent
    row.full_clean()
    row.save()
    row.slots.set(rule.slots)
    return row


def price_write(amount: Amount, part_of: Price | None = None, number: int | None = None) -> Price:
    """An amount with its brackets, rates and parts."""
    row = Price(part_of=part_of, number=number)
    match amount:
        case Fixed(price):
            row.kind, row.amount = PriceKind.FIXED.value, price
        case Linear(percent, floor, ceiling):
            row.kind, row.percent = PriceKind.LINEAR.value, percent
            row.floor, row.ceiling = floor, ceiling
        case Brackets():
            row.kind = PriceKind.BRACKETS.value
        case Effort():
            row.kind = PriceKind.EFFORT.value
        case ByNumber():
            row.kind = PriceKind.BY_NUMBER.value
    row.full_clean()
    row.save()
    _rows(row, amount)
    return row


def _rows(row: Price, amount: Amount) -> None:
    match amount:
        case Brackets(brackets):
            for bracket in brackets:
                _checked(PriceBracket(price=row, since=bracket.since, amount=bracket.price))
        case Effort(rates):
            for rate in rates:
                _checked(PriceRate(price=row, children=rate.children, percent=rate.percent))
        case ByNumber(amounts):
            for number, one in enumerate(amounts, 1):
                price_write(one, row, number)
        case _:
            pass


def _checked(row: PriceBracket | PriceRate) -> None:
    row.full_clean()
    row.save()


def _dated(row: DatedPrice, dated: pure.Tariff | pure.Adjustment | pure.SpanRule) -> None:
    row.name, row.since, row.until, row.order = dated.name, dated.since, dated.until, dated.order
    row.weekdays = sorted(dated.weekdays)
    row.who = sorted(trait_code(trait) for trait in dated.who)
