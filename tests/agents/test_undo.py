"""« Annuler »: within its minute a decision is undone, its mails with it; after, it stays."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.test import Client

from marelle.activities.models import Quota
from marelle.agents.desk.undoing import why_text
from marelle.bookings.models import Absence, Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.services import DecidedElsewhere
from marelle.core.actor import Role
from marelle.core.refusals import Refusal
from marelle.enrolments.models import CallNote, EndRequest, Enrolment
from marelle.enrolments.services import end_ask
from marelle.mail.models import Message, MessageState
from marelle.mail.services import send_due
from tests.agents.every_kind import NOW, EveryKind
from tests.offer import LAST_DAY
from tests.standing import built_once

pytestmark = pytest.mark.django_db

UNDONE = "C’est annulé"
STAYS = "Rien n’est annulé"


class Deciding(EveryKind):
    def __init__(self) -> None:
        super().__init__()
        self.office = logged(self.staff("guichet2", Role.OFFICE))
        self.yes = {
            "enrolment": (f"{self.pages['enrolment']}accepter/", {}),
            "end": (f"{self.pages['end']}accepter/", {}),
            "call": self.answers["call"],
            "booking": (
                self.pages["booking"],
                {"answer": "accept", "b": [Booking.objects.get(state=BookingState.REQUESTED).pk]},
            ),
            "absence": (self.pages["absence"], {"answer": "accept"}),
        }

    def case(self, kind: str) -> Case:
        return Case.objects.get(kind=kind, subject_id=int(self.pages[kind].split("/")[-2]))

    def held(self, kind: str) -> set[int]:
        """Mails of the decision that have not left."""
        queued = Message.objects.filter(case_id=self.case(kind).pk, state=MessageState.QUEUED)
        return set(queued.values_list("pk", flat=True))

    def undo(self, kind: str, client: Client | None = None, decided: str | None = None) -> str:
        case = self.case(kind)
        told = decided if decided is not None else case.decided_at.isoformat()
        answer = (client or self.office).post(f"/agents/annuler/{case.pk}/", {"decided": told}, follow=True)
        return answer.content.decode()


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


built = built_once(Deciding, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Deciding:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.mark.parametrize("kind", ["enrolment", "end", "call", "booking", "absence"])
def test_what_was_accepted_waits_again(world, kind, time_machine):
    where, data = world.yes[kind]
    page = world.office.post(where, data, follow=True).content.decode()
    assert "Annuler la décision" in page
    mails = world.held(kind)
    assert bool(mails) is (kind != "call")
    time_machine.move_to(NOW + timedelta(seconds=59))
    send_due(now=NOW + timedelta(seconds=59))
    assert world.held(kind) == mails
    assert UNDONE in world.undo(kind)
    assert world.case(kind).state == CaseState.OPEN
    states = set(Message.objects.filter(pk__in=mails).values_list("state", flat=True))
    assert states <= {MessageState.REVOKED}
    world.office.post(where, data)
    assert world.case(kind).state == CaseState.ACCEPTED
    assert len(world.held(kind)) == len(mails)


def test_what_accepting_had_changed_is_as_before(world):
    before = (
        Enrolment.objects.get(activity__name="Sorties").ends_on,
        Booking.objects.get(state=BookingState.REQUESTED).pk,
    )
    for kind in ("enrolment", "end", "booking", "absence", "call"):
        world.office.post(*world.yes[kind])
    assert Enrolment.objects.get(activity__name="Sorties").ends_on == date(2026, 12, 18)
    for kind in ("enrolment", "end", "booking", "absence", "call"):
        assert UNDONE in world.undo(kind)
    assert Enrolment.objects.get(activity__name="Mercredis").state == Enrolment.State.REQUESTED
    assert Enrolment.objects.get(activity__name="Sorties").ends_on == before[0] == LAST_DAY
    assert EndRequest.objects.get().state == EndRequest.State.REQUESTED
    assert Booking.objects.get(state=BookingState.REQUESTED).pk == before[1]
    assert Absence.objects.get().justified is False
    assert not CallNote.objects.exists()


@pytest.mark.parametrize("kind", ["enrolment", "end", "booking", "absence"])
def test_a_refusal_is_undone_too(world, kind):
    world.office.post(*world.answers[kind])
    assert UNDONE in world.undo(kind)
    assert world.case(kind).reason == ""
    assert Case.objects.open().get(kind="call").label == "Zoé Durand · Ateliers"


def test_a_place_refused_and_given_since_stays_refused_and_is_named(world):
    world.office.post(*world.answers["booking"])
    refused = Booking.objects.get(state=BookingState.REFUSED)
    Quota.objects.filter(openings=refused.opening).update(taken=10)
    page = world.undo("booking")
    assert STAYS in page
    assert "ne sont plus libres" in page
    assert "3 décembre" in page
    assert world.case("booking").state == CaseState.REFUSED
    assert world.held("booking")


def test_after_a_minute_the_decision_stays_and_is_no_more_offered(world, time_machine):
    world.office.post(*world.yes["enrolment"])
    time_machine.move_to(NOW + timedelta(seconds=90))
    assert "Annuler la décision" not in world.office.get(world.pages["enrolment"]).content.decode()
    assert "La minute est passée" in world.undo("enrolment")
    assert world.case("enrolment").state == CaseState.ACCEPTED
    assert send_due(now=NOW + timedelta(seconds=90)).sent


def test_a_mail_that_left_keeps_the_decision(world):
    world.office.post(*world.yes["enrolment"])
    Message.objects.filter(case_id=world.case("enrolment").pk).update(state=MessageState.SENDING)
    assert "Le courriel est déjà parti" in world.undo("enrolment")
    assert world.case("enrolment").state == CaseState.ACCEPTED
    assert Enrolment.objects.get(activity__name="Mercredis").state == Enrolment.State.ACCEPTED


def test_a_family_that_has_booked_keeps_its_enrolment(world):
    world.office.post(*world.yes["enrolment"])
    enrolment = Enrolment.objects.get(activity__name="Mercredis")
    world.slot(enrolment.activity, "Matin", weekdays=[2], capacity=5)
    (opening,) = world.openings(enrolment.activity, date(2026, 12, 9))
    world.booking(world.zoe, opening)
    Booking.objects.filter(opening=opening).update(enrolment=enrolment)
    assert "a déjà réservé" in world.undo("enrolment")
    assert Enrolment.objects.get(activity__name="Mercredis").state == Enrolment.State.ACCEPTED


def test_a_stale_page_undoes_no_other_decision(world, time_machine):
    world.office.post(*world.yes["enrolment"])
    first = world.case("enrolment").decided_at.isoformat()
    assert UNDONE in world.undo("enrolment", decided=first)
    time_machine.move_to(NOW + timedelta(seconds=10))
    colleague = logged(world.staff("guichet3", Role.OFFICE))
    colleague.post(*world.answers["enrolment"])
    assert "n’est plus la dernière" in world.undo("enrolment", decided=first)
    assert world.case("enrolment").state == CaseState.REFUSED


@pytest.mark.parametrize(
    "nonsense",
    ["", "hier", "2026-11-25T21:14:00", "2026-11-25T21:14:00+01:00x", "0001-01-01T00:00:00+23:00"],
)
def test_nonsense_undoes_nothing(world, nonsense):
    """Of an end too: what it ended is looked for by that instant."""
    for kind in ("enrolment", "end"):
        world.office.post(*world.yes[kind])
        assert "n’est plus la dernière" in world.undo(kind, decided=nonsense)
        assert world.case(kind).state == CaseState.ACCEPTED


def test_who_does_not_decide_it_undoes_nothing(world):
    world.office.post(*world.yes["enrolment"])
    case = world.case("enrolment")
    elsewhere = logged(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    answer = elsewhere.post(f"/agents/annuler/{case.pk}/", {"decided": case.decided_at.isoformat()})
    assert answer.status_code == 404
    assert world.case("enrolment").state == CaseState.ACCEPTED


def test_an_end_asked_meanwhile_keeps_the_enrolment(world):
    world.office.post(*world.yes["enrolment"])
    enrolment = Enrolment.objects.get(activity__name="Mercredis")
    end_ask(
        actor=world.durand.actor,
        enrolment_id=enrolment.pk,
        last_day=date(2026, 12, 18),
        comment="",
        now=NOW + timedelta(seconds=5),
    )
    assert "a demandé depuis à arrêter cette inscription" in world.undo("enrolment")
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACCEPTED
    assert Case.objects.open().filter(kind="end", label__endswith="Mercredis").exists()


def test_a_refused_undo_says_why_and_accuses_no_colleague(world):
    assert why_text(DecidedElsewhere()) == "Un autre service décide maintenant de cette demande."
    assert why_text(Refusal("something_new")) == "Le dossier a changé depuis."


@pytest.mark.parametrize("gone", [Enrolment, EndRequest])
def test_what_is_out_of_reach_is_not_found(world, gone):
    """The case is still the director's own, what it is about is not any more."""
    kind = "enrolment" if gone is Enrolment else "end"
    world.office.post(*world.yes[kind])
    director = logged(world.staff("direction", Role.DIRECTOR))
    elsewhere = world.structure("Ailleurs")
    row = gone.objects.get(pk=world.case(kind).subject_id)
    activity = row.activity if gone is Enrolment else row.enrolment.activity
    activity.structure = elsewhere
    activity.save()
    case = world.case(kind)
    answer = director.post(f"/agents/annuler/{case.pk}/", {"decided": case.decided_at.isoformat()})
    assert answer.status_code == 404
    assert world.case(kind).state == CaseState.ACCEPTED


def test_it_is_written_in_the_history_of_the_family(world):
    world.office.post(*world.yes["enrolment"])
    world.undo("enrolment")
    assert "Décision reprise" in logged(world.durand.user).get("/historique/").content.decode()
