"""Parents, each with one child enrolled, and what they ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from marelle.activities.models import Activity, Opening
from marelle.bookings.saving.ledger import Change, Outcome
from marelle.bookings.saving.services import bookings_save
from marelle.core.actor import Actor
from marelle.core.clock import PARIS
from marelle.families.models import Person
from tests.scenario import Home, Scenario

NOW = datetime(2026, 9, 2, 9, tzinfo=PARIS)
WEDNESDAY = date(2026, 9, 9)

Asking = Callable[[], tuple[Outcome, ...]]


@dataclass(frozen=True)
class Parent:
    """A parent at a screen. `actor` is read beforehand, as a request does before it saves."""

    home: Home
    child: Person
    actor: Actor

    def asks(
        self,
        *changes: Change,
        save: Callable[..., tuple[Outcome, ...]] = bookings_save,
        now: datetime = NOW,
    ) -> Asking:
        return lambda: save(actor=self.actor, changes=list(changes), now=now)

    def books(self, *openings: Opening, waits: bool = False) -> Asking:
        return self.asks(*(self.wants(opening, waits=waits) for opening in openings))

    def cancels(self, *openings: Opening) -> Asking:
        return self.asks(*(Change(self.child.pk, opening.pk, True, False) for opening in openings))

    def wants(
        self, opening: Opening, *, waits: bool = False, hours: tuple[time, time] | None = None
    ) -> Change:
        starts, ends = hours or (None, None)
        return Change(self.child.pk, opening.pk, False, True, accepts_waiting=waits, starts=starts, ends=ends)


def crowd(world: Scenario, size: int, activities: Iterable[Activity]) -> list[Parent]:
    """`size` homes of one adult and one child, enrolled in each of the activities."""
    kept = list(activities)
    parents = []
    for number in range(size):
        home = world.home(f"Famille{number}")
        child = world.child(home, f"Enfant{number}")
        for activity in kept:
            world.enrolment(child, activity, home)
        parents.append(Parent(home, child, home.actor))
    return parents
