"""A child moves to another group while a parent books the last place there: one has it, and it is told."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.bookings.closing.moving import Then
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Result
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.flows.catalogue.moving import MoveRefused, child_move, children_move, children_plan, group_plan
from tests.races.crowd import crowd
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 2, 9, tzinfo=PARIS)
DAY = date(2026, 9, 9)


def test_children_move_while_parents_book_the_last_place() -> None:
    world = Scenario()
    activity = world.activity()
    small, big = world.group(activity, "Petits", (3, 5)), world.group(activity, "Grands", (6, 12))
    slot = world.slot(activity)
    world.draws(slot, world.gauge("Petits", 9), small)
    world.draws(slot, world.gauge("Grands", 1), big)
    world.rule(activity)
    here, there = world.opening(slot, DAY, group=small), world.opening(slot, DAY, group=big)
    parents = crowd(world, 6, [activity])
    movers, bookers = parents[:3], parents[3:]
    stays = {parent.child.pk: Enrolment.objects.get(person=parent.child) for parent in parents}
    for parent in parents:
        group = small if parent in movers else big
        stay = stays[parent.child.pk]
        GroupChoice.objects.create(enrolment=stay, group=group, since=stay.starts_on)
    for parent in movers:
        world.booking(parent.child, here)

    def moves(stay: Enrolment):
        asked = {"actor": SYSTEM, "enrolment_id": stay.pk, "group_id": big.pk, "since": DAY, "now": NOW}
        mark = group_plan(**asked).mark
        return lambda: child_move(**asked, then=Then.CANCEL, reason="", mark=mark)

    calls = [moves(stays[parent.child.pk]) for parent in movers]
    calls += [parent.books(there) for parent in bookers]
    answers = together_or_errors(calls)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(error, MoveRefused) and error.code == "moved" for error in errors)
    assert Booking.objects.live().filter(opening=there).count() == 1
    taken = [one for one in answers[3:] if one[0].result is Result.BOOKED]
    assert len(taken) + sum(not isinstance(one, Exception) for one in answers[:3]) == 1
    assert Booking.objects.live().filter(opening=here).count() == len(errors)
    counters_hold()


def test_two_agents_move_the_same_children_while_one_of_them_books() -> None:
    """The children are locked in one order, so that nobody waits for ever: one agent moves them all, the
    other is told, and a parent who books has its place in the one group or the other."""
    world = Scenario()
    activity = world.activity()
    small, big = world.group(activity, "Petits", (3, 5)), world.group(activity, "Grands", (6, 12))
    slot = world.slot(activity)
    world.draws(slot, world.gauge("Petits", 9), small)
    world.draws(slot, world.gauge("Grands", 4), big)
    world.rule(activity)
    here, there = world.opening(slot, DAY, group=small), world.opening(slot, DAY, group=big)
    later = world.opening(slot, date(2026, 9, 16), group=small)
    world.opening(slot, date(2026, 9, 16), group=big)
    parents = crowd(world, 5, [activity])
    stays = [Enrolment.objects.get(person=parent.child) for parent in parents]
    for parent, stay in zip(parents, stays, strict=True):
        GroupChoice.objects.create(enrolment=stay, group=small, since=stay.starts_on)
        world.booking(parent.child, here)

    def moves(ids: list[int]):
        asked = {"actor": SYSTEM, "enrolment_ids": ids, "group_id": big.pk, "since": DAY, "now": NOW}
        mark = children_plan(**asked).mark
        return lambda: children_move(**asked, then=Then.QUEUE, reason="", mark=mark)

    ids = [stay.pk for stay in stays]
    answers = together_or_errors([moves(ids), moves(ids[::-1]), parents[0].books(later)])
    errors = [answer for answer in answers[:2] if isinstance(answer, Exception)]
    assert all(isinstance(error, MoveRefused) for error in errors), errors
    assert {error.code for error in errors} <= {"moved", "nobody"}
    assert not isinstance(answers[2], Exception), answers[2]
    done = len(errors) == 1
    assert done or {error.code for error in errors} == {"moved"}, "a booking came first, and both look again"
    assert GroupChoice.objects.filter(group=big).count() == (5 if done else 0)
    assert Booking.objects.filter(opening=there, state="booked").count() == (4 if done else 0)
    assert Booking.objects.filter(opening=there, state="waiting").count() == (1 if done else 0)
    counters_hold()
