"""Demands of childcare: sent by anybody, followed by the relais alone, answered once."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from marelle.cases.models import Case
from marelle.cases.services import AlreadyDecided, CaseState, OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Post, Structure
from marelle.relay.models import CareRequest
from marelle.relay.refusals import AnswerMissing, NoRelay, Unreachable, WrongDemand
from marelle.relay.rules import Care, CareState, Means
from marelle.relay.selectors import demand, demands, demands_of
from marelle.relay.services import Demand, care_ask, care_close, care_contact, care_withdraw
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
NOBODY = Actor(user_id=None, label="")
ASKED = Demand(
    asker_name="Clara Weiss",
    email="clara@familles.example",
    phone="",
    commune_id=None,
    child_first_name="",
    birth_date=None,
    expected_on=date(2027, 3, 4),
    care=Care.ANY,
    starts_on=date(2027, 6, 1),
    weekly={0: (time(8), time(17, 30))},
)


built = built_once(Scenario)


@pytest.fixture
def world(built, db) -> Scenario:
    return deepcopy(built)


@pytest.fixture
def relay(world: Scenario) -> Structure:
    return world.structure("Relais petite enfance", kind="relay")


def test_future_parents_ask_without_an_account(relay: Structure):
    row = care_ask(actor=NOBODY, demand=ASKED, now=NOW)
    assert (row.family_id, row.state, row.weekly) == (None, CareState.RECEIVED, {"0": ["08:00", "17:30"]})
    case = Case.objects.get(kind="care", subject_id=row.pk)
    assert (case.state, case.structure_id) == (CaseState.OPEN, relay.pk)
    told = Message.objects.get(kind="relay/received")
    assert told.to == "clara@familles.example"
    assert row.reference in told.text
    assert "mercredi 25 novembre 2026 à 21 h 14" in told.text
    assert "Relais petite enfance" in told.text
    arrived = Message.objects.get(kind="relay/arrived")
    assert arrived.to == "structure@arelle.example"
    assert "Clara" not in arrived.text


def test_the_same_form_sent_twice_is_one_demand(relay: Structure, world: Scenario):
    first = care_ask(actor=NOBODY, demand=ASKED, now=NOW)
    assert care_ask(actor=NOBODY, demand=ASKED, now=NOW + timedelta(seconds=2)) == first
    assert Message.objects.filter(kind="relay/received").count() == 1
    other = care_ask(actor=NOBODY, demand=replace(ASKED, email="x@familles.example"), now=NOW)
    assert other != first
    assert care_ask(actor=world.home("Durand").actor, demand=ASKED, now=NOW) != first


@pytest.mark.usefixtures("relay")
def test_what_is_refused_writes_nothing():
    for wrong, refusal in (
        (replace(ASKED, weekly={}), WrongDemand),
        (replace(ASKED, email=""), Unreachable),
        (replace(ASKED, birth_date=date(1850, 1, 1), expected_on=None), WrongDemand),
    ):
        with pytest.raises(refusal):
            care_ask(actor=NOBODY, demand=wrong, now=NOW)
    assert not CareRequest.objects.exists()
    assert not Case.objects.exists()


def test_without_a_relay_it_says_so(world: Scenario):
    assert world.the_structure.kind != "relay"
    with pytest.raises(NoRelay):
        care_ask(actor=NOBODY, demand=ASKED, now=NOW)


def test_the_relay_follows_and_answers_once(relay: Structure, world: Scenario):
    row = care_ask(actor=NOBODY, demand=ASKED, now=NOW)
    director = actor_for(world.staff("relais", Role.DIRECTOR, structure=relay))
    for _sent_again in range(2):
        care_contact(
            actor=director, request_id=row.pk, on=NOW.date(), means=Means.PHONE, note="Rappeler.", now=NOW
        )
    found = demand(director, row.pk)
    assert found is not None
    assert found.state == CareState.IN_CONTACT
    assert [contact.note for contact in found.contacts.all()] == ["Rappeler."]
    with pytest.raises(AnswerMissing):
        care_close(actor=director, request_id=row.pk, outcome=CareState.FOUND, answer="  ", now=NOW)
    care_close(actor=director, request_id=row.pk, outcome=CareState.FOUND, answer="Une place.", now=NOW)
    assert Case.objects.get(kind="care").state == CaseState.ACCEPTED
    assert "Une place." in Message.objects.get(kind="relay/answered").text
    with pytest.raises(AlreadyDecided):
        care_close(actor=director, request_id=row.pk, outcome=CareState.CLOSED, answer="Non.", now=NOW)
    assert list(demands(director)) == []
    assert list(demands(director, state=CareState.FOUND)) == [row]


def test_a_home_follows_its_own_and_takes_it_back(relay: Structure, world: Scenario):
    durand, martin = world.home("Durand"), world.home("Martin")
    row = care_ask(actor=durand.actor, demand=ASKED, now=NOW)
    assert demands_of(durand.actor) == (row,)
    assert demands_of(martin.actor) == ()
    with pytest.raises(NotYours):
        care_withdraw(actor=martin.actor, request_id=row.pk, now=NOW)
    care_withdraw(actor=durand.actor, request_id=row.pk, now=NOW)
    assert Case.objects.get(kind="care").state == CaseState.WITHDRAWN
    assert Entry.objects.filter(verb="care.withdrawn", family_id=durand.family.pk).exists()
    with pytest.raises(AlreadyDecided):
        care_withdraw(actor=durand.actor, request_id=row.pk, now=NOW)


def test_the_answer_to_a_home_is_read_in_the_portal(relay: Structure, world: Scenario):
    durand = world.home("Durand")
    row = care_ask(actor=durand.actor, demand=ASKED, now=NOW)
    office = actor_for(world.staff("guichet", Role.OFFICE))
    care_close(actor=office, request_id=row.pk, outcome=CareState.CLOSED, answer="Secret.", now=NOW)
    assert "Secret." not in Message.objects.get(kind="relay/answered").text
    assert demands_of(durand.actor)[0].answer == "Secret."


def test_who_does_not_follow_sees_nothing(relay: Structure, world: Scenario):
    row = care_ask(actor=NOBODY, demand=ASKED, now=NOW)
    elsewhere = world.structure("Ailleurs")
    for user in (
        world.staff("animation", Role.ANIMATOR, structure=relay),
        world.staff("direction", Role.DIRECTOR, structure=elsewhere),
        world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")),
        world.home("Martin").user,
    ):
        actor = actor_for(user)
        assert demand(actor, row.pk) is None
        with pytest.raises(NotYours):
            care_contact(actor=actor, request_id=row.pk, on=NOW.date(), means=Means.MAIL, now=NOW)


def test_nobody_answers_its_own_demand(relay: Structure, world: Scenario):
    durand = world.home("Durand")
    row = care_ask(actor=durand.actor, demand=ASKED, now=NOW)
    Post.objects.create(user=durand.user, role=Role.OFFICE.value, authority=world.the_authority)
    with pytest.raises(OwnFile):
        care_close(
            actor=actor_for(durand.user), request_id=row.pk, outcome=CareState.FOUND, answer="Oui.", now=NOW
        )
