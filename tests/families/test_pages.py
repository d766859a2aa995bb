"""Each home sees its own coordinates, and of the other home first name and link alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from marelle.core.actor import Actor
from marelle.families.file.reading import home_sheet, person_sheet
from marelle.families.models import Guardianship, Member, Person
from marelle.families.pages import AdultPage, ChildPage, Household, household, person_page
from marelle.families.rules import CustodyWeeks
from marelle.families.selectors import children
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

DAY = date(2026, 9, 7)


@dataclass
class Cast:
    world: Scenario
    martin: Home
    petit: Home
    lou: Person


@pytest.fixture
def cast() -> Cast:
    world = Scenario()
    martin, petit = world.home("Martin", "Alex"), world.home("Petit", "Dominique")
    lou = world.child(martin, "Lou", school=world.the_school)
    world.shared(lou, martin, petit)
    world.quotient(martin, "500.00")
    world.quotient(petit, "900.00")
    return Cast(world, martin, petit, lou)


def child_page(actor: Actor, child: Person) -> ChildPage:
    page = person_page(actor, person_id=child.pk, day=DAY)
    assert isinstance(page, ChildPage)
    return page


def test_a_shared_child_shows_in_both_homes_each_with_its_own_pattern(cast: Cast):
    ours, theirs = (child_page(home.actor, cast.lou).custody for home in (cast.martin, cast.petit))
    assert ours is not None
    assert theirs is not None
    assert (ours.weeks, theirs.weeks) == (CustodyWeeks.EVEN, CustodyWeeks.ODD)


def test_the_guardian_of_the_other_home_is_a_first_name_and_a_link(cast: Cast):
    (here, there) = child_page(cast.martin.actor, cast.lou).guardians
    assert (here.first_name, here.last_name, here.is_here, here.may_book) == ("Alex", "Martin", True, True)
    assert (there.first_name, there.last_name, there.is_here) == ("Dominique", "", False)
    assert (there.has_authority, there.may_book, there.may_fetch) == (None, None, None)


def test_an_adult_of_the_other_home_who_is_no_guardian_is_not_named(cast: Cast):
    cast.world.adult(cast.petit, "Morgan")
    names = {line.first_name for line in child_page(cast.martin.actor, cast.lou).guardians}
    assert names == {"Alex", "Dominique"}


def test_the_adult_of_the_other_home_has_no_page(cast: Cast):
    assert person_page(cast.martin.actor, person_id=cast.petit.adult.pk, day=DAY) is None


def test_each_home_reads_its_own_address_and_quotient(cast: Cast):
    sheet = home_sheet(cast.martin.actor, day=DAY)
    assert sheet is not None
    held = {line.field.code: line.value for line in sheet.lines}
    assert held["home.address"]["street"].endswith("Martin")
    assert held["home.quotient"]["amount"] == "500.00"


def test_an_outsider_sees_nobody_of_it(cast: Cast):
    durand = cast.world.home("Durand")
    assert person_page(durand.actor, person_id=cast.lou.pk, day=DAY) is None
    assert [line.first_name for line in household(durand.actor, day=DAY).people] == ["Camille"]


def test_a_step_parent_without_rights_does_not_see_the_child(cast: Cast):
    cast.world.adult(cast.martin, "Morgan", identifier="morgan")
    actor = Home(cast.martin.family, [cast.martin.adults[1]]).actor
    assert person_page(actor, person_id=cast.lou.pk, day=DAY) is None


def test_a_guardian_whose_right_to_see_has_ended_does_not_see_the_child(cast: Cast):
    Guardianship.objects.filter(adult=cast.martin.adult).update(until=date(2026, 9, 6))
    assert person_page(cast.martin.actor, person_id=cast.lou.pk, day=DAY) is None


def test_a_child_who_left_the_home_is_not_shown_any_more(cast: Cast):
    Member.objects.filter(family=cast.martin.family, person=cast.lou).update(until=date(2026, 9, 6))
    assert person_page(cast.martin.actor, person_id=cast.lou.pk, day=DAY) is None
    assert person_page(cast.petit.actor, person_id=cast.lou.pk, day=DAY) is not None


def test_an_agent_acting_for_the_family_sees_all_its_people(cast: Cast):
    agent = replace(cast.martin.actor, person_id=None, on_behalf_of=True)
    assert {line.first_name for line in household(agent, day=DAY).people} == {"Alex", "Lou"}


def test_staff_without_family_sees_no_home():
    actor = Actor(user_id=1, label="Agent")
    assert home_sheet(actor, day=DAY) is None
    assert household(actor, day=DAY) == Household()


def test_an_adult_is_shown_with_the_children_it_answers_for(cast: Cast):
    page = person_page(cast.martin.actor, person_id=cast.martin.adult.pk, day=DAY)
    assert isinstance(page, AdultPage)
    assert page.children == ("Lou",)
    assert page.has_account


def test_the_class_is_that_of_this_school_year(cast: Cast):
    levels = []
    for day in (DAY, date(2027, 9, 1)):
        sheet = person_sheet(cast.martin.actor, cast.lou.pk, day=day)
        assert sheet is not None
        levels.append(next(line.value["level"] for line in sheet.lines if line.field.code == "child.school"))
    assert levels == ["CE1", ""]


def test_children_come_from_the_eldest_to_the_one_to_come():
    world = Scenario()
    durand = world.home("Durand")
    world.child(durand, "Bébé", born=None, expected_on=date(2026, 12, 1))
    world.child(durand, "Léo", born=date(2021, 5, 4))
    world.child(durand, "Zoé", born=date(2019, 3, 4))
    names = ["Camille", "Zoé", "Léo", "Bébé"]
    assert [line.first_name for line in household(durand.actor, day=DAY).people] == names
    assert [child.first_name for child in children(durand.actor, day=DAY)] == names[1:]
