"""Which sections suit a demand, who comes first, which days lack, and until when a place is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marelle.campaigns.commissions.rules import (
    Measure,
    Section,
    Wanted,
    answer_day,
    asker_of,
    is_kept,
    is_looked_at,
    lacking_days,
    place_of,
    place_read,
    places_of,
    ranked,
    start_of,
    suits,
)
from marelle.campaigns.rules import allot, in_order

SEPTEMBER = date(2027, 9, 1)
BABIES = Section(1, (2, 11), date(2027, 8, 30), {0: 2, 1: 1})
BIG = Section(2, (12, 36), date(2027, 11, 2), {0: 1})
WANTED = Wanted(date(2026, 10, 1), SEPTEMBER, frozenset({0, 1}), "any")


def test_a_section_suits_by_the_age_on_the_day_when_the_child_would_start():
    assert (start_of(BABIES, WANTED), start_of(BIG, WANTED)) == (SEPTEMBER, BIG.starts_on)
    assert suits(BABIES, WANTED)  # 11 months on 1 September
    assert suits(BIG, WANTED)  # 13 months on 2 November, though 11 when it asks to start
    assert not suits(BABIES, replace(WANTED, birth=date(2026, 9, 1)))
    assert not suits(BABIES, replace(WANTED, birth=date(2027, 7, 2)))  # expected: not two months old
    assert suits(BABIES, replace(WANTED, birth=date(2027, 7, 1)))


@pytest.mark.parametrize(
    ("changed", "looked_at"),
    [
        ({}, True),
        ({"care": "collective"}, True),
        ({"care": "childminder"}, False),
        ({"days": frozenset({4})}, False),
        ({"birth": date(2020, 1, 1)}, False),
    ],
)
def test_a_commission_looks_at_what_it_could_give(changed, looked_at):
    assert is_looked_at([BABIES, BIG], replace(WANTED, **changed)) is looked_at


def test_sections_go_in_the_order_wished_for_else_in_that_of_the_commission():
    assert [one.id for one in ranked([BABIES, BIG], WANTED)] == [1, 2]
    assert [one.id for one in ranked([BABIES, BIG], replace(WANTED, wishes=(2, 1)))] == [2, 1]
    assert [one.id for one in ranked([BABIES, BIG], replace(WANTED, wishes=(2,)))] == [2]
    assert [one.id for one in ranked([BABIES, BIG], replace(WANTED, wishes=(9,)))] == [1, 2]


def test_a_week_is_given_whole_by_right_then_by_the_draw():
    measures = [Measure(7, 0), Measure(8, 3), Measure(9, 2)]
    sections = [BABIES]

    def asker(ticket, met, drawn, days=(0, 1)):
        wanted = replace(WANTED, days=frozenset(days))
        return asker_of(ticket, wanted, sections, measures, met, drawn)

    drawn, points, tier = asker("a", {9}, 0), asker("b", {8}, 1), asker("c", {7}, 2)
    assert [one.ticket for one in in_order([drawn, points, tier])] == ["c", "b", "a"]
    assert [one.right.tier for one in (tier, points, drawn)] == [0, 1, 1]
    assert [one.right.points for one in (tier, points, drawn)] == [0, 3, 2]
    monday = asker("d", set(), 3, days=(0,))
    done = allot(places_of(sections), [drawn, points, tier, monday])
    given = {one.ticket: one.given[0] for one in done.answers}
    assert given == {"c": ("1",), "b": (), "a": (), "d": ("1",)}  # two Mondays, one Tuesday


def test_the_file_names_a_place_that_is_read_again():
    assert place_read(place_of(12, 4)) == (12, 4)
    assert places_of([BIG])[place_of(2, 3)] == 0


def test_days_lack_once_others_hold_them():
    assert lacking_days(BABIES, {0, 1}, [{0}, {1}]) == [1]
    assert lacking_days(BABIES, {0}, [{0}, {0, 1}]) == [0]
    assert lacking_days(BABIES, {4}, []) == [4]


@pytest.mark.parametrize(
    ("answered", "until", "is_open", "kept"),
    [
        ("", None, True, True),
        ("", SEPTEMBER, True, True),
        ("", SEPTEMBER - timedelta(days=1), True, False),
        ("", SEPTEMBER, False, False),
        ("accepted", SEPTEMBER - timedelta(days=90), False, True),
        ("returned", SEPTEMBER, True, False),
    ],
)
def test_a_place_is_kept_until_its_day_and_for_good_once_accepted(answered, until, is_open, kept):
    assert is_kept(answered=answered, until=until, is_open=is_open, today=SEPTEMBER) is kept
    assert answer_day(SEPTEMBER, 10) == date(2027, 9, 11)
