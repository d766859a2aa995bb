"""An undo against the worker that sends, and against a colleague who decides: one comes first, whole."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.rules import UNDO_FOR
from marelle.cases.services import AlreadyDecided, CannotUndo
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, end_ask, enrolment_accept, enrolment_refuse, enrolment_request
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.undoing import end_undo, enrolment_undo
from marelle.flows.enrolling.ending import enrolment_end
from marelle.mail.models import Message, MessageState
from marelle.mail.services import send_due
from tests.offer import LAST_DAY
from tests.races.together import together_or_errors
from tests.races.truth import counters_hold, held_on
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 1, 9, tzinfo=PARIS)
AT_THE_LAST = NOW + UNDO_FOR - timedelta(milliseconds=1)
ROUNDS = 8


def accepted() -> tuple[Enrolment, Actor]:
    world = Scenario()
    durand = world.home("Durand")
    enrolment = enrolment_request(
        actor=durand.actor,
        person_id=world.child(durand, "Zoé", born=date(2019, 3, 4)).pk,
        activity_id=world.activity("Mercredis").pk,
        terms=Terms(date(2026, 9, 2), LAST_DAY, {}),
        now=NOW,
    )
    send_due(now=NOW)
    office = actor_for(world.staff("guichet", Role.OFFICE))
    enrolment_accept(actor=office, enrolment_id=enrolment.pk, group_id=None, now=NOW)
    return enrolment, office


def test_what_the_worker_sends_is_not_undone_and_what_is_undone_is_not_sent() -> None:
    enrolment, office = accepted()
    for _round in range(ROUNDS):
        answers = together_or_errors(
            [
                lambda: enrolment_undo(
                    actor=office, subject_id=enrolment.pk, decided_at=NOW, now=AT_THE_LAST
                ),
                lambda: send_due(now=NOW + UNDO_FOR),
            ]
        )
        state = Message.objects.get(kind="enrolments/accepted", state__in=("sent", "revoked")).state
        enrolment.refresh_from_db()
        if isinstance(answers[0], CannotUndo):
            assert (state, enrolment.state) == (MessageState.SENT, Enrolment.State.ACCEPTED)
        else:
            assert answers[0] is None
            assert (state, enrolment.state) == (MessageState.REVOKED, Enrolment.State.REQUESTED)
        Message.objects.filter(kind="enrolments/accepted").delete()
        if enrolment.state == Enrolment.State.ACCEPTED:
            break
        enrolment_accept(actor=office, enrolment_id=enrolment.pk, group_id=None, now=NOW)


def test_undone_once_and_decided_once_after() -> None:
    """Two undo the same decision while a colleague refuses: each is told what the others did."""
    enrolment, office = accepted()

    def undoes() -> None:
        enrolment_undo(actor=office, subject_id=enrolment.pk, decided_at=NOW, now=AT_THE_LAST)

    def refuses() -> Enrolment:
        return enrolment_refuse(
            actor=office, enrolment_id=enrolment.pk, reason="Plus de place.", now=AT_THE_LAST
        )

    answers = together_or_errors([undoes, undoes, refuses])
    errors = [type(answer) for answer in answers if isinstance(answer, Exception)]
    assert set(errors) <= {CannotUndo, AlreadyDecided}
    assert errors.count(CannotUndo) == 1
    case = Case.objects.get(kind="enrolment", subject_id=enrolment.pk)
    enrolment.refresh_from_db()
    refused = AlreadyDecided not in errors
    assert case.state == (CaseState.REFUSED if refused else CaseState.OPEN)
    assert enrolment.state == (Enrolment.State.REFUSED if refused else Enrolment.State.REQUESTED)
    live = Message.objects.filter(case_id=case.pk).exclude(state=MessageState.REVOKED)
    assert {mail.kind for mail in live} == ({"enrolments/refused"} if refused else set())


def test_a_place_given_back_and_taken_meanwhile_goes_to_one() -> None:
    """An end is undone while another family books the place that it had freed."""
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    zoe, ines = world.child(durand, "Zoé"), world.child(martin, "Inès")
    wednesdays = world.activity("Mercredis")
    world.slot(wednesdays, capacity=1)
    world.rule(wednesdays)
    (opening,) = world.openings(wednesdays, date(2026, 12, 16))
    enrolment = world.enrolment(zoe, wednesdays, durand)
    world.enrolment(ines, wednesdays, martin)
    booking = world.booking(zoe, opening)
    end = end_ask(
        actor=durand.actor, enrolment_id=enrolment.pk, last_day=date(2026, 12, 9), comment="", now=NOW
    )
    office = actor_for(world.staff("guichet", Role.OFFICE))
    enrolment_end(actor=office, end_id=end.pk, now=NOW)
    change = Change(ines.pk, booking.opening_id, seen=False, wanted=True)
    undone, saved = together_or_errors(
        [
            lambda: end_undo(actor=office, subject_id=end.pk, decided_at=NOW, now=AT_THE_LAST),
            lambda: bookings_save(actor=martin.actor, changes=[change], now=AT_THE_LAST),
        ]
    )
    booking.refresh_from_db()
    if isinstance(undone, CannotUndo):
        assert undone.data["why"] == "places_gone"
        assert booking.state == BookingState.CANCELLED
        assert held_on(booking.opening) == {ines.pk}
    else:
        assert undone is None
        assert [one.result for one in saved] == ["refused"]
        assert held_on(booking.opening) == {booking.child_id}
    counters_hold()
