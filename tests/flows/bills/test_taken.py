"""What a home has taken at once is on the bill of its month, whatever it has booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from marelle.pricing.models import Product, Subscription
from marelle.pricing.tariffs import Product as Pure
from marelle.pricing.writing import tariff_write
from tests.flows.bills.billed import Billed
from tests.pricing.sheets import fixed, tariff

pytestmark = pytest.mark.django_db


def test_a_fee_of_a_home_that_has_booked_nothing_is_billed_once():
    world = Billed()
    home = world.home("Roy")
    zoe = world.enrols(home, "Zoé")
    fee = Product.objects.create(authority=world.the_authority, name="Cotisation", period="calendar_year")
    tariff_write(world.the_authority.pk, replace(tariff(0, (), fixed("15")), what=Pure(fee.pk)))
    Subscription.objects.create(
        family=home.family, child=zoe, product=fee, since=date(2026, 11, 10), noted_at=timezone.now(),
        noted_by="G",
    )  # fmt: skip
    assert [bill.total for bill in world.bills()] == [Decimal("15.00")]
    assert world.bills(date(2026, 12, 1), issued_on=date(2026, 12, 31)) == []
