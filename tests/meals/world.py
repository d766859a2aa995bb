"""A canteen and its Wednesday: who eats what."""

from __future__ import annotations

from datetime import date, datetime

from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS
from marelle.families.models import Person
from tests.care import sheet
from tests.scenario import Scenario

NOW = datetime(2026, 11, 26, 9, 12, tzinfo=PARIS)
"""A Thursday: the week to order is the next one."""

MONDAY, DAY = date(2026, 11, 30), date(2026, 12, 2)


class Kitchen(Scenario):
    """On a Wednesday, « Journée » gives the meal of « Repas »; small and big ones eat there."""

    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=range(7))
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30", weekdays=range(7), has_meal=True)
        self.whole = self.slot(self.wednesdays, "Journée", "08:00", "18:00", weekdays=range(7), has_meal=True)
        self.whole.includes.set([self.morning, self.meal])
        found = {one.slot_id: one for one in self.openings(self.wednesdays, DAY)}
        self.mornings, self.meals, self.days = (
            found[slot.pk] for slot in (self.morning, self.meal, self.whole)
        )
        self.durand = self.home("Durand")
        self.key = (DAY, self.meal.pk)

    def eats(
        self,
        name: str,
        diet: str = "",
        *,
        level: str = "CP",
        whole_day: bool = False,
        state: BookingState = BookingState.BOOKED,
        **health: object,
    ) -> Person:
        child = self.child(self.durand, name, school=self.the_school, level=level)
        child.diet = diet
        child.save()
        enrolment = self.enrolment(child, self.wednesdays, self.durand)
        self.booking(child, self.days if whole_day else self.meals, enrolment=enrolment, state=state)
        if health:
            sheet(child, **health)
        return child
