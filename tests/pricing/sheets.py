"""The tariffs of docs/prices.md, by their name there; its grid is read from its own table."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from marelle.activities.absences import Told
from marelle.pricing.amounts import (
    Amount,
    Bracket,
    Brackets,
    ByNumber,
    Effort,
    EffortBound,
    EffortRate,
    Fixed,
    Linear,
)
from marelle.pricing.facts import SpanKind, Trait, TraitKind, Traits
from marelle.pricing.tariffs import (
    Adjustment,
    Always,
    Becomes,
    Flat,
    Hours,
    Late,
    LateFetch,
    Missed,
    Most,
    Nth,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    SpanRule,
    Started,
    Tariff,
    TariffBook,
    Unbooked,
)

TEXT = (Path(__file__).resolve().parents[2] / "docs/prices.md").read_text()

MORNING, MEAL, AFTERNOON, EVENING, CARE = range(1, 6)
SLOTS = {"Matin": MORNING, "Repas": MEAL, "Après-midi": AFTERNOON, "Soir": EVENING, "Accueil": CARE}

HALF_DAY = (frozenset({MORNING}), frozenset({AFTERNOON}))
WITH_MEAL = (frozenset({MORNING, MEAL}), frozenset({MEAL, AFTERNOON}))
WHOLE_DAY = (frozenset({MORNING, MEAL, AFTERNOON}),)
MEAL_ALONE = (frozenset({MEAL}),)

START = date(2026, 9, 1)
PRODUCTS = {"fee": 70, "card": 71, "hours": 72, "supervision": 73}


def euros(text: str) -> Decimal:
    return Decimal(text.strip())


def brackets(*rows: tuple[str, str]) -> Brackets:
    return Brackets(tuple(Bracket(euros(since), euros(price)) for since, price in rows))


def fixed(text: str) -> Fixed:
    return Fixed(euros(text))


def tariff(
    number: int,
    sets: tuple[frozenset[int], ...],
    amount: Amount,
    *,
    started: Started | None = None,
    since: date = START,
    until: date | None = None,
) -> Tariff:
    return Tariff(number, f"tarif {number}", since, until, Sets(sets, started), amount)


def adjustment(number: int, step: int, case, effect, **others) -> Adjustment:
    told = {"since": START, "until": None} | others
    return Adjustment(number, f"ajustement {number}", step=step, case=case, effect=effect, **told)


def traits(*names: str) -> Traits:
    return frozenset(Trait(TraitKind(name)) for name in names)


def weekly(rule: Most | Flat | Nth) -> SpanRule:
    return SpanRule(60, "semaine", START, None, SpanKind.WEEK, 1, rule)


def product(number: int, what: Product, amount: Amount) -> Tariff:
    return Tariff(number, f"produit {number}", date(2026, 1, 1), None, what, amount)


def _grid() -> tuple[Tariff, ...]:
    table = TEXT.split("| quotient from |")[1].split("\n\n")[0]
    rows = [re.findall(r"[\d.]+", row) for row in table.splitlines()[2:]]
    kinds = enumerate((WHOLE_DAY, HALF_DAY, WITH_MEAL), 1)
    return tuple(tariff(kind, sets, brackets(*((row[0], row[kind]) for row in rows))) for kind, sets in kinds)


def _siblings(step: int = 20) -> tuple[Adjustment, ...]:
    return (
        adjustment(21, step, Rank(2, 2), Percent(euros("-10"))),
        adjustment(22, step, Rank(3), Percent(euros("-20"))),
    )


OUTSIDERS = adjustment(11, 10, Always(), Plus(euros("2")), who=traits("outside"))
DOUBLED = adjustment(12, 10, Always(), Percent(euros("100")), who=traits("outside"))
LATE_HALF = adjustment(31, 30, Late(), Percent(euros("50")))

BY_QUOTIENT = tariff(4, MEAL_ALONE, brackets(("0", "3.15"), ("601", "3.60")))
SINGLE = tariff(5, MEAL_ALONE, fixed("3.60"))
UNTIL_NEW_YEAR, SINCE_NEW_YEAR = {"until": date(2026, 12, 31)}, {"since": date(2027, 1, 1)}

WEDNESDAYS = TariffBook(_grid(), (OUTSIDERS,))
APART = replace(WEDNESDAYS, tariffs=(*WEDNESDAYS.tariffs, tariff(6, MEAL_ALONE, fixed("3.15"))))
CANTEEN = TariffBook(
    (BY_QUOTIENT,),
    (
        adjustment(32, 30, Late(), Becomes(fixed("4.05"))),
        adjustment(33, 40, Unbooked(), Becomes(fixed("5.05"))),
    ),
)
GARDERIE = TariffBook(
    (
        tariff(
            7,
            (frozenset({EVENING}),),
            brackets(("0", "0.30"), ("651", "0.48"), ("1151", "0.63")),
            started=Started(Hours.SEEN),
        ),
    ),
    (DOUBLED,),
)
BOUND = EffortBound(START, euros("814.62"), euros("8500"))


def effort(*rates: tuple[int, str], bounds: tuple[EffortBound, ...] = (BOUND,)) -> Effort:
    return Effort(tuple(EffortRate(children, euros(percent)) for children, percent in rates), bounds)


def creche(amount: Effort) -> TariffBook:
    return TariffBook((tariff(8, (frozenset({CARE}),), amount, started=Started(Hours.BOOKED, 30, 60)),))


EFFORT = effort((1, "0.0619"), (2, "0.0516"), (3, "0.0413"), (4, "0.0310"), (8, "0.0206"))
HIGHER = replace(BOUND, since=date(2027, 1, 1), ceiling=euros("9000"))

MEAL_AT_4 = tariff(47, MEAL_ALONE, fixed("4"))

BOOKS = {
    "wednesdays": WEDNESDAYS,
    "wednesdays siblings": replace(WEDNESDAYS, adjustments=(OUTSIDERS, *_siblings())),
    "wednesdays apart": APART,
    "late wednesdays whole": replace(APART, adjustments=(OUTSIDERS, replace(LATE_HALF, whole=True))),
    "late wednesdays part": replace(APART, adjustments=(OUTSIDERS, LATE_HALF)),
    "late wednesdays warned": replace(APART, adjustments=(OUTSIDERS, replace(LATE_HALF, spared=1))),
    "canteen": CANTEEN,
    "canteen siblings": replace(CANTEEN, adjustments=(*CANTEEN.adjustments, *_siblings())),
    "canteen penalties": TariffBook(
        (BY_QUOTIENT,),
        (
            LATE_HALF,
            adjustment(33, 40, Unbooked(), Becomes(fixed("10"))),
            adjustment(34, 50, Missed(excused=True), Becomes(fixed("0"))),
            adjustment(35, 50, Missed(excused=False), Becomes(fixed("2.99")), order=1),
        ),
    ),
    "canteen warned": TariffBook(
        (BY_QUOTIENT,),
        (
            replace(LATE_HALF, spared=1),
            adjustment(33, 40, Unbooked(), Becomes(fixed("10")), spared=1),
            adjustment(34, 50, Missed(excused=True), Becomes(fixed("0"))),
            adjustment(35, 50, Missed(excused=False), Becomes(fixed("6")), order=1, spared=2),
        ),
    ),
    "canteen told": TariffBook(
        (BY_QUOTIENT,),
        (
            adjustment(34, 50, Missed(frozenset({Told.IN_TIME}), excused=True), Becomes(fixed("0"))),
            adjustment(35, 50, Missed(), Becomes(fixed("2.99")), order=1),
        ),
    ),
    "canteen letters": TariffBook(
        (SINGLE,), (adjustment(36, 50, Missed(excused=True, within=0), Becomes(fixed("0"))),)
    ),
    "canteen plain": TariffBook((SINGLE,)),
    "canteen two years": TariffBook(
        (
            replace(SINGLE, **UNTIL_NEW_YEAR),
            replace(SINGLE, id=9, amount=fixed("3.75"), **SINCE_NEW_YEAR),
        ),
        (
            adjustment(37, 30, Late(), Becomes(fixed("4.05")), **UNTIL_NEW_YEAR),
            adjustment(38, 30, Late(), Becomes(fixed("4.30")), **SINCE_NEW_YEAR),
        ),
    ),
    "garderie": GARDERIE,
    "crèche": creche(EFFORT),
    "crèche ceiling": creche(replace(EFFORT, bounds=(BOUND, HIGHER))),
    "crèche families": creche(effort((1, "0.0516"), (2, "0.0413"), (3, "0.0310"), (6, "0.0206"))),
    "linear": TariffBook(
        (tariff(40, MEAL_ALONE, Linear(euros("0.36"), euros("2.60"), euros("4.50"))),),
    ),
    "habits": TariffBook(
        (
            tariff(41, MEAL_ALONE, fixed("6.10")),
            replace(tariff(42, MEAL_ALONE, fixed("5.20")), who=traits("regular"), order=2),
            replace(tariff(43, MEAL_ALONE, fixed("1.75")), who=traits("own_meal"), order=1),
        )
    ),
    "every day": TariffBook(
        (MEAL_AT_4,),
        (adjustment(44, 20, Rank(3), Becomes(fixed("2")), who=traits("every_school_day")),),
    ),
    "closing": TariffBook(
        (
            Tariff(45, "retard", START, None, LateFetch(frozenset({EVENING}), spared=1), fixed("26")),
            Tariff(46, "agents", START, None, LateFetch(), fixed("0"), traits("staff")),
        )
    ),
    "flat": TariffBook((MEAL_AT_4,), (), (weekly(Flat(5, fixed("19.80"))),)),
    "flat after five": TariffBook((MEAL_AT_4,), (), (weekly(Flat(6, fixed("19.80"))),)),
    "most": TariffBook((MEAL_AT_4,), (), (weekly(Most(fixed("19.80"))),)),
    "third day": TariffBook((tariff(48, MEAL_ALONE, fixed("10")),), (), (weekly(Nth(3, euros("-10"))),)),
    "youth": TariffBook(
        (
            product(50, Product(PRODUCTS["fee"]), fixed("15")),
            tariff(51, (frozenset({EVENING}),), fixed("8")),
        )
    ),
    "supervision": TariffBook(
        (
            SINGLE,
            replace(tariff(54, MEAL_ALONE, fixed("0")), who=traits("own_meal")),
            product(55, Product(PRODUCTS["supervision"]), fixed("12")),
        )
    ),
    "card": TariffBook(
        (
            product(
                52,
                Product(PRODUCTS["card"], fixed("3.85"), (Missed(excused=True),)),
                ByNumber((fixed("59"), fixed("57"), fixed("55"))),
            ),
        )
    ),
    "monthly": TariffBook((product(53, Product(PRODUCTS["hours"]), EFFORT),)),
}
