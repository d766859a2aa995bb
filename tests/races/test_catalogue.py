"""What is offered changes while parents book: no booking on what is gone, nothing booked is taken away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from marelle.activities.models import Bundle, Opening, Slot
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.refusals import No
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.bundles import bundles_make
from marelle.flows.catalogue.openings import activity_generate, activity_preview, part_drop
from marelle.flows.catalogue.shared import shared_edit
from marelle.places.models import Calendar
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 4
THURSDAY = WEDNESDAY + timedelta(days=1)


class Offered(Scenario):
    """One slot on Wednesdays and Thursdays; homes of one child. Without a `capacity` nothing counts."""

    def __init__(self, homes: int, capacity: int | None) -> None:
        super().__init__()
        self.wednesdays = self.activity()
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=[2, 3], capacity=capacity)
        self.rule(self.wednesdays)

        self.wednesday, self.thursday = self.openings(self.wednesdays, WEDNESDAY, THURSDAY)
        self.parents: list[Parent] = crowd(self, homes, [self.wednesdays])
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))


def raced(calls: list[Callable[[], object]]) -> list[object]:
    """What each answered; only a refusal may be raised."""
    answers = together_or_errors(calls)
    wrong = [one for one in answers if isinstance(one, Exception) and not isinstance(one, No)]
    assert not wrong, wrong
    counters_hold()
    return list(answers)


@pytest.mark.parametrize("capacity", [None, 2])
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_slot_is_deleted_while_parents_book(round_: int, capacity: int | None) -> None:
    world = Offered(3, capacity)
    books = [parent.books(world.wednesday) for parent in world.parents]
    drop = lambda: part_drop(actor=world.director, model=Slot, pk=world.morning.pk, now=NOW)  # noqa: E731
    *_booked, dropped = raced([*books, drop])
    assert Booking.objects.exists() == isinstance(dropped, No)
    assert Slot.objects.exists() == isinstance(dropped, No)


@pytest.mark.parametrize("capacity", [None, 2])
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_openings_are_generated_again_while_parents_book(round_: int, capacity: int | None) -> None:
    world = Offered(3, capacity)
    Slot.objects.filter(pk=world.morning.pk).update(weekdays=[3])
    seen = activity_preview(world.wednesdays, now=NOW).version
    books = [parent.books(world.wednesday, world.thursday) for parent in world.parents]
    generate = lambda: activity_generate(  # noqa: E731
        actor=world.director, activity_id=world.wednesdays.pk, seen=seen, now=NOW
    )
    *_booked, generated = raced([*books, generate])
    kept = Opening.objects.filter(pk=world.wednesday.pk).exists()
    assert kept == isinstance(generated, No)
    assert Booking.objects.filter(day=WEDNESDAY).exists() == kept


@pytest.mark.parametrize("capacity", [None, 2])
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_week_is_bundled_while_parents_book_one_of_its_days(round_: int, capacity: int | None) -> None:
    world = Offered(2, capacity)
    books = [parent.books(world.wednesday) for parent in world.parents]
    bundle = lambda: bundles_make(  # noqa: E731
        actor=world.director,
        activity_id=world.wednesdays.pk,
        slot_id=world.morning.pk,
        first=WEDNESDAY,
        last=THURSDAY,
        name_of=lambda week: f"{week.first}",
        now=NOW,
    )
    raced([*books, bundle])
    assert Booking.objects.exists() != Bundle.objects.exists()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_calendar_changes_its_zone_while_parents_book_a_day_that_goes(round_: int) -> None:
    world = Offered(3, None)
    (autumn,) = world.openings(world.wednesdays, WEDNESDAY + timedelta(weeks=6))
    office = actor_for(world.staff("guichet", Role.OFFICE))
    calendar = world.wednesdays.calendar
    books = [parent.books(autumn) for parent in world.parents]
    moves = lambda: shared_edit(  # noqa: E731
        actor=office, model=Calendar, pk=calendar.pk, changes={"zone": "B"}, seen={"zone": "A"}, now=NOW
    )
    *_booked, moved = raced([*books, moves])
    assert not isinstance(moved, No)
    booked = Booking.objects.filter(opening=autumn.pk).exists()
    assert Opening.objects.filter(pk=autumn.pk).exists() == booked
