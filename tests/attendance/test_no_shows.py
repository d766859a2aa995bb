"""Absences without notice: when an agent is asked, what it decides, what becomes of bookings."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.absences import AbsenceRule, Within, span_of
from marelle.attendance.models import Mismatch, NoShow
from marelle.attendance.no_show_rules import Unannounced, days_counted
from marelle.attendance.no_shows import (
    _ask,
    days_missed,
    no_show_leave,
    no_show_suspend,
    no_show_undo,
    no_show_warn,
    no_shows_ask,
    suspension_lift,
)
from marelle.attendance.refusals import CannotSuspend, WordsMissing
from marelle.bookings.absences.services import absences_declare
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.bookings.states import BookingState
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided, CannotUndo, DecidedElsewhere, OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from tests.bookings.facts import activity
from tests.reading import text
from tests.scenario import Scenario

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=PARIS)
"""The day after the third Wednesday that Zoé missed."""
WEDNESDAYS = [date(2026, 11, day) for day in (4, 18, 25)]
TO_COME = [date(2026, 12, day) for day in (2, 9, 16)]
THREE = AbsenceRule(date(2026, 9, 1), None, unannounced=3, within=Within.MONTH, suspends=True)


class World:
    def __init__(self, *, kind: str = "wednesday", rule: AbsenceRule = THREE) -> None:
        self.made = Scenario()
        self.durand = self.made.home("Durand", "Camille")
        self.zoe = self.made.child(self.durand, "Zoé")
        self.activity = self.made.activity("Mercredis", kind=kind)
        self.morning = self.made.slot(self.activity, "Matin", weekdays=[2], capacity=10)
        self.made.rule(self.activity)
        self.made.absence_rule(self.activity, rule)
        self.enrolment = self.made.enrolment(self.zoe, self.activity, self.durand)
        self.director = actor_for(self.made.staff("direction", Role.DIRECTOR))
        self.missed = [self.miss(day) for day in WEDNESDAYS]

    def miss(self, day: date, **fields: object) -> Mismatch:
        opening = self.made.opening(self.morning, day)
        return Mismatch.objects.create(
            opening=opening,
            child=self.zoe,
            family=self.durand.family,
            booking=self.made.booking(self.zoe, opening),
            day=day,
            kind="absent",
            told_at=opening.starts_at + timedelta(minutes=40),
            **fields,
        )

    def to_come(self) -> list[Booking]:
        return [self.made.booking(self.zoe, self.made.opening(self.morning, day)) for day in TO_COME]

    def asked(self, now: datetime = NOW) -> NoShow:
        assert no_shows_ask(now=now) == 1
        return NoShow.objects.get()

    def suspend(self, row: NoShow, actor: Actor | None = None, **more: object) -> NoShow:
        sent = {"first": TO_COME[0], "last": TO_COME[1], "reason": "Trois fois.", "cancels": False} | more
        return no_show_suspend(actor=actor or self.director, no_show_id=row.pk, now=NOW, **sent)

    def book(self, day: date) -> str:
        opening = self.morning.openings.filter(day=day).first() or self.made.opening(self.morning, day)
        change = Change(self.zoe.pk, opening.pk, seen=False, wanted=True)
        (outcome,) = bookings_save(actor=self.durand.actor, changes=[change], now=NOW)
        return outcome.why.value if outcome.why else outcome.result.value


@pytest.fixture
def world(db: None) -> World:
    return World()


def missed(days: list[date], rule: AbsenceRule) -> list[Unannounced]:
    facts = activity(absence_rules=(rule,))
    return [Unannounced(1, facts, slot_id, day) for day in days for slot_id in (1, 2)]


@pytest.mark.once
@given(
    st.lists(st.dates(date(2026, 9, 1), date(2027, 8, 31)), max_size=12),
    st.integers(1, 5),
    st.sampled_from(Within),
)
def test_days_are_counted_once_each_within_their_time(days: list[date], n: int, within: Within) -> None:
    rule = AbsenceRule(date(2026, 9, 1), None, unannounced=n, within=within)
    counted = days_counted(missed(days, rule))
    assert sorted(day for one in counted.values() for day in one.days) == sorted(set(days))
    calendar = activity().calendar
    for (_enrolment, since), one in counted.items():
        assert {span_of(within, day, calendar) for day in one.days} == {since}
        assert one.is_enough is (len(one.days) >= n)


@pytest.mark.once
def test_a_rule_that_asks_nothing_counts_nothing() -> None:
    assert days_counted(missed(WEDNESDAYS, AbsenceRule(date(2026, 9, 1), None))) == {}
    later = AbsenceRule(date(2026, 11, 10), None, unannounced=1)
    assert days_counted(missed(WEDNESDAYS, later))[1, date(2026, 11, 1)].days == tuple(WEDNESDAYS[1:])


def test_an_agent_is_asked_once_the_day_after(world: World) -> None:
    assert no_shows_ask(now=NOW - timedelta(days=1)) == 0, "the day is not over"
    row = world.asked()
    assert (row.enrolment, row.since, row.decision) == (world.enrolment, date(2026, 11, 1), "")
    case = Case.objects.get(kind="no_show")
    assert (case.state, case.family_id) == (CaseState.OPEN, world.durand.family.pk)
    assert days_missed(row, now=NOW) == tuple(WEDNESDAYS)
    assert no_shows_ask(now=NOW) == 0
    world.suspend(row)
    assert no_shows_ask(now=NOW) == 0, "not again in that month"
    assert Entry.objects.filter(verb="no_show.asked").count() == 1


def test_nothing_is_read_where_no_rule_asks(count_queries: object, db: None) -> None:
    World(rule=AbsenceRule(date(2026, 9, 1), None))
    with count_queries(1):  # type: ignore[operator]
        assert no_shows_ask(now=NOW) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"withdrawn_at": NOW},
        {"answer": "error"},
        {"settled": "corrected"},
        {"kind": "unbooked"},
    ],
)
def test_what_is_no_absence_without_notice(world: World, fields: dict[str, object]) -> None:
    Mismatch.objects.filter(pk=world.missed[1].pk).update(**fields)
    assert no_shows_ask(now=NOW) == 0


@pytest.mark.parametrize("fields", [{"answer": "forgotten"}, {"answer": "error", "settled": "left"}])
def test_what_the_family_says_does_not_always_excuse_it(world: World, fields: dict[str, object]) -> None:
    Mismatch.objects.filter(pk=world.missed[1].pk).update(**fields)
    assert no_shows_ask(now=NOW) == 1


def test_an_absence_told_since_is_not_counted(world: World) -> None:
    row = world.asked()
    absences_declare(
        actor=world.durand.actor,
        booking_ids=[world.missed[2].booking_id],
        now=world.missed[2].booking.starts_at,
    )
    assert days_missed(row, now=NOW) == tuple(WEDNESDAYS[:2])
    Booking.objects.filter(pk=world.missed[0].booking_id).update(state=BookingState.CANCELLED)
    assert days_missed(row, now=NOW) == (WEDNESDAYS[1],)


def test_suspended_days_are_not_booked_and_say_so(world: World) -> None:
    row = world.asked()
    world.suspend(row)
    assert [world.book(day) for day in TO_COME] == ["suspended", "suspended", "booked"]
    row.refresh_from_db()
    assert (row.decision, row.decided_by) == ("suspended", world.director.label)
    assert Enrolment.objects.get().suspension == "Trois fois."
    mail = Message.objects.get(kind="attendance/suspended")
    assert "suspendues du mercredi 2 décembre au mercredi 9 décembre" in mail.text
    assert "Trois fois" not in mail.text
    assert "Ce qui est déjà réservé le reste." in mail.text
    assert Entry.objects.filter(verb="enrolment.suspended").count() == 1
    agent = world.director
    suspension_lift(actor=agent, no_show_id=row.pk, now=NOW)
    assert world.book(TO_COME[0]) == "booked"
    with pytest.raises(CannotSuspend) as refused:
        suspension_lift(actor=agent, no_show_id=row.pk, now=NOW)
    assert refused.value.code == "over"


def test_what_is_booked_stays_or_goes_as_the_agent_says(world: World) -> None:
    bookings = world.to_come()
    row = world.asked()
    world.suspend(row, cancels=True)
    states = list(Booking.objects.filter(pk__in=[one.pk for one in bookings]).order_by("day"))
    assert [one.state for one in states] == ["cancelled", "cancelled", "booked"]
    assert [one.end_cause for one in states] == ["structure", "structure", ""]
    assert states[0].opening.quotas.get().taken == 0
    assert (
        "2 réservations de ces jours sont annulées." in Message.objects.get(kind="attendance/suspended").text
    )
    no_show_undo(actor=world.director, no_show_id=row.pk, decided_at=NOW, now=NOW)
    assert {one.state for one in Booking.objects.filter(day__in=TO_COME)} == {"booked"}
    assert Enrolment.objects.get().suspended_from is None
    assert Message.objects.get(kind="attendance/suspended").state == MessageState.REVOKED
    assert Case.objects.get(kind="no_show").state == CaseState.OPEN
    with pytest.raises(CannotUndo):
        no_show_undo(actor=world.director, no_show_id=row.pk, decided_at=NOW, now=NOW)


def test_a_booking_of_today_that_has_begun_stays(world: World) -> None:
    today = world.made.booking(world.zoe, world.made.opening(world.morning, NOW.date()))
    world.suspend(world.asked(), first=NOW.date(), cancels=True)
    today.refresh_from_db()
    assert today.state == "booked"


def test_the_family_is_warned_or_it_is_left(world: World) -> None:
    row = world.asked()
    no_show_warn(actor=world.director, no_show_id=row.pk, now=NOW)
    mail = Message.objects.get(kind="attendance/no_show_warned")
    assert "mercredi 4 novembre, mercredi 18 novembre et mercredi 25 novembre" in mail.text
    assert NoShow.objects.get().decision == "warned"
    no_show_undo(actor=world.director, no_show_id=row.pk, decided_at=NOW, now=NOW)
    no_show_leave(actor=world.director, no_show_id=row.pk, now=NOW)
    assert Case.objects.get(kind="no_show").state == CaseState.REFUSED
    with pytest.raises(AlreadyDecided):
        no_show_warn(actor=world.director, no_show_id=row.pk, now=NOW)
    assert Message.objects.exclude(state=MessageState.REVOKED).count() == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"first": date(2026, 11, 25)}, "past"),
        ({"last": date(2026, 12, 1)}, "not_in_order"),
        ({"last": date(2027, 12, 4)}, "too_long"),
        ({"reason": "  "}, "words_missing"),
    ],
)
def test_a_suspension_that_makes_no_sense(world: World, more: dict[str, object], code: str) -> None:
    row = world.asked()
    with pytest.raises((CannotSuspend, WordsMissing)) as refused:
        world.suspend(row, **more)
    assert refused.value.code == code
    assert Case.objects.get(kind="no_show").state == CaseState.OPEN
    world.suspend(row, last=date(2027, 12, 3))


def test_one_day_may_be_suspended(world: World) -> None:
    world.suspend(world.asked(), last=TO_COME[0])
    assert [world.book(day) for day in TO_COME[:2]] == ["suspended", "booked"]


def test_what_was_told_before_the_lock_is_seen_under_it(world: World) -> None:
    """Of a row read as due, which is none any more once the child is locked."""
    absences_declare(
        actor=world.durand.actor,
        booking_ids=[world.missed[2].booking_id],
        now=world.missed[2].booking.starts_at,
    )
    assert not _ask(world.enrolment.pk, date(2026, 11, 1), NOW)
    assert not NoShow.objects.exists()


def test_the_canteen_of_a_school_is_never_suspended(db: None) -> None:
    world = World(kind="canteen")
    row = world.asked()
    with pytest.raises(CannotSuspend) as refused:
        world.suspend(row)
    assert refused.value.code == "not_here"
    Enrolment.objects.update(suspended_from=TO_COME[0], suspended_until=TO_COME[2])
    assert world.book(TO_COME[0]) == "booked", "an activity that became one"


def test_where_the_rule_does_not_let_it(db: None) -> None:
    world = World(rule=AbsenceRule(date(2026, 9, 1), None, unannounced=3))
    with pytest.raises(CannotSuspend):
        world.suspend(world.asked())


def test_who_decides_answers_for_the_structure_and_never_for_its_own_child(world: World) -> None:
    row = world.asked()
    elsewhere = world.made.structure("Ailleurs")
    for actor in (
        actor_for(world.made.staff("animation", Role.ANIMATOR)),
        actor_for(world.made.staff("loin", Role.DIRECTOR, structure=elsewhere)),
        world.durand.actor,
    ):
        with pytest.raises(NotYours):
            world.suspend(row, actor)
    user = world.made.staff("parente", Role.DIRECTOR)
    world.durand.adult.account = user
    world.durand.adult.save()
    with pytest.raises(OwnFile):
        world.suspend(row, actor_for(user))
    Case.objects.filter(kind="no_show").update(structure_id=None)
    with pytest.raises(DecidedElsewhere):
        world.suspend(row)


def test_the_page_of_an_agent(world: World, client: Client, time_machine: object) -> None:
    time_machine.move_to(NOW)  # type: ignore[attr-defined]
    row = world.asked()
    client.force_login(world.made.staff("autre", Role.DIRECTOR))
    here = f"/agents/absences/{row.pk}/"
    page = text(client.get(here)).replace("\u00a0", " ")
    assert "3 jours : mercredi 4 novembre, mercredi 18 novembre et mercredi 25 novembre" in page
    assert 'value="2026-11-27"' in page
    assert 'value="2026-12-10"' in page
    typed = {"answer": "suspend", "first": "2026-12-02", "last": "2026-12-01", "reason": "Trop."}
    wrong = text(client.post(here, typed))
    assert "La fin vient avant le début." in wrong
    assert "Trop." in wrong
    assert "Donnez une date, par exemple" in text(client.post(here, typed | {"first": ""}))
    assert "Donnez une raison" in text(client.post(here, typed | {"reason": "", "last": "2026-12-09"}))
    done = client.post(here, typed | {"last": "2026-12-09", "cancels": "on"}, follow=True)
    assert "Réservations suspendues." in text(done)
    decided = text(client.get(here)).replace("\u00a0", " ")
    assert "du 2 au 9 décembre 2026 : Trop." in decided
    again = text(client.post(here, typed | {"last": "2026-12-09"}, follow=True))
    assert "déjà" in again
    assert "Lever la suspension" in decided
    lifted = text(client.post(f"{here}lever/", follow=True))
    assert "La suspension est levée" in lifted
    assert "Lever la suspension" not in lifted


def test_the_page_of_the_family(world: World, client: Client, time_machine: object) -> None:
    time_machine.move_to(NOW)  # type: ignore[attr-defined]
    for day in TO_COME:
        world.made.opening(world.morning, day)
    world.suspend(world.asked())
    client.force_login(world.durand.user)
    page = text(client.get(f"/inscriptions/{world.zoe.pk}/inscription/{world.enrolment.pk}/"))
    assert "du 2 au 9 décembre 2026\u00a0: Trois fois." in page
    week = client.get(f"/reservations/?enfant={world.zoe.pk}&date=2026-12-02&vue=semaine", follow=True)
    assert "réservations suspendues" in text(week)


def test_a_canteen_page_says_why_nothing_is_suspended(db: None, client: Client, time_machine: object) -> None:
    time_machine.move_to(NOW)  # type: ignore[attr-defined]
    world = World(kind="canteen")
    row = world.asked()
    client.force_login(world.made.staff("autre", Role.DIRECTOR))
    page = text(client.get(f"/agents/absences/{row.pk}/"))
    assert "la cantine d’une école est un droit" in page
    assert "Suspendre les réservations" not in page
    left = client.post(f"/agents/absences/{row.pk}/", {"answer": "leave", "first": "x"}, follow=True)
    assert "sans suite" in text(left)
