"""A place with the slots, and the tariffs, of docs/prices.md."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from marelle.activities.models import Activity, Opening, Slot
from marelle.bookings.models import Attendance, Booking
from marelle.core.clock import instant_at
from marelle.families.models import Person
from marelle.flows.prices.changes import bill_of
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.months import MonthPrice, PricedHome, memos
from marelle.pricing.writing import adjustment_write, span_rule_write, tariff_write
from tests.pricing.sheets import AFTERNOON, BOOKS, MEAL, MORNING
from tests.scenario import Scenario

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
WEDNESDAYS = [date(2026, 11, day) for day in (4, 18, 25)]


class Priced(Scenario):
    """Wednesdays of Matin, Repas, Après-midi and Journée, which includes all three."""

    def __init__(self, *books: str) -> None:
        super().__init__()
        self.wednesdays = self.activity()
        self.slots: dict[int, Slot] = {
            number: self.slot(self.wednesdays, name, starts, ends, pk=number)
            for number, name, starts, ends in (
                (MORNING, "Matin", "08:00", "12:00"),
                (MEAL, "Repas", "12:00", "14:00"),
                (AFTERNOON, "Après-midi", "14:00", "18:00"),
            )
        }
        self.whole_day = self.slot(self.wednesdays, "Journée", "08:00", "18:00", pk=99)
        self.whole_day.includes.set(self.slots.values())
        with connection.cursor() as cursor:  # PostgreSQL's next number does not know those given
            for sql in connection.ops.sequence_reset_sql(no_style(), [Slot]):
                cursor.execute(sql)
        for name in books:
            self.tariffs(name)

    def tariffs(self, name: str, authority_id: int | None = None) -> None:
        for tariff in BOOKS[name].tariffs:
            tariff_write(authority_id or self.the_authority.pk, tariff)
        for adjustment in BOOKS[name].adjustments:
            adjustment_write(authority_id or self.the_authority.pk, adjustment)
        for rule in BOOKS[name].span_rules:
            span_rule_write(authority_id or self.the_authority.pk, rule)

    def books(self, child: Person, day: date, *slots: int | Slot, **fields: Any) -> list[Booking]:
        found = []
        for one in slots:
            slot = self.slots[one] if isinstance(one, int) else one
            opening = slot.openings.filter(day=day).first() or self.opening(slot, day)
            found.append(self.booking(child, opening, **fields))
        return found

    def enrols(self, home: Any, name: str, born: date = date(2018, 5, 14), activity: Activity | None = None):
        child = self.child(home, name, born=born)
        self.enrolment(child, activity or self.wednesdays, home)
        return child


def months_of_home(family_id: int, days: tuple[date, date]) -> list[MonthPrice]:
    """Of each authority that has tariffs."""
    return bill_of(PricedHome(situations_of([family_id])[family_id], memos()), days).months()


def amounts(home: Any, days: tuple[date, date] = NOVEMBER) -> list[Decimal]:
    """Of each line, authority by authority and month by month."""
    return [line.amount for month in months_of_home(home.family.pk, days) for line in month.lines]


def seen(child: Person, opening: Opening, left: str | None = None, *, present: bool = True) -> None:
    at = instant_at(opening.day, time.fromisoformat(left)) if left else None
    Attendance.objects.create(
        opening=opening, child=child, day=opening.day, present=present, left_at=at,
        noted_at=timezone.now(), noted_by="Sam",
    )  # fmt: skip
