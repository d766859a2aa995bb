"""« Passage de classe »: who may, who goes where, what is left alone, and taking it back."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest

from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.facts import NO_GUARDS, ask_facts
from marelle.enrolments.rules import Reason, may_ask
from marelle.families.file.reading import person_sheet
from marelle.families.models import Family, Member, Person, Promotion, Schooling
from marelle.families.promotions import PromotionRefused
from marelle.families.rules import Step
from marelle.families.services import schooling_set
from marelle.flows.actor.actors import actor_for
from marelle.flows.year.promoting import (
    Asked,
    Left,
    Made,
    promotion_take_back,
    pupils_promote,
    school_ahead,
    schools_ahead,
)
from marelle.journal.models import Entry
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 6, 21, 9, tzinfo=PARIS)
DAY = NOW.date()


class Village(Scenario):
    """A primary school with one pupil in CP, one in CE1 and one in CM2, each of another home."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin, self.petit = map(self.home, ("Durand", "Martin", "Petit"))
        self.zoe = self.child(self.durand, "Zoé", school=self.the_school, level="CP")
        self.lou = self.child(self.martin, "Lou", school=self.the_school, level="CE1")
        self.tom = self.child(self.petit, "Tom", school=self.the_school, level="CM2")
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def asked(self, level: str, *children: Person, school: int | None = -1, again: bool = False) -> Asked:
        ids = frozenset(child.pk for child in children)
        to = self.the_school.pk if school == -1 else school
        return Asked(level, to, frozenset() if again else ids, ids if again else frozenset())

    def promote(self, *asked: Asked, actor: Actor | None = None) -> Made:
        return pupils_promote(actor=actor or self.office, school_id=self.the_school.pk, asked=asked, now=NOW)

    def both(self, actor: Actor | None = None) -> Made:
        return self.promote(self.asked("CP", self.zoe), self.asked("CE1", self.lou), actor=actor)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def next_of(child: Person) -> tuple[str, str] | None:
    row = Schooling.objects.filter(child=child, school_year=2027).select_related("school").first()
    return None if row is None else (row.school.name, row.level)


def test_it_shows_who_goes_up_and_who_leaves(world):
    ahead = school_ahead(world.office, world.the_school.pk, day=DAY)
    assert ahead.school_year == 2027
    shown = [(one.level, one.goes_to, one.stays, [p.name for p in one.pupils]) for one in ahead.levels]
    assert shown == [
        ("CP", "CE1", True, ["Zoé Durand"]),
        ("CE1", "CE2", True, ["Lou Martin"]),
        ("CM2", None, False, ["Tom Petit"]),
    ]


def test_a_nursery_school_does_not_hold_the_level_that_follows(world):
    nursery = world.school("Maternelle")
    world.child(world.durand, "Ana", school=nursery, level="PS")
    ben = world.child(world.durand, "Ben", school=nursery, level="GS")
    ahead = school_ahead(world.office, nursery.pk, day=DAY)
    assert [(one.level, one.stays) for one in ahead.levels] == [("PS", True), ("GS", False)]
    asked = [Asked("GS", world.the_school.pk, frozenset({ben.pk}), frozenset())]
    pupils_promote(actor=world.office, school_id=nursery.pk, asked=asked, now=NOW)
    assert next_of(ben) == ("École des Tilleuls", "CP")


def test_all_go_up_at_once_and_this_year_stays(world):
    made = world.promote(world.asked("CP", world.zoe), world.asked("CE1", world.lou, again=True))
    assert (made.promotion.children, made.repeated, made.left) == (2, 1, ())
    assert next_of(world.zoe) == ("École des Tilleuls", "CE1")
    assert next_of(world.lou) == ("École des Tilleuls", "CE1")
    assert next_of(world.tom) is None
    assert Schooling.objects.get(child=world.zoe, school_year=2026).level == "CP"
    assert Entry.objects.filter(verb="promotion.made").count() == 1
    told = Entry.objects.filter(verb="schooling.promoted").values_list("family_id", flat=True)
    assert set(told) == {world.durand.family.pk, world.martin.family.pk}


def test_both_homes_of_a_shared_child_are_told(world):
    world.shared(world.zoe, world.durand, world.petit)
    world.promote(world.asked("CP", world.zoe))
    told = Entry.objects.filter(verb="schooling.promoted").values_list("family_id", flat=True)
    assert set(told) == {world.durand.family.pk, world.petit.family.pk}
    assert Schooling.objects.filter(child=world.zoe, school_year=2027).count() == 1


