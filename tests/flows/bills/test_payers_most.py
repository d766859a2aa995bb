"""A payer who pays up to a most."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.flows.bills.billed import FIRST, Billed
from tests.flows.bills.test_payers import DECEMBER, covers, payer_of
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db


def test_a_most_is_spent_over_months_and_no_further():
    world = Billed("wednesdays", months_back=0)
    home, zoe = home_of(world)
    covers(world, home.family.pk, payer_id=payer_of(world).pk, most=Decimal("8.00"))
    world.books(zoe, FIRST, MORNING)
    assert [bill.total for bill in world.bills()] == [Decimal("5.50")]
    world.books(zoe, date(2026, 12, 2), MORNING)
    assert [(bill.payer_id is None, bill.total) for bill in world.bills(DECEMBER)] == [
        (True, Decimal("3.00")),
        (False, Decimal("2.50")),
    ]
