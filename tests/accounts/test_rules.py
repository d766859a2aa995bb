from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from marelle.accounts.rules import Limits, network_of, retry_at

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
LIMITS = Limits(per_account=10, per_address=50, span=timedelta(minutes=15))


@given(
    st.lists(st.integers(min_value=0, max_value=3600), max_size=40), st.integers(min_value=1, max_value=12)
)
def test_no_span_ever_holds_more_failures_than_allowed(seconds: list[int], allowed: int) -> None:
    failures = [NOW - timedelta(seconds=second) for second in seconds]
    again = retry_at(failures, allowed, LIMITS, NOW)
    recent = [at for at in failures if at > NOW - LIMITS.span]
    assert (again is None) == (len(recent) < allowed)
    if again is not None:
        assert again > NOW
        assert len([at for at in failures if at > again - LIMITS.span]) < allowed


def test_a_home_is_one_address() -> None:
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::7") != network_of("2001:db8:1:3::7")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of(None) is None
