"""What is received from tablets: every tick is kept, counts once, and what cannot be applied waits."""

from __future__ import annotations

import random
from copy import deepcopy
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.activities.models import Opening
from marelle.attendance.desk import tick_settle
from marelle.attendance.models import Call, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.projecting import as_rule
from marelle.attendance.refusals import AlreadySettled, CannotKeep
from marelle.attendance.rules import standing_of
from marelle.attendance.selectors import day_to_settle
from marelle.attendance.services import everyone_present, tick_undo
from marelle.attendance.tablets import tablet_revoke
from marelle.bookings.models import Absence, Attendance, Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.families.models import PickupBan
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.attendance.door import DAY, EIGHT, MINUTE, Door, call_close, call_reopen, made_door, tick_of
from tests.standing import built_once

pytestmark = pytest.mark.django_db

APPLIED = OutcomeCode.APPLIED


built = built_once(made_door)


@pytest.fixture
def door(built, db) -> Door:
    return deepcopy(built)


def waits(door: Door) -> list[str]:
    """What the case of the day has, once it was opened; none without a case."""
    case = Case.objects.open().filter(kind="attendance").first()
    found = day_to_settle(door.director, case.subject_id) if case else None
    return [tick.outcome for tick in found.waiting] if found else []


def test_a_day_at_the_door(door: Door) -> None:
    arrived = door.raw("arrived", door.zoe)
    left = door.raw("left", door.zoe, minutes=5, hour="11:45", to="listed", who="", after=arrived["id"])
    left["who"] = f"g{door.zoe.guardians.get().pk}"
    assert door.sends(arrived, left, door.raw("absent_excused", door.tom, reason="illness")) == [APPLIED] * 3
    zoe, tom = door.seen(door.zoe), door.seen(door.tom)
    assert zoe
    assert tom
    assert (zoe.present, zoe.arrived_at, zoe.noted_by) == (True, EIGHT, str(door.animator))
    assert (zoe.left_at, zoe.handed_to) == (EIGHT.replace(hour=11, minute=45), str(door.durand.adult))
    assert (tom.present, tom.reason, tom.day) == (False, "illness", DAY)
    assert zoe.last_tick == tick_of(left).pk
    assert waits(door) == []


def test_the_same_batch_again_changes_nothing(door: Door) -> None:
    batch = [door.raw("arrived", door.zoe), door.raw("late", door.zoe, minutes=1)]
    door.sends(*batch)
    before = Attendance.objects.values().get(), list(Tick.objects.values())
    again = door.told(*batch, now=door.now + 5 * MINUTE, sent_at=door.now)
    assert [(one.code, one.repeated) for one in again] == [(APPLIED, True)] * 2
    assert (Attendance.objects.values().get(), list(Tick.objects.values())) == before


def test_an_identifier_of_another_event_or_door_is_not_taken_for_it(door: Door) -> None:
    mine = door.raw("present", door.zoe)
    door.sends(mine)
    assert door.sends({**mine, "kind": "absent"}) == [OutcomeCode.ID_TAKEN]
    Tick.objects.update(structure=door.made.structure("Ailleurs"))
    assert door.sends(mine) == [OutcomeCode.ID_TAKEN]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_cut_repeat_and_order_of_batches_comes_to_the_same(door: Door, data: st.DataObject) -> None:
    """Two tablets, what each knows being its own last tick; batches are cut, lost answers sent again."""
    Attendance.objects.all().delete()
    Tick.objects.all().delete()
    tablets = [
        door.tablet,
        type(door.tablet).objects.exclude(pk=door.tablet.pk).first() or door.another_tablet(),
    ]
    last: dict[tuple[int, int], str] = {}
    sent: list[list[dict[str, object]]] = [[], []]
    for minute in range(data.draw(st.integers(2, 9))):
        which, child = data.draw(st.integers(0, 1)), data.draw(st.sampled_from([door.zoe, door.tom]))
        kind = data.draw(st.sampled_from(["present", "absent", "arrived", "left", "late", "undone"]))
        raw = door.raw(kind, child, minutes=minute, after=last.get((which, child.pk)))
        if kind == "undone":
            raw["undoes"] = last.get((which, child.pk), str(uuid4()))
        last[which, child.pk] = str(raw["id"])
        sent[which].append(raw)
    shuffled = random.Random(data.draw(st.integers(0, 10_000)))
    batches = [
        (tablet, ticks[first : first + size])
        for tablet, ticks in zip(tablets, sent, strict=True)
        for size in (1, 2, 9)
        for first in range(0, len(ticks), size)
    ]
    shuffled.shuffle(batches)
    for tablet, batch in batches:
        door.sends(*batch, tablet=tablet)
    assert Tick.objects.count() == sum(map(len, sent))
    for child in (door.zoe, door.tom):
        standing = standing_of(as_rule(row) for row in Tick.objects.filter(child=child))
        seen = door.seen(child)
        assert (seen.present if seen else None) == standing.present
        if seen:
            told = (seen.arrived_at, seen.left_at, seen.is_late, seen.in_conflict, seen.last_tick)
            assert told == (
                standing.arrived_at, standing.left_at, standing.is_late, bool(standing.conflicts),
                standing.last,
            )  # fmt: skip


