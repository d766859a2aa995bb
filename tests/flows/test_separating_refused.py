"""A separation that is refused: who may not, what was not said, what moved meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.families.models import Family, Guardianship, Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.erasure import erasure_ask
from marelle.flows.home.separating.plan import Reach, Where
from marelle.flows.home.separating.refusals import AlreadySeparated
from marelle.flows.home.separating.services import Separated, family_separate
from tests.care import contact
from tests.flows.together import NOW, TODAY, WEDNESDAY, Together, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Together:
    time_machine.move_to(NOW, tick=False)
    return Together()


def test_nobody_is_left_behind_without_saying_so(world):
    camille = world.home_of_both.adult
    both = {pk: Reach("", "") for pk in (camille.pk, world.sacha.pk)}
    with refused("children_alone"):
        world.preview(world.plan(adults=both))
    world.preview(world.plan(adults=both, alone=True))
    everybody = dict.fromkeys((world.zoe.pk, world.leo.pk, world.milo.pk), Where.FOLLOWS)
    with refused("nobody_stays"):
        world.preview(world.plan(adults=both, children=everybody, enrolments={}, alone=True))
    with refused("nobody_leaves"):
        world.preview(world.plan(adults={}))


def test_who_is_of_another_home_is_refused(world):
    other = world.home("Petit", "Alex")
    stranger = world.child(other, "Nour")
    theirs = world.enrolment(stranger, world.wednesdays, other)
    with refused("not_theirs"):
        world.preview(world.plan(adults={other.adult.pk: Reach("", "")}))
    with refused("not_theirs"):
        world.preview(world.plan(children={stranger.pk: Where.FOLLOWS}))
    with refused("not_theirs"):
        world.preview(world.plan(enrolments={theirs.pk: WEDNESDAY}))
    with refused("not_theirs"):
        world.preview(world.plan(contacts=frozenset({contact(other, stranger).pk})))


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2032, 1, 1)])
def test_an_enrolment_changes_home_from_a_day_that_it_has(world, day):
    with refused("wrong_date"):
        world.preview(world.plan(enrolments={world.enrolments[world.milo].pk: day}))


def test_a_child_goes_where_somebody_answers_for_it(world):
    Guardianship.objects.filter(adult=world.sacha, child=world.leo).update(until=date(2026, 1, 1))
    with refused("no_guardian"):
        world.preview()


def test_an_agent_never_separates_its_own_home_nor_that_of_its_child(world):
    agent = world.staff("parent-agent", Role.OFFICE)
    Person.objects.filter(pk=world.sacha.pk).update(account=agent)
    with refused("own_file"):
        world.preview(actor=actor_for(agent))


def test_who_keeps_no_files_finds_none(world):
    for actor in (world.home_of_both.actor, actor_for(world.staff("direction", Role.DIRECTOR))):
        with pytest.raises(NotYours):
            world.preview(actor=actor)


def test_not_while_the_home_asks_to_be_erased_nor_once_it_has_left(world):
    erasure_ask(actor=world.home_of_both.actor, now=NOW)
    with refused("erasure_waiting"):
        world.preview()
    Case.objects.all().delete()
    Family.objects.filter(pk=world.family.pk).update(left_on=TODAY)
    with refused("home_left"):
        world.preview()


def test_what_was_written_meanwhile_is_read_first(world):
    read = world.preview().fingerprint
    Person.objects.filter(pk=world.leo.pk).update(diet="vegetarian")
    with refused("stale"):
        world.separate(fingerprint=read)
    with refused("stale"):
        world.separate(world.plan(name="Autre"), fingerprint=world.preview().fingerprint)


def test_the_same_form_sent_twice_changes_nothing_the_second_time(world):
    read = world.preview().fingerprint
    new = world.separate(fingerprint=read)
    again = family_separate(
        actor=world.office, family_id=world.family.pk, plan=world.plan(), fingerprint=read, now=NOW
    )
    assert again == Separated(new.pk, already=True)
    assert Family.objects.count() == 2
    with pytest.raises(AlreadySeparated):
        world.preview()
