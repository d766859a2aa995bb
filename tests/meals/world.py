"""A canteen and its Wednesday: who eats what."""

from __future__ import annotations

from datetime import date, datetime

from marelle.activities.models import Opening
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

    def second_service(self, starts: str, ends: str, **fields: object) -> Opening:
        """A meal of the same name, on the same day, in another activity of the structure."""
        canteen = self.activity("Cantine", kind="canteen")
        slot = self.slot(canteen, "Repas", starts, ends, weekdays=range(7), has_meal=True, **fields)
        return self.opening(slot, DAY)

    def eats(
        self,
        name: str,
        diet: str = "",
        *,
        level: str = "CP",
        whole_day: bool = False,
        state: BookingState = BookingState.BOOKED,
        meal: Opening | None = None,
        hours: tuple[str, str] | None = None,
        **health: object,
    ) -> Person:
        child = self.child(self.durand, name, school=self.the_school, level=level)
        child.diet = diet
        child.save()
        opening = meal or (self.days if whole_day else self.meals)
        enrolment = self.enrolment(child, opening.activity, self.durand)
        self.booking(child, opening, enrolment=enrolment, state=state, hours=hours)
        if health:
            sheet(child, **health)
        return child
