"""A règlement and its days, said to the engine in its own types."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from marelle.activities.absences import AbsenceGrade, Told
from marelle.pricing.amounts import (
    Amount,
    Bracket,
    Brackets,
    Effort,
    EffortBound,
    EffortRate,
    Fixed,
    Linear,
)
from marelle.pricing.facts import (
    ChildDay,
    Fetched,
    HomeDay,
    Income,
    IncomeStatus,
    Known,
    Piece,
    Trait,
    TraitKind,
    Traits,
)
from marelle.pricing.tariffs import (
    Adjustment,
    Always,
    Becomes,
    By,
    Effect,
    Hours,
    Late,
    LateFetch,
    Missed,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    Started,
    Tariff,
    TariffBook,
    Unbooked,
)
from tests.pricing import reglement as words

START = date(2026, 9, 1)
TODAY = date(2026, 11, 4)


def cents(n: int) -> Decimal:
    return Decimal(n).scaleb(-2)


def traits(*names: str) -> Traits:
    return frozenset(Trait(TraitKind(name)) for name in names)


def book_of(said: words.Reglement) -> TariffBook:
    return TariffBook(tuple(_tariffs(said)), tuple(_adjustments(said)))


def _tariffs(said: words.Reglement):
    for number, (way, priced) in enumerate(said.grid.items(), 1):
        yield _tariff(number, way, priced)
    for number, (way, priced) in enumerate(said.for_outsiders.items(), 101):
        yield replace(_tariff(number, way, priced, traits("outside")), order=1)
    if said.own_meal is not None:
        meal = Sets((frozenset({words.MEAL}),))
        who = traits("own_meal", "outside")
        yield Tariff(200, "PAI", START, None, meal, Fixed(cents(said.own_meal)), traits("own_meal"))
        yield Tariff(201, "PAI", START, None, meal, Fixed(cents(said.own_meal)), who)
    effort = Effort(
        tuple(EffortRate(children, Decimal(rate).scaleb(-4)) for children, rate in said.care_rates),
        (EffortBound(START, *(cents(bound) for bound in said.care_bounds)),),
    )
    care = Sets((frozenset({words.CARE}),), Started(Hours.BOOKED, 30, 60))
    yield Tariff(300, "PSU", START, None, care, effort)
    step = Started(Hours.SEEN, said.fetched_minutes, said.fetched_minutes) if said.fetched_minutes else None
    fetch = LateFetch(frozenset({words.EVENING}), step, said.fetched_free)
    yield Tariff(400, "retard", START, None, fetch, Fixed(cents(said.fetched)))
    yield Tariff(401, "retard", START, None, fetch, Fixed(cents(0)), traits("staff"))
    back = None if said.card_back is None else Fixed(cents(said.card_back))
    card = Product(words.CARD, back, (Missed(excused=True),))
    yield Tariff(500, "carte", START, None, card, Fixed(cents(5900)))


def _tariff(number: int, way: tuple[int, ...], priced: words.Priced, who: Traits = frozenset()) -> Tariff:
    started = Started(Hours(priced.hours), priced.minutes, priced.minutes) if priced.minutes else None
    return Tariff(
        number, f"tarif {number}", START, None, Sets((frozenset(way),), started), _amount(priced), who
    )


def _amount(priced: words.Priced) -> Amount:
    if priced.kind == "fixed":
        return Fixed(cents(priced.fixed))
    if priced.kind == "linear":
        percent, floor, ceiling = priced.linear
        return Linear(Decimal(percent).scaleb(-2), cents(floor), cents(ceiling))
    return Brackets(tuple(Bracket(Decimal(since), cents(price)) for since, price in priced.grid))


def _adjustments(said: words.Reglement):
    if said.outside:
        yield _adjustment(1, 10, Always(), _effect(said.outside), who=traits("outside"))
    if said.siblings:
        slots, by = frozenset(said.siblings_slots), By(said.first_is)
        second, third = said.siblings
        yield _adjustment(2, 20, Rank(2, 2, by), Percent(Decimal(-second)), slots=slots)
        yield _adjustment(3, 20, Rank(3, None, by), Percent(Decimal(-third)), slots=slots)
    if said.late:
        yield _adjustment(4, 30, Late(), _effect(said.late), whole=said.late_whole)
    if said.late and said.late_not_staff:
        yield _adjustment(5, 30, Late(), Plus(cents(0)), who=traits("staff"))
    if said.unbooked:
        yield _adjustment(6, 40, Unbooked(), _effect(said.unbooked), spared=said.unbooked_free)
    if said.excused:
        yield _adjustment(7, 50, Missed(excused=True, within=said.within), _effect(said.excused), order=1)
    if said.told_in_time:
        told = Missed(frozenset({Told.IN_TIME}))
        yield _adjustment(8, 50, told, _effect(said.told_in_time), order=2)
    if said.unexcused:
        yield _adjustment(9, 50, Missed(excused=False, within=said.within), _effect(said.unexcused), order=3)


def _adjustment(number: int, step: int, case, effect: Effect, **others) -> Adjustment:
    return Adjustment(number, f"ajustement {number}", START, None, step, case, effect, **others)


def _effect(then: words.Then) -> Effect:
    match then.what:
        case "percent":
            return Percent(Decimal(then.n))
        case "plus":
            return Plus(cents(then.n))
        case _:
            return Becomes(Fixed(cents(then.n)))


def _known(status: str, amount: int | None) -> Known:
    return Known(IncomeStatus(status), None if amount is None else cents(amount))


def day_of(said: words.Day) -> HomeDay:
    income = Income(
        _known(said.status, said.quotient),
        _known(said.status, said.resources),
        said.dependants,
        said.aeeh,
    )
    return HomeDay(TODAY, income, tuple(_child(kid) for kid in said.kids), said.household)


def _child(kid: words.Kid) -> ChildDay:
    birth = None if kid.born is None else date(kid.born, 1, 1)
    fetched = tuple(Fetched(*one) for one in kid.fetched)
    return ChildDay(kid.id, tuple(_piece(held) for held in kid.held), traits(*kid.is_of), birth, fetched)


def _piece(held: words.Held) -> Piece:
    grade = None
    if held.missed:
        told, proof, waiting = held.missed
        grade = AbsenceGrade(Told(told), proof, waiting=waiting)
    return Piece(
        held.slot,
        held.booked,
        held.late,
        grade,
        held.minutes,
        held.seen,
        ((6, held.before),),
        words.CARD if held.card else None,
    )
