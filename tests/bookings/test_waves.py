"""Waves: each home books from the first that it is of, on the page as in the save."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time, timedelta

import pytest

from marelle.activities.audiences import EVERYBODY, Audience, AudienceKind
from marelle.activities.rules import Judged, Limit, LimitKind, Wave
from marelle.bookings.planning import planning
from marelle.bookings.rules import Why
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.audiences import public_of
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member, Residence, Schooling
from marelle.places.models import Commune, Post
from tests.bookings.world import LONG_BEFORE, NOW, WEDNESDAY, World, made_world, said, tick
from tests.standing import built_once
from tests.waves import RESIDENTS, wave, waves_given

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


built = built_once(made_world)


@pytest.fixture
def world(built, db) -> World:
    return deepcopy(built)


def asked(world: World) -> tuple[Why | None, datetime | None]:
    """What the page says of Zoé's cell; the save says the same."""
    shown = planning(
        world.durand.actor, first=WEDNESDAY, last=WEDNESDAY, child_id=world.zoe.pk, now=NOW
    ).shown
    (cell,) = (cell for cells in shown[0].cells.values() for cell in cells)
    (outcome,) = world.save(tick(world.zoe, world.opening))
    assert outcome.why == cell.state.why
    return outcome.why, outcome.limit if outcome.why else None


def lived_elsewhere(world: World) -> Commune:
    commune = world.made.commune("Ailleurs")
    Residence.objects.filter(family=world.durand.family).update(commune=commune)
    return commune


def at_school(world: World) -> int:
    school = world.made.school("École d’ici")
    Schooling.objects.create(child=world.zoe, school=school, school_year=2026, level="CE1")
    return school.pk


def came_last_year(world: World) -> None:
    before = world.made.activity("Mercredis 2025")
    span = {"starts_on": date(2025, 9, 1), "ends_on": date(2026, 7, 3)}
    world.made.enrolment(world.zoe, before, world.durand, **span)


def has_a_brother(world: World) -> None:
    world.made.enrolment(world.made.child(world.durand, "Léo"), world.activity, world.durand)


def works_here(world: World) -> None:
    account = world.durand.adult.account
    Post.objects.create(user=account, role=Role.ANIMATOR.value, structure=world.made.the_structure)


@pytest.mark.parametrize(
    ("kind", "comes"),
    [
        (AudienceKind.RETURNING, came_last_year),
        (AudienceKind.SIBLINGS, has_a_brother),
        (AudienceKind.STAFF, works_here),
    ],
)
def test_who_becomes_of_an_audience_books_with_it(world, kind, comes):
    waves_given(world.activity, wave(LONG_BEFORE, Audience(kind)), wave(LATER))
    assert asked(world) == (Why.NOT_YET, LATER)
    comes(world)
    assert asked(world) == (None, None)


def test_who_has_left_the_home_lets_nobody_in(world):
    """Neither the post of a parent who has moved out, nor a brother who lives elsewhere."""
    works_here(world)
    has_a_brother(world)
    brother = Member.objects.get(person__first_name="Léo")
    for kind, gone in ((AudienceKind.STAFF, world.durand.adult), (AudienceKind.SIBLINGS, brother.person)):
        family = {"family_id": world.durand.family.pk, "lived": {world.zoe.pk: ()}, "asks": {kind}}
        before = public_of(**family)[world.zoe.pk]
        Member.objects.filter(person=gone, family=world.durand.family).update(until=WEDNESDAY)
        after = public_of(**family)[world.zoe.pk]
        assert before.employers or before.siblings
        assert not after.employers
        assert not after.siblings


def test_named_communes_and_schools(world):
    commune, school = lived_elsewhere(world).pk, at_school(world)
    for kind, pk in ((AudienceKind.COMMUNES, commune), (AudienceKind.SCHOOLS, school)):
        waves_given(world.activity, wave(LATER, Audience(kind, frozenset({pk}))))
        assert asked(world) == (Why.NOT_YET, LATER)
        waves_given(world.activity, wave(LATER, Audience(kind)))
        assert asked(world)[0] is Why.OTHER_AUDIENCE


def test_who_has_left_the_school_is_of_it_no_more(world):
    school = at_school(world)
    waves_given(world.activity, wave(LONG_BEFORE, Audience(AudienceKind.SCHOOLS, frozenset({school}))))
    Schooling.objects.update(until=WEDNESDAY - timedelta(days=1))
    assert asked(world)[0] is Why.OTHER_AUDIENCE
    Schooling.objects.update(until=WEDNESDAY)
    assert asked(world) == (None, None)


