"""How much may be booked, at the same instant: two tabs, two parents of one home, two homes of one child."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from marelle.activities.bounds import Unit, Whose
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Opening, SpanJudged
from marelle.bookings.closing.leasts import leasts_judged
from marelle.bookings.giving_cards import card_give
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change, Outcome
from marelle.bookings.saving.services import bookings_save
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, Member, Person
from marelle.mail.models import Message
from tests.bookings.world import said
from tests.bounds import bound_given
from tests.offer import LONG_AGO
from tests.races.crowd import NOW, WEDNESDAY
from tests.races.stopped import held, wait_until_stopped
from tests.races.test_one_home import ROUNDS, OneHome
from tests.races.together import together, together_or_errors
from tests.races.truth import counters_hold

pytestmark = pytest.mark.django_db(transaction=True)


def a_week(world: OneHome) -> list[Callable[[Actor, Person], Callable[[], tuple[Outcome, ...]]]]:
    """Five days with places for all, each as a save of it alone."""
    slot = world.slot(world.wednesdays, "Soir", "17:00", "18:30", capacity=9)
    openings = [world.opening(slot, WEDNESDAY - timedelta(days=2 - n)) for n in range(5)]

    def books(number: int) -> Callable[[Actor, Person], Callable[[], tuple[Outcome, ...]]]:
        def call(actor: Actor, child: Person) -> Callable[[], tuple[Outcome, ...]]:
            change = Change(child.pk, openings[number].pk, seen=False, wanted=True)
            return lambda: bookings_save(actor=actor, changes=[change], now=NOW - timedelta(days=7))

        return call

    return [books(number) for number in range(5)]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_parents_and_two_tabs_never_pass_that_of_the_home(_round: int) -> None:
    world = OneHome()
    bound_given(world.wednesdays, 2, whose=Whose.HOME, unit=Unit.SLOTS)
    week = a_week(world)
    calls = [
        day(actor, child)
        for day in week
        for actor, child in ((world.camille, world.tom), (world.other, world.zoe), (world.camille, world.zoe))
    ]
    answers = [said(outcomes)[0] for outcomes in together(calls)]
    assert Booking.objects.live().count() == 2
    assert set(answers) <= {"booked", "at_most", "unchanged"}
    counters_hold()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_homes_of_one_child_never_pass_that_of_the_child(_round: int) -> None:
    world = OneHome()
    martin = world.home("Martin")
    Member.objects.create(family=martin.family, person=world.zoe, kind=Member.Kind.CHILD, since=LONG_AGO)
    world.guardian(martin.adult, world.zoe, link="father")
    world.enrolment(world.zoe, world.wednesdays, martin)
    bound_given(world.wednesdays, 2)
    week = a_week(world)
    calls = [day(actor, world.zoe) for day in week for actor in (world.camille, martin.actor, world.other)]
    together(calls)
    assert Booking.objects.live().count() == 2
    counters_hold()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_span_is_judged_once_while_the_home_completes_it(_round: int) -> None:
    """Two workers, and a parent whose save came in time: all of what is short is cancelled, or none."""
    world = OneHome()
    rule = {"kind": "least", "then": "cancelled", "set_at": NOW - timedelta(days=30)}
    bound_given(world.wednesdays, 2, **rule)
    week = a_week(world)
    week[4](world.camille, world.zoe)()
    past = datetime(2026, 9, 10, 12, 1, tzinfo=PARIS)
    assert past.date() == WEDNESDAY + timedelta(days=1)
    together(
        [lambda: leasts_judged(now=past), lambda: leasts_judged(now=past), week[3](world.camille, world.zoe)]
    )
    live = Booking.objects.live().filter(child=world.zoe).count()
    ended = Booking.objects.filter(child=world.zoe, ended_at=past).count()
    assert (live, ended) in {(2, 0), (1, 1)}
    adults = 2
    assert Message.objects.filter(kind="bookings/least_missed").count() == (adults if ended else 0)
    counters_hold()
    assert SpanJudged.objects.count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_workers_open_one_case(_round: int) -> None:
    world = OneHome()
    bound_given(world.wednesdays, 2, kind="least", set_at=NOW - timedelta(days=30))
    a_week(world)[4](world.camille, world.zoe)()
    past = datetime(2026, 9, 10, 12, 1, tzinfo=PARIS)
    assert sum(together([lambda: leasts_judged(now=past)] * 3)) == 1
    assert Case.objects.filter(kind="least").count() == SpanJudged.objects.count() == 1


@pytest.mark.postgres
def test_what_is_completed_before_the_home_is_held_is_left() -> None:
    """The worker has found it short, and waits for the home."""
    world = OneHome()
    rule = {"kind": "least", "then": "cancelled", "set_at": NOW - timedelta(days=30)}
    bound_given(world.wednesdays, 2, whose=Whose.HOME, **rule)
    week = a_week(world)
    week[4](world.camille, world.zoe)()
    past = datetime(2026, 9, 10, 12, 1, tzinfo=PARIS)
    thursday = Opening.objects.get(slot__name="Soir", day=past.date())
    with held(Family.objects.filter(pk=world.durand.family.pk), no_key=True) as let_go:

        def once_it_is_stopped() -> None:
            wait_until_stopped(1)
            world.booking(world.tom, thursday)
            let_go()

        together_or_errors([lambda: leasts_judged(now=past)], once_started=once_it_is_stopped)
    assert Booking.objects.live().count() == 2
    assert not Message.objects.filter(kind="bookings/least_missed").exists()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_parents_never_use_an_entry_twice(_round: int) -> None:
    world = OneHome()
    week = a_week(world)
    Activity.objects.filter(pk=world.wednesdays.pk).update(asks_card=True)
    definition_changed(Activity.objects.filter(pk=world.wednesdays.pk))
    stay = Enrolment.objects.get(person=world.zoe)
    span = {"first_day": WEDNESDAY - timedelta(days=30), "last_day": WEDNESDAY + timedelta(days=30)}
    give = {"actor": world.office, "enrolment_id": stay.pk, "entries": 2, "whole_home": True}
    card_give(now=NOW, **give, **span)
    calls = [
        day(who, kid) for day in week for who, kid in ((world.camille, world.tom), (world.other, world.zoe))
    ]
    together(calls)
    assert Booking.objects.live().count() == 2
    counters_hold()
