"""The claim of four months, from bills that were issued and calls that were closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from marelle.activities.kinds import ActivityKind
from marelle.attendance.models import Call
from marelle.billing.accounting.one_euro import Out, Period
from marelle.bookings.models import Attendance, Booking
from marelle.flows.bills.one_euro import canteen_claims
from marelle.pricing.amounts import Bracket, Brackets
from marelle.pricing.tariffs import Sets, Tariff
from marelle.pricing.writing import tariff_write
from tests.flows.bills.billed import FIRST, NOW, SECOND, THIRD, Billed
from tests.pricing.sheets import MEAL

pytestmark = pytest.mark.django_db


class Canteen(Billed):
    """Meals at 1 € below a quotient of 601."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays.kind = ActivityKind.CANTEEN
        self.wednesdays.save()
        rows = tuple(
            Bracket(Decimal(since), Decimal(price)) for since, price in ((0, 1), (601, 3), (1001, 4))
        )
        meal = Tariff(0, "Repas", date(2026, 9, 1), None, Sets((frozenset({MEAL}),)), Brackets(rows))
        tariff_write(self.the_authority.pk, meal)
        self.poor, self.rich = self.home("Roy"), self.home("Blanc")
        self.quotient(self.poor, "400")
        self.quotient(self.rich, "700")
        self.zoe, self.max = self.enrols(self.poor, "Zoé"), self.enrols(self.rich, "Max")

    def eats(self, child, day: date, *, present: bool = True, closed: bool = True) -> Booking:
        [booking] = self.books(child, day, MEAL)
        opening = booking.opening
        Attendance.objects.create(
            opening=opening, child=child, day=day, present=present, noted_at=NOW, noted_by="Samir"
        )
        if closed:
            Call.objects.get_or_create(
                opening=opening, defaults={"state": "closed", "closed_at": NOW, "closed_by": "Samir"}
            )
        return booking


def test_meals_are_claimed_by_price_and_what_is_left_out_is_told():
    world = Canteen()
    for child in (world.zoe, world.max):
        world.eats(child, FIRST)
    world.eats(world.zoe, SECOND, present=False)
    world.eats(world.zoe, THIRD, closed=False)
    world.bills()
    [found] = canteen_claims(world.the_authority.pk, Period(2026, 3))
    assert found.activity == world.wednesdays
    assert dict(found.claim.meals) == {Decimal("1.00"): 1}
    assert dict(found.claim.out) == {Out.DEARER: 1, Out.ABSENT: 1, Out.OPEN_CALL: 1}
    assert [one.name for one in found.tariffs] == ["Repas"]
    assert canteen_claims(world.the_authority.pk, Period(2026, 2)) == []


def test_a_meal_that_no_bill_asks_for_is_told():
    world = Canteen()
    world.eats(world.zoe, FIRST)
    [found] = canteen_claims(world.the_authority.pk, Period(2026, 3))
    assert (found.claim.count, dict(found.claim.out)) == (0, {Out.NOT_BILLED: 1})


def test_what_a_later_bill_takes_back_is_claimed_no_more():
    world = Canteen()
    booking = world.eats(world.zoe, FIRST)
    world.eats(world.zoe, SECOND)
    world.bills()
    Attendance.objects.filter(opening=booking.opening).delete()
    Booking.objects.filter(pk=booking.pk).update(state="cancelled")
    for day in (date(2026, 11, 11), THIRD):
        world.books(world.zoe, day, MEAL)
    world.bills()
    [found] = canteen_claims(world.the_authority.pk, Period(2026, 3))
    assert found.claim.count == 1
    assert found.claim.out == {Out.TAKEN_BACK: 1, Out.ABSENT: 2}
