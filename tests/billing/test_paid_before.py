"""What bills said was paid before payments were rows becomes a row of each; on the way back it stays said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from marelle.billing.models import Invoice, Payment
from tests.billing.world import Village
from tests.database import copied

FORMER = "0007_unanswered"


def migrated(*name: str) -> None:
    call_command("migrate", *(("billing", *name) if name else ()), verbosity=0, interactive=False)


@pytest.fixture
def world(transactional_db: None) -> Iterator[Any]:
    with copied(f"{connection.settings_dict['NAME']}_paid"):
        yield Village()


def test_each_gets_its_row_of_the_day_that_it_says(world):
    told = world.invoice(paid="12.50", paid_on=date(2026, 11, 20))
    silent = world.invoice(paid="40.00")
    world.invoice()
    Payment.objects.all().delete()
    migrated(FORMER)
    migrated()
    rows = Payment.objects.order_by("pk").values_list("invoice", "amount", "on", "means", "reference")
    assert list(rows) == [
        (told.pk, Decimal("12.50"), date(2026, 11, 20), "known", ""),
        (silent.pk, Decimal("40.00"), silent.issued_on, "known", ""),
    ]
    assert list(Invoice.objects.order_by("pk").values_list("paid", flat=True)) == [
        Decimal("12.50"),
        Decimal("40.00"),
        0,
    ]
