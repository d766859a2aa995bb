from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.places.calendars import (
    CalendarDifference,
    StoredSpan,
    UnknownSchoolYearError,
    calendar_difference,
    library_spans,
)
from marelle.places.rules import Span, SpanKind

WANTED = library_spans("A", 2026)
EVERYWHERE = {
    "Vacances de la Toussaint": (date(2026, 10, 17), date(2026, 11, 1)),
    "Vacances de Noël": (date(2026, 12, 19), date(2027, 1, 3)),
    "Pont de l’Ascension": (date(2027, 5, 6), date(2027, 5, 8)),
    "Vacances d’été": (date(2027, 7, 3), date(2027, 8, 31)),
}
BY_ZONE = {
    "A": ((date(2027, 2, 13), date(2027, 2, 28)), (date(2027, 4, 10), date(2027, 4, 25))),
    "B": ((date(2027, 2, 20), date(2027, 3, 7)), (date(2027, 4, 17), date(2027, 5, 2))),
    "C": ((date(2027, 2, 6), date(2027, 2, 21)), (date(2027, 4, 3), date(2027, 4, 18))),
}


@pytest.mark.parametrize("zone", ["A", "B", "C"])
def test_school_holidays_of_2026_as_published(zone: Literal["A", "B", "C"]) -> None:
    winter, spring = BY_ZONE[zone]
    found = {
        span.name: (span.first_day, span.last_day)
        for span in library_spans(zone, 2026)
        if span.kind is SpanKind.SCHOOL_HOLIDAY
    }
    assert found == EVERYWHERE | {"Vacances d’hiver": winter, "Vacances de printemps": spring}


def test_public_holidays_of_the_school_year() -> None:
    found = {span.first_day: span.name for span in WANTED if span.kind is SpanKind.PUBLIC_HOLIDAY}
    assert sorted(found) == [
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
        date(2027, 1, 1),
        date(2027, 3, 29),
        date(2027, 5, 1),
        date(2027, 5, 6),
        date(2027, 5, 8),
        date(2027, 5, 17),
        date(2027, 7, 14),
        date(2027, 8, 15),
    ]
    assert found[date(2027, 1, 1)] == "Jour de l’an"


def test_a_year_not_published_is_said_so() -> None:
    with pytest.raises(UnknownSchoolYearError) as refused:
        library_spans("A", 2060)
    assert refused.value.school_year == 2060


def stored(*spans: Span, by_hand: bool = False, active: bool = True) -> list[StoredSpan]:
    return [StoredSpan(number, span, by_hand, active) for number, span in enumerate(spans, 1)]


def difference(rows: list[StoredSpan], wanted: tuple[Span, ...] = WANTED) -> CalendarDifference:
    return calendar_difference(rows, wanted, school_year=2026)


def test_an_empty_calendar_gets_everything_and_a_full_one_nothing() -> None:
    assert difference([]).add == WANTED
    assert difference(stored(*WANTED)) == CalendarDifference((), ())


def test_dates_that_the_state_moved_replace_the_old_ones() -> None:
    old = replace(WANTED[0], last_day=WANTED[0].last_day + timedelta(days=1))
    found = difference(stored(old, *WANTED[1:]))
    assert found.add == (WANTED[0],)
    assert [row.span for row in found.remove] == [old]


def test_a_row_corrected_by_hand_stands_for_the_library_s() -> None:
    corrected = replace(WANTED[0], last_day=WANTED[0].last_day + timedelta(days=1))
    rows = [*stored(corrected, by_hand=True), *stored(*WANTED[1:])]
    assert difference(rows) == CalendarDifference((), ())


def test_a_row_renamed_by_hand_stands_for_the_one_it_covers() -> None:
    renamed = replace(WANTED[0], name="Vacances d’automne")
    assert difference(stored(renamed, by_hand=True)).add == WANTED[1:]


def test_a_day_typed_under_the_name_of_holidays_does_not_take_them_away() -> None:
    noel = next(span for span in WANTED if span.name == "Vacances de Noël")
    before = noel.first_day - timedelta(days=1)
    eve = replace(noel, first_day=before, last_day=before)
    for active in (True, False):
        typed = StoredSpan(99, eve, by_hand=True, active=active, typed=True)
        assert difference([*stored(*WANTED), typed]) == CalendarDifference((), ())
        assert difference([typed]).add == WANTED
    whole = StoredSpan(99, noel, by_hand=True, typed=True)
    assert noel not in difference([whole]).add


def test_a_row_of_the_library_moved_or_removed_stands_for_it_by_its_name() -> None:
    moved = replace(WANTED[0], first_day=WANTED[0].last_day, last_day=WANTED[0].last_day)
    for row in (StoredSpan(1, moved, by_hand=True), StoredSpan(1, moved, by_hand=True, active=False)):
        assert difference([row]).add == WANTED[1:]


def test_a_row_taken_away_by_hand_does_not_come_back() -> None:
    assert WANTED[0] not in difference(stored(WANTED[0], active=False)).add


def test_a_day_added_by_hand_does_not_hide_the_holiday_it_touches() -> None:
    bridge = Span(SpanKind.SCHOOL_HOLIDAY, "Pont", date(2026, 10, 16), date(2026, 10, 17))
    found = difference(stored(bridge, by_hand=True))
    assert found.add == WANTED
    assert found.remove == ()


def test_closures_and_other_years_are_left_alone() -> None:
    closure = Span(SpanKind.CLOSURE, "Travaux", date(2026, 10, 19), date(2026, 10, 23))
    last_year = library_spans("A", 2025)
    assert difference(stored(closure, *last_year, *WANTED)) == CalendarDifference((), ())


spans = st.builds(
    lambda kind, name, first, length: Span(kind, name, first, first + timedelta(days=length)),
    st.sampled_from(list(SpanKind)),
    st.sampled_from(["Toussaint", "Noël", "Pont"]),
    st.dates(date(2026, 8, 1), date(2027, 9, 30)),
    st.integers(0, 20),
)
row_fields = st.tuples(spans, st.booleans(), st.booleans())


@given(st.lists(row_fields, max_size=8), st.lists(spans, max_size=6))
def test_applying_a_difference_leaves_nothing_to_do(
    fields: list[tuple[Span, bool, bool]], wanted: list[Span]
) -> None:
    rows = [StoredSpan(number, *row) for number, row in enumerate(fields)]
    first = difference(rows, tuple(wanted))
    assert not any(row.by_hand or not row.active for row in first.remove)
    left = [row for row in rows if row not in first.remove]
    added = [StoredSpan(100 + number, span, by_hand=False) for number, span in enumerate(first.add)]
    second = calendar_difference([*left, *added], wanted, school_year=2026)
    assert second.remove == ()
    inside = [span for span in second.add if date(2026, 9, 1) <= span.first_day <= date(2027, 8, 31)]
    assert [span for span in inside if span.kind is not SpanKind.CLOSURE] == []
