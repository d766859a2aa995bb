"""Asking for an end, taking it back, refusing it; a refused request is called about; letters go where no mail
does."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest

from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided, AlreadyOpen, OwnFile
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.models import CallNote, EndRequest, Enrolment
from marelle.enrolments.refusals import Denied, ReasonMissing
from marelle.enrolments.services import (
    Terms,
    call_note,
    end_ask,
    end_refuse,
    end_withdraw,
    enrolment_refuse,
    enrolment_request,
)
from marelle.families.models import Guardianship, Person
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Channel, Message
from marelle.places.models import Post
from tests.offer import LAST_DAY
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
CHRISTMAS = date(2026, 12, 18)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def enrolled(self, **fields) -> Enrolment:
        return self.enrolment(self.zoe, self.wednesdays, self.durand, **fields)

    def end(self, enrolment: Enrolment, **changes) -> EndRequest:
        return end_ask(
            **{
                "actor": self.durand.actor,
                "enrolment_id": enrolment.pk,
                "last_day": CHRISTMAS,
                "comment": "Nous déménageons.",
                "now": NOW,
                **changes,
            }
        )

    def refused(self) -> Enrolment:
        asked = enrolment_request(
            actor=self.durand.actor,
            person_id=self.zoe.pk,
            activity_id=self.wednesdays.pk,
            terms=Terms(date(2026, 12, 2), LAST_DAY, {}),
            now=NOW,
        )
        return enrolment_refuse(actor=self.office, enrolment_id=asked.pk, reason="Complet.", now=NOW)

    def call(self, enrolment: Enrolment, *, reached: bool, **changes) -> CallNote:
        return call_note(
            **{
                "actor": self.office,
                "enrolment_id": enrolment.pk,
                "reached": reached,
                "note": "Elle rappellera.",
                "now": NOW,
                **changes,
            }
        )


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_an_end_waits_for_its_service_and_the_home_is_told(world):
    end = world.end(world.enrolled())
    case = Case.objects.get()
    assert (case.kind, case.subject_id, case.structure_id) == ("end", end.pk, world.the_structure.pk)
    mail = Message.objects.get()
    assert (mail.kind, mail.to) == ("enrolments/end_asked", world.durand.adult.email)
    assert "vendredi 18 décembre 2026" in mail.text


@pytest.mark.parametrize("day", [date(2026, 11, 24), LAST_DAY, date(2030, 1, 1), date(1850, 1, 1)])
def test_a_day_that_shortens_nothing_is_refused(world, day):
    with pytest.raises(Denied, match="end_outside"):
        world.end(world.enrolled(), last_day=day)
    assert not Message.objects.exists()


def test_only_an_accepted_enrolment_ends_and_only_once(world):
    waiting = world.enrolled(state="requested")
    with pytest.raises(Denied, match="not_accepted"):
        world.end(waiting)
    Enrolment.objects.update(state="accepted")
    world.end(waiting)
    with pytest.raises(AlreadyOpen):
        world.end(waiting)
    assert EndRequest.objects.count() == Case.objects.count() == 1


def test_the_end_of_others_does_not_exist(world):
    enrolment = world.enrolled()
    martin = world.home("Martin")
    with pytest.raises(NotYours):
        world.end(enrolment, actor=martin.actor)
    end = world.end(enrolment)
    with pytest.raises(NotYours):
        end_withdraw(actor=martin.actor, end_id=end.pk, now=NOW)
    Guardianship.objects.update(may_book=False)
    with pytest.raises(NotYours):
        end_withdraw(actor=world.durand.actor, end_id=end.pk, now=NOW)


def test_taken_back_it_may_be_asked_again(world):
    enrolment = world.enrolled()
    end = world.end(enrolment)
    assert end_withdraw(actor=world.durand.actor, end_id=end.pk, now=NOW).state == "withdrawn"
    with pytest.raises(AlreadyDecided):
        end_refuse(actor=world.office, end_id=end.pk, reason="Non.", now=NOW)
    assert world.end(enrolment).state == "requested"


def test_refused_with_a_reason_the_enrolment_goes_on(world):
    enrolment = world.enrolled()
    end = world.end(enrolment)
    with pytest.raises(ReasonMissing):
        end_refuse(actor=world.office, end_id=end.pk, reason=" ", now=NOW)
    end_refuse(actor=world.office, end_id=end.pk, reason="Préavis d’un mois.", now=NOW)
    enrolment.refresh_from_db()
    assert enrolment.ends_on == LAST_DAY
    assert "Préavis d’un mois." in Message.objects.get(kind="enrolments/end_refused").text


def test_nobody_decides_the_end_of_its_own_child(world):
    end = world.end(world.enrolled())
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    with pytest.raises(OwnFile):
        end_refuse(actor=actor_for(world.durand.user), end_id=end.pk, reason="Non.", now=NOW)


def test_a_refusal_opens_a_call_that_stays_until_the_family_is_reached(world):
    enrolment = world.refused()
    assert Case.objects.open().get().kind == "call"
    world.call(enrolment, reached=False)
    world.call(enrolment, reached=False)  # sent again
    assert Case.objects.open().count() == 1
    world.call(enrolment, reached=True)
    assert not Case.objects.open().exists()
    with pytest.raises(AlreadyDecided):
        world.call(enrolment, reached=True)
    assert list(CallNote.objects.values_list("reached", flat=True)) == [False, True]


def test_a_call_is_made_by_who_answers_for_the_activity(world):
    enrolment = world.refused()
    elsewhere = world.structure("Ailleurs")
    for outsider in (
        actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)),
        actor_for(world.staff("animation", Role.ANIMATOR)),
        world.durand.actor,
    ):
        with pytest.raises(NotYours):
            world.call(enrolment, reached=True, actor=outsider)
    with pytest.raises(NotYours):
        world.call(world.enrolled(), reached=True)


def test_a_home_without_mail_gets_letters(world):
    Person.objects.update(email="")
    world.refused()
    assert set(Message.objects.values_list("kind", "channel")) == {
        ("enrolments/requested", Channel.LETTER),
        ("enrolments/refused", Channel.LETTER),
    }


def test_a_child_who_left_may_come_back(world):
    past = world.enrolled(ends_on=date(2026, 11, 1))
    again = world.refused()
    past.refresh_from_db()
    assert (past.state, again.state) == ("ended", "refused")
