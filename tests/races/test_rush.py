"""Thirty parents, ten places, one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.facts import facts_seen
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.saving.settling import settle
from marelle.bookings.saving.writing import settled_write
from marelle.core.actor import Actor
from tests.races.crowd import WEDNESDAY, Parent, crowd
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import together, together_or_errors
from tests.races.truth import counters_hold, held_on, queue_of
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

PARENTS, PLACES = 30, 10

Save = Callable[..., tuple[Outcome, ...]]


def rush() -> tuple[Opening, list[Parent]]:
    world = Scenario()
    activity = world.activity()
    world.slot(activity, capacity=PLACES)
    world.rule(activity)
    (opening,) = world.openings(activity, WEDNESDAY)
    return opening, crowd(world, PARENTS, [activity])


def test_ten_are_booked_and_twenty_are_offered_the_waiting_list_which_they_join_at_once() -> None:
    opening, parents = rush()
    answers = [answer for (answer,) in together([parent.books(opening) for parent in parents])]
    assert Counter(answer.result for answer in answers) == {Result.BOOKED: 10, Result.REFUSED: 20}
    refused = [answer for answer in answers if answer.result is Result.REFUSED]
    assert all(answer.why is Why.FULL and answer.may_wait for answer in refused)
    counters_hold()
    assert opening.quotas.get().taken == Booking.objects.holding().count() == 10

    late = {answer.change.child_id for answer in refused}
    unlucky = [parent for parent in parents if parent.child.pk in late]
    answers = [answer for (answer,) in together([p.books(opening, waits=True) for p in unlucky])]
    assert [answer.result for answer in answers] == [Result.WAITING] * 20
    assert sorted(queue_of(opening)) == sorted(late)
    counters_hold()


def test_a_double_click_is_one_booking() -> None:
    opening, (parent, *_others) = rush()
    answers = [answer for (answer,) in together([parent.books(opening)] * 4)]
    assert Counter(answer.result for answer in answers) == {Result.BOOKED: 1, Result.UNCHANGED: 3}
    assert Booking.objects.count() == 1
    counters_hold()


def test_a_double_click_on_a_full_opening_waits_once() -> None:
    opening, parents = rush()
    for parent in parents[:PLACES]:
        parent.books(opening)()
    answers = [a for (a,) in together([parents[-1].books(opening, waits=True)] * 4)]
    assert Counter(answer.result for answer in answers) == {Result.WAITING: 1, Result.UNCHANGED: 3}
    assert queue_of(opening) == [parents[-1].child.pk]


def save_unlocked(*, actor: Actor, changes: Sequence[Change], now: datetime) -> tuple[Outcome, ...]:
    """As `bookings_save`, without its locks: the control, which shows what they are for."""
    with transaction.atomic():
        facts = facts_seen(actor, changes, now=now)
        done = settle(facts, changes, now=now)
        settled_write(actor, facts, done, now=now)
    return tuple(done.outcomes)


def all_at_the_counter(opening: Opening, parents: list[Parent], save: Save) -> list[object]:
    """Post together while another transaction holds the quota; it lets go once all are stopped by it.

    Whoever has read without locks has then read an opening with all its places free.
    """
    calls = [parent.asks(parent.wants(opening), save=save) for parent in parents]
    with held(opening.quotas.all()) as let_go:

        def once_all_are_stopped() -> None:
            wait_until_stopped(len(calls))
            let_go()

        return list(together_or_errors(calls, once_started=once_all_are_stopped))


@pytest.mark.postgres
def test_control_without_the_locks_the_race_is_real_and_the_database_stops_the_eleventh() -> None:
    opening, parents = rush()
    answers = all_at_the_counter(opening, parents, save_unlocked)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(errors) == PARENTS - PLACES
    assert all(isinstance(e, IntegrityError) and "quota_not_overdrawn" in str(e) for e in errors)
    assert len(held_on(opening)) == PLACES
    counters_hold()


@pytest.mark.postgres
def test_with_the_locks_the_same_crowd_at_the_same_counter_gets_answers() -> None:
    opening, parents = rush()
    answers = all_at_the_counter(opening, parents, bookings_save)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert len(held_on(opening)) == PLACES
    counters_hold()
