"""What a line says beside its amount, what has no price, and which tariff is the one."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from marelle.activities.absences import AbsenceGrade, Told
from marelle.pricing.amounts import ByNumber
from marelle.pricing.days import day_lines
from marelle.pricing.facts import ChildDay, Fetched, HomeDay, Income, IncomeStatus, Known, Piece
from marelle.pricing.lines import Gap, Ledger, LineKind, Priced, StepCode
from marelle.pricing.tariffs import (
    Always,
    Becomes,
    By,
    Hours,
    Late,
    LateFetch,
    Missed,
    Percent,
    Plus,
    Product,
    Rank,
    Started,
    Tariff,
    TariffBook,
    Unbooked,
)
from tests.pricing.sheets import (
    APART,
    BOOKS,
    EFFORT,
    EVENING,
    HALF_DAY,
    MEAL,
    MEAL_ALONE,
    MEAL_AT_4,
    MORNING,
    START,
    WITH_MEAL,
    adjustment,
    euros,
    fixed,
    product,
    tariff,
    traits,
)

DAY = date(2026, 11, 4)
MISSED = AbsenceGrade(Told.NEVER, None, waiting=False)
EXCUSED = AbsenceGrade(Told.IN_TIME, 0, waiting=False)


def lines_of(book: TariffBook, *pieces: Piece, **others):
    return priced(book, ChildDay(1, pieces, **others))


def priced(book: TariffBook, *children: ChildDay, quotient: str = "400", **others):
    income = Income(Known(IncomeStatus.PROVED, euros(quotient)))
    return day_lines(book, HomeDay(DAY, income, children, **others))


def amounts(found) -> list[Decimal]:
    return [line.amount for line in found.lines]


def codes(line) -> list[str]:
    return [step.code.value for step in line.steps]


# Explanations.


def test_an_explanation_is_each_step_with_what_it_was_counted_with():
    book = replace(
        BOOKS["wednesdays siblings"],
        adjustments=(
            *BOOKS["wednesdays siblings"].adjustments,
            adjustment(31, 30, Late(), Percent(euros("50"))),
        ),
    )
    outside = traits("outside")
    found = priced(
        book,
        ChildDay(1, (Piece(MORNING),), outside, date(2016, 1, 1)),
        ChildDay(2, (Piece(MORNING, late=True),), outside, date(2018, 1, 1)),
    )
    line = found.lines[1]
    assert codes(line) == ["bracket", "plus", "percent", "percent"]
    assert [step.amount for step in line.steps] == [euros(one) for one in ("5.50", "7.50", "6.75", "10.13")]
    assert [step.source for step in line.steps] == [2, 11, 21, 31]
    assert [step.name for step in line.steps[1:]] == ["ajustement 11", "ajustement 21", "ajustement 31"]
    assert line.steps[1].data == {"plus": 2}
    assert line.steps[3].data == {"percent": 50, "of": euros("6.75")}
    assert (line.unit, line.quantity) == (euros("5.50"), 1)


def test_hours_are_a_step_of_their_own():
    (line,) = lines_of(BOOKS["garderie"], Piece(EVENING, booked_minutes=61)).lines
    assert codes(line) == ["bracket", "times"]
    assert line.steps[1].data == {"quantity": 3, "unit": euros("0.30"), "minutes": 90}
    assert (line.quantity, line.unit, line.amount) == (3, euros("0.30"), euros("0.90"))


def test_what_takes_the_place_of_a_price_says_what_it_replaces():
    (line,) = lines_of(BOOKS["canteen penalties"], Piece(MEAL, grade=MISSED, late=True)).lines
    assert codes(line) == ["bracket", "becomes"]
    assert line.steps[1].data == {"instead_of": euros("3.15")}
    assert (line.kind, line.missed) == (LineKind.APART, True)


def test_a_penalty_may_follow_the_quotient():
    grid = BOOKS["canteen"].tariffs[0].amount
    book = TariffBook((MEAL_AT_4,), (adjustment(1, 30, Late(), Becomes(grid)),))
    (line,) = lines_of(book, Piece(MEAL, late=True)).lines
    assert line.amount == euros("3.15")
    assert line.steps[1].data["since"] == 0


def test_a_penalty_of_which_nothing_is_in_force_changes_nothing():
    effort = replace(EFFORT, bounds=())
    book = TariffBook((MEAL_AT_4,), (adjustment(1, 30, Late(), Becomes(effort)),))
    assert amounts(lines_of(book, Piece(MEAL, late=True))) == [4]


def test_a_warning_is_told_and_costs_nothing():
    book = TariffBook((MEAL_AT_4,), (adjustment(1, 40, Unbooked(), Becomes(fixed("10")), spared=2),))
    found = [lines_of(book, Piece(MEAL, booked=False, before=((1, before),))).lines[0] for before in range(3)]
    assert [line.amount for line in found] == [4, 4, 10]
    assert codes(found[1]) == ["fixed", "spared"]
    assert found[1].steps[1].source == 1


# Two parts, VAT, where the money goes.


def test_food_and_care_follow_the_price():
    book = replace(
        BOOKS["canteen siblings"],
        tariffs=(replace(BOOKS["canteen"].tariffs[0], food=fixed("2.10")),),
    )
    children = [ChildDay(number, (Piece(MEAL),), birth=date(2010 + number, 1, 1)) for number in (1, 2, 3)]
    found = priced(book, *children)
    assert [(line.food, line.care) for line in found.lines] == [
        (euros("2.10"), euros("1.05")),
        (euros("1.89"), euros("0.95")),
        (euros("1.68"), euros("0.84")),
    ]


def test_food_is_never_more_than_the_price_and_counts_by_the_hour_too():
    dear = TariffBook((replace(MEAL_AT_4, food=fixed("9")),))
    assert [(line.food, line.care) for line in lines_of(dear, Piece(MEAL)).lines] == [(4, 0)]
    snack = replace(BOOKS["garderie"].tariffs[0], food=fixed("0.10"))
    (line,) = lines_of(TariffBook((snack,)), Piece(EVENING, booked_minutes=90)).lines
    assert (line.food, line.care) == (euros("0.30"), euros("0.60"))


def test_a_tariff_that_is_not_in_two_parts_says_nothing_of_food():
    (line,) = lines_of(BOOKS["canteen"], Piece(MEAL)).lines
    assert (line.food, line.care) == (None, None)
    free = TariffBook((replace(MEAL_AT_4, amount=fixed("0"), food=fixed("0")),))
    assert [(line.food, line.care) for line in lines_of(free, Piece(MEAL)).lines] == [(0, 0)]


def test_a_line_says_where_its_money_goes_and_the_tax_in_it():
    ledger = Ledger("70671", "01", "Cantine", Decimal(10))
    book = TariffBook((replace(MEAL_AT_4, ledger=ledger),))
    (line,) = lines_of(book, Piece(MEAL)).lines
    assert line.ledger is ledger
    assert line.tax == euros("0.36")
    (exempt,) = lines_of(TariffBook((MEAL_AT_4,)), Piece(MEAL)).lines
    assert exempt.tax == 0


# Which tariff.


def test_a_tariff_holds_on_its_days_alone():
    from_today = replace(MEAL_AT_4, since=DAY)
    assert amounts(lines_of(TariffBook((from_today,)), Piece(MEAL))) == [4]
    for other in (
        replace(MEAL_AT_4, since=date(2026, 11, 5)),
        replace(MEAL_AT_4, until=date(2026, 11, 3)),
        replace(MEAL_AT_4, weekdays=frozenset({3})),
    ):
        assert lines_of(TariffBook((other,)), Piece(MEAL)).gaps == (Gap(DAY, 1, "slot", MEAL),)


def test_the_most_particular_tariff_comes_first_then_the_order_of_the_agent():
    every = (
        replace(MEAL_AT_4, id=1, amount=fixed("1"), order=1),
        replace(MEAL_AT_4, id=2, amount=fixed("2"), who=traits("staff"), order=5),
        replace(MEAL_AT_4, id=3, amount=fixed("3"), who=traits("outside"), order=4),
        replace(MEAL_AT_4, id=4, amount=fixed("5"), who=traits("outside", "staff"), order=9),
        replace(MEAL_AT_4, id=5, amount=fixed("6"), order=0),
    )
    found = [
        amounts(lines_of(TariffBook(every), Piece(MEAL), traits=traits(*names)))
        for names in ((), ("staff",), ("outside",), ("outside", "staff"), ("outside", "regular"))
    ]
    assert found == [[6], [2], [3], [5], [3]]


def test_of_one_step_the_first_that_holds_answers():
    late = adjustment(1, 30, Late(), Plus(euros("1")))
    staff = adjustment(2, 30, Late(), Plus(euros("0")), who=traits("staff"))
    other = adjustment(3, 30, Late(), Plus(euros("9")), order=1)
    after = adjustment(4, 31, Late(), Percent(euros("100")))
    book = TariffBook((MEAL_AT_4,), (other, after, late, staff))
    assert amounts(lines_of(book, Piece(MEAL, late=True))) == [10]
    assert amounts(lines_of(book, Piece(MEAL, late=True), traits=traits("staff"))) == [8]


def test_an_adjustment_is_about_its_slots():
    book = replace(
        APART,
        adjustments=(
            adjustment(1, 10, Always(), Plus(euros("1")), slots=frozenset({MORNING})),
            adjustment(2, 30, Late(), Becomes(fixed("9")), slots=frozenset({MORNING})),
        ),
    )
    assert amounts(lines_of(book, Piece(MEAL, late=True))) == [euros("3.15")]
    assert amounts(lines_of(book, Piece(MORNING), Piece(MEAL))) == [euros("8.50")]
    assert amounts(lines_of(book, Piece(MORNING, late=True), Piece(MEAL))) == [euros("3.15"), 9]


def test_a_price_is_never_less_than_nothing():
    book = TariffBook((MEAL_AT_4,), (adjustment(1, 10, Always(), Plus(euros("-5"))),))
    assert amounts(lines_of(book, Piece(MEAL))) == [0]


# What was missed, or late, of a set.


def test_what_is_excused_leaves_the_set_and_the_rest_has_its_own_price():
    book = replace(APART, adjustments=(adjustment(1, 50, Missed(excused=True), Becomes(fixed("0"))),))
    found = lines_of(book, Piece(MORNING), Piece(MEAL, grade=EXCUSED))
    assert [(sorted(line.slots), line.amount, line.kind) for line in found.lines] == [
        ([MORNING], euros("5.50"), LineKind.DUE),
        ([MEAL], 0, LineKind.APART),
    ]


def test_slots_missed_alike_are_one_set():
    book = replace(APART, adjustments=(adjustment(1, 50, Missed(), Becomes(fixed("2.99"))),))
    found = lines_of(book, Piece(MORNING, grade=MISSED, late=True), Piece(MEAL, grade=MISSED))
    assert amounts(found) == [euros("2.99")]


def test_what_is_due_though_missed_stays_in_its_set():
    (line,) = lines_of(APART, Piece(MORNING), Piece(MEAL, grade=MISSED)).lines
    assert (line.amount, line.missed) == (euros("7.50"), False)
    (whole,) = lines_of(APART, Piece(MORNING, grade=MISSED), Piece(MEAL, grade=MISSED)).lines
    assert whole.missed


def test_a_part_without_a_price_of_its_own_makes_its_set_late():
    """Matin is sold with its meal alone: what the meal adds to it cannot be said."""
    book = TariffBook((tariff(1, WITH_MEAL, fixed("7")),), (adjustment(1, 30, Late(), Percent(euros("50"))),))
    assert amounts(lines_of(book, Piece(MORNING), Piece(MEAL, late=True))) == [euros("10.50")]


def test_a_set_cheaper_than_its_part_adds_nothing_to_it():
    book = TariffBook(
        (tariff(1, WITH_MEAL, fixed("5")), tariff(2, HALF_DAY, fixed("6"))),
        (adjustment(1, 30, Late(), Percent(euros("50"))),),
    )
    assert amounts(lines_of(book, Piece(MORNING), Piece(MEAL, late=True))) == [5]


@pytest.mark.parametrize(
    ("case", "held"),
    [
        (Missed(), [True] * 6),
        (Missed(frozenset({Told.IN_TIME})), [False, True, False, True, True, True]),
        (Missed(excused=True), [False, False, False, True, True, False]),
        (Missed(excused=True, within=0), [False, False, False, True, False, False]),
        (Missed(excused=False, within=0), [True, True, True, False, True, True]),
    ],
)
def test_grades_of_absences(case: Missed, held: list[bool]):
    grades = [
        MISSED,
        AbsenceGrade(Told.IN_TIME, None, waiting=False),
        AbsenceGrade(Told.LATE, None, waiting=False),
        EXCUSED,
        AbsenceGrade(Told.IN_TIME, 1, waiting=False),
        AbsenceGrade(Told.IN_TIME, 0, waiting=True),
    ]
    assert [case.holds(Piece(MEAL, grade=grade)) for grade in grades] == held
    assert not case.holds(Piece(MEAL))
    assert not any(case.holds(Piece(MEAL, booked=False, grade=grade)) for grade in grades)


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        (Hours.BOOKED, [60, 60, 60, 75, 60]),
        (Hours.SEEN, [75, 10, 60, 75, 60]),
        (Hours.LONGER, [75, 60, 60, 75, 60]),
    ],
)
def test_which_hours_count(hours: Hours, minutes: list[int]):
    pieces = [
        Piece(EVENING, booked_minutes=60, seen_minutes=75),
        Piece(EVENING, booked_minutes=60, seen_minutes=10),
        Piece(EVENING, booked_minutes=60),
        Piece(EVENING, booked=False, seen_minutes=75),
        Piece(EVENING, booked_minutes=60, seen_minutes=0, grade=MISSED),
    ]
    assert [Started(hours).minutes(piece) for piece in pieces] == minutes


# Children of one home.


@pytest.mark.parametrize(
    ("by", "found"),
    [(By.PRICE, ["4.95", "7.50"]), (By.ELDEST, ["5.50", "6.75"]), (By.HOUSEHOLD, ["4.40", "6.75"])],
)
def test_who_is_the_first_child(by: By, found: list[str]):
    book = replace(
        APART,
        adjustments=(
            adjustment(1, 20, Rank(2, 2, by), Percent(euros("-10"))),
            adjustment(2, 20, Rank(3, None, by), Percent(euros("-20"))),
        ),
    )
    eldest = ChildDay(1, (Piece(MORNING),), birth=date(2016, 1, 1))
    youngest = ChildDay(2, (Piece(MORNING), Piece(MEAL)), birth=date(2018, 1, 1))
    assert amounts(priced(book, eldest, youngest, household=(8, 2, 1))) == [euros(one) for one in found]


def test_of_whom_the_birth_is_unknown_comes_after_the_others():
    book = BOOKS["wednesdays siblings"]
    unknown, known = ChildDay(1, (Piece(MORNING),)), ChildDay(2, (Piece(MORNING),), birth=date(2018, 1, 1))
    assert amounts(priced(book, unknown, known)) == [euros("4.95"), euros("5.50")]


def test_only_children_of_those_slots_count():
    """A brother at the garderie makes nobody the second at the table, and is not reduced there."""
    meals = [replace(row, slots=frozenset({MEAL})) for row in BOOKS["canteen siblings"].adjustments]
    book = TariffBook(
        (*BOOKS["canteen"].tariffs, tariff(9, (frozenset({EVENING}),), fixed("8"))), tuple(meals)
    )
    eldest = ChildDay(1, (Piece(EVENING),), birth=date(2016, 1, 1))
    second = ChildDay(2, (Piece(MEAL), Piece(EVENING)), birth=date(2018, 1, 1))
    assert amounts(priced(book, eldest, second)) == [8, euros("3.15"), 8]


def test_the_full_price_is_that_of_the_slots_that_count():
    """Léo costs more in all, Zoé at the table: she is the first there."""
    rows = (adjustment(1, 20, Rank(2), Percent(euros("-50")), slots=frozenset({MEAL})),)
    dear = replace(MEAL_AT_4, id=60, amount=fixed("5"), who=traits("regular"))
    book = TariffBook((MEAL_AT_4, dear, tariff(9, (frozenset({EVENING}),), fixed("8"))), rows)
    zoe = ChildDay(1, (Piece(MEAL),), traits("regular"))
    leo = ChildDay(2, (Piece(MEAL), Piece(EVENING)), birth=date(2010, 1, 1))
    assert amounts(priced(book, zoe, leo)) == [5, 2, 8]


def test_a_slot_is_held_once():
    with pytest.raises(ValueError, match="once a day"):
        ChildDay(1, (Piece(MEAL), Piece(MEAL, late=True)))


# Beside the sets.

CARD = product(52, Product(71, fixed("3.85"), (Missed(excused=True),)), fixed("59"))


def test_what_is_paid_already_costs_nothing_and_is_said():
    found = lines_of(TariffBook((CARD, MEAL_AT_4)), Piece(MEAL, prepaid=71))
    (line,) = found.lines
    assert (line.kind, line.amount, line.tariff, codes(line), line.missed) == (
        LineKind.PREPAID,
        0,
        52,
        ["prepaid"],
        False,
    )


def test_a_day_missed_gives_back_once_where_all_of_it_was():
    both = (Piece(MORNING, prepaid=71, grade=EXCUSED), Piece(MEAL, prepaid=71, grade=EXCUSED))
    found = lines_of(TariffBook((CARD,)), *both)
    assert [(line.kind, line.amount, line.quantity, line.missed) for line in found.lines] == [
        (LineKind.PREPAID, 0, 1, True),
        (LineKind.GIVEN_BACK, euros("-3.85"), -1, True),
    ]
    assert codes(found.lines[1]) == ["fixed", "given_back"]
    assert found.lines[1].slots == {MORNING, MEAL}
    one = lines_of(TariffBook((CARD,)), both[0], both[1]._replace(grade=None))
    assert [(line.amount, line.missed) for line in one.lines] == [(0, False)]


def test_one_way_of_missing_is_enough_to_give_back():
    ways = Missed(excused=True), Missed(frozenset({Told.IN_TIME}))
    card = replace(CARD, what=Product(71, fixed("3.85"), ways))
    told = AbsenceGrade(Told.IN_TIME, None, waiting=False)
    assert amounts(lines_of(TariffBook((card,)), Piece(MEAL, prepaid=71, grade=told))) == [0, euros("-3.85")]


def test_a_price_by_number_of_children_is_of_the_household():
    book = TariffBook((replace(MEAL_AT_4, amount=ByNumber((fixed("4"), fixed("3")))),))
    for household, price in (((), 4), ((1,), 4), ((1, 2), 3), ((1, 2, 5), 3)):
        assert amounts(priced(book, ChildDay(1, (Piece(MEAL),)), household=household)) == [price]


def test_two_products_are_two_lines_and_an_unknown_one_a_gap():
    other = product(53, Product(72), fixed("9"))
    found = lines_of(TariffBook((CARD, other)), Piece(MEAL, prepaid=72), Piece(MORNING, prepaid=71))
    assert [line.tariff for line in found.lines] == [52, 53]
    assert lines_of(TariffBook((other,)), Piece(MEAL, prepaid=71)).gaps == (Gap(DAY, 1, "product", 71),)


def test_who_has_paid_already_is_nobodys_brother():
    found = priced(
        replace(BOOKS["canteen siblings"], tariffs=(*BOOKS["canteen"].tariffs, CARD)),
        ChildDay(1, (Piece(MEAL, prepaid=71),), birth=date(2010, 1, 1)),
        ChildDay(2, (Piece(MEAL),), birth=date(2012, 1, 1)),
    )
    assert amounts(found) == [0, euros("3.15")]


def late(amount, **others) -> Tariff:
    return Tariff(45, "retard", START, None, LateFetch(frozenset({EVENING}), **others), amount)


def test_fetched_late_by_quarters_of_an_hour():
    book = TariffBook((late(fixed("5"), started=Started(Hours.SEEN, 15, 15)),))
    found = lines_of(book, fetched=(Fetched(EVENING, 31, 0), Fetched(EVENING, 5, 1)))
    assert [(line.amount, line.quantity, line.kind) for line in found.lines] == [
        (5, 1, LineKind.FETCHED),
        (15, 3, LineKind.FETCHED),
    ]
    assert codes(found.lines[1]) == ["fixed", "times"]
    assert found.lines[1].slots == {EVENING}


def test_fetched_late_where_nobody_is_charged_for_it_is_nothing():
    fetched = (Fetched(MORNING, 5),)
    assert lines_of(TariffBook((late(fixed("5")),)), fetched=fetched) == Priced()
    assert lines_of(TariffBook((replace(late(fixed("5")), until=START),)), fetched=fetched) == Priced()


def test_fetched_late_where_the_tariff_is_of_others_is_a_gap():
    """So it is where nothing of its price is in force."""
    gap = Gap(DAY, 1, "fetched", EVENING)
    others = replace(late(fixed("5")), who=traits("outside"))
    unpriced = late(replace(EFFORT, bounds=()))
    for one in (others, unpriced):
        assert lines_of(TariffBook((one,)), fetched=(Fetched(EVENING, 5),)).gaps == (gap,)


def test_a_warning_at_closing_is_told():
    (line,) = lines_of(TariffBook((late(fixed("5"), spared=1),)), fetched=(Fetched(EVENING, 5),)).lines
    assert not line.missed
    assert codes(line) == ["fixed", "spared"]
    assert line.steps[1].code is StepCode.SPARED


def test_a_slot_priced_by_a_rate_not_in_force_is_a_gap():
    book = TariffBook((tariff(1, MEAL_ALONE, replace(EFFORT, bounds=())),))
    assert lines_of(book, Piece(MEAL)).gaps == (Gap(DAY, 1, "slot", MEAL),)


def test_a_price_leaves_no_cycle_behind() -> None:
    """A month of a thousand homes would leave four hundred thousand objects to be looked for."""
    home = HomeDay(DAY, children=(ChildDay(1, (Piece(MORNING), Piece(MEAL))),))
    gc.collect()
    gc.disable()
    try:
        assert day_lines(BOOKS["wednesdays"], home).lines
        assert gc.collect() == 0
    finally:
        gc.enable()