def test_two_tablets_that_disagree_are_shown_until_one_settles_it(door: Door) -> None:
    here, away = door.raw("present", door.zoe), door.raw("absent", door.zoe, minutes=1)
    assert door.sends(here) == [APPLIED]
    assert door.sends(away, tablet=door.another_tablet()) == [OutcomeCode.CONFLICT]
    seen = door.seen(door.zoe)
    assert seen
    assert (seen.in_conflict, tick_of(here).outcome) == (True, OutcomeCode.CONFLICT)
    door.sends(door.raw("present", door.zoe, minutes=2, after=away["id"]))
    seen.refresh_from_db()
    assert (seen.in_conflict, seen.present, tick_of(here).outcome) == (False, True, APPLIED)


def test_a_departure_before_the_arrival_is_kept_and_told(door: Door) -> None:
    arrived = door.raw("arrived", door.zoe, minutes=9)
    left = door.raw("left", door.zoe, minutes=9, hour="07:00", after=arrived["id"])
    assert door.sends(arrived, left) == [APPLIED, OutcomeCode.LEFT_BEFORE_ARRIVED]
    seen = door.seen(door.zoe)
    assert seen
    assert seen.left_at is None


def test_a_wrong_clock_is_set_right_by_the_clock_of_the_batch(door: Door) -> None:
    raw = door.raw("arrived", door.zoe, minutes=-180)
    door.sends(raw, sent_at=door.now - timedelta(hours=3))
    seen, tick = door.seen(door.zoe), tick_of(raw)
    assert seen
    assert seen.arrived_at == EIGHT
    assert (tick.at, tick.at_tablet) == (EIGHT, EIGHT - timedelta(hours=3))


def test_a_booking_that_went_meanwhile_leaves_a_child_who_is_there(door: Door) -> None:
    Booking.objects.update(state=BookingState.CANCELLED, ended_at=EIGHT)
    door.made.booking(door.tom, door.midday)
    ticks = [door.raw("present", child) for child in (door.zoe, door.tom, door.lea)]
    assert door.sends(*ticks) == [
        OutcomeCode.BOOKING_CANCELLED,
        OutcomeCode.MOVED,
        OutcomeCode.UNBOOKED,
    ]
    assert Attendance.objects.filter(present=True).count() == 3
    assert waits(door) == []


def test_what_somebody_must_settle_waits_in_one_case(door: Door) -> None:
    stranger = door.made.child(door.durand, "Max")
    ended = door.made.child(door.durand, "Ana")
    door.made.enrolment(ended, door.morning.activity, door.durand, ends_on=DAY - timedelta(days=1))
    ticks = [
        door.raw("present", stranger),
        door.raw("present", ended),
        door.raw("noted", name="Un cousin"),
        door.raw("present", door.zoe, opening=10**6),
    ]
    codes = [
        OutcomeCode.UNKNOWN_CHILD,
        OutcomeCode.NOT_ENROLLED,
        OutcomeCode.NOTED,
        OutcomeCode.UNKNOWN_OPENING,
    ]
    assert door.sends(*ticks) == codes
    assert door.sends(*ticks, now=door.now + MINUTE) == codes
    assert not Attendance.objects.exists()
    assert Case.objects.get(kind="attendance").structure_id == door.structure_id
    assert sorted(waits(door)) == sorted(codes)
    assert tick_of(ticks[0]).child_id is None  # nobody learns a name by trying numbers

    noted = tick_of(ticks[2])
    with pytest.raises(CannotKeep):
        tick_settle(actor=door.director, tick_id=noted.pk, keep=True, now=door.now)
    with pytest.raises(NotYours):
        tick_settle(actor=door.director, tick_id=noted.pk, keep=True, child_id=stranger.pk, now=door.now)
    tick_settle(actor=door.director, tick_id=noted.pk, keep=True, child_id=door.lea.pk, now=door.now)
    seen = door.seen(door.lea)
    assert seen
    assert seen.present
    with pytest.raises(AlreadySettled):
        tick_settle(actor=door.director, tick_id=noted.pk, keep=False, now=door.now)
    for raw in (ticks[0], ticks[1], ticks[3]):
        tick_settle(actor=door.director, tick_id=tick_of(raw).pk, keep=False, now=door.now)
    assert Attendance.objects.count() == 1
    assert Case.objects.get(kind="attendance").state == "accepted"


