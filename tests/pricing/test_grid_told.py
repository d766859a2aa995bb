"""A grid of prices as families read it: brackets by line, the home's own marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from marelle.core.french import euros_text
from marelle.pricing.amounts import Asked, price_of
from marelle.pricing.facts import UNKNOWN_INCOME, Income, IncomeStatus, Known
from marelle.pricing.grid_told import PricesTold, prices_told
from marelle.pricing.income_words import Reader
from marelle.pricing.tariffs import TariffBook
from tests.pricing import reglement
from tests.pricing.sheets import AFTERNOON, BOOKS, MEAL, MORNING, brackets, tariff, traits
from tests.pricing.translated import book_of

DAY = date(2026, 11, 4)
NAMES = {MORNING: "Matin", MEAL: "Repas", AFTERNOON: "Après-midi"}
MORNINGS = (frozenset({MORNING}),)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def asked(quotient: str | None, **fields) -> Asked:
    income = UNKNOWN_INCOME if quotient is None else Income(Known(IncomeStatus.PROVED, Decimal(quotient)))
    return Asked(DAY, income, **fields)


def told(book: TariffBook, one: Asked | None = None, day: date = DAY) -> PricesTold:
    return prices_told(book, NAMES, day, one, Reader(authority="Arelle"))


def marked(found: PricesTold) -> list[str]:
    return [f"{plain(row.label)}: {row.mark}" for grid in found.grids for row in grid.rows if row.mark]


def test_each_bracket_is_a_line_and_the_home_s_own_is_marked():
    found = told(BOOKS["wednesdays"], asked("590"))
    (grid,) = found.grids
    assert [heading.name for heading in grid.headings] == ["tarif 1", "tarif 2", "tarif 3"]
    assert [plain(row.label) for row in grid.rows][:2] == ["moins de 360", "360 à moins de 565"]
    assert [plain(price) for _name, price in grid.rows[2].cells] == ["12,00 €", "6,00 €", "8,00 €"]
    assert marked(found) == ["565 à moins de 716: votre tranche"]
    assert [(name, plain(price)) for name, price in found.own] == [
        ("tarif 1 (Matin + Repas + Après-midi)", "12,00 €"),
        ("tarif 2 (Matin ou Après-midi)", "6,00 €"),
        ("tarif 3 (Matin + Repas ou Repas + Après-midi)", "8,00 €"),
    ]
    assert list(map(plain, found.incomes)) == ["Votre quotient de 590 est dans la tranche de 565 à 715,99."]
    assert not found.at_highest
    assert [row.name for row in found.beside] == ["ajustement 11"]


def test_who_is_not_known_reads_that_the_highest_counts():
    found = told(BOOKS["wednesdays"], asked(None))
    assert marked(found) == ["1 201 et plus: comptée pour vous"]
    assert list(map(plain, found.incomes)) == [
        "Votre quotient n’est pas connu d’Arelle : le prix le plus élevé est compté."
    ]
    assert found.at_highest


def test_without_a_home_nothing_is_marked():
    found = told(BOOKS["wednesdays"])
    assert (found.own, found.incomes, found.at_highest, marked(found)) == ((), (), False, [])


def test_only_the_grid_for_such_a_home_is_its_own():
    rows = (
        tariff(1, MORNINGS, brackets(("0", "5"), ("600", "6"))),
        replace(tariff(2, MORNINGS, brackets(("0", "8"), ("600", "9"))), who=traits("outside")),
    )
    here, away = asked("100"), asked("700", traits=traits("outside"))
    assert marked(told(TariffBook(rows), here)) == ["moins de 600: votre tranche"]
    assert [plain(price) for _name, price in told(TariffBook(rows), away).own] == ["9,00 €"]
    assert marked(told(TariffBook(rows), away)) == ["600 et plus: votre tranche"]


def test_one_price_for_all_is_one_line():
    found = told(BOOKS["canteen plain"], asked("100"))
    assert marked(found) == ["tous: votre prix"]
    assert found.incomes == ()


def test_the_price_of_a_half_hour_says_so():
    book = replace(BOOKS["garderie"], adjustments=())
    ((_name, price),) = told(book, asked("700")).own
    assert plain(price).startswith("0,48 €, prix d’une demi-heure, par demi-heure commencée")


def test_what_comes_is_marked_and_is_not_what_counts_today():
    later = DAY + timedelta(days=60)
    rows = (
        replace(tariff(1, MORNINGS, brackets(("0", "5"), ("600", "6"))), until=later - timedelta(days=1)),
        replace(tariff(2, MORNINGS, brackets(("0", "5"), ("700", "7"))), since=later),
    )
    found = told(TariffBook(rows), asked("650"))
    assert marked(found) == ["600 et plus: votre tranche", "moins de 700: votre tranche"]
    assert [plain(price) for _name, price in found.own] == ["6,00 €"]


def test_a_tariff_of_another_weekday_is_the_home_s_on_its_day():
    row = replace(tariff(1, MORNINGS, brackets(("0", "5"), ("600", "6"))), weekdays=frozenset({0}))
    assert DAY.weekday() == 2
    assert marked(told(TariffBook((row,)), asked("100"))) == ["moins de 600: votre tranche"]
    over = replace(row, until=DAY)
    assert marked(told(TariffBook((over,)), asked("100"))) == []


def test_what_a_week_comes_to_is_told_beside():
    book = BOOKS["most"]
    (rule,) = told(book, asked("100")).beside
    assert plain(rule.line) == "Par semaine et par enfant : 19,80 € au plus."
    assert rule.dates.startswith("depuis le")


@given(st.randoms(use_true_random=False), st.decimals("0", "1500", places=2))
def test_the_line_marked_holds_the_price_that_is_counted(random: Random, quotient: Decimal):
    book = book_of(reglement.invented(random))
    income = Income(Known(IncomeStatus.PROVED, quotient))
    one = Asked(DAY, income)
    names = dict.fromkeys(reglement.SLOTS, "créneau")
    found = prices_told(book, names, DAY, one, Reader())
    held = {row.name: row for row in book.sets_for(one.traits, DAY).values()}
    for grid in found.grids:
        marks = [row for row in grid.rows if row.mark]
        own = [name for name in (heading.name for heading in grid.headings) if name in held]
        assert len(marks) == bool(own)
        for name, price in marks[0].cells if marks else ():
            row = held.get(name)
            if row is not None and len(grid.rows) > 1:
                step = price_of(row.amount, one, row.id, row.name)
                assert step is not None
                assert price == euros_text(step.amount)
