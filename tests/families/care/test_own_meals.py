"""On which days a child brings its meal: what is over stays so, whatever is said next."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marelle.families.care.own_meals import DAY, MealDays, always, said_on, together
from marelle.families.care.rules import SheetData, brings_meal

FIRST = date(2026, 9, 1)
days = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
sheets = st.builds(
    SheetData,
    pai=st.sampled_from([None, False, True, True]),
    pai_meal=st.sampled_from(["", "structure", "family", "family"]),
    pai_until=st.none() | days,
)


def brought(periods: MealDays, day: date) -> bool:
    return any(first <= day <= last for first, last in periods)


@given(sheets, st.lists(st.tuples(days, sheets), max_size=5))
def test_each_day_is_as_the_sheet_said_when_it_was_over(begun, said):
    said = sorted(said, key=lambda one: one[0])
    periods = always(begun)
    for day, sheet in said:
        periods = said_on(periods, sheet, day)
    for day in (FIRST + timedelta(days=number) for number in range(62)):
        sheet = next((one for since, one in reversed(said) if since <= day), begun)
        until = sheet.pai_until
        assert brought(periods, day) == (brings_meal(sheet) and (until is None or day <= until))


@given(st.lists(st.tuples(days, days).map(lambda two: (min(two), max(two))), max_size=5))
def test_periods_that_meet_are_one(several):
    found = together(several, [(FIRST + 200 * DAY, date.max)])
    assert all(one[1] + DAY < after[0] for one, after in pairwise(found))
    for day in (FIRST + timedelta(days=number) for number in range(62)):
        assert brought(found, day) == any(first <= day <= last for first, last in several)
