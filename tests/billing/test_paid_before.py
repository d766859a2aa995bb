"""What bills said was paid before payments were rows becomes a row of each; on the way back it stays said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.database import former, moved_to

FORMER = "billing", "0007_unanswered"
ROWS = "billing", "0008_payments"
ISSUED = date(2026, 11, 10)


@pytest.mark.prove  # it has landed, and is never edited
@pytest.mark.django_db(transaction=True)
def test_each_gets_its_row_of_the_day_that_it_says() -> None:
    with former(FORMER) as apps:
        authority = apps.get_model("places", "Authority").objects.create(name="Arelle")
        home = apps.get_model("families", "Family").objects.create(
            number="1", name="Durand", created_at=timezone.now()
        )
        invoices = apps.get_model("billing", "Invoice").objects
        told, silent, _owed = (
            invoices.create(
                authority=authority,
                family=home,
                number=f"2026-{number}",
                month=date(2026, 10, 1),
                issued_on=ISSUED,
                due_on=date(2026, 12, 15),
                total="40.00",
                paid=paid,
                paid_on=on,
            )
            for number, (paid, on) in enumerate(
                [("12.50", date(2026, 11, 20)), ("40.00", None), ("0.00", None)]
            )
        )
        payments = moved_to(ROWS).get_model("billing", "Payment").objects.order_by("pk")
        assert list(payments.values_list("invoice", "amount", "on", "means", "reference")) == [
            (told.pk, Decimal("12.50"), date(2026, 11, 20), "known", ""),
            (silent.pk, Decimal("40.00"), ISSUED, "known", ""),
        ]
        back = moved_to(FORMER).get_model("billing", "Invoice").objects.order_by("pk")
        assert list(back.values_list("paid", flat=True)) == [Decimal("12.50"), Decimal("40.00"), 0]
