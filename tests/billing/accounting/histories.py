"""Histories of bills for tests of what they come to: any of them, in any order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from marelle.billing.accounting.rules import Bill, events_of

FIRST = date(2026, 1, 5)

days = st.integers(0, 500).map(lambda n: FIRST + timedelta(days=n))
amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999.99"), places=2)
payments = st.decimals(min_value=Decimal("-99.99"), max_value=Decimal("999.99"), places=2).filter(bool)


@st.composite
def bills(draw, number: int = 1) -> Bill:
    """Credited and paid as may be, in part, beyond, before it is sent, cancelled or not."""
    issued_on = draw(days)
    return Bill(
        number,
        f"2026-{number:06d}",
        draw(st.sampled_from([date(2026, month, 1) for month in (1, 2, 12)])),
        draw(st.integers(1, 3)),
        None,
        events_of(
            bill_id=number,
            number=f"2026-{number:06d}",
            total=draw(amounts),
            issued_on=issued_on,
            cancelled_on=draw(st.none() | days),
            notes=[
                (day, amount, "2026-A")
                for day, amount in draw(st.lists(st.tuples(days, amounts), max_size=2))
            ],
            payments=draw(st.lists(st.tuples(days, payments), max_size=4)),
        ),
    )


@st.composite
def many(draw) -> list[Bill]:
    return [draw(bills(number)) for number in range(1, draw(st.integers(0, 6)) + 1)]