def test_who_settles_answers_for_the_structure_and_not_for_its_own_child(door: Door) -> None:
    raw = door.raw("present", door.zoe)
    Opening.objects.filter(pk=door.morning.pk).update(state=Opening.State.CLOSED)
    assert door.sends(raw) == [OutcomeCode.DAY_CLOSED]
    for actor in (actor_for(door.animator), door.durand.actor):
        with pytest.raises(NotYours):
            tick_settle(actor=actor, tick_id=tick_of(raw).pk, keep=True, now=door.now)
    Post.objects.create(user=door.durand.user, role=Role.DIRECTOR.value, structure_id=door.structure_id)
    door.durand.user.actor = None
    with pytest.raises(OwnFile):
        tick_settle(actor=door.durand.actor, tick_id=tick_of(raw).pk, keep=True, now=door.now)


def test_a_note_that_the_team_takes_back_waits_for_nobody(door: Door) -> None:
    noted = door.raw("noted", name="Un cousin")
    undone = door.raw("undone", opening=None, minutes=1, undoes=noted["id"])
    door.sends(noted)
    assert waits(door) == [OutcomeCode.NOTED]
    assert door.sends(undone) == [APPLIED]
    assert waits(door) == []
    other = door.raw("noted", name="Une cousine")
    door.sends({**undone, "id": str(uuid4()), "undoes": other["id"]})
    door.sends(other)
    assert waits(door) == []


def test_a_revoked_tablet_and_a_suspended_animator_are_kept_and_do_not_count(door: Door) -> None:
    tablet_revoke(actor=door.director, tablet_id=door.tablet.pk, now=EIGHT)
    door.tablet.refresh_from_db()
    revoked = door.raw("present", door.zoe)
    assert door.sends(revoked) == [OutcomeCode.REVOKED]
    Post.objects.filter(user=door.animator).update(suspended_at=EIGHT)
    other = door.another_tablet()
    undo = door.raw("undone", door.zoe, undoes=revoked["id"])
    assert door.sends(door.raw("present", door.tom), undo, tablet=other) == [OutcomeCode.SUSPENDED] * 2
    own = door.raw("present", door.lea)
    animator = actor_for(type(door.animator).objects.get(pk=door.animator.pk))
    assert door.sends(own, actor=animator) == [OutcomeCode.SUSPENDED]
    assert not Attendance.objects.exists()
    assert len(waits(door)) == 4
    tick_settle(actor=door.director, tick_id=tick_of(revoked).pk, keep=True, now=door.now)
    assert door.seen(door.zoe)


def test_nobody_ticks_at_the_door_of_another_structure(door: Door) -> None:
    elsewhere = door.made.structure("Ailleurs")
    other = actor_for(door.made.staff("autre", Role.ANIMATOR, structure=elsewhere))
    for actor in (other, door.durand.actor):
        with pytest.raises(NotYours):
            door.sends(door.raw("present", door.zoe), actor=actor)
    with pytest.raises(NotYours):
        everyone_present(
            actor=Actor(None, "Tablette"), tablet=door.tablet, structure_id=elsewhere.pk,
            opening_ids=[door.morning.pk], batch_id=uuid4(), now=door.now,
        )  # fmt: skip


def test_a_colleague_is_named_by_the_tablet_and_nobody_else(door: Door) -> None:
    raw = door.raw("present", door.zoe, by=door.durand.user.pk)
    assert door.sends(raw) == [OutcomeCode.SUSPENDED]
    assert (tick_of(raw).account_id, tick_of(raw).by) == (None, "Porte")
    mine = door.raw("present", door.tom, by=door.durand.user.pk)
    assert door.sends(mine, actor=actor_for(door.animator)) == [APPLIED]
    assert tick_of(mine).account_id == door.animator.pk


def test_days_that_are_over(door: Door) -> None:
    early = door.raw("present", door.zoe)
    late = door.raw("present", door.tom, minutes=16 * 60)
    assert door.sends(early, late, now=EIGHT + timedelta(days=8)) == [APPLIED, OutcomeCode.TOO_LATE]
    assert door.sends(door.raw("present", door.lea), now=EIGHT + timedelta(days=9)) == [OutcomeCode.TOO_OLD]
    right = door.raw("present", door.tom, minutes=16 * 60)
    assert door.sends(right, actor=door.director, now=EIGHT + timedelta(days=9)) == [APPLIED]
    future = door.raw("present", door.zoe)
    assert door.sends(future, now=EIGHT - timedelta(days=1)) == [OutcomeCode.FUTURE]
    assert not Tick.objects.filter(pk=future["id"]).exists()


