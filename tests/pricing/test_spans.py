"""What is paid at once, and the lines that a span makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marelle.activities.absences import AbsenceGrade, Told
from marelle.pricing.amounts import ByNumber
from marelle.pricing.facts import (
    ANYBODY,
    ChildDay,
    Contract,
    HomeDay,
    HomeSpan,
    Income,
    IncomeStatus,
    Known,
    Piece,
    SpanKind,
    Taken,
    Wishes,
)
from marelle.pricing.lines import Gap, LineKind
from marelle.pricing.spans import span_lines
from marelle.pricing.tariffs import Flat, Most, Nth, Sets, TariffBook
from marelle.pricing.wishes import priced
from tests.pricing.sheets import BOOKS, EFFORT, EVENING, MEAL, PRODUCTS, euros, fixed, traits, weekly

MONDAY = date(2026, 11, 2)
WEEK = HomeSpan(SpanKind.WEEK, MONDAY, MONDAY + timedelta(days=6), traits=((1, ANYBODY),))
MONTH = HomeSpan(SpanKind.MONTH, date(2026, 11, 1), date(2026, 11, 30))
EXCUSED = AbsenceGrade(Told.IN_TIME, 0, waiting=False)


def meals(n: int, since: date = MONDAY, **others) -> tuple[HomeDay, ...]:
    child = ChildDay(1, (Piece(MEAL, **others),))
    return tuple(HomeDay(since + timedelta(days=ahead), children=(child,)) for ahead in range(n))


def told(found) -> list[tuple[object, ...]]:
    return [(line.kind, line.day, line.child_id, line.amount) for line in found.lines]


def test_a_correction_is_a_line_of_the_last_day():
    found = priced(BOOKS["most"], Wishes(meals(6), (WEEK,)))
    last = found.lines[-1]
    assert told(found)[-1] == (LineKind.CORRECTION, date(2026, 11, 8), 1, euros("-4.20"))
    assert (last.steps[0].code.value, last.steps[0].data, last.unit) == (
        "most",
        {"before": 24, "days": 6},
        euros("-4.20"),
    )
    assert len(found.lines) == 7


@pytest.mark.parametrize("book", ["most", "flat"])
@pytest.mark.parametrize(
    ("days", "on"), [(5, date(2026, 10, 31)), (6, date(2026, 10, 31)), (7, date(2026, 11, 1))]
)
def test_what_a_week_over_two_months_makes_is_of_the_month_of_its_days(book, days, on):
    """From Monday 26 October to Sunday 1 November: nobody comes on that Sunday but the last one here."""
    autumn = HomeSpan(SpanKind.WEEK, date(2026, 10, 26), date(2026, 11, 1), traits=((1, ANYBODY),))
    found = priced(BOOKS[book], Wishes(meals(days, autumn.first), (autumn,)))
    assert told(found)[-1][:2] == (LineKind.CORRECTION, on)
    assert found.total == euros("19.80")


def test_days_of_another_week_do_not_count():
    assert priced(BOOKS["flat"], Wishes(meals(4, MONDAY - timedelta(days=2)), (WEEK,))).total == 16
    assert priced(BOOKS["flat"], Wishes(meals(5, MONDAY + timedelta(days=2)), (WEEK,))).total == euros(
        "19.80"
    )
    assert priced(BOOKS["flat"], Wishes(meals(6, MONDAY - timedelta(days=1)), (WEEK,))).total == euros(
        "23.80"
    )
    assert priced(BOOKS["flat"], Wishes(meals(6, MONDAY + timedelta(days=2)), (WEEK,))).total == euros(
        "23.80"
    )


def test_a_flat_price_may_be_more_than_the_days():
    book = TariffBook(BOOKS["flat"].tariffs, (), (weekly(Flat(1, fixed("19.80"))),))
    assert told(priced(book, Wishes(meals(1), (WEEK,))))[-1][-1] == euros("15.80")
    assert (
        len(
            priced(
                TariffBook(book.tariffs, (), (weekly(Flat(1, fixed("4"))),)), Wishes(meals(1), (WEEK,))
            ).lines
        )
        == 1
    )


def test_from_the_third_day_each_later_one_is_reduced_on_its_day():
    found = priced(BOOKS["third day"], Wishes(meals(4), (WEEK,)))
    corrections = [line for line in found.lines if line.kind is LineKind.CORRECTION]
    assert [(line.day.day, line.amount, line.steps[0].data["days"]) for line in corrections] == [
        (4, -1, 3),
        (5, -1, 4),
    ]


def test_a_reduction_of_nothing_is_no_line():
    free = replace(BOOKS["third day"].tariffs[0], amount=fixed("0"))
    found = priced(replace(BOOKS["third day"], tariffs=(free,)), Wishes(meals(4), (WEEK,)))
    assert len(found.lines) == 4


def test_a_reduction_takes_no_more_than_the_price():
    book = TariffBook(BOOKS["flat"].tariffs, (), (weekly(Nth(1, euros("-150"))),))
    assert priced(book, Wishes(meals(2), (WEEK,))).total == 0


def test_each_span_sees_what_the_step_before_it_left():
    rows = (weekly(Nth(1, euros("-50"))), replace(weekly(Most(fixed("9"))), id=61, step=2))
    book = TariffBook(BOOKS["flat"].tariffs, (), rows)
    assert [line.amount for line in priced(book, Wishes(meals(4), (WEEK,))).lines] == [4] * 4 + [-2] * 4
    assert priced(book, Wishes(meals(5), (WEEK,))).total == 9


def test_rules_of_one_step_about_other_slots_hold_apart():
    """Each activity of an authority has its own week: one of the holidays says nothing of the canteen."""
    other = replace(weekly(Most(fixed("70"))), slots=frozenset({EVENING}))
    own = replace(weekly(Flat(5, fixed("19.80"))), id=61, slots=frozenset({MEAL}))
    book = TariffBook(BOOKS["flat"].tariffs, (), (other, own))
    assert priced(book, Wishes(meals(5), (WEEK,))).total == euros("19.80"), "of slots that nobody has"
    evening = replace(book.tariffs[0], id=48, what=Sets((frozenset({EVENING}),)), amount=fixed("20"))
    both = replace(book, tariffs=(*book.tariffs, evening))
    days = tuple(replace(day, children=(ChildDay(1, (Piece(MEAL), Piece(EVENING))),)) for day in meals(5))
    assert priced(both, Wishes(days, (WEEK,))).total == euros("89.80"), "each of its own slots"
    whole = replace(weekly(Most(fixed("50"))), id=62)
    three = replace(both, span_rules=(*both.span_rules, whole))
    assert priced(three, Wishes(days, (WEEK,))).total == euros("89.80"), "the first of those that meet"
    cheap = replace(whole, rule=Most(fixed("9")))
    alone = replace(three, span_rules=(other, cheap))
    assert priced(alone, Wishes(meals(5), (WEEK,))).total == 9, "one of slots that nobody has takes no place"


def test_a_rule_of_a_span_is_for_its_children_and_follows_its_income():
    grid = BOOKS["canteen"].tariffs[0].amount
    row = replace(weekly(Most(grid)), who=traits("staff"))
    book = TariffBook(BOOKS["flat"].tariffs, (), (row,))
    assert priced(book, Wishes(meals(2), (WEEK,))).total == 8
    staff = replace(
        WEEK, traits=((1, traits("staff")),), income=Income(Known(IncomeStatus.PROVED, euros("100")))
    )
    assert priced(book, Wishes(meals(2), (staff,))).total == euros("3.15")
    effort = TariffBook(book.tariffs, (), (weekly(Most(replace(EFFORT, bounds=()))),))
    assert priced(effort, Wishes(meals(2), (WEEK,))).total == 8
    flat = TariffBook(book.tariffs, (), (weekly(Flat(1, replace(EFFORT, bounds=()))),))
    assert priced(flat, Wishes(meals(2), (WEEK,))).total == 8


def test_what_a_penalty_makes_is_not_of_the_week():
    book = replace(BOOKS["canteen penalties"], span_rules=(weekly(Most(fixed("1"))),))
    missed = AbsenceGrade(Told.NEVER, None, waiting=False)
    assert priced(book, Wishes(meals(2, grade=missed), (WEEK,))).total == euros("5.98")


def test_a_card_for_the_home_and_one_that_no_tariff_holds():
    span = replace(MONTH, taken=(Taken(PRODUCTS["card"], MONDAY), Taken(99, MONDAY, 1)))
    found = priced(BOOKS["card"], Wishes((), (span,)))
    assert told(found) == [(LineKind.TAKEN, MONDAY, None, 59)]
    assert found.gaps == (Gap(MONDAY, 1, "product", 99),)


def test_a_second_card_of_one_child_is_not_a_second_child():
    card = Taken(PRODUCTS["card"], MONDAY, 1)
    span = replace(MONTH, taken=(card, replace(card, on=date(2026, 11, 20))))
    assert priced(BOOKS["card"], Wishes((), (span,))).total == 118


def test_what_is_given_back_beyond_what_was_paid_is_kept():
    span = replace(MONTH, taken=(Taken(PRODUCTS["card"], MONDAY, 1),))
    days = meals(20, prepaid=PRODUCTS["card"], grade=EXCUSED)
    found = priced(BOOKS["card"], Wishes(days, (span,)))
    assert told(found)[-1] == (LineKind.CORRECTION, date(2026, 11, 30), 1, 18)
    assert found.lines[-1].steps[0].code.value == "kept"
    other = replace(span, taken=(Taken(PRODUCTS["card"], MONDAY, 2),))
    assert priced(BOOKS["card"], Wishes(days, (other,))).total == 59 - 77


def test_two_cards_give_back_as_much_as_both_were_paid():
    card = Taken(PRODUCTS["card"], MONDAY, 1)
    span = replace(MONTH, taken=(card, card))
    days = meals(20, prepaid=PRODUCTS["card"], grade=EXCUSED)
    assert priced(BOOKS["card"], Wishes(days, (span,))).total == 118 - 77


def test_a_tariff_that_changes_in_the_month_gives_back_no_more_than_was_paid():
    old = replace(BOOKS["card"].tariffs[0], until=date(2026, 11, 3))
    book = TariffBook((old, replace(old, id=99, since=date(2026, 11, 4), until=None)))
    span = replace(MONTH, taken=(Taken(PRODUCTS["card"], MONDAY, 1),))
    days = meals(20, prepaid=PRODUCTS["card"], grade=EXCUSED)
    found = priced(book, Wishes(days, (span,)))
    assert (found.total, found.lines[-1].tariff, found.lines[-1].amount) == (0, old.id, 18)


def test_what_a_card_without_a_price_gives_back_is_not_kept():
    effort = replace(BOOKS["card"].tariffs[0], amount=replace(EFFORT, bounds=()))
    span = replace(MONTH, taken=(Taken(PRODUCTS["card"], MONDAY, 1),))
    found = priced(TariffBook((effort,)), Wishes(meals(1, prepaid=71, grade=EXCUSED), (span,)))
    assert (found.total, len(found.gaps)) == (euros("-3.85"), 1)


def test_what_is_given_back_just_as_it_was_paid_makes_no_line():
    card = replace(BOOKS["card"].tariffs[0], amount=fixed("7.70"))
    span = replace(MONTH, taken=(Taken(PRODUCTS["card"], MONDAY, 1),))
    days = meals(2, prepaid=PRODUCTS["card"], grade=EXCUSED)
    found = priced(TariffBook((card,)), Wishes(days, (span,)))
    assert (found.total, len(found.lines)) == (0, 5)


def test_the_days_of_a_week_are_counted_in_their_order_whatever_that_of_the_lines():
    rule = weekly(Nth(2, euros("-50")))
    book = TariffBook(BOOKS["flat"].tariffs, (), (rule,))
    lines = priced(book, Wishes(meals(2))).lines[::-1]
    assert [line.day.day for line in span_lines(book, WEEK, lines).lines] == [3]


def test_a_rule_of_a_span_is_of_one_child():
    book = TariffBook(BOOKS["flat"].tariffs, (), (weekly(Most(ByNumber((fixed("5"), fixed("6"))))),))
    assert priced(book, Wishes(meals(3), (WEEK,))).total == 5


def contract(**others) -> HomeSpan:
    income = Income(resources=Known(IncomeStatus.PROVED, euros("3000")), dependants=2)
    hours = Contract(46, 20 * 60, 12, **others)
    return replace(MONTH, taken=(Taken(PRODUCTS["hours"], MONDAY, 1, ANYBODY, income, hours),))


def test_a_month_of_hours_its_extra_ones_and_those_taken_off():
    found = priced(BOOKS["monthly"], Wishes((), (contract(extra_minutes=70, deducted_minutes=240),)))
    assert told(found) == [
        (LineKind.TAKEN, MONDAY, 1, euros("118.83")),
        (LineKind.EXTRA, MONDAY, 1, euros("2.33")),
        (LineKind.DEDUCTED, MONDAY, 1, euros("-6.20")),
    ]
    assert [line.quantity for line in found.lines] == [1, euros("1.5"), -1]
    assert found.lines[0].steps[1].data == {"weeks": 46, "minutes_a_week": 1200, "months": 12}
    assert found.lines[2].steps[1].data == {"minutes": 240}
    assert len(priced(BOOKS["monthly"], Wishes((), (contract(),))).lines) == 1


def test_hours_taken_off_are_never_more_than_the_month():
    assert priced(BOOKS["monthly"], Wishes((), (contract(deducted_minutes=60_000),))).total == 0


def test_a_month_is_divided_last():
    """A third of 0.015 is half a cent, and goes up."""
    book = TariffBook((replace(BOOKS["monthly"].tariffs[0], amount=fixed("0.03")),))
    span = replace(MONTH, taken=(Taken(PRODUCTS["hours"], MONDAY, 1, contract=Contract(1, 30, 3)),))
    assert priced(book, Wishes((), (span,))).total == euros("0.01")


def test_food_of_what_is_paid_at_once():
    book = TariffBook((replace(BOOKS["card"].tariffs[0], food=fixed("40")),))
    span = replace(MONTH, taken=(Taken(PRODUCTS["card"], MONDAY, 1),))
    (line,) = priced(book, Wishes((), (span,))).lines
    assert (line.food, line.care) == (40, 19)


def test_the_order_of_what_is_told_changes_nothing():
    days = meals(6)
    book = TariffBook((*BOOKS["flat"].tariffs, *BOOKS["card"].tariffs), (), BOOKS["flat"].span_rules)
    span = replace(WEEK, traits=((1, ANYBODY), (2, ANYBODY)))
    taken = tuple(Taken(PRODUCTS["card"], MONDAY, child_id) for child_id in (2, None, 1))
    month = replace(MONTH, taken=taken)
    backwards = replace(span, traits=span.traits[::-1]), replace(month, taken=taken[::-1])
    found = priced(book, Wishes(days[::-1], (month, span)))
    assert found == priced(book, Wishes(days, backwards))
    assert [line.child_id for line in found.lines if line.kind is LineKind.TAKEN] == [None, 1, 2]
