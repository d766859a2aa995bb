"""When one sending is one too many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.robots.rules import Allowance, free_at

NOW = datetime(2026, 11, 25, 20, tzinfo=UTC)
MINUTES = st.lists(st.integers(min_value=0, max_value=200), max_size=30)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
@given(MINUTES, st.integers(min_value=1, max_value=8))
def test_no_span_ever_holds_more_than_the_allowance(minutes, count):
    allowance = Allowance(count, timedelta(hours=1))
    times = [ago(minute) for minute in minutes]
    wait = free_at(times, allowance, NOW)
    recent = [at for at in times if at > NOW - allowance.span]
    assert (wait is None) == (len(recent) < count)
    if wait is not None:
        assert wait > NOW
        assert len([at for at in times if at > wait - allowance.span]) < count
