"""What waits when an exercise closes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.accounting.closing_rules import Point
from marelle.billing.models import (
    Contest,
    Invoice,
)
from marelle.flows.bills.closing import to_close
from tests.flows.bills.billed import FIRST, Billed
from tests.flows.bills.test_closing import IN_JANUARY, IN_MARCH
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db


def test_what_waits_and_what_is_contested_are_told_and_keep_nothing_open():
    world = Billed("wednesdays", threshold=Decimal("20.00"))
    _home, zoe = home_of(world)
    world.books(zoe, FIRST, MORNING)
    assert world.bills() == []
    bill = Invoice.objects.create(
        authority=world.the_authority, family=_home.family, number="X1", month=date(2026, 10, 1),
        issued_on=date(2026, 11, 5), due_on=date(2026, 12, 5), total=Decimal(10),
    )  # fmt: skip
    line = bill.lines.create(
        child=zoe, activity="Mercredis", label="Matin", quantity=1, unit_price=10, amount=10, order=1
    )
    Contest.objects.create(line=line, days=["2026-10-07"], words="Non", asked_at=IN_MARCH, asked_by="Camille")
    found = to_close(world.the_authority.pk, 2026, IN_JANUARY.date())
    assert [(one.point, one.count, one.amount) for one in found.open] == [
        (Point.WAITING, 1, Decimal("5.50")),
        (Point.CONTESTS, 1, None),
    ]
    assert found.blocking == ()
