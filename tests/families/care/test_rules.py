"""Names, answers of two homes, order, dates, and what somebody who cannot read a sheet may do to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.sealed import UNAVAILABLE, Unreadable
from marelle.families.care.rules import (
    PERMITTED_AHEAD,
    Answer,
    PaiState,
    SheetData,
    added,
    asked_years,
    changed,
    is_banned,
    may_permit,
    moved,
    pai_state,
    pai_until_possible,
    purge_day,
    same_name,
    settled,
    settled_sheet,
    vaccinated_on_possible,
    within,
)

DAY = date(2026, 11, 25)
answers = st.builds(Answer, given=st.booleans(), from_hour=st.none() | st.times())
sheets = st.builds(
    SheetData,
    allergies=st.text(max_size=20),
    is_severe=st.booleans(),
    pai=st.none() | st.booleans(),
    treatments=st.text(max_size=20),
    remarks=st.text(max_size=20),
    doctor_name=st.text(max_size=20),
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Éric Durand", "DURAND Eric", True),
        ("Éric Durand", "Éric Jean Durand", True),
        ("Éric Durand", "Éric Durant", False),
        ("Éric Durand", "Éric", False),
        ("Éric", "éric", True),
        ("Marie-Line Roche", "roche marie line", True),
        ("Durand", "Éric Durand", False),
        ("", "", False),
        ("🎉", "🎉", False),
    ],
)
def test_names_of_one_person(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same
    assert is_banned(one, ["Quelqu’un d’autre", other]) is same


def test_a_judgment_that_no_key_opens_may_name_anybody() -> None:
    assert is_banned("Éric Durand", [Unreadable("gAAAA")])
    assert not is_banned("Éric Durand", [str(UNAVAILABLE)])


@given(st.lists(answers))
def test_the_more_careful_answer_holds(said: list[Answer]) -> None:
    found = settled(said)
    if not said:
        assert found is None
    elif any(not one.given for one in said):
        assert found == Answer(given=False)
    else:
        hours = [one.from_hour for one in said if one.from_hour is not None]
        assert found == Answer(given=True, from_hour=max(hours) if hours else None)


def test_of_two_hours_the_later_holds() -> None:
    assert settled([Answer(True, time(17)), Answer(True, time(16, 30))]) == Answer(True, time(17))


@given(st.lists(st.integers(), unique=True, min_size=1), st.data(), st.booleans())
def test_moving_loses_nobody_and_comes_back(ids: list[int], data: st.DataObject, up: bool) -> None:
    one = data.draw(st.sampled_from(ids))
    after = moved(ids, one, up=up)
    assert sorted(after) == sorted(ids)
    assert abs(after.index(one) - ids.index(one)) <= 1
    if after != tuple(ids):
        assert moved(after, one, up=not up) == tuple(ids)


def test_moving_at_the_ends_or_somebody_else_changes_nothing() -> None:
    assert moved([1, 2], 1, up=True) == (1, 2)
    assert moved([1, 2], 2, up=False) == (1, 2)
    assert moved([1, 2], 9, up=True) == (1, 2)


@given(sheets, sheets)
def test_who_cannot_read_only_adds(kept: SheetData, typed: SheetData) -> None:
    after = added(kept, typed)
    for name in ("allergies", "treatments", "remarks"):
        assert getattr(after, name).startswith(getattr(kept, name))
        assert getattr(typed, name) in getattr(after, name)
    assert after.is_severe or not kept.is_severe
    assert after.pai == (True if kept.pai else kept.pai if typed.pai is None else typed.pai)


@given(sheets)
def test_adding_nothing_changes_nothing(kept: SheetData) -> None:
    assert changed(kept, added(kept, SheetData())) == ()


@given(sheets, sheets, st.frozensets(st.sampled_from(["allergies", "is_severe", "pai", "remarks"])))
def test_only_what_may_be_written_changes(
    kept: SheetData, typed: SheetData, writable: frozenset[str]
) -> None:
    assert set(changed(kept, within(kept, typed, writable))) <= writable


def test_what_changed_is_named_in_order() -> None:
    old = SheetData(allergies="Lait", pai=True)
    assert changed(old, replace(old, pai=None, allergies="", remarks="x")) == ("allergies", "pai", "remarks")


def test_a_sheet_says_nothing_of_a_pai_that_is_not() -> None:
    typed = SheetData(is_severe=True, pai=False, pai_until=DAY, pai_meal="family")
    assert settled_sheet(typed) == SheetData(pai=False)


@pytest.mark.parametrize(
    ("pai", "until", "state"),
    [
        (None, DAY, PaiState.NONE),
        (False, None, PaiState.NONE),
        (True, None, PaiState.RUNNING),
        (True, DAY + timedelta(days=31), PaiState.RUNNING),
        (True, DAY + timedelta(days=30), PaiState.NEARLY_OVER),
        (True, DAY, PaiState.NEARLY_OVER),
        (True, DAY - timedelta(days=1), PaiState.OVER),
    ],
)
def test_where_a_pai_stands(pai: bool | None, until: date | None, state: PaiState) -> None:
    assert pai_state(pai, until, DAY) is state


def test_dates_that_cannot_be() -> None:
    birth = date(2019, 3, 4)
    assert pai_until_possible(date(2027, 8, 31), birth, DAY)
    assert not pai_until_possible(date(1850, 1, 1), birth, DAY)
    assert not pai_until_possible(date(2206, 8, 31), birth, DAY)
    assert vaccinated_on_possible(birth, birth, DAY)
    assert vaccinated_on_possible(DAY, birth, DAY)
    assert not vaccinated_on_possible(birth - timedelta(days=1), birth, DAY)
    assert not vaccinated_on_possible(DAY + timedelta(days=1), birth, DAY)
    assert not vaccinated_on_possible(DAY, None, DAY)


def test_a_permission_is_for_today_to_a_fortnight() -> None:
    assert may_permit(DAY, DAY)
    assert may_permit(DAY + PERMITTED_AHEAD, DAY)
    assert not may_permit(DAY - timedelta(days=1), DAY)
    assert not may_permit(DAY + PERMITTED_AHEAD + timedelta(days=1), DAY)


def test_the_coming_year_is_asked_from_june() -> None:
    assert asked_years(date(2026, 11, 25)) == (2026,)
    assert asked_years(date(2027, 5, 31)) == (2026,)
    assert asked_years(date(2027, 6, 1)) == (2026, 2027)
    assert asked_years(date(2027, 8, 31)) == (2026, 2027)
    assert asked_years(date(2027, 9, 1)) == (2027,)


def test_when_a_sheet_goes() -> None:
    end = date(2027, 7, 31)
    assert purge_day([date(2027, 1, 31), end], date(2026, 9, 1), 0, 12) == date(2027, 8, 1)
    assert purge_day([end], date(2026, 9, 1), 2, 12) == date(2027, 10, 1)
    assert purge_day([end], date(2027, 8, 20), 0, 12) == date(2028, 8, 21)
    assert purge_day([], date(2024, 2, 29), 0, 12) == date(2025, 3, 1)
