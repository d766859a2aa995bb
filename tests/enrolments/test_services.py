"""Asking, deciding, taking back: the row, the case, the journal and the mail of each."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, BookingCondition
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, OwnFile
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.enrolments.refusals import Denied, ReasonMissing, UnknownGroup
from marelle.enrolments.services import (
    Terms,
    enrolment_accept,
    enrolment_create,
    enrolment_refuse,
    enrolment_request,
    enrolment_withdraw,
)
from marelle.families.models import Guardianship, Person, Residence
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.scenario import Scenario
from tests.standing import built_once
from tests.waves import waves, waves_given

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
FIRST, LAST = date(2026, 12, 2), date(2027, 8, 31)


class Village(Scenario):
    """A home with a child who asks for Wednesdays, and those who decide."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.big = self.group(self.wednesdays, "6–12 ans", (6, 12))
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=24)
        self.rule(self.wednesdays)
        self.openings(self.wednesdays, FIRST, date(2026, 12, 16), group=self.big)
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def terms(self, **changes) -> Terms:
        wishes = {2: frozenset({self.morning.pk})}
        return Terms(**{"starts_on": FIRST, "ends_on": LAST, "wishes": wishes, **changes})

    def ask(self, **changes) -> Enrolment:
        return enrolment_request(
            **{
                "actor": self.durand.actor,
                "person_id": self.zoe.pk,
                "activity_id": self.wednesdays.pk,
                "terms": self.terms(),
                "now": NOW,
                **changes,
            }
        )

    def accept(self, enrolment: Enrolment, **changes) -> Enrolment:
        return enrolment_accept(
            **{
                "actor": self.office,
                "enrolment_id": enrolment.pk,
                "group_id": self.big.pk,
                "now": NOW,
                **changes,
            }
        )


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def mail_of(kind: str) -> Message:
    return Message.objects.get(kind=kind)


def test_a_request_waits_for_its_service_and_the_home_is_told(world):
    enrolment = world.ask(terms=world.terms(comment="Elle vient avec sa cousine."))
    assert enrolment.state == Enrolment.State.REQUESTED
    assert enrolment.wishes == {"2": [world.morning.pk]}
    case = Case.objects.get()
    assert (case.subject_id, case.structure_id, case.state) == (
        enrolment.pk,
        world.the_structure.pk,
        CaseState.OPEN,
    )
    assert case.authority_id == world.the_authority.pk
    entry = Entry.objects.get(verb="enrolment.requested")
    assert entry.family_id == world.durand.family.pk
    mail = mail_of("enrolments/requested")
    assert mail.to == world.durand.adult.email
    assert "mercredi 25 novembre 2026 à 21 h 14" in mail.text
    assert world.the_structure.name in mail.text
    assert "structure@arelle.example" in mail.text


def test_the_other_home_of_a_shared_child_is_not_told(world):
    other = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, other)
    world.ask()
    assert [mail.to for mail in Message.objects.all()] == [world.durand.adult.email]


def test_a_couple_with_one_address_gets_one_mail_and_who_is_not_told_gets_none(world):
    same = world.adult(world.durand, "Dominique")
    Person.objects.filter(pk=same.pk).update(email=world.durand.adult.email.upper())
    world.guardian(same, world.zoe, link="father")
    silent = world.adult(world.durand, "Sacha")
    world.guardian(silent, world.zoe, link="step_parent", is_told=False)
    world.ask()
    assert Message.objects.count() == 1


def test_two_requests_for_one_activity_make_one(world):
    world.ask()
    with pytest.raises(Denied, match="already_asked"):
        world.ask()
    assert Enrolment.objects.count() == Case.objects.count() == Message.objects.count() == 1


def test_one_may_ask_again_after_taking_back(world):
    first = world.ask()
    enrolment_withdraw(actor=world.durand.actor, enrolment_id=first.pk, now=NOW)
    first.refresh_from_db()
    assert first.state == Enrolment.State.WITHDRAWN
    assert Case.objects.get().state == CaseState.WITHDRAWN
    assert world.ask().pk != first.pk