def test_a_ban_is_told_whoever_was_listed(door: Door) -> None:
    guardian = door.zoe.guardians.get()
    PickupBan.objects.create(
        child=door.zoe, name=str(door.durand.adult), reason="Jugement", since=DAY, set_at=EIGHT, set_by="x"
    )
    left = door.raw("left", door.zoe, to="listed", who=f"g{guardian.pk}")
    gone = door.raw("left", door.tom, to="listed", who="p999")
    assert door.sends(left, gone) == [OutcomeCode.BANNED, OutcomeCode.NOT_LISTED]
    seen = door.seen(door.zoe)
    assert seen
    assert seen.handed_to == str(door.durand.adult)
    assert sorted(waits(door)) == [OutcomeCode.BANNED, OutcomeCode.NOT_LISTED]


def test_everyone_present_is_who_is_booked_and_neither_told_absent_nor_ticked(door: Door) -> None:
    absent = door.made.child(door.durand, "Ana")
    door.made.enrolment(absent, door.morning.activity, door.durand)
    Absence.objects.create(
        booking=door.made.booking(absent, door.morning), declared_at=EIGHT, declared_by="Camille"
    )
    for name, state in (("Ida", BookingState.REQUESTED), ("Eva", BookingState.OFFERED)):
        asking = door.made.child(door.durand, name)
        door.made.enrolment(asking, door.morning.activity, door.durand)
        door.made.booking(asking, door.morning, state=state)
    door.sends(door.raw("absent", door.tom))
    batch = uuid4()
    for _time in range(2):
        everyone_present(
            actor=actor_for(door.animator), structure_id=door.structure_id, opening_ids=[door.morning.pk],
            batch_id=batch, now=door.now,
        )  # fmt: skip
    assert dict(Attendance.objects.values_list("child__first_name", "present")) == {"Zoé": True, "Tom": False}
    assert Tick.objects.count() == 2
    (mine,) = Tick.objects.filter(child=door.zoe)
    for _time in range(2):
        tick_undo(
            actor=actor_for(door.animator), structure_id=door.structure_id, tick_id=mine.pk, now=door.now
        )
    assert door.seen(door.zoe) is None
    assert Tick.objects.count() == 3


def test_a_call_is_closed_and_opened_again_with_who_and_when(door: Door) -> None:
    by = {"actor": actor_for(door.animator), "structure_id": door.structure_id}
    call_close(**by, opening_id=door.morning.pk, now=door.now)
    call = Call.objects.get(opening=door.morning)
    assert (call.state, call.closed_at, call.closed_by) == ("closed", door.now, str(door.animator))
    call_reopen(**by, opening_id=door.morning.pk, now=door.now + MINUTE)
    call.refresh_from_db()
    assert call.state == "open"
    verbs = list(Entry.objects.filter(subject_kind="opening").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["door.call_closed", "door.call_reopened"]


def test_a_batch_costs_the_same_whatever_its_children(door: Door, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    more = [door.made.child(door.durand, f"Enfant {letter}") for letter in "abcdefgh"]
    for child in more:
        door.made.enrolment(child, door.morning.activity, door.durand)
        door.made.booking(child, door.morning)
    with django_assert_num_queries(QUERIES):
        door.sends(door.raw("present", door.zoe))
    with django_assert_num_queries(QUERIES):
        door.sends(*(door.raw("present", child) for child in (door.tom, *more)))


QUERIES = 16


def test_the_page_of_a_case_keeps_and_sets_aside_and_closes_with_the_last(door: Door, client: Client) -> None:
    noted, stranger = door.raw("noted", name="Un cousin"), door.raw("present", door.lea, opening=10**6)
    door.sends(noted, stranger)
    page = f"/agents/pointages/{Case.objects.get(kind='attendance').subject_id}/"
    client.force_login(door.animator)
    assert client.get(page).status_code == 403
    client.force_login(door.made.staff("chef", Role.OFFICE))
    shown = client.get(page).content.decode()
    assert "Un cousin : noté sans inscription" in shown
    answer = client.post(page, {"tick": noted["id"], "answer": "keep"}, follow=True)
    assert "Dites quel enfant et quel créneau" in answer.content.decode()
    client.post(page, {"tick": noted["id"], "answer": "keep", "child": door.zoe.pk})
    answer = client.post(page, {"tick": noted["id"], "answer": "keep"}, follow=True)
    assert "Ce pointage est déjà réglé." in answer.content.decode()
    client.post(page, {"tick": stranger["id"], "answer": "keep", "opening": door.morning.pk})
    assert Attendance.objects.filter(present=True).count() == 2
    assert Case.objects.get(kind="attendance").state == "accepted"
