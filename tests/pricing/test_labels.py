"""Tariffs in French: what the tables of docs/prices.md come to in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import Told
from marelle.pricing import labels
from marelle.pricing.amounts import ByNumber, Effort, Linear
from marelle.pricing.doubts import doubts
from marelle.pricing.facts import Trait, TraitKind
from marelle.pricing.tariffs import (
    Always,
    Becomes,
    By,
    Hours,
    Late,
    Missed,
    Percent,
    Plus,
    Rank,
    Started,
    TariffBook,
    Unbooked,
    Voted,
)
from tests.pricing.sheets import (
    AFTERNOON,
    BOOKS,
    EFFORT,
    MEAL,
    MORNING,
    OUTSIDERS,
    START,
    adjustment,
    brackets,
    euros,
    fixed,
    traits,
)

DAY = date(2026, 11, 4)
NAMES = {MORNING: "Matin", MEAL: "Repas", AFTERNOON: "Après-midi"}


def plain(told: str) -> str:
    return told.replace("\u00a0", " ").replace("\u202f", " ")


def amount(one) -> str:
    return plain(labels.amount_label(one, DAY))


def said(row) -> str:
    return plain(labels.adjustment_label(row, NAMES, DAY))


def test_tariffs_voted_dated_and_cut_alike_are_one_grid():
    (grid,) = labels.grids(BOOKS["wednesdays"].tariffs, NAMES, DAY)
    assert (grid.whom, grid.facts) == ("tous", ("depuis le 1er septembre 2026",))
    assert [plain(column) for column in grid.columns][:2] == ["moins de 360", "360 à moins de 565"]
    assert plain(grid.columns[-1]) == "1 201 et plus"
    assert [row.details[0] for row in grid.rows] == [
        "Matin + Repas + Après-midi",
        "Matin ou Après-midi",
        "Matin + Repas ou Repas + Après-midi",
    ]
    assert [plain(price) for _column, price in grid.rows[0].cells][:2] == ["10,00 €", "11,00 €"]
    assert [column for column, _price in grid.rows[0].cells] == list(grid.columns)


@pytest.mark.parametrize(
    "other",
    [
        {"since": DAY},
        {"until": date(2027, 7, 1)},
        {"voted": Voted("12", START)},
        {"weekdays": frozenset({2})},
        {"who": traits("outside")},
        {"amount": brackets(("0", "1"), ("600", "2"))},
    ],
)
def test_tariffs_that_differ_in_what_is_said_of_all_are_two_grids(other):
    one, two, _three = BOOKS["wednesdays"].tariffs
    assert len(labels.grids((one, two), NAMES, DAY)) == 1
    assert len(labels.grids((one, replace(two, **other)), NAMES, DAY)) == 2


def test_what_is_said_of_a_grid():
    (tariff,) = BOOKS["garderie"].tariffs
    tariff = replace(
        tariff,
        weekdays=frozenset({0, 1}),
        voted=Voted("2026-47", date(2026, 6, 12)),
        until=date(2026, 12, 31),
    )
    (grid,) = labels.grids((tariff,), NAMES, DAY)
    assert grid.facts == (
        "du 1er septembre au 31 décembre 2026",
        "le lundi et le mardi seulement",
        "prix d’une demi-heure, par demi-heure commencée, sur les heures réalisées",
        "délibération n° 2026-47 du 12 juin 2026",
    )


def test_a_price_without_brackets_has_one_column_and_its_part_of_the_plate():
    (tariff,) = BOOKS["canteen plain"].tariffs
    (grid,) = labels.grids((replace(tariff, food=fixed("2.10")),), NAMES, DAY)
    assert grid.columns == ("Prix",)
    assert [plain(price) for _column, price in grid.rows[0].cells] == ["3,60 €"]
    assert [plain(line) for line in grid.rows[0].details] == ["Repas", "dont part du repas : 2,10 €"]


def test_other_things_than_sets():
    late, staff = BOOKS["closing"].tariffs
    grids = labels.grids((late, staff), NAMES, DAY)
    assert [(grid.whom, plain(grid.rows[0].cells[0][1])) for grid in grids] == [
        ("tous", "26,00 €"),
        ("les enfants du personnel", "gratuit"),
    ]
    assert "la première fois de l’année scolaire n’est qu’un avertissement" in grids[0].rows[0].details[0]
    (card,) = labels.grids(BOOKS["card"].tariffs, NAMES, DAY)
    assert card.rows[0].details == ("payé en une fois",)


def test_amounts():
    assert amount(fixed("0")) == "gratuit"
    assert amount(brackets(("0", "0.30"), ("651", "0.63"))) == "de 0,30 € à 0,63 € selon le quotient"
    assert amount(Linear(euros("0.36"), euros("2.60"), euros("4.50"))) == (
        "0,36 % du quotient, de 2,60 € à 4,50 €"
    )
    told = amount(EFFORT)
    first = "1 enfant 0,0619 %, 2 enfants 0,0516 %, 3 enfants 0,0413 %"
    assert f" : {first}, 4 à 7 enfants 0,031 %, 8 enfants et plus 0,0206 % ;" in told
    assert "ressources comptées de 814,62 € à 8 500,00 €" in told
    assert "aucun plancher" in amount(Effort(EFFORT.rates, ()))
    assert "aucun plancher" in plain(labels.amount_label(EFFORT, START - timedelta(days=1)))
    assert amount(ByNumber((fixed("59"), fixed("57"), fixed("55")))) == (
        "1 enfant : 59,00 € ; 2 enfants : 57,00 € ; 3 enfants et plus : 55,00 €"
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (OUTSIDERS, "Pour les familles hors commune : 2,00 € de plus par formule."),
        (adjustment(1, 1, Always(), Plus(euros("-1"))), "Pour tous : 1,00 € de moins par formule."),
        (adjustment(1, 1, Rank(2, 2), Percent(euros("-10"))), "2e enfant du foyer : 10 % de moins."),
        (
            adjustment(1, 1, Rank(3), Percent(euros("-12.5"))),
            "3e enfant du foyer et suivants : 12,5 % de moins.",
        ),
        (
            adjustment(1, 1, Rank(2, 3, By.ELDEST), Percent(euros("-10"))),
            "Du 2e au 3e enfant du foyer, le premier étant l’aîné du jour : 10 % de moins.",
        ),
        (
            adjustment(1, 1, Late(), Percent(euros("50")), slots=frozenset({MEAL}), whole=True),
            (
                "Réservé hors délai, créneau Repas : 50 % de plus, "
                "un seul créneau suffit pour toute la formule."
            ),
        ),
        (
            adjustment(1, 1, Unbooked(), Becomes(fixed("5.05")), weekdays=frozenset({2}), spared=2),
            (
                "Venu sans réservation, le mercredi seulement : le prix est remplacé par 5,05 €, "
                "les 2 premières fois de l’année scolaire ne sont qu’un avertissement."
            ),
        ),
        (
            adjustment(1, 1, Missed(excused=True, within=0), Becomes(fixed("0"))),
            "Absence justifiée dans le 1er délai : gratuit.",
        ),
        (
            adjustment(
                1, 1, Missed(frozenset({Told.LATE, Told.NEVER}), excused=False), Becomes(fixed("2.99"))
            ),
            "Absence non justifiée dite trop tard ou jamais dite : le prix est remplacé par 2,99 €.",
        ),
    ],
)
def test_adjustments_are_sentences(row, told):
    assert said(row) == told


def test_rules_of_a_span():
    told = {
        name: plain(labels.span_rule_label(BOOKS[name].span_rules[0], NAMES, DAY))
        for name in ("most", "flat", "third day")
    }
    assert told == {
        "most": "Par semaine et par enfant : 19,80 € au plus.",
        "flat": "Par semaine et par enfant : 19,80 € en tout à partir de 5 jours.",
        "third day": "Par semaine et par enfant : 10 % de moins à partir du 3e jour.",
    }


def test_every_word_has_its_french():
    assert set(labels.TRAITS) == set(TraitKind)
    assert set(labels.HOURS) == set(Hours)
    assert labels.whom_label(frozenset({Trait(TraitKind.DECISION, 4)})) == "les foyers qu’une décision nomme"
    odd = labels.started_label(Started(Hours.BOOKED, 10, 20))
    assert odd == "prix de 20 minutes, par 10 minutes commencées, sur les heures réservées"


def test_doubts_name_what_is_at_fault_and_the_day_it_bites():
    meal = BOOKS["canteen plain"].tariffs[0]
    book = TariffBook((meal, replace(meal, id=99, name="Autre")))
    found = doubts(book, {DAY: frozenset({MORNING, MEAL, AFTERNOON})})
    overlap, hole = (plain(line) for line in labels.doubt_lines(found, book, NAMES))
    assert overlap == (
        f"« {meal.name} » et « Autre » valent pour la même chose à compter du mardi 1er septembre 2026 : "
        "seul le premier compte."
    )
    assert hole == (
        "Matin et Après-midi : aucun tarif pour tous à compter du mercredi 4 novembre 2026, "
        "rien n’y est compté."
    )


@given(st.lists(st.decimals("0.01", "5000", places=2), min_size=1, max_size=9, unique=True))
def test_each_quotient_is_in_one_column(limits):
    """A column begins where the one before it ends, so that 600.50 is between 600 and 601."""
    rows = [Decimal(0), *sorted(limits)]
    columns = labels.bracket_labels(rows)
    assert len(columns) == len(rows)
    told = [labels.decimal_text(limit) for limit in rows[1:]]
    for limit, before, after in zip(told, columns, columns[1:], strict=False):
        assert before.endswith(f"moins de {limit}")
        assert after.startswith(limit)
