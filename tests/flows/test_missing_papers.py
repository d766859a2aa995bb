"""Who lacks which paper where; one reminder a home, not again within a week."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from marelle.core.actor import Role
from marelle.core.refusals import NotYours, Recounted
from marelle.flows.actor.actors import actor_for
from marelle.flows.papers.mails import papers_asked
from marelle.flows.papers.missing import (
    Place,
    homes_lacking,
    homes_named,
    lacking_of,
    papers_reminded,
    remind,
    to_remind,
)
from marelle.mail.models import Message
from marelle.papers.models import PaperReminded, PaperReminder
from marelle.papers.refusals import NobodyToRemind
from tests.papers.world import NOW, TODAY, Desk
from tests.scenario import Home
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOON = NOW.replace(hour=12)


class Village(Desk):
    """Durand and Martin on Wednesdays, which need an insurance for each child."""

    def __init__(self) -> None:
        super().__init__()
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.martin = self.home("Martin")
        self.lou = self.child(self.martin, "Lou")
        self.enrolment(self.lou, self.wednesdays, self.martin)
        self.insurance = self.paper_type("Assurance", needed_by=[self.wednesdays])
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.place = Place(self.the_structure.pk)

    def lacks(self, place: Place | None = None) -> dict[str, list[str]]:
        """By home, the titles; the query that finds homes and the one that says what they lack agree."""
        place = place or self.place
        homes = homes_named(homes_lacking(self.director, place, day=TODAY))
        everyone = [home.family.pk for home in self.homes()]
        found = lacking_of(place, everyone, day=TODAY)
        assert {home.pk for home in homes} == set(found)
        return {home.name: [one.kind.title for one in found[home.pk]] for home in homes}

    def homes(self) -> list[Home]:
        return [self.durand, self.martin]

    def remind(self, *, chosen=None, insist=False, expected=2, now=NOON) -> PaperReminder:
        return remind(
            actor=self.director,
            place=self.place,
            chosen=chosen,
            insist=insist,
            expected=expected,
            now=now,
        )


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def reminders() -> list[Message]:
    asked = Message.objects.filter(kind="papers/asked").order_by("pk")
    return [mail for mail in asked if mail.subject.startswith("Rappel")]


def test_who_lacks_what(world):
    assert world.lacks() == {"Durand": ["Assurance"], "Martin": ["Assurance"]}
    world.paper(world.insurance, world.durand, world.zoe)
    assert world.lacks() == {"Martin": ["Assurance"]}
    world.paper(world.insurance, world.martin, world.lou, "accepted", expires_on=TODAY - timedelta(days=1))
    assert world.lacks() == {"Martin": ["Assurance"]}
    world.paper(world.insurance, world.martin, world.lou, "accepted", expires_on=TODAY)
    assert world.lacks() == {}


def test_papers_of_the_home_and_of_each_adult(world):
    world.paper_type("Domicile", "family", asked_of_all=True)
    identity = world.paper_type("Identité", "adult", needed_by=[world.wednesdays])
    other = world.adult(world.durand, "Sacha")
    world.guardian(other, world.zoe)
    world.paper(identity, world.durand, world.durand.adult)
    assert world.lacks() == {
        "Durand": ["Assurance", "Identité", "Domicile"],
        "Martin": ["Assurance", "Identité", "Domicile"],
    }
    (lacking,) = [
        one
        for one in lacking_of(world.place, [world.durand.family.pk], day=TODAY)[world.durand.family.pk]
        if one.kind == identity
    ]
    assert lacking.person == other


def test_a_paper_that_the_other_home_sent_counts(world):
    other = world.home("Petit")
    world.shared(world.zoe, world.durand, other)
    world.enrolment(world.zoe, world.wednesdays, other)
    world.homes = lambda: [world.durand, world.martin, other]
    assert set(world.lacks()) == {"Durand", "Martin", "Petit"}
    world.paper(world.insurance, other, world.zoe)
    assert set(world.lacks()) == {"Martin"}


@pytest.mark.parametrize("why", ["optional", "stopped", "requested", "over"])
def test_nothing_is_missing_for_nothing(world, why):
    if why == "optional":
        world.insurance.mandatory = False
    elif why == "stopped":
        world.insurance.active = False
    elif why == "requested":
        world.wednesdays.enrolments.update(state="requested")
    else:
        world.wednesdays.enrolments.update(ends_on=TODAY - timedelta(days=1))
    world.insurance.save()
    assert world.lacks() == {}


def test_of_one_activity_and_of_ones_own_structures_alone(world):
    holidays = world.activity("Vacances")
    assert world.lacks(Place(world.the_structure.pk, holidays.pk)) == {}
    other = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    assert homes_lacking(other, world.place, day=TODAY) == []
    animator = actor_for(world.staff("animation", Role.ANIMATOR))
    assert homes_lacking(animator, world.place, day=TODAY) == []
    with pytest.raises(NotYours):
        remind(actor=other, place=world.place, chosen=None, insist=False, expected=0, now=NOON)
    abroad = Place(world.the_structure.pk, world.activity("Autre", structure=world.structure("Loin")).pk)
    with pytest.raises(NotYours):
        remind(actor=world.director, place=abroad, chosen=None, insist=False, expected=0, now=NOON)


def test_one_mail_a_home_that_names_no_document_of_health(world):
    world.paper_type("Domicile", "family", asked_of_all=True)
    world.paper_type("Vaccinations", needed_by=[world.wednesdays], is_health=True)
    world.remind()
    assert papers_reminded(now=NOON) == 2
    assert papers_reminded(now=NOON) == 0
    first, second = reminders()
    assert first.to != second.to
    for line in ("- Assurance", "- Domicile", "- un document à voir dans votre espace"):
        assert line in first.text
    assert "accination" not in first.text
    assert set(PaperReminded.objects.values_list("papers", flat=True)) == {3}
    assert papers_asked(now=NOON) == 0


def test_a_home_that_sent_all_meanwhile_is_not_written_to(world):
    world.remind()
    world.paper(world.insurance, world.durand, world.zoe)
    assert papers_reminded(now=NOON) == 2
    (mail,) = reminders()
    assert mail.to == world.martin.adult.email


def test_not_twice_within_a_week_unless_said(world):
    world.remind(chosen=[world.durand.family.pk], expected=1)
    found = to_remind(world.director, world.place, chosen=None, now=NOON)
    assert (found.new, found.lately) == ((world.martin.family.pk,), (world.durand.family.pk,))
    with pytest.raises(NobodyToRemind):
        world.remind(chosen=[world.durand.family.pk], expected=1)
    world.remind(insist=True, expected=2)
    assert PaperReminded.objects.count() == 3
    later = NOON + timedelta(days=7, seconds=1)
    assert len(to_remind(world.director, world.place, chosen=None, now=later).new) == 2


def test_what_changed_since_the_count_is_told(world):
    world.paper(world.insurance, world.durand, world.zoe)
    with pytest.raises(Recounted):
        world.remind(expected=2)
    assert not PaperReminder.objects.exists()


def test_a_home_that_lacks_nothing_there_is_never_reminded(world):
    stranger = world.home("Petit")
    with pytest.raises(NobodyToRemind):
        world.remind(chosen=[stranger.family.pk], expected=0)


def test_the_same_number_of_queries_for_many_homes(world, count_queries):
    world.paper_type("Identité", "adult", needed_by=[world.wednesdays])
    with count_queries() as few:
        lacking_of(world.place, [world.durand.family.pk], day=TODAY)
    ids = [world.durand.family.pk, world.martin.family.pk]
    for number in range(6):
        home = world.home(f"Famille{number}")
        world.enrolment(world.child(home, "Noé"), world.wednesdays, home)
        ids.append(home.family.pk)
    with count_queries(len(few)):
        assert len(lacking_of(world.place, ids, day=TODAY)) == 8
