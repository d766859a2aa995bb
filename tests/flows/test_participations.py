"""What families take part with comes from the lines of their bills, and adds up to them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.models import Invoice
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.bookings.models import Attendance
from marelle.flows.figures.participations import Participations, participations
from marelle.flows.figures.rows import Wanted
from marelle.flows.figures.rules import Band
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING

pytestmark = pytest.mark.django_db


class Together(Billed):
    """A home of a child of five and one of eight."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.leo = self.enrols(self.roy, "Léo", born=date(2021, 3, 1))
        self.zoe = self.enrols(self.roy, "Zoé", born=date(2018, 5, 14))
        self.books(self.leo, FIRST, MORNING)
        self.books(self.zoe, FIRST, MORNING, MEAL, AFTERNOON)
        self.books(self.zoe, SECOND, MORNING)
        [self.bill] = self.bills()

    def counted(self, first: date = date(2026, 11, 1), last: date = date(2026, 11, 30)) -> Participations:
        wanted = Wanted((self.the_structure.pk,), (first,), last, NOW.date())
        return participations(wanted, {self.the_authority.pk})

    def pays(self, amount: str) -> None:
        new = NewPayment(self.bill.pk, Decimal(amount), NOW.date(), Means.TRESOR)
        payments_add([new], run=None, who="Nadège", now=NOW)


def by_band(found: Participations) -> dict[Band, tuple[Decimal, Decimal, int]]:
    return {key.band: (one.billed, one.paid, one.days) for key, one in found.cells.items()}


def test_lines_are_shared_among_ages_and_days_and_come_to_the_bill():
    world = Together()
    world.pays("7.00")
    found = by_band(world.counted())
    assert {band: days for band, (_billed, _paid, days) in found.items()} == {Band.UNDER_6: 1, Band.FROM_6: 2}
    assert found[Band.UNDER_6][0] == Decimal("5.50")
    assert sum(billed for billed, _paid, _days in found.values()) == world.bill.total
    assert sum(paid for _billed, paid, _days in found.values()) == Decimal("7.00")
    assert found[Band.UNDER_6][1] == (Decimal("7.00") * Decimal("5.50") / world.bill.total).quantize(
        Decimal("0.01")
    )


def test_a_line_of_several_days_is_shared_among_them():
    world = Billed("wednesdays")
    roy = world.home("Roy")
    leo = world.enrols(roy, "Léo", born=date(2020, 11, 10))
    for day in (FIRST, SECOND):
        world.books(leo, day, MORNING)
    [bill] = world.bills()
    assert bill.lines.get().days == [FIRST.isoformat(), SECOND.isoformat()]
    wanted = Wanted((world.the_structure.pk,), (date(2026, 11, 1),), date(2026, 11, 30), NOW.date())
    found = by_band(participations(wanted, {world.the_authority.pk}))
    half = bill.total / 2
    assert found == {Band.UNDER_6: (half, 0, 1), Band.FROM_6: (half, 0, 1)}


def test_a_month_that_is_not_asked_for_is_not_counted_though_its_bill_is_paid():
    world = Together()
    world.pays("7.00")
    assert world.counted(date(2026, 10, 1), date(2026, 10, 31)).cells == {}


def test_what_names_no_activity_is_told_apart():
    world = Together()
    world.bill.lines.update(of_activity=None)
    found = world.counted()
    assert (found.cells, found.apart) == ({}, world.bill.total)


def test_what_somebody_else_pays_is_no_familys():
    world = Together()
    world.bill.lines.model.objects.update(days=[FIRST.isoformat()])
    found = world.counted()
    payer = world.the_authority.payers.create(
        kind="ccas", last_name="CCAS", street="1 rue", postal_code="21000", city="Dijon"
    )
    Invoice.objects.update(payer=payer)
    [other] = [one for one in world.counted().cells.values() if one.others][:1]
    assert other.billed == other.paid == 0
    assert sum(one.others for one in world.counted().cells.values()) == sum(
        one.billed for one in found.cells.values()
    )


def test_calls_that_are_not_closed_are_counted():
    world = Together()
    opening = world.leo.bookings.get().opening
    Attendance.objects.create(
        opening=opening, child=world.leo, day=FIRST, present=True, noted_at=NOW, noted_by="Samir"
    )
    assert world.counted().open_calls == 1
