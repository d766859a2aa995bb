"""What changes today changes no price of a day that is gone, nor puts right a month that is billed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from marelle.core.actor import SYSTEM, Power, Role
from marelle.core.clock import PARIS, instant_at
from marelle.families.models import Member
from marelle.places.posts.services import agent_posts_set, post_give
from marelle.pricing.tariffs import Always, Becomes
from marelle.pricing.writing import adjustment_write
from tests.flows.bills.billed import FIRST, SECOND, Billed
from tests.pricing.sheets import MORNING, adjustment, fixed, traits

pytestmark = pytest.mark.django_db

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
BEFORE, AFTER = date(2026, 12, 2), date(2026, 12, 16)


class Dated(Billed):
    """A home that comes in November, which is billed, then twice in December."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.zoe = self.enrols(self.roy, "Zoé")
        for day in (FIRST, SECOND, BEFORE, AFTER):
            self.books(self.zoe, day, MORNING)

    def billed(self, month: date) -> list[Decimal]:
        """What the bills of that month come to; none where nothing is due."""
        return [bill.total for bill in self.bills(month)]


def test_a_post_that_is_given_then_taken_changes_no_day_of_before():
    world = Dated()
    staff = adjustment(9, 10, Always(), Becomes(fixed("0")), who=traits("staff"))
    adjustment_write(world.the_authority.pk, staff)
    Member.objects.update(since=date(2026, 9, 1))
    assert world.billed(date(2026, 11, 1)) == [Decimal("11.00")]
    directs = Power(Role.DIRECTOR, structure_id=world.the_structure.pk)
    told: dict[str, Any] = {"actor": SYSTEM, "user_id": world.roy.adult.account.pk}
    post_give(**told, power=directs, now=datetime(2026, 12, 9, 9, tzinfo=PARIS))
    assert world.billed(DECEMBER) == [Decimal("5.50")], "that of the 2nd: the 16th is free, November stays"
    agent_posts_set(**told, powers=(), seen={directs}, now=instant_at(AFTER + timedelta(days=5), time(9)))
    assert world.billed(JANUARY) == [], "what was free when it was billed stays so"
