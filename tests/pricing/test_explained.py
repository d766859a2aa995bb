"""« Pourquoi ce prix ? »: what the worked examples say in words, and what no explanation tells."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.french import euros_text
from marelle.pricing.days import day_lines
from marelle.pricing.explained import KINDS, line_title, line_told, minutes_text, whole_span_told
from marelle.pricing.explained import gap_told as told_of_gap
from marelle.pricing.facts import HomeDay, IncomeStatus, Wishes
from marelle.pricing.lines import Gap, Line, LineKind, Step, StepCode
from marelle.pricing.tariffs import TariffBook, Voted
from marelle.pricing.wishes import priced
from tests.pricing import reglement
from tests.pricing.sheets import BOOKS, SLOTS
from tests.pricing.told import examples
from tests.pricing.translated import book_of, day_of

NAMES = {number: name for name, number in SLOTS.items()}
EXAMPLES = {one.case: one for one in examples()}
randoms = st.randoms(use_true_random=False)
INCOME = {
    "status",
    "value",
    "edge",
    "since",
    "until",
    "counted",
    "percent",
    "floor",
    "ceiling",
    "bound_since",
}
INCOME |= {"dependants", "aeeh"}
OF_INCOMES = {StepCode.BRACKET, StepCode.LINEAR, StepCode.EFFORT, StepCode.BECOMES}
HALF = "prix d’une demi-heure, par demi-heure commencée, sur les heures réalisées"
WARNED = "n’est qu’un avertissement, le seul de l’année scolaire"
BOOKED = "prix d’une heure, par demi-heure commencée, sur les heures réservées"
SEEN = BOOKED.replace("réservées", "réalisées")


def lines_of(case: str) -> tuple[Line, ...]:
    example = EXAMPLES[case]
    spans = (example.span,) if example.span else ()
    return priced(BOOKS[example.book], Wishes(example.days, spans)).lines


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def said(case: str, which: int = 0, **reader) -> list[str]:
    """Each step of a line of an example: its sentence, without the head that all have, and its amount."""
    line = lines_of(case)[which]
    told = line_told(line, BOOKS[EXAMPLES[case].book], NAMES, **reader)
    steps = [f"{step.sentence} → {step.amount}" for step in told.steps]
    return [plain(re.sub(r"^«[^»]*», depuis le 1er \w+ 2026", "", step)).strip(" .:,") for step in steps]


@pytest.mark.parametrize(
    ("case", "which", "steps"),
    [
        ("B3", 0, ["Votre quotient de 600,50 est dans la tranche de 565 à 715,99. → 12,00 €"]),
        ("B1", 0, ["Votre quotient de 359,99 est dans la tranche de 0 à 359,99. → 10,00 €"]),
        ("B5", 0, ["Votre quotient de 1 201 est dans la tranche de 1 201 et plus. → 16,00 €"]),
        ("B6", 0, ["Votre quotient n’est pas connu : le prix le plus élevé est compté. → 16,00 €"]),
        (
            "B7",
            0,
            ["Vous avez choisi de ne pas donner votre quotient : le prix le plus élevé est compté. → 8,00 €"],
        ),
        ("B8", 0, ["Vous êtes sans ressources : le prix le plus bas est compté. → 5,00 €"]),
        (
            "G1.3",
            0,
            [
                "Votre quotient de 400 est dans la tranche de 360 à 564,99. → 11,00 €",
                "pour les familles hors commune : 2,00 € de plus. → 13,00 €",
            ],
        ),
        (
            "G2.3",
            0,
            [
                "Votre quotient de 1 151 est dans la tranche de 1 151 et plus. → 0,63 €",
                f"2 × 0,63 € ({HALF}). → 1,26 €",
                "pour les familles hors commune : 100 % de plus. → 2,52 €",
            ],
        ),
        (
            "G3.1",
            1,
            [
                "Votre quotient de 400 est dans la tranche de 0 à 600,99. → 3,15 €",
                "2e enfant du foyer : 10 % de moins. → 2,84 €",
            ],
        ),
        (
            "S1.2",
            0,
            [
                "Votre quotient de 400 est dans la tranche de 0 à 600,99. → 3,15 €",
                "réservé hors délai : le prix est remplacé par 4,05 €, au lieu de 3,15 €. → 4,05 €",
            ],
        ),
        (
            "L2",
            0,
            [
                "Votre quotient de 400 est dans la tranche de 360 à 564,99. → 7,50 €",
                "réservé hors délai : 50 % de plus sur 2,00 €. → 8,50 €",
            ],
        ),
        (
            "G5.5",
            0,
            [
                "Vos ressources de 3 000,00 € par mois × 0,0516 % pour 2 enfants à charge. → 1,55 €",
                f"8,5 × 1,55 € ({BOOKED}). → 13,18 €",
            ],
        ),
        ("F1", 0, ["Votre quotient de 987 × 0,36 %, jamais moins de 2,60 € ni plus de 4,50 €. → 3,55 €"]),
        ("F5", 0, ["Vous êtes sans ressources : le prix le plus bas est compté. → 2,60 €"]),
        ("F6", 2, ["pour les enfants qui apportent le repas de leur PAI : 1,75 €. → 1,75 €"]),
        ("F10", 0, ["26,00 €. → 26,00 €", f"Cette fois {WARNED}. → 0,00 €"]),
        (
            "N4",
            2,
            [
                "Votre quotient de 400 est dans la tranche de 0 à 600,99. → 3,15 €",
                (
                    "absence non justifiée : cette fois n’est qu’un avertissement, "
                    "le 2e sur 2 de l’année scolaire. → 3,15 €"
                ),
            ],
        ),
        ("F12", 0, ["pour les enfants du personnel : gratuit. → 0,00 €"]),
        ("W3", -1, ["19,80 € en tout par semaine pour 6 jours, au lieu de 24,00 €. → -4,20 €"]),
        ("W6", -1, ["19,80 € au plus par semaine, au lieu de 20,00 €. → -0,20 €"]),
        ("W7", -1, ["c’est le 4e jour de la semaine, à 9,00 € au lieu de 10,00 €. → -1,00 €"]),
        ("M2", 0, ["prix pour 2 enfants du foyer, 57,00 €. → 57,00 €"]),
        ("M1", 0, ["ce jour y est compris, rien de plus à payer. → 0,00 €"]),
        ("M6", -1, ["on ne rend jamais plus que ce qui a été payé. → 18,00 €"]),
        (
            "M4",
            1,
            [
                "ce qui est rendu pour un jour manqué, 3,85 €. → 3,85 €",
                "Rendu, car ce qui était payé a été manqué. → -3,85 €",
            ],
        ),
        (
            "G5.10",
            0,
            [
                "Vos ressources de 3 000,00 € par mois × 0,0516 % pour 2 enfants à charge. → 1,55 €",
                "46 semaines × 20 h par semaine ÷ 12 mois × 1,55 € de l’heure. → 118,83 €",
            ],
        ),
        (
            "G5.11",
            1,
            [
                "Vos ressources de 3 000,00 € par mois × 0,0516 % pour 2 enfants à charge. → 1,55 €",
                f"1,5 × 1,55 € ({SEEN}). → 2,33 €",
            ],
        ),
        (
            "G5.11",
            2,
            [
                "Vos ressources de 3 000,00 € par mois × 0,0516 % pour 2 enfants à charge. → 1,55 €",
                "4 h en moins, au même prix. → -6,20 €",
            ],
        ),
    ],
)
def test_an_example_in_words(case: str, which: int, steps: list[str]):
    assert said(case, which) == steps


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (
            "G5.2",
            (
                "Vos ressources de 12 000,00 € par mois dépassent le plafond "
                "(depuis le 1er septembre 2026) : 8 500,00 € × 0,0619 % pour 1 enfant à charge. → 5,26 €"
            ),
        ),
        (
            "G5.3",
            (
                "Vos ressources de 300,00 € par mois sont sous le plancher (depuis le 1er septembre 2026) : "
                "814,62 € × 0,0619 % pour 1 enfant à charge. → 0,50 €"
            ),
        ),
        (
            "G5.4",
            (
                "Vos ressources de 3 000,00 € par mois × 0,0413 % "
                "pour 2 enfants à charge (dont 1 avec l’AEEH). → 1,24 €"
            ),
        ),
        (
            "G5.6",
            (
                "Vous avez choisi de ne pas donner vos ressources : le plafond est compté, "
                "8 500,00 € (depuis le 1er septembre 2026) × 0,0413 % pour 3 enfants à charge. → 3,51 €"
            ),
        ),
        (
            "G5.7",
            (
                "Vous êtes sans ressources : le plancher est compté, "
                "814,62 € (depuis le 1er septembre 2026) × 0,0619 % pour 1 enfant à charge. → 0,50 €"
            ),
        ),
        (
            "G5.8",
            (
                "L’enfant est confié au département : le plancher est compté, "
                "814,62 € (depuis le 1er septembre 2026) × 0,0619 % pour 1 enfant à charge. → 0,50 €"
            ),
        ),
    ],
)
def test_what_counts_of_resources(case: str, sentence: str):
    assert said(case)[0] == sentence


def test_who_reads_is_told_whose_income_it_is():
    assert said("B3", to_home=False) == [
        "Le quotient de 600,50 du foyer est dans la tranche de 565 à 715,99. → 12,00 €"
    ]
    assert said("B6", authority="Communauté de communes d’Arelle") == [
        (
            "Votre quotient n’est pas connu de la Communauté de communes d’Arelle : "
            "le prix le plus élevé est compté. → 16,00 €"
        )
    ]
    (line,) = lines_of("B3")
    declared = {"status": IncomeStatus.DECLARED.value}
    step = line.steps[0]._replace(figures=tuple((line.steps[0].data | declared).items()))
    (told,) = line_told(line._replace(steps=(step,)), BOOKS["wednesdays"], NAMES).steps
    assert "Votre quotient déclaré de 600,50 est" in plain(told.sentence)


def test_a_quotient_that_changes_nothing_is_not_told():
    (line,) = lines_of("B3")
    (step,) = line.steps
    step = step._replace(figures=tuple((step.data | {"since": Decimal(0), "until": None}).items()))
    (told,) = line_told(line._replace(steps=(step,)), BOOKS["wednesdays"], NAMES).steps
    assert told.sentence.endswith(". Le prix est le même pour tous les quotients.")


def test_who_may_not_read_incomes_is_told_that_the_price_follows_them():
    assert said("B6", shows_income=False) == ["Le prix suit le quotient du foyer. → 16,00 €"]
    assert said("F2", shows_income=False) == ["Le prix suit le quotient du foyer. → 2,60 €"]
    assert said("G5.8", shows_income=False)[0] == "Le prix suit les ressources du foyer. → 0,50 €"


def test_the_name_the_dates_and_the_vote_are_told_once():
    book = BOOKS["garderie"]
    voted = replace(
        book.tariffs[0], name="Garderie", voted=Voted("2026-47", date(2026, 6, 12)), until=date(2026, 12, 31)
    )
    book = TariffBook((voted,), (replace(book.adjustments[0], name="Extérieurs", id=voted.id),))
    (line,) = priced(book, Wishes(EXAMPLES["G2.3"].days)).lines
    first, times, doubled = (plain(step.sentence) for step in line_told(line, book, NAMES).steps)
    assert first.startswith(
        "« Garderie », du 1er septembre au 31 décembre 2026 (délibération n° 2026-47 du 12 juin 2026). "
        "Votre quotient"
    )
    assert times.startswith("2 × 0,63 €")
    assert doubled.startswith("« Extérieurs », depuis le 1er septembre 2026, pour les familles hors commune")


def test_a_source_that_the_book_does_not_hold_is_told_by_its_name():
    (line,) = lines_of("G1.3")
    bare = [plain(step.sentence) for step in line_told(line, TariffBook(()), NAMES).steps]
    assert bare[0].startswith("« tarif 1 ». Votre quotient")
    assert bare[1] == "« ajustement 11 » : 2,00 € de plus."


def test_titles_name_slots_and_tariff():
    (line,) = lines_of("G1.1")
    assert line_title(line, NAMES) == "Matin + Repas · tarif 3"
    assert line_title(line._replace(name="matin + repas"), NAMES) == "Matin + Repas"
    assert line_title(line._replace(missed=True), NAMES) == "Matin + Repas · tarif 3, absence"
    assert line_title(line._replace(slots=frozenset()), NAMES) == "tarif 3"
    titles = {line_title(line._replace(kind=kind), NAMES) for kind in LineKind}
    assert len(titles) == len(KINDS) + 1
    given_back = line._replace(kind=LineKind.GIVEN_BACK, missed=True)
    assert line_title(given_back, NAMES) == "Matin + Repas · tarif 3 (rendu)"


def test_what_has_no_price_is_told():
    day, meal = date(2026, 11, 4), SLOTS["Repas"]
    gap = Gap(day, 1, "slot", meal)
    assert plain(told_of_gap(gap, NAMES)) == "Repas : aucun tarif ne donne de prix ce jour-là."
    assert "repris après la fin" in told_of_gap(gap._replace(what="fetched"), NAMES)
    assert told_of_gap(gap._replace(what="product", id=3), NAMES, {3: "Carte"}).startswith("Carte")
    assert told_of_gap(gap._replace(what="product", id=3), NAMES).startswith("Ce qui est payé")
    assert told_of_gap(gap._replace(id=99), NAMES).startswith("Un créneau")


def test_minutes():
    told = [plain(minutes_text(minutes)) for minutes in (45, 60, 90, 1205)]
    assert told == ["45 min", "1 h", "1 h 30", "20 h 05"]


def every_line(book: TariffBook, day: HomeDay) -> list[Line]:
    return list(day_lines(book, day).lines)


@given(randoms, st.booleans(), st.booleans())
def test_a_sentence_for_each_step_and_the_price_at_the_end(random: Random, to_home: bool, shows: bool):
    book, day = book_of(reglement.invented(random)), day_of(reglement.a_day(random))
    for line in every_line(book, day):
        told = line_told(line, book, NAMES, shows_income=shows, to_home=to_home)
        assert [step.amount for step in told.steps] == [euros_text(step.amount) for step in line.steps]
        assert told.steps[-1].amount == told.amount == euros_text(line.amount)
        sentences = [step.sentence for step in told.steps]
        assert all(one.endswith(".") and one[0] not in " .,:" for one in sentences)
        assert not any(re.search(r"%\(|None|\.\.|  | ,", one) for one in sentences)
        assert {step.name for step in line.steps} <= set(
            re.findall("«\u00a0(.*?)\u00a0»", " ".join(sentences))
        )


@given(randoms)
def test_who_may_not_read_incomes_is_told_nothing_of_them(random: Random):
    """Of two homes that pay the same, step by step, whatever they earn: the same words."""
    book, day = book_of(reglement.invented(random)), day_of(reglement.a_day(random))
    for line in every_line(book, day):
        other = line._replace(steps=tuple(_of_another(step, random) for step in line.steps))
        hidden = line_told(line, book, NAMES, shows_income=False)
        assert hidden == line_told(other, book, NAMES, shows_income=False)
        assert not re.search("tranche|plafond|plancher|connu|élevé|bas|enfants? à charge", str(hidden.steps))


def _of_another(step: Step, random: Random) -> Step:
    """The same step of a home of another income."""
    if step.code not in OF_INCOMES:
        return step
    invented = {"status": random.choice(list(IncomeStatus)).value, "edge": random.choice(["", "lowest"])}
    figures = (
        (name, invented.get(name, Decimal(random.randrange(9999))) if name in INCOME else figure)
        for name, figure in step.figures
    )
    return step._replace(figures=tuple(figures))


@pytest.mark.parametrize(
    ("case", "days"),
    [
        ("W3", "semaine du 2 au 8 novembre 2026"),
        ("W6", "semaine du 2 au 8 novembre 2026"),
        ("W7", ""),
        ("M6", "sur toute la période"),
    ],
)
def test_what_a_span_makes_of_its_days_is_of_no_day_alone(case: str, days: str):
    lines = lines_of(case)
    book = BOOKS[EXAMPLES[case].book]
    assert plain(whole_span_told(lines[-1], [lines[-1].day], book)) == days
    assert whole_span_told(lines[0], [lines[0].day], book) == ""


def test_a_week_over_two_months_is_told_whole():
    """Its line is of the last day of October where nobody comes on the Sunday, the first of November."""
    [*_others, line] = lines_of("W3")
    told = whole_span_told(line, [date(2026, 10, 31)], BOOKS[EXAMPLES["W3"].book])
    assert plain(told) == "semaine du 26 octobre au 1er novembre 2026"