def test_a_second_time_there_is_nothing_to_do_and_it_says_who_did_it(world):
    world.both()
    with pytest.raises(PromotionRefused, match="nothing_to_do") as refusal:
        world.both(actor=actor_for(world.staff("admin", Role.ADMINISTRATOR)))
    assert refusal.value.data["last"].made_by == world.office.label
    assert Promotion.objects.count() == 1
    noted = school_ahead(world.office, world.the_school.pk, day=DAY).noted
    assert {pupil.name for pupil in noted} == {"Zoé Durand", "Lou Martin"}
    with pytest.raises(PromotionRefused, match="nothing_to_do"):
        world.promote()


def test_nobody_is_named_for_what_it_has_not_done(world):
    """Zoé's class is written by one agent, Lou's by another, then Tom's by hand."""
    paul = actor_for(world.staff("paul", Role.OFFICE))
    mine = world.promote(world.asked("CP", world.zoe)).promotion
    world.promote(world.asked("CE1", world.lou), actor=paul)
    again = world.asked("CM2", world.tom, again=True)
    schooling_set(
        actor=SYSTEM,
        child_id=world.tom.pk,
        school_id=world.the_school.pk,
        school_year=2027,
        level="CM2",
        now=NOW,
    )

    def named(*asked: Asked) -> Promotion | None:
        with pytest.raises(PromotionRefused, match="nothing_to_do") as refusal:
            world.promote(*asked, actor=paul)
        return refusal.value.data["last"]

    assert named(world.asked("CP", world.zoe)) == mine
    assert named(world.asked("CP", world.zoe), world.asked("CE1", world.lou)) is None
    assert named(again) is None
    Schooling.objects.filter(child=world.zoe, school_year=2027).update(corrected=True)
    assert named(world.asked("CP", world.zoe)) is None


def test_what_changed_since_the_page_was_shown_is_left_and_told(world):
    other = world.school("Ailleurs")
    Schooling.objects.filter(child=world.zoe).update(school=other)
    Schooling.objects.filter(child=world.lou).update(level="CE2")
    gone = world.home("Blanc")
    eve = world.child(gone, "Eve", school=world.the_school, level="CM1")
    Family.objects.filter(pk=gone.family.pk).update(left_on=date(2027, 7, 10))
    odd = world.child(gone, "Odd", school=world.the_school, level="ULIS")
    Family.objects.filter(pk=gone.family.pk).update(left_on=date(2027, 9, 2))
    made_ahead = school_ahead(world.office, world.the_school.pk, day=DAY)
    assert [pupil.name for pupil in made_ahead.unknown] == ["Odd Blanc"]
    Family.objects.filter(pk=gone.family.pk).update(left_on=date(2027, 7, 10))
    mia = world.child(world.petit, "Mia", school=world.the_school, level="CM1")
    made = world.promote(
        world.asked("CP", world.zoe), world.asked("CE1", world.lou), world.asked("CM1", eve, mia, odd)
    )
    assert made.promotion.children == 1
    assert set(made.left) == {
        Left("", "not_here"),
        Left("Lou Martin", "other_level"),
        Left("Eve Blanc", Step.GONE),
        Left("Odd Blanc", Step.GONE),
    }
    assert next_of(mia) == ("École des Tilleuls", "CM2")


def test_a_child_that_has_left_its_home_by_september_does_not_go_up(world):
    """Zoé leaves the Durand in July and goes nowhere known; Lou is in another home from August on."""
    Member.objects.filter(person=world.zoe).update(until=date(2027, 7, 31))
    Member.objects.filter(person=world.lou).update(until=date(2027, 7, 31))
    Member.objects.create(
        family=world.petit.family, person=world.lou, kind=Member.Kind.CHILD, since=date(2027, 8, 1)
    )
    ahead = school_ahead(world.office, world.the_school.pk, day=DAY)
    assert [pupil.name for pupil in ahead.gone] == ["Zoé Durand"]
    made = world.both()
    assert made.left == (Left("Zoé Durand", Step.GONE),)
    assert next_of(world.lou) is not None
    Member.objects.filter(person=world.zoe).update(until=date(2027, 9, 1))
    assert not school_ahead(world.office, world.the_school.pk, day=DAY).gone, "it is there on the first day"


