"""What a week makes of its days, by two engines: `spans.span_lines`, and cents in a list here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from marelle.pricing.amounts import Fixed
from marelle.pricing.facts import ANYBODY, ChildDay, HomeDay, HomeSpan, Piece, SpanKind, Wishes
from marelle.pricing.tariffs import Flat, Most, Nth, Sets, SpanRule, Tariff, TariffBook
from marelle.pricing.wishes import priced
from tests.pricing.second import half_up
from tests.pricing.translated import START, cents, traits

MONDAY = date(2026, 11, 2)


@dataclass(frozen=True)
class Said:
    """`what`: "most", "flat" or "nth"; of the slots `slots` (none: all), for `who` (none: everybody)."""

    what: str
    days: int
    n: int
    slots: tuple[int, ...]
    who: str
    step: int


def invented(random: Random) -> tuple[dict[int, int], list[Said]]:
    prices = {1: random.randrange(0, 900), 2: random.randrange(0, 900)}
    rules = [
        Said(
            what := random.choice(["most", "flat", "nth"]),
            random.randrange(1, 7),
            random.choice([-50, -10, 25]) if what == "nth" else random.randrange(0, 3000),
            random.choice([(), (), (1,), (2,)]),
            random.choice(["", "", "staff"]),
            random.choice([1, 2]),
        )
        for _ in range(random.randrange(0, 4))
    ]
    return prices, rules


def second(prices: dict[int, int], rules: list[Said], week: list[set[int]], is_staff: bool) -> int:
    """The sentences one after the other, each about what those before it left."""
    left = {(day, slot): prices[slot] for day, slots in enumerate(week) for slot in slots}
    corrections: list[tuple[tuple[int, ...], int]] = []
    for step in (1, 2):
        taken: list[set[int]] = []
        tried = [(0 if rule.who else 1, place, rule) for place, rule in enumerate(rules) if rule.step == step]
        for _first, _place, rule in sorted(tried, key=lambda one: one[:2]):
            own = set(rule.slots) or set(prices)
            if (rule.who and not is_staff) or any(own & slots for slots in taken):
                continue
            about = {key: price for key, price in left.items() if not rule.slots or key[1] in rule.slots}
            days = sorted({day for day, _slot in about})
            if len(days) < (1 if rule.what == "most" else rule.days):
                continue
            taken.append(own)
            before = sum(about.values()) + sum(
                n for slots, n in corrections if not rule.slots or slots == rule.slots
            )
            corrections += [(rule.slots, n) for n in _changes(rule, about, days, before)]
    return sum(left.values()) + sum(n for _slots, n in corrections)


def _changes(rule: Said, about: dict[tuple[int, int], int], days: list[int], before: int) -> list[int]:
    if rule.what == "most":
        return [rule.n - before] if before > rule.n else []
    if rule.what == "flat":
        return [rule.n - before]
    prices = [sum(price for (day, _slot), price in about.items() if day == one) for one in days]
    return [half_up(price + Fraction(price * rule.n, 100)) - price for price in prices[rule.days - 1 :]]


def first(prices: dict[int, int], rules: list[Said], week: list[set[int]], is_staff: bool) -> int:
    tariffs = tuple(
        Tariff(slot, "créneau", START, None, Sets((frozenset({slot}),)), Fixed(cents(price)))
        for slot, price in prices.items()
    )
    amounts = {
        "most": lambda rule: Most(Fixed(cents(rule.n))),
        "flat": lambda rule: Flat(rule.days, Fixed(cents(rule.n))),
        "nth": lambda rule: Nth(rule.days, cents(rule.n * 100)),
    }
    made = tuple(
        SpanRule(
            number,
            rule.what,
            START,
            None,
            SpanKind.WEEK,
            rule.step,
            amounts[rule.what](rule),
            frozenset(rule.slots),
            traits(rule.who) if rule.who else ANYBODY,
        )
        for number, rule in enumerate(rules)
    )
    who = traits("staff") if is_staff else ANYBODY
    days = tuple(
        HomeDay(
            MONDAY + timedelta(days=ahead),
            children=(ChildDay(1, tuple(Piece(slot) for slot in slots), who),),
        )
        for ahead, slots in enumerate(week)
    )
    span = HomeSpan(SpanKind.WEEK, MONDAY, MONDAY + timedelta(days=6), traits=((1, who),))
    found = priced(TariffBook(tariffs, (), made), Wishes(days, (span,)))
    return int(found.total * 100)


def test_both_agree_on_two_thousand_weeks():
    random = Random(15)
    wrong = []
    for number in range(2_000):
        prices, rules = invented(random)
        week = [{slot for slot in (1, 2) if random.random() < 0.6} for _ in range(7)]
        is_staff = random.random() < 0.5
        if first(prices, rules, week, is_staff) != second(prices, rules, week, is_staff):
            wrong.append((number, prices, rules, week, is_staff))
    assert wrong == []
