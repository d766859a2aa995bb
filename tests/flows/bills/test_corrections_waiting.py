"""A correction that is worth too little to leave."""

from __future__ import annotations

from decimal import Decimal

import pytest

from marelle.billing.models import BillingRun
from marelle.billing.runs.refusals import RunRefused
from tests.flows.bills.billed import FIRST, Billed
from tests.flows.bills.test_corrections import billed, corrected
from tests.pricing.sheets import MEAL, MORNING

pytestmark = pytest.mark.django_db


def test_what_is_worth_too_little_waits_for_the_next_bill():
    world = Billed("wednesdays", threshold=Decimal("5.00"))
    bill, _bookings = billed(world, MORNING)
    world.books(bill.lines.get().child, FIRST, MEAL)
    with pytest.raises(RunRefused, match="small"):
        corrected(world, bill)
    assert not BillingRun.objects.live().exists()
