"""Who is added to a home, who leaves it, and a home that left."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.families.file.changes import file_save, person_ask_add, person_ask_remove
from marelle.families.file.decisions import Decision, changes_decide
from marelle.families.file.newcomers import NewcomerKind
from marelle.families.file.reading import has_left
from marelle.families.models import ChangeRequest, Guardianship, Member, Person
from marelle.families.refusals import HomeLeft, LastAdult, NoSuchTwin, WrongValues
from marelle.families.selectors import bookable_people, children
from marelle.flows.desk.modifications import StillEnrolled, changes_answer, family_depart
from tests.families.changing import DAY, NOW, Cast, accept, move, newborn, save, waiting

pytestmark = pytest.mark.django_db


def test_an_added_child_is_seen_by_who_asked(cast: Cast):
    person_ask_add(actor=cast.durand.actor, newcomer=newborn(cast), now=NOW)
    person_ask_add(actor=cast.durand.actor, newcomer=newborn(cast), now=NOW)
    accept(cast.office, waiting())
    assert [child.first_name for child in children(cast.durand.actor, day=DAY)] == ["Zoé", "Léo"]
    assert Guardianship.objects.get(child__first_name="Léo").has_authority


def test_a_child_to_come_has_a_term_and_is_declared_born_later(cast: Cast):
    newcomer = newborn(cast, kind=NewcomerKind.EXPECTED, birth_date=None, expected_on=date(2027, 2, 1))
    person_ask_add(actor=cast.durand.actor, newcomer=newcomer, now=NOW)
    accept(cast.office, waiting())
    baby = Person.objects.get(first_name="Léo")
    assert baby.expected_on == date(2027, 2, 1)
    born = datetime(2027, 1, 30, 12, tzinfo=PARIS)
    file_save(
        actor=cast.durand.actor,
        person_id=baby.pk,
        typed={"child.birth_date": {"value": "2027-01-28"}},
        seen={},
        now=born,
    )
    changes_decide(actor=cast.office, decisions=[Decision(waiting().pk, accept=True)], now=born)
    baby.refresh_from_db()
    assert (baby.birth_date, baby.expected_on) == (date(2027, 1, 28), None)


def test_a_child_known_in_another_home_joins_this_one_and_is_not_written_twice(cast: Cast):
    petit = cast.world.home("Petit", "Dominique")
    leo = cast.world.child(petit, "Léo", born=date(2022, 6, 1))
    person_ask_add(actor=cast.durand.actor, newcomer=newborn(cast), now=NOW)
    accept(cast.office, waiting(), same_as=leo.pk)
    assert Person.objects.filter(first_name="Léo").count() == 1
    assert {member.family for member in Member.objects.filter(person=leo)} == {
        cast.durand.family,
        petit.family,
    }


def test_an_agent_cannot_name_any_person_as_the_same(cast: Cast):
    stranger = cast.world.child(cast.world.home("Petit"), "Noé", born=date(2022, 6, 1))
    person_ask_add(actor=cast.durand.actor, newcomer=newborn(cast), now=NOW)
    with pytest.raises(NoSuchTwin):
        accept(cast.office, waiting(), same_as=stranger.pk)


@pytest.mark.parametrize(
    ("more", "at_fault"),
    [
        ({"first_name": "  "}, "first_name"),
        ({"first_name": "🙂"}, "first_name"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"birth_date": date(1850, 1, 1)}, "birth_date"),
        ({"birth_date": date(2030, 1, 1)}, "birth_date"),
        ({"birth_date": None}, "birth_date"),
        ({"links": {}}, "links"),
        ({"links": {10**9: "mother"}}, "links"),
        ({"first_name": "Zoé", "birth_date": date(2019, 3, 4)}, "first_name"),
        ({"kind": NewcomerKind.EXPECTED}, "expected_on"),
    ],
)
def test_a_newcomer_that_cannot_be_says_why(cast: Cast, more: dict[str, object], at_fault: str):
    with pytest.raises(WrongValues) as refused:
        person_ask_add(actor=cast.durand.actor, newcomer=newborn(cast, **more), now=NOW)
    assert set(refused.value.errors) == {at_fault}
    assert not ChangeRequest.objects.exists()


def test_someone_leaves_once_nothing_runs_any_more(cast: Cast):
    enrolment = cast.world.enrolment(cast.zoe, cast.world.activity(), cast.durand)
    person_ask_remove(actor=cast.durand.actor, person_id=cast.zoe.pk, leaving=DAY, note="", now=NOW)
    change = waiting()
    decisions = [Decision(change.pk, accept=True)]
    with pytest.raises(StillEnrolled) as refused:
        changes_answer(actor=cast.office, decisions=decisions, now=NOW)
    assert "Zoé" in refused.value.data["activities"][0]
    Enrolment.objects.filter(pk=enrolment.pk).update(ends_on=DAY)
    changes_answer(actor=cast.office, decisions=decisions, now=NOW)
    assert children(cast.durand.actor, day=DAY + timedelta(days=1)) == ()


def test_the_last_adult_does_not_leave_alone(cast: Cast):
    with pytest.raises(LastAdult):
        person_ask_remove(
            actor=cast.durand.actor, person_id=cast.durand.adult.pk, leaving=DAY, note="", now=NOW
        )


# Who left


def test_a_home_that_left_books_and_writes_nothing(cast: Cast):
    family_depart(actor=cast.office, family_id=cast.durand.family.pk, left_on=DAY, now=NOW)
    actor = cast.durand.actor
    assert not bookable_people(actor, day=DAY).exists()
    assert [child.may_book for child in children(actor, day=DAY)] == [False]
    assert bookable_people(actor, day=DAY - timedelta(days=1)).exists()
    for act in (
        lambda: save(actor, cast.durand.adult, adult__profession="X"),
        lambda: move(actor),
        lambda: person_ask_add(actor=actor, newcomer=newborn(cast), now=NOW),
    ):
        with pytest.raises(HomeLeft):
            act()
    family_depart(actor=cast.office, family_id=cast.durand.family.pk, left_on=None, now=NOW)
    cast.durand.family.refresh_from_db()
    assert not has_left(cast.durand.family, DAY)