def test_who_leaves_gets_no_class_whatever_is_sent(world):
    with pytest.raises(PromotionRefused, match="nothing_to_do"):
        world.promote(world.asked("CM2", world.tom), world.asked("CP", world.zoe, school=None))
    world.promote(world.asked("CM2", world.tom, again=True))
    assert next_of(world.tom) == ("École des Tilleuls", "CM2")


def test_an_undo_takes_back_what_nobody_has_written_since(world):
    made = world.both()
    other = world.school("Ailleurs")
    schooling_set(
        actor=SYSTEM, child_id=world.lou.pk, school_id=other.pk, school_year=2027, level="CE2", now=NOW
    )
    undone = promotion_take_back(actor=world.office, promotion_id=made.promotion.pk, now=NOW)
    assert undone.removed == 1
    assert [row.child for row in undone.kept] == [world.lou]
    assert next_of(world.zoe) is None
    assert next_of(world.lou) == ("Ailleurs", "CE2")
    assert Schooling.objects.get(child=world.zoe, school_year=2026).level == "CP"
    homes = Entry.objects.filter(verb="schooling.promotion_undone").values_list("family_id", flat=True)
    assert list(homes) == [world.durand.family.pk]
    assert Entry.objects.get(verb="promotion.made").data["children"] == 2
    assert Entry.objects.get(verb="promotion.undone").data["children"] == 1, (
        "what stays is not told as undone"
    )
    with pytest.raises(PromotionRefused, match="already_undone"):
        promotion_take_back(actor=world.office, promotion_id=made.promotion.pk, now=NOW)
    world.promote(world.asked("CP", world.zoe))
    assert next_of(world.zoe) is not None


def test_an_undo_comes_too_late_from_november_on(world):
    made = world.both()

    def undo(day: date) -> int:
        now = datetime(day.year, day.month, day.day, 9, tzinfo=PARIS)
        return promotion_take_back(actor=world.office, promotion_id=made.promotion.pk, now=now).removed

    with pytest.raises(PromotionRefused, match="too_late"):
        undo(date(2027, 11, 1))
    assert next_of(world.zoe) is not None
    assert undo(date(2027, 10, 31)) == 2


def test_a_passage_forgotten_in_summer_is_made_until_the_end_of_october(world):
    """It writes the year that has begun from the classes of the year before; who has left since is gone."""
    late = datetime(2027, 10, 31, 9, tzinfo=PARIS)
    Family.objects.filter(pk=world.martin.family.pk).update(left_on=date(2027, 10, 4))
    ahead = school_ahead(world.office, world.the_school.pk, day=late.date())
    assert ahead.school_year == 2027
    assert [pupil.name for level in ahead.levels for pupil in level.pupils] == ["Zoé Durand", "Tom Petit"]
    assert [pupil.name for pupil in ahead.gone] == ["Lou Martin"]
    assert [(line.pupils, line.noted) for line in schools_ahead(world.office, day=late.date())] == [(3, 0)]
    asked = [world.asked("CP", world.zoe)]
    made = pupils_promote(actor=world.office, school_id=world.the_school.pk, asked=asked, now=late)
    assert made.promotion.school_year == 2027
    assert next_of(world.zoe) == ("École des Tilleuls", "CE1")
    after = school_ahead(world.office, world.the_school.pk, day=date(2027, 11, 1))
    assert after.school_year == 2028
    assert [(one.level, one.goes_to) for one in after.levels] == [("CE1", "CE2")]


def test_a_school_is_of_its_commune_or_of_the_activities_that_serve_it(world):
    admin = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    mairie = world.authority("Mairie")
    other = actor_for(world.staff("mairie", Role.OFFICE, authority=mairie))
    seen = {
        who: [line.name for line in schools_ahead(actor, day=DAY)]
        for who, actor in (("admin", admin), ("office", world.office), ("dir", director), ("other", other))
    }
    assert seen == {"admin": ["École des Tilleuls"], "office": ["École des Tilleuls"], "dir": [], "other": []}
    over = world.activity(
        "Garderie", kind="after_school", last_day=date(2026, 8, 31), first_day=date(2025, 9, 1)
    )
    over.schools.add(world.the_school)
    assert schools_ahead(director, day=DAY) == []
    served = world.activity("Garderie", kind="after_school")
    served.schools.add(world.the_school)
    assert [line.pupils for line in schools_ahead(director, day=DAY)] == [3]
    for actor in (other, Actor(None, "Personne")):
        with pytest.raises(NotYours):
            school_ahead(actor, world.the_school.pk, day=DAY)
        with pytest.raises(NotYours):
            world.both(actor=actor)
    made = world.both()
    with pytest.raises(NotYours):
        promotion_take_back(actor=other, promotion_id=made.promotion.pk, now=NOW)


def test_a_director_moves_the_children_that_its_structures_know(world):
    served = world.activity("Garderie", kind="after_school")
    served.schools.add(world.the_school)
    world.enrolment(world.zoe, served, world.durand)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    ahead = school_ahead(director, world.the_school.pk, day=DAY)
    assert [pupil.name for level in ahead.levels for pupil in level.pupils] == ["Zoé Durand"]
    assert ahead.others == 2
    made = world.both(actor=director)
    assert made.left == (Left("", "not_here"),)
    assert next_of(world.lou) is None
    rest = world.promote(world.asked("CE1", world.lou))
    with pytest.raises(PromotionRefused, match="others"):
        promotion_take_back(actor=director, promotion_id=rest.promotion.pk, now=NOW)
    assert promotion_take_back(actor=director, promotion_id=made.promotion.pk, now=NOW).removed == 1


def test_nobody_moves_its_own_child(world):
    parent = world.durand.user
    post = world.staff("line", Role.OFFICE)
    post.posts.update(user=parent)
    agent = actor_for(parent)
    ahead = school_ahead(agent, world.the_school.pk, day=DAY)
    assert [pupil.name for pupil in ahead.own] == ["Zoé Durand"]
    made = world.both(actor=agent)
    assert made.left == (Left("Zoé Durand", "own"),)
    colleague = world.promote(world.asked("CP", world.zoe))
    with pytest.raises(PromotionRefused, match="own_file"):
        promotion_take_back(actor=agent, promotion_id=colleague.promotion.pk, now=NOW)


def test_it_costs_the_same_for_many(world, django_assert_max_num_queries):
    def count(call) -> int:
        with django_assert_max_num_queries(60) as found:
            call()
        return len(found)

    def look():
        return school_ahead(world.office, world.the_school.pk, day=DAY)

    few = count(look), count(lambda: schools_ahead(world.office, day=DAY))
    write_few = count(lambda: world.promote(world.asked("CP", world.zoe)))
    undo_few = count(lambda: promotion_take_back(actor=world.office, promotion_id=_last(), now=NOW))
    more = [world.child(world.home("Autre"), "Max", school=world.the_school, level="CP") for _ in range(12)]
    assert (count(look), count(lambda: schools_ahead(world.office, day=DAY))) == few
    assert count(lambda: world.promote(world.asked("CP", world.zoe, *more))) == write_few
    assert count(lambda: promotion_take_back(actor=world.office, promotion_id=_last(), now=NOW)) == undo_few


def _last() -> int:
    return Promotion.objects.latest("pk").pk


def test_the_portal_reads_the_class_of_the_year_and_an_activity_that_of_its_own(world):
    """A passage writes ahead: until September the file shows this year's class, while an activity of the
    next year looks at the school of then."""
    other = world.school("Collège")
    world.promote(world.asked("CP", world.zoe, school=other.pk))

    def shown(day: date) -> str:
        sheet = person_sheet(world.durand.actor, world.zoe.pk, day=day)
        return next(line.value["level"] for line in sheet.lines if line.field.code == "child.school")

    assert (shown(date(2027, 8, 31)), shown(date(2027, 9, 1))) == ("CP", "CE1")
    this_year = world.activity("Cette année")
    next_year = world.activity("L’an prochain", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))

    def denial(activity, school) -> Reason | None:
        activity.schools.set([school])
        facts = ask_facts(activity, world.zoe, family_id=world.durand.family.pk, guards=NO_GUARDS, now=NOW)
        found = may_ask(facts, NOW)
        return None if found is None else found.reason

    assert denial(this_year, world.the_school) is None
    assert denial(this_year, other) is Reason.OTHER_SCHOOL
    assert denial(next_year, other) is None
    assert denial(next_year, world.the_school) is Reason.OTHER_SCHOOL
