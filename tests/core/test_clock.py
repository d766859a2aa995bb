"""The same day of another month."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.core.clock import months_after


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 1), 0, date(2026, 11, 1)),
    ],
)
def test_a_month_too_short_ends_on_its_last_day(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected
