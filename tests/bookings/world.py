"""A family, an activity and its only place; what tests of the save say and count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q

from marelle.activities.models import Activity, Opening, Quota, Slot
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import HOLDING
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from tests.scenario import Home, Scenario

WEDNESDAY = date(2026, 9, 9)
NOW = datetime(2026, 9, 7, 10, 0, tzinfo=PARIS)
TOO_LATE = datetime(2026, 9, 8, 12, 1, tzinfo=PARIS)
LONG_BEFORE = datetime(2026, 8, 20, 9, 0, tzinfo=PARIS)


@dataclass
class World:
    made: Scenario
    durand: Home
    zoe: Person
    activity: Activity
    morning: Slot
    opening: Opening

    def save(self, *changes: Change, actor: Actor | None = None, **options: Any) -> tuple[Outcome, ...]:
        return bookings_save(actor=actor or self.durand.actor, changes=changes, **{"now": NOW, **options})

    def another(self, name: str) -> tuple[Home, Person]:
        """Another family, its child enrolled too."""
        home = self.made.home(name)
        child = self.made.child(home, name)
        self.made.enrolment(child, self.activity, home)
        return home, child

    def agent(self) -> Actor:
        user = self.made.staff("guichet", Role.OFFICE)
        return actor_for(user, acting_for=self.durand.family.pk)


def made_world() -> World:
    """Zoé Durand, enrolled on Wednesdays, where one place is left on 9 September."""
    made = Scenario()
    durand = made.home("Durand")
    zoe = made.child(durand, "Zoé")
    activity = made.activity("Mercredis")
    morning = made.slot(activity, capacity=1)
    made.rule(activity)
    (opening,) = made.openings(activity, WEDNESDAY)
    made.enrolment(zoe, activity, durand)
    return World(made, durand, zoe, activity, morning, opening)


def tick(child: Person, on: Opening, **fields: Any) -> Change:
    return Change(child.pk, on.pk, seen=False, wanted=True, **fields)


def untick(child: Person, on: Opening, **fields: Any) -> Change:
    return Change(child.pk, on.pk, seen=True, wanted=False, **fields)


def said(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [o.why.value if o.result is Result.REFUSED and o.why else o.result.value for o in outcomes]


def assert_counters_equal_bookings() -> None:
    """Of the quotas of whole days: those by the half-hour have a test of their own."""
    counted = Quota.objects.filter(part=Quota.WHOLE_DAY).annotate(
        held=Count(
            "openings__bookings__child", distinct=True, filter=Q(openings__bookings__state__in=HOLDING)
        )
    )
    assert not counted.exclude(taken=F("held")).exists()
