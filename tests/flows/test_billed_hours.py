"""The hours that a crèche bills, beside those of who came: from the lines of bills, each hour once."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from marelle.agents.figures.asked import chosen
from marelle.agents.figures.participation_tables import exported, lines
from marelle.agents.figures.words import participated_notes
from marelle.billing.models import InvoiceLine
from marelle.bookings.models import Attendance
from marelle.core.clock import instant_at
from marelle.flows.figures.counting import attended
from marelle.flows.figures.participations import Participations, participations
from marelle.flows.figures.rows import Wanted
from marelle.pricing.tariffs import Always, Becomes, Hours, Started
from marelle.pricing.writing import adjustment_write, tariff_write
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.flows.bills.test_payers import covers, payer_of
from tests.pricing.sheets import MORNING, adjustment, fixed, tariff

pytestmark = pytest.mark.django_db

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


class Creche(Billed):
    """Mornings of four hours, at 2 € an hour, by half-hours begun of what was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays.kind = "childcare"
        self.wednesdays.save()
        self.slots[MORNING].by_hour = True
        self.slots[MORNING].save()
        row = tariff(1, (frozenset({MORNING}),), fixed("2"), started=Started(Hours.SEEN, 30, 60))
        tariff_write(self.the_authority.pk, row)
        self.roy = self.home("Roy")
        self.quotient(self.roy, "400")
        self.leo = self.enrols(self.roy, "Léo", born=date(2025, 3, 1))
        for day in (FIRST, SECOND):
            self.books(self.leo, day, MORNING)

    def comes(self, day: date, left: time) -> None:
        opening = self.slots[MORNING].openings.get(day=day)
        hours = {"arrived_at": instant_at(day, time(8)), "left_at": instant_at(day, left)}
        Attendance.objects.update_or_create(
            opening=opening,
            child=self.leo,
            day=day,
            present=True,
            noted_at=NOW,
            noted_by="Sam",
            defaults=hours,
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted((self.the_structure.pk,), (NOVEMBER,), date(2026, 11, 30), NOW.date())

    def counted(self) -> Participations:
        return participations(self.wanted, {self.the_authority.pk})

    @property
    def minutes(self) -> int | None:
        [one] = self.counted().cells.values()
        return one.minutes


@pytest.fixture
def world() -> Creche:
    return Creche()


def test_hours_are_those_that_bills_ask_for(world: Creche):
    world.comes(FIRST, time(9, 10))
    [bill] = world.bills()
    assert bill.total == Decimal("11.00")
    assert world.minutes == 90 + 240, "three half-hours seen, and four hours booked"


def test_a_correction_tells_the_hours_that_it_adds_alone(world: Creche):
    world.comes(FIRST, time(8, 50))
    world.bills()
    world.comes(FIRST, time(9, 10))
    world.bills(DECEMBER)
    assert world.minutes == 90 + 240
    assert sorted(InvoiceLine.objects.values_list("minutes", flat=True)) == [30, 60, 240]


def test_hours_that_somebody_else_pays_a_part_of_count_once(world: Creche):
    covers(world, world.roy.family.pk, payer_id=payer_of(world).pk, figure=Decimal(50))
    world.comes(FIRST, time(9))
    world.bills()
    assert world.minutes == 60 + 240
    world.comes(FIRST, time(10))
    assert len(world.bills(DECEMBER)) == 2
    assert world.minutes == 120 + 240, "though two bills are put right"


def test_what_ends_by_costing_nothing_bills_no_hour(world: Creche):
    free = adjustment(9, 10, Always(), Becomes(fixed("0")), until=FIRST)
    adjustment_write(world.the_authority.pk, free)
    world.bills()
    assert world.minutes == 240, "those of the second day"


def test_what_is_not_priced_by_the_hour_has_none():
    world = Billed("wednesdays")
    roy = world.home("Roy")
    world.quotient(roy, "400")
    world.books(world.enrols(roy, "Léo"), FIRST, MORNING)
    world.bills()
    assert InvoiceLine.objects.get().minutes is None


def test_agents_read_them_beside_those_of_who_came(world: Creche):
    for day, left in ((FIRST, time(9, 10)), (SECOND, time(10))):
        world.comes(day, left)
    world.bills()
    asked = chosen(world.office_actor(), {"annee": "2026", "de": "11", "a": "11"}, NOW.date())
    came, parts = attended(asked.wanted), world.counted()
    headings, row, total = exported(lines(came, parts, asked), asked)
    at = headings.index("Heures facturées")
    assert headings[at - 1] == "Heures réalisées"
    assert row[at - 1 : at + 1] == total[at - 1 : at + 1] == [Decimal("3.2"), Decimal("3.5")]
    note = participated_notes(came, parts)[0].replace("\u00a0", " ")
    assert note == "Multi-accueil : 3,5 heures facturées pour 3,2 réalisées. Taux de facturation : 111 %."
    world.wednesdays.kind = "wednesday"
    world.wednesdays.save()
    assert not any("Multi-accueil" in one for one in participated_notes(came, world.counted()))
