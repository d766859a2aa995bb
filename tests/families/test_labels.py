from __future__ import annotations

from datetime import date

import pytest

from marelle.families.labels import age_text, birth_text, custody_text
from marelle.families.rules import CustodyHolidays, CustodyWeeks

DAY = date(2026, 9, 7)


@pytest.mark.parametrize(
    ("birth", "told"),
    [
        (date(2026, 9, 7), "0 mois"),
        (date(2024, 9, 8), "23 mois"),
        (date(2024, 9, 7), "2 ans"),
        (date(2019, 9, 8), "6 ans"),
    ],
)
def test_small_children_count_in_months(birth: date, told: str):
    assert age_text(birth, DAY) == told


def test_a_child_to_come_has_no_age():
    assert birth_text(None, date(2026, 12, 1), DAY) == "naissance prévue le 1er décembre 2026"
    assert birth_text(None, None, DAY) == ""


def test_custody_is_told_in_words():
    assert custody_text(CustodyWeeks.EVEN, CustodyHolidays.SAME_AS_WEEKS) == (
        "Les semaines paires, vacances comprises"
    )
    assert custody_text(CustodyWeeks.ODD, CustodyHolidays.SECOND_HALF) == (
        "Les semaines impaires ; pendant les vacances, la seconde moitié"
    )


@pytest.mark.parametrize("weeks", CustodyWeeks)
@pytest.mark.parametrize("holidays", CustodyHolidays)
def test_every_pattern_has_words(weeks: CustodyWeeks, holidays: CustodyHolidays):
    assert custody_text(weeks, holidays)
