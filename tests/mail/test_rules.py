from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from marelle.mail.rules import WAITS, next_attempt

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)


@given(st.integers(min_value=1, max_value=len(WAITS) - 1))
def test_each_wait_is_longer_than_the_one_before(attempts: int) -> None:
    sooner, later = next_attempt(attempts, NOW), next_attempt(attempts + 1, NOW)
    assert sooner is not None
    assert later is not None
    assert NOW < sooner < later


def test_it_ends() -> None:
    assert next_attempt(len(WAITS), NOW) is not None
    assert next_attempt(len(WAITS) + 1, NOW) is None