def test_nobody_asks_for_the_child_of_others_nor_without_the_right(world):
    with pytest.raises(NotYours):
        world.ask(actor=world.home("Martin").actor)
    Guardianship.objects.update(may_book=False)
    with pytest.raises(NotYours):
        world.ask()
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_on": date(2026, 11, 24)}, "in_the_past"),
        ({"ends_on": date(2028, 1, 1)}, "dates_outside"),
        ({"ends_on": date(2026, 12, 1)}, "dates_reversed"),
        ({"wishes": {3: frozenset({1})}}, "unknown_wish"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_written(world, changes, code):
    with pytest.raises(Denied, match=code):
        world.ask(terms=world.terms(**changes))
    assert not Enrolment.objects.exists()
    assert not Case.objects.exists()
    assert not Message.objects.exists()


def test_an_activity_that_does_not_exist(world):
    with pytest.raises(NotYours):
        world.ask(activity_id=10**6)


def test_accepted_it_has_its_group_and_the_mail_says_that_it_is_not_enough(world):
    enrolment = world.accept(world.ask())
    assert enrolment.state == Enrolment.State.ACCEPTED
    assert enrolment.groups.get().group == world.big
    assert enrolment.groups.get().since == FIRST
    assert Case.objects.get().state == CaseState.ACCEPTED
    mail = mail_of("enrolments/accepted")
    assert "ATTENTION L’INSCRIPTION NE SUFFIT PAS IL FAUT RÉSERVER DES CRÉNEAUX" in mail.text
    assert "pour le mercredi 2 décembre, réservez jusqu’au mardi 1er décembre à 12 h 00" in mail.text
    assert f"/reservations/?enfant={world.zoe.pk}&activite={world.wednesdays.pk}" in mail.text


def test_the_limit_told_is_the_next_that_has_not_passed(world):
    world.accept(world.ask(), now=datetime.combine(date(2026, 12, 1), time(12, 1), tzinfo=PARIS))
    assert "pour le mercredi 9 décembre, réservez jusqu’au mardi 8 décembre" in (
        mail_of("enrolments/accepted").text
    )


def test_the_mail_says_when_it_opens_to_who_lives_there_on_that_day(world):
    """Who leaves the commune before the day books it when it opens to the others."""
    opens = datetime(2026, 11, 30, 8, 0, tzinfo=PARIS)
    waves_given(world.wednesdays, *waves(datetime(2026, 9, 1, tzinfo=PARIS), opens))
    where = {"street": "2 rue Neuve", "postal_code": "21999", "city": "Ailleurs", "source": "bail"}
    Residence.objects.create(family=world.durand.family, since=date(2026, 12, 1), **where)
    world.accept(world.ask())
    opening = "Pour le mercredi 2 décembre, les réservations ouvrent le lundi 30 novembre"
    assert opening in mail_of("enrolments/accepted").text


@pytest.mark.parametrize(
    ("asked", "day"),
    [
        ({"min_age_months": 8 * 12}, "9 décembre"),
        ({"levels": ["CM2"]}, "9 décembre"),
        ({"paper_type": 10**6, "paper_title": "Aisance aquatique"}, "9 décembre"),
        ({"min_age_months": 7 * 12}, "2 décembre"),
    ],
)
def test_the_next_day_is_one_for_which_the_child_has_what_is_asked(world, asked, day):
    """She is seven; something is asked of the first Wednesday alone."""
    BookingCondition.objects.create(activity=world.wednesdays, since=FIRST, until=FIRST, **asked)
    definition_changed(Activity.objects.all())
    world.accept(world.ask())
    assert f"pour le mercredi {day}, réservez" in mail_of("enrolments/accepted").text


def test_where_the_structure_books_the_mail_asks_for_nothing(world):
    world.wednesdays.booking_mode = "structure"
    world.wednesdays.save(update_fields=["booking_mode"])
    world.accept(world.ask())
    assert "SUFFIT" not in mail_of("enrolments/accepted").text


@pytest.mark.parametrize("group", [None, 10**6])
def test_the_group_is_one_of_the_activity(world, group):
    enrolment = world.ask()
    with pytest.raises(UnknownGroup):
        world.accept(enrolment, group_id=group)
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.REQUESTED


def test_a_refusal_has_a_reason_that_the_family_reads(world):
    enrolment = world.ask()
    with pytest.raises(ReasonMissing):
        enrolment_refuse(actor=world.office, enrolment_id=enrolment.pk, reason="  ", now=NOW)
    enrolment_refuse(actor=world.office, enrolment_id=enrolment.pk, reason="Plus de place.", now=NOW)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.reason) == (Enrolment.State.REFUSED, "Plus de place.")
    mail = mail_of("enrolments/refused")
    assert "Plus de place." in mail.text
    assert "Le responsable du service prendra contact avec vous." in mail.text


