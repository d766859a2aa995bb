"""At least so much: told while more may be booked, judged once when nothing may."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

import pytest

from marelle.activities.bounds import Each, Then, Unit, Whose
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingBound, BookingRule, Opening, SpanJudged
from marelle.activities.services import part_change, part_remove
from marelle.bookings.bounds import Short
from marelle.bookings.closing.leasts import (
    LEAST,
    _last,
    least_seen,
    leasts_followed,
    leasts_judged,
    span_shorts,
)
from marelle.bookings.models import Booking
from marelle.bookings.planning import planning
from marelle.bookings.shortfalls import home_shorts
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case, CaseState
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.models import Member
from marelle.flows.actor.actors import actor_for
from marelle.flows.dashboard.rules import What
from marelle.flows.dashboard.selectors import dashboard
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.bookings.world import NOW, WEDNESDAY, World, assert_counters_equal_bookings, made_world, tick
from tests.bounds import bound_given
from tests.offer import LONG_AGO
from tests.standing import built_once

pytestmark = pytest.mark.django_db

FRIDAY_NOON = datetime(2026, 9, 10, 12, 0, tzinfo=PARIS)
"""The last minute of the week: the day before its Friday."""
PAST = datetime(2026, 9, 10, 12, 1, tzinfo=PARIS)


built = built_once(made_world)


@pytest.fixture
def world(built, db) -> World:
    return deepcopy(built)


def least(world: World, n: int = 2, **fields) -> BookingBound:
    return bound_given(world.activity, n, **{"kind": "least", "set_at": NOW - timedelta(days=9), **fields})


def days(world: World, *after: int, **fields) -> list[Opening]:
    slot = world.made.slot(world.activity, "Soir", "17:00", "18:00", capacity=9, **fields)
    return [world.made.opening(slot, WEDNESDAY + timedelta(days=n)) for n in after]


def shown(world: World, now=NOW, **span) -> tuple[Short, ...]:
    first = span.get("first", WEDNESDAY)
    return planning(world.durand.actor, first=first, last=first + timedelta(days=4), now=now).shorts


def test_what_is_missing_is_told_until_the_last_limit_of_the_span(world):
    thursday, friday = days(world, 1, 2)
    least(world)
    assert shown(world) == (), "who does not come owes nothing"
    world.save(tick(world.zoe, thursday))
    (short,) = shown(world)
    assert (short.count, short.least, short.child_id) == (1, 2, world.zoe.pk)
    assert short.until == FRIDAY_NOON
    assert shown(world, FRIDAY_NOON + timedelta(seconds=59))
    assert shown(world, PAST) == ()
    assert shown(world, first=WEDNESDAY + timedelta(days=7)) == ()
    world.save(tick(world.zoe, friday))
    assert shown(world) == ()


def test_nobody_owes_more_than_is_open_to_it(world):
    thursday, friday = days(world, 1, 2)
    group = world.made.group(world.activity, "Grands", (9, 12))
    Opening.objects.filter(pk__in=[friday.pk, world.opening.pk]).update(group=group)
    least(world, 3)
    world.save(tick(world.zoe, thursday))
    assert shown(world) == ()
    Opening.objects.filter(pk=friday.pk).update(group=None)
    assert [short.least for short in shown(world)] == [2]
    Opening.objects.filter(pk=friday.pk).update(state=Opening.State.CLOSED)
    assert shown(world) == ()


def test_what_waits_has_been_asked_for(world):
    thursday, friday = days(world, 1, 2)
    least(world)
    world.save(tick(world.zoe, thursday))
    world.made.booking(world.zoe, friday, state=BookingState.WAITING, queued_at=NOW)
    assert shown(world) == ()


def test_of_the_home_or_of_each_child(world):
    thursday, _friday = days(world, 1, 2)
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand)
    bound = least(world, unit=Unit.SLOTS, whose=Whose.HOME)
    world.save(tick(world.zoe, thursday))
    assert [(short.child_id, short.count) for short in shown(world)] == [(None, 1)]
    world.save(tick(leo, thursday))
    assert shown(world) == ()
    bound.delete()
    least(world)
    assert [short.child_id for short in shown(world)] == sorted([world.zoe.pk, leo.pk])
    alone = planning(world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, child_id=leo.pk, now=NOW)
    assert [short.child_id for short in alone.shorts] == [leo.pk]


def test_the_dashboard_tells_it_and_pays_for_it_only_where_there_is_one(world, count_queries):
    thursday, _friday = days(world, 1, 2)
    world.save(tick(world.zoe, thursday))
    dashboard(world.durand.actor, now=NOW)
    with count_queries() as bare:
        assert dashboard(world.durand.actor, now=NOW).shorts == ()
    bound_given(world.activity, 4)
    dashboard(world.durand.actor, now=NOW)
    with count_queries(len(bare)):
        dashboard(world.durand.actor, now=NOW)
    least(world)
    dashboard(world.durand.actor, now=NOW)
    with count_queries(len(bare) + 2):
        found = dashboard(world.durand.actor, now=NOW)
    assert [(task.what, task.until) for task in found.todo if task.what is What.SHORT] == [
        (What.SHORT, FRIDAY_NOON)
    ]
    assert home_shorts(world.durand.family.pk, [], NOW) == ()


def test_what_is_short_past_the_limit_is_told_once(world):
    thursday, _friday = days(world, 1, 2)
    bound = least(world)
    world.save(tick(world.zoe, thursday))
    assert leasts_judged(now=FRIDAY_NOON) == 0
    assert not SpanJudged.objects.exists()
    assert leasts_judged(now=PAST) == 1
    case = Case.objects.get(kind=LEAST)
    assert "2 jours par semaine au moins, la semaine du 7 septembre 2026" in case.label
    judged = SpanJudged.objects.get()
    assert [short.child_id for short in span_shorts(judged)] == [world.zoe.pk]
    assert Booking.objects.live().count() == 1
    least_seen(actor=actor_for(world.made.staff("bureau", Role.OFFICE)), judged_id=judged.pk, now=PAST)
    assert leasts_judged(now=PAST) == 0
    assert Case.objects.get(kind=LEAST).state == CaseState.ACCEPTED
    outsider = actor_for(world.made.staff("loin", Role.DIRECTOR, structure=world.made.structure("Ailleurs")))
    with pytest.raises(NotYours):
        least_seen(actor=outsider, judged_id=judged.pk, now=PAST)
    assert bound.judged.count() == 1


def test_what_has_enough_is_judged_and_never_again(world):
    thursday, friday = days(world, 1, 2)
    least(world)
    world.save(tick(world.zoe, thursday), tick(world.zoe, friday))
    assert leasts_judged(now=PAST) == 0
    Booking.objects.filter(opening=friday).update(state=BookingState.CANCELLED)
    assert leasts_judged(now=PAST) == 0
    assert not Case.objects.filter(kind=LEAST).exists()


def test_what_is_to_come_of_it_is_cancelled_with_a_mail(world):
    wednesday, _thursday, friday = days(world, 0, 1, 2)
    least(world, 3, then=Then.CANCELLED.value)
    _other, ines = world.another("Martin")
    world.save(tick(world.zoe, wednesday), tick(world.zoe, friday))
    for on in (wednesday, _thursday, friday):
        world.made.booking(ines, on)
    assert leasts_judged(now=PAST) == 1
    rows = dict(Booking.objects.filter(child=world.zoe).values_list("opening_id", "state"))
    assert rows == {wednesday.pk: BookingState.BOOKED, friday.pk: BookingState.CANCELLED}
    ended = Booking.objects.get(child=world.zoe, opening=friday)
    assert (ended.end_cause, ended.ended_by) == (EndCause.STRUCTURE, SYSTEM.label)
    assert Booking.objects.live().filter(child=ines).count() == 3
    assert_counters_equal_bookings()
    mail = Message.objects.get(kind="bookings/least_missed")
    assert "3 jours par semaine au moins" in mail.text
    assert "vendredi 11 septembre · Soir" in mail.text
    assert "mercredi 9" not in mail.text
    assert Entry.objects.filter(verb="booking.least_missed", family_id=world.durand.family.pk).count() == 1
    assert leasts_judged(now=PAST) == 0
    assert not Case.objects.filter(kind=LEAST).exists()


def test_of_a_home_what_all_its_children_have_to_come_is_cancelled(world):
    _wednesday, thursday, friday = days(world, 0, 1, 2)
    leo = world.made.child(world.durand, "Léo")
    world.made.enrolment(leo, world.activity, world.durand)
    _other, ines = world.another("Martin")
    least(world, 3, unit=Unit.SLOTS, whose=Whose.HOME, then=Then.CANCELLED.value)
    world.save(tick(world.zoe, friday), tick(leo, friday))
    for on in (_wednesday, thursday, friday):
        world.made.booking(ines, on)
    assert leasts_judged(now=PAST) == 1
    assert set(Booking.objects.live().values_list("child_id", flat=True)) == {ines.pk}
    assert Message.objects.filter(kind="bookings/least_missed").count() == 2


def test_a_child_of_two_homes_has_what_both_booked(world):
    thursday, friday = days(world, 1, 2)
    other = world.made.home("Martin")
    Member.objects.create(family=other.family, person=world.zoe, kind=Member.Kind.CHILD, since=LONG_AGO)
    theirs = world.made.enrolment(world.zoe, world.activity, other)
    least(world, then=Then.CANCELLED.value)
    world.save(tick(world.zoe, thursday))
    world.made.booking(world.zoe, friday, enrolment=theirs, family=other.family)
    assert shown(world) == ()
    assert leasts_judged(now=PAST) == 0
    assert Booking.objects.live().count() == 2


def test_a_rule_written_after_the_limit_judges_nothing_before_it(world):
    thursday, _friday = days(world, 1, 2)
    bound = least(world, then=Then.CANCELLED.value)
    director = actor_for(world.made.staff("directrice", Role.DIRECTOR))
    part_change(actor=director, model=BookingBound, pk=bound.pk, changes={"n": 5}, now=PAST)
    world.save(tick(world.zoe, thursday))
    assert leasts_judged(now=PAST + timedelta(minutes=5)) == 0
    assert Booking.objects.live().count() == 1
    assert BookingBound.objects.get().set_at == PAST


def test_what_is_over_is_not_judged(world):
    thursday, _friday = days(world, 1, 2)
    least(world)
    world.save(tick(world.zoe, thursday))
    assert leasts_judged(now=datetime(2026, 9, 11, 17, 1, tzinfo=PARIS)) == 0
    assert not Case.objects.filter(kind=LEAST).exists()


def test_each_span_has_its_own_limit(world):
    thursday, _friday, later, _last = days(world, 1, 2, 8, 9)
    least(world)
    world.save(tick(world.zoe, thursday), tick(world.zoe, later))
    assert leasts_judged(now=PAST) == 1
    assert leasts_judged(now=PAST + timedelta(weeks=1)) == 1
    assert SpanJudged.objects.count() == 2
    month = least(world, 9, each=Each.MONTH)
    assert [short.bound.id for short in shown(world)] == [shown(world)[0].bound.id, month.pk]


def test_it_looks_once_in_a_while(world):
    thursday, _friday = days(world, 1, 2)
    least(world)
    world.save(tick(world.zoe, thursday))
    _last.clear()
    leasts_followed(now=PAST - timedelta(minutes=1))
    assert leasts_followed(now=PAST) == 0
    assert leasts_followed(now=PAST + timedelta(minutes=4)) == 1


def test_a_bound_goes_with_what_it_judged_and_the_case_is_withdrawn(world):
    thursday, _friday = days(world, 1, 2)
    bound = least(world)
    world.save(tick(world.zoe, thursday))
    leasts_judged(now=PAST)
    director = actor_for(world.made.staff("directrice", Role.DIRECTOR))
    part_remove(actor=director, model=BookingBound, pk=bound.pk, now=PAST)
    assert not SpanJudged.objects.exists()
    assert Case.objects.get(kind=LEAST).state == CaseState.WITHDRAWN


def test_a_closed_day_has_no_limit(world):
    thursday, friday = days(world, 1, 2)
    least(world)
    world.save(tick(world.zoe, world.opening))
    Opening.objects.filter(pk=friday.pk).update(state=Opening.State.CLOSED)
    (short,) = shown(world)
    assert short.until == FRIDAY_NOON - timedelta(days=1), "the day before the Thursday"
    assert thursday.day == short.until.date() + timedelta(days=1)


def test_the_last_day_of_a_span_is_of_it(world):
    (sunday,) = days(world, 4)
    least(world)
    world.save(tick(world.zoe, world.opening))
    BookingRule.objects.filter(activity=world.activity).update(book_kind="start")
    definition_changed(Activity.objects.filter(pk=world.activity.pk))
    now = sunday.starts_at - timedelta(hours=1)
    assert home_shorts(world.durand.family.pk, [world.activity.pk], now)


def test_what_the_other_home_has_alone_is_its_own_to_complete(world):
    thursday, _friday = days(world, 1, 2)
    other = world.made.home("Martin")
    Member.objects.create(family=other.family, person=world.zoe, kind=Member.Kind.CHILD, since=LONG_AGO)
    theirs = world.made.enrolment(world.zoe, world.activity, other)
    least(world)
    world.made.booking(world.zoe, thursday, enrolment=theirs, family=other.family)
    assert shown(world) == ()
    assert len(home_shorts(other.family.pk, [world.activity.pk], NOW)) == 1
