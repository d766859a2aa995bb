"""The bench measures what it says, and leaves the database as it found it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import transaction

from marelle.activities.models import Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING
from marelle.demo import bench
from marelle.demo.builder import build

TODAY = date(2026, 11, 30)

pytestmark = pytest.mark.django_db


def test_a_measure_gives_every_place_back() -> None:
    with time_machine.travel(datetime(2026, 11, 30, 9, tzinfo=UTC), tick=True):
        build(today=TODAY)
        places = list(Quota.objects.order_by("pk").values_list("pk", "capacity", "taken"))
        held = set(Booking.objects.filter(state__in=HOLDING).values_list("pk", flat=True))
        measures = bench.measure(TODAY)
    assert measures.planning_ms > 0
    assert measures.planning_bytes > 10_000
    assert 5 < measures.save_queries < 30
    assert list(Quota.objects.order_by("pk").values_list("pk", "capacity", "taken")) == places
    assert set(Booking.objects.filter(state__in=HOLDING).values_list("pk", flat=True)) == held


def test_statements_that_end_a_transaction_are_not_counted() -> None:
    with bench.counting() as seen, transaction.atomic():
        Booking.objects.count()
    assert len(seen) == 1