def test_the_second_agent_is_told_who_decided_what(world):
    enrolment = world.ask()
    world.accept(enrolment)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    with pytest.raises(AlreadyDecided) as refused:
        enrolment_refuse(actor=director, enrolment_id=enrolment.pk, reason="Non.", now=NOW)
    assert refused.value.data == {
        "state": CaseState.ACCEPTED,
        "decided_by": world.office.label,
        "decided_at": NOW,
    }
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACCEPTED


def test_a_parent_cannot_take_back_what_is_decided_nor_what_others_asked(world):
    enrolment = world.ask()
    with pytest.raises(NotYours):
        enrolment_withdraw(actor=world.home("Martin").actor, enrolment_id=enrolment.pk, now=NOW)
    world.accept(enrolment)
    with pytest.raises(AlreadyDecided):
        enrolment_withdraw(actor=world.durand.actor, enrolment_id=enrolment.pk, now=NOW)


def test_who_decides(world):
    enrolment = world.ask()
    elsewhere = world.structure("Ailleurs")
    outsiders = [
        actor_for(world.staff("animation", Role.ANIMATOR)),
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie"))),
        world.durand.actor,
    ]
    for outsider in outsiders:
        with pytest.raises(NotYours):
            world.accept(enrolment, actor=outsider)
    assert (
        world.accept(enrolment, actor=actor_for(world.staff("admin", Role.ADMINISTRATOR))).state == "accepted"
    )


def post(world: Village, home) -> None:
    """The first adult of the home also works at the office."""
    Post.objects.create(user=home.user, role="office", authority=world.the_authority)


def test_an_agent_never_decides_its_own_file_even_while_acting_for_another_family(world):
    enrolment = world.ask()
    post(world, world.durand)
    martin = world.home("Martin")
    for actor in (actor_for(world.durand.user), actor_for(world.durand.user, acting_for=martin.family.pk)):
        with pytest.raises(OwnFile):
            world.accept(enrolment, actor=actor)


def test_nor_the_file_of_its_child_in_the_other_home(world):
    other = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, other)
    post(world, other)
    with pytest.raises(OwnFile):
        world.accept(world.ask(), actor=actor_for(other.user))


def test_the_structure_enrols_by_itself_and_the_parents_are_told(world):
    creche = world.activity("Crèche", years=(0, 3), enrolment_mode="by_structure")
    director = actor_for(world.staff("direction", Role.DIRECTOR))

    def create(**changes) -> Enrolment:
        return enrolment_create(
            **{
                "actor": director,
                "family_id": world.durand.family.pk,
                "person_id": world.zoe.pk,
                "activity_id": creche.pk,
                "group_id": None,
                "terms": world.terms(starts_on=date(2026, 9, 1), wishes={}),
                "now": NOW,
                **changes,
            }
        )

    with pytest.raises(Denied, match="by_structure"):
        world.ask(activity_id=creche.pk, terms=world.terms(wishes={}))
    with pytest.raises(NotYours):
        create(family_id=world.home("Martin").family.pk)
    with pytest.raises(NotYours):
        create(actor=actor_for(world.staff("animation", Role.ANIMATOR)))
    relay = world.activity("Matinées", years=(0, 11), enrolment_mode="none")
    with pytest.raises(Denied, match="no_enrolment"):
        create(activity_id=relay.pk)
    alone = world.activity("Séjour", years=(3, 11), decided_by="office")
    with pytest.raises(NotYours):
        create(activity_id=alone.pk)
    with pytest.raises(Denied, match="too_old"):
        create()
    assert not Enrolment.objects.exists()
    terms = world.terms(starts_on=date(2026, 9, 1), wishes={})
    made = create(terms=replace(terms, derogation=" Fratrie accueillie "))
    assert (made.state, made.derogation) == (Enrolment.State.ACCEPTED, "Fratrie accueillie")
    assert Entry.objects.get(verb="enrolment.created_by_structure").data == {
        "derogation": "Fratrie accueillie",
        "passed": ["too_old"],
    }
    assert made.passed == "too_old"
    assert mail_of("enrolments/accepted").to == world.durand.adult.email
    with pytest.raises(Denied, match="already_enrolled"):
        create()