def test_communes_with_an_agreement(world):
    commune = lived_elsewhere(world)
    waves_given(world.activity, wave(LONG_BEFORE, Audience(AudienceKind.AGREEMENT)))
    assert asked(world)[0] is Why.OTHER_AUDIENCE
    commune.agreements.add(world.made.the_authority)
    waves_given(world.activity, wave(LONG_BEFORE, Audience(AudienceKind.AGREEMENT)))
    assert asked(world) == (None, None)


def test_a_rolling_wave_opens_so_long_before_each_day(world):
    """Six weeks before, on the Monday at 7."""
    rolling = Limit(LimitKind.WEEK_BEFORE, n=6, weekday=0, time=time(7))
    waves_given(world.activity, Wave(rolling))
    (later,) = world.made.openings(
        world.activity, WEDNESDAY + timedelta(weeks=6), WEDNESDAY + timedelta(weeks=6)
    )
    outcomes = world.save(tick(world.zoe, world.opening), tick(world.zoe, later))
    opens = datetime(2026, 9, 7, 7, tzinfo=PARIS)
    assert said(outcomes) == ["booked", "booked"], "since this morning"
    (after,) = world.made.openings(
        world.activity, WEDNESDAY + timedelta(weeks=7), WEDNESDAY + timedelta(weeks=7)
    )
    (outcome,) = world.save(tick(world.zoe, after))
    assert (outcome.why, outcome.limit) == (Why.NOT_YET, opens + timedelta(weeks=1))


def test_judged_on_the_day_or_when_it_opens(world):
    """Who has left since is still one of those to whom it opened."""
    Residence.objects.create(
        family=world.durand.family,
        commune=world.made.commune("Ailleurs"),
        since=WEDNESDAY,
        street="2 rue Neuve",
        postal_code="21999",
        city="Ailleurs",
        source="bail",
    )
    opens = Limit(LimitKind.FIXED, at=LONG_BEFORE)
    waves_given(world.activity, Wave(opens, RESIDENTS, Judged.ON_THE_DAY))
    assert asked(world)[0] is Why.OTHER_AUDIENCE
    waves_given(world.activity, Wave(opens, RESIDENTS, Judged.AT_THE_WAVE))
    assert asked(world) == (None, None)


def test_the_first_of_its_waves_counts_in_whatever_order_they_are_given(world):
    waves_given(world.activity, wave(LATER, EVERYBODY), wave(LONG_BEFORE, RESIDENTS))
    assert asked(world) == (None, None)


def test_a_wave_that_has_always_been_open_waits_for_none_of_the_others(world):
    waves_given(world.activity, wave(None, RESIDENTS), wave(LATER, EVERYBODY))
    assert asked(world) == (None, None)
    lived_elsewhere(world)
    (later,) = world.made.openings(world.activity, WEDNESDAY + timedelta(7), WEDNESDAY + timedelta(7))
    (outcome,) = world.save(tick(world.zoe, later))
    assert (outcome.why, outcome.limit) == (Why.NOT_YET, LATER)


def test_a_demand_that_waits_makes_nobody_a_brother_of_an_enrolled_child(world):
    waves_given(world.activity, wave(LONG_BEFORE, Audience(AudienceKind.SIBLINGS)))
    leo = world.made.child(world.durand, "Léo")
    asks = world.made.enrolment(leo, world.activity, world.durand, state=Enrolment.State.REQUESTED)
    assert asked(world)[0] is Why.OTHER_AUDIENCE
    Enrolment.objects.filter(pk=asks.pk).update(state=Enrolment.State.ACCEPTED)
    assert asked(world) == (None, None)


def test_an_agent_lets_in_who_is_of_no_audience_with_a_reason(world):
    waves_given(world.activity, wave(LONG_BEFORE, Audience(AudienceKind.STAFF)))
    agent = world.agent()
    (outcome,) = world.save(tick(world.zoe, world.opening), actor=agent)
    assert (outcome.why, outcome.needs_derogation) == (Why.OTHER_AUDIENCE, True)
    assert said(world.save(tick(world.zoe, world.opening), actor=agent, derogation="Urgence")) == ["booked"]


def test_what_audiences_ask_is_one_query_and_none_where_nothing_does(world, count_queries):
    came_last_year(world)
    school = at_school(world)
    works_here(world)
    has_a_brother(world)
    with count_queries(0):
        public_of(world.durand.family.pk, {world.zoe.pk: ()}, {AudienceKind.RESIDENTS})
    with count_queries(1):
        found = public_of(world.durand.family.pk, {world.zoe.pk: ()}, set(AudienceKind))[world.zoe.pk]
    assert {one.id for one in found.schools} == {school}
    assert [one.id for one in found.siblings] == [world.made.the_structure.pk]
    assert sorted(one.first.year for one in found.stays) == [2025, 2026]
    assert found.employers == {world.made.the_authority.pk}
