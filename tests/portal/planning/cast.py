"""The home that the planning's tests look at: one week of September, seen from the Monday before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from marelle.activities.models import Activity, Opening, Slot
from marelle.core.clock import PARIS
from marelle.families.models import Person
from tests.scenario import Home, Scenario

NOW = datetime(2026, 9, 7, 10, 0, tzinfo=PARIS)
MONDAY = date(2026, 9, 14)
WEDNESDAY = date(2026, 9, 16)


@dataclass
class Cast:
    world: Scenario

    @cached_property
    def durand(self) -> Home:
        return self.world.home("Durand", "Camille")

    @cached_property
    def zoe(self) -> Person:
        return self.world.child(self.durand, "Zoé")

    @cached_property
    def wednesdays(self) -> Activity:
        activity = self.world.activity("Mercredis")
        self.world.rule(activity)
        self.world.enrolment(self.zoe, activity, self.durand)
        return activity

    @cached_property
    def morning(self) -> Slot:
        return self.world.slot(self.wednesdays, "Matin", capacity=1)

    @cached_property
    def wednesday(self) -> Opening:
        return self.world.opening(self.morning, WEDNESDAY)

    def stranger(self) -> Person:
        """A child of another home, enrolled on Wednesdays too."""
        home = self.world.home("Martin", "Julie")
        child = self.world.child(home, "Inès")
        self.world.enrolment(child, self.wednesdays, home)
        return child

    def key(self, opening: Opening | None = None, child: Person | None = None) -> str:
        return f"{(child or self.zoe).pk}.{(opening or self.wednesday).pk}"

    def url(
        self, *, day: date = MONDAY, view: str = "semaine", child: Any = None, activity: str = "toutes"
    ) -> str:
        return f"/reservations/?enfant={child or self.zoe.pk}&date={day}&vue={view}&activite={activity}"


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
