"""A clock that says another day: the touch is kept, counts for nothing by itself, and somebody settles it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from marelle.activities.models import Activity, Slot
from marelle.attendance.desk import tick_settle
from marelle.attendance.models import Call, Tick
from marelle.attendance.outcomes import DayFacts, Instant, OutcomeCode, instant_told, team_until
from marelle.attendance.projecting import standings
from marelle.attendance.refusals import HourMissing, WrongHour
from marelle.attendance.rules import corrected
from marelle.bookings.models import Attendance
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.clock import instant_at
from marelle.flows.figures.counting import attended
from marelle.flows.figures.rows import Wanted
from marelle.flows.figures.rules import hours
from tests.attendance.door import DAY, EIGHT, MINUTE, Door, made_door, tick_of
from tests.standing import built_once

APPLIED, FAR = OutcomeCode.APPLIED, OutcomeCode.WRONG_CLOCK
SEPTEMBER = EIGHT.replace(month=9, day=10)
UNIX = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)
NOON = EIGHT.replace(hour=12)


built = built_once(made_door)


@pytest.fixture
def door(built, db) -> Door:
    return deepcopy(built)


def realised(door: Door) -> float:
    """« Heures réalisées » of the month."""
    wanted = Wanted(
        structure_ids=(door.structure_id,),
        months=(DAY.replace(day=1),),
        last=DAY.replace(day=30),
        today=DAY,
    )
    return float(hours(sum(one.present_seconds for one in attended(wanted).cells.values())))


def by_the_hour(door: Door) -> None:
    Slot.objects.filter(pk=door.morning.slot_id).update(by_hour=True)
    Activity.objects.update(asks_times=True)


def test_a_touch_dated_months_before_its_day_counts_for_nothing_until_settled(door: Door) -> None:
    by_the_hour(door)
    far = [door.raw("arrived", child, at=SEPTEMBER.isoformat()) for child in (door.zoe, door.tom)]
    left = [
        door.raw("left", child, minutes=9, hour="11:45", after=raw["id"])
        for child, raw in zip((door.zoe, door.tom), far, strict=True)
    ]
    assert door.sends(*far, *left) == [FAR, FAR, APPLIED, APPLIED]
    assert realised(door) == 7.5
    tick = tick_of(far[0])
    assert (tick.at, tick.at_tablet, tick.day) == (door.now, SEPTEMBER, DAY)
    assert Case.objects.get(kind="attendance").state == "open"
    settled = {"actor": door.director, "tick_id": tick.pk, "keep": True, "now": NOON}
    with pytest.raises(HourMissing):
        tick_settle(**settled)
    for wrong in (time(8, 11), time(23)):
        with pytest.raises(WrongHour):
            tick_settle(**settled, hour=wrong)
    tick_settle(**settled, hour=time(8, 5))
    seen = door.seen(door.zoe)
    assert seen
    assert (seen.arrived_at, seen.left_at) == (EIGHT + 5 * MINUTE, EIGHT.replace(hour=11, minute=45))
    assert realised(door) == 7.4
    tick_settle(actor=door.director, tick_id=tick_of(far[1]).pk, keep=False, now=NOON)
    assert Case.objects.get(kind="attendance").state == "accepted"


def test_a_departure_kept_before_the_arrival_is_refused_and_nothing_is_written(door: Door) -> None:
    left = door.raw("left", door.zoe, at=SEPTEMBER.isoformat())
    door.sends(door.raw("arrived", door.zoe), left)
    with pytest.raises(WrongHour):
        tick_settle(actor=door.director, tick_id=tick_of(left).pk, keep=True, hour=time(7, 30), now=NOON)
    assert tick_of(left).settled == ""


def test_a_tablet_without_its_date_loses_nothing(door: Door) -> None:
    """Sent with the same clock it is set right; once the clock was put right in between, it waits."""
    raw = door.raw("present", door.zoe, at=UNIX.isoformat())
    assert door.sends(raw, sent_at=UNIX + 2 * MINUTE) == [APPLIED]
    assert tick_of(raw).at == door.now - 2 * MINUTE
    other = door.raw("present", door.tom, at=UNIX.isoformat())
    assert door.sends(other) == [FAR]
    assert (tick_of(other).at, tick_of(other).at_tablet) == (door.now, UNIX)
    assert door.seen(door.tom) is None
    tick_settle(actor=door.director, tick_id=tick_of(other).pk, keep=True, now=NOON)
    seen = door.seen(door.tom)
    assert seen
    assert (seen.present, seen.noted_at) == (True, door.now)


@pytest.mark.parametrize("said", ["2026-11-25T08:00:00", "9999-12-31T23:59:59+00:00", 12, None, "+275760-09"])
def test_an_instant_that_cannot_be_read_is_no_reason_to_lose_a_touch(door: Door, said: object) -> None:
    raw = door.raw("present", door.zoe, at=said)
    assert door.sends(raw) == [FAR]
    assert tick_of(raw).at_tablet is None


def test_a_clock_that_went_wrong_after_the_touch_is_not_believed_of_it(door: Door) -> None:
    raw = door.raw("arrived", door.zoe, minutes=4)
    after = door.raw("late", door.zoe, at=(UNIX + MINUTE).isoformat(), after=raw["id"])
    assert door.sends(raw, after, sent_at=UNIX + 2 * MINUTE) == [APPLIED, APPLIED]
    assert (tick_of(raw).at, tick_of(after).at) == (EIGHT + 4 * MINUTE, door.now - MINUTE)


def test_a_call_and_a_note_of_another_day_wait_as_well(door: Door) -> None:
    said = {"at": SEPTEMBER.isoformat()}
    call = door.raw("call_closed", **said)
    note = door.raw("noted", name="Un cousin", opening=None, at=UNIX.isoformat())
    assert door.sends(call, note) == [FAR, FAR]
    assert not Call.objects.exists()
    assert set(Tick.objects.values_list("day", flat=True)) == {DAY}
    tick_settle(actor=door.director, tick_id=tick_of(call).pk, keep=True, now=NOON)
    assert Call.objects.get().closed_at == door.now


def test_who_corrects_a_day_that_is_over_says_the_hour(door: Door) -> None:
    """« Départ » without an hour, days later, would count the days in between."""
    by_the_hour(door)
    door.sends(door.raw("arrived", door.zoe))
    later = {"actor": door.director, "now": EIGHT + timedelta(days=3)}
    at = {"at": later["now"].isoformat()}  # type: ignore[union-attr]
    left = door.raw("left", door.zoe, **at)
    assert door.sends(left, **later) == [OutcomeCode.TOO_LATE]  # type: ignore[arg-type]
    assert realised(door) == 4
    with pytest.raises(HourMissing):
        tick_settle(actor=door.director, tick_id=tick_of(left).pk, keep=True, now=NOON)
    typed = door.raw("left", door.zoe, hour="11:00", **at)
    assert door.sends(typed, **later) == [APPLIED]  # type: ignore[arg-type]
    assert realised(door) == 3
    assert door.sends(door.raw("present", door.tom, **at), **later) == [APPLIED]  # type: ignore[arg-type]


def test_a_touch_kept_though_late_says_its_hour(door: Door) -> None:
    left = door.raw("left", door.zoe, minutes=17 * 60)
    assert door.sends(left, now=EIGHT + timedelta(days=1)) == [OutcomeCode.TOO_LATE]
    with pytest.raises(HourMissing):
        tick_settle(actor=door.director, tick_id=tick_of(left).pk, keep=True, now=NOON)
    tick_settle(actor=door.director, tick_id=tick_of(left).pk, keep=True, hour=time(12), now=NOON)
    seen = door.seen(door.zoe)
    assert seen
    assert seen.left_at == NOON


SOME = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
NEAR = st.integers(-4000, 4000).map(lambda minutes: EIGHT + minutes * MINUTE)
CLOCKS = st.one_of(SOME, NEAR)
HELD = DayFacts(DAY, NOON)


@given(at=st.none() | CLOCKS, sent_at=st.none() | CLOCKS, received_at=NEAR)
@example(at=SEPTEMBER, sent_at=EIGHT, received_at=EIGHT)
@example(at=EIGHT, sent_at=UNIX, received_at=EIGHT + MINUTE)
def test_an_instant_is_held_to_its_day(
    at: datetime | None, sent_at: datetime | None, received_at: datetime
) -> None:
    told = instant_told(at, sent_at=sent_at, received_at=received_at, since=HELD.since, until=HELD.until)
    assert told.at <= received_at
    if told.is_sure:
        assert at is not None
        assert told.at >= min(HELD.since, received_at)
        right = corrected(at, sent_at=sent_at, received_at=received_at)
        assert told.at in {right, min(at, received_at)}
        if HELD.since <= at < HELD.until and at <= received_at and sent_at in {None, received_at}:
            assert told.at == at
    else:
        assert told.at == received_at


def test_a_day_holds_its_first_instant_and_not_the_first_of_the_next() -> None:
    span = {"since": HELD.since, "until": HELD.until}
    assert instant_told(HELD.since, sent_at=None, received_at=EIGHT, **span) == Instant(HELD.since)
    after = HELD.until + timedelta(hours=1)
    assert instant_told(HELD.until, sent_at=None, received_at=after, **span) == Instant(HELD.until)
    assert not HELD.holds(HELD.until)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_clock_makes_an_hour_of_another_day(door: Door, data: st.DataObject) -> None:
    """Whatever clocks say, in any order, cut or sent again: every touch is kept once, no hour is of another
    day, and those of a clock that cannot be are as if they had not been made."""
    Attendance.objects.all().delete()
    Tick.objects.all().delete()
    batches: list[tuple[datetime, list[dict[str, object]]]] = []
    last: dict[int, object] = {}
    for _touch in range(data.draw(st.integers(1, 6))):
        child = data.draw(st.sampled_from([door.zoe, door.tom]))
        kind = data.draw(st.sampled_from(["present", "absent", "arrived", "left", "late"]))
        raw = door.raw(kind, child, at=data.draw(CLOCKS).isoformat(), after=last.get(child.pk))
        last[child.pk] = raw["id"]
        batches.append((data.draw(st.one_of(st.just(door.now), CLOCKS)), [raw]))
    for sent_at, batch in [*batches, *data.draw(st.permutations(batches))]:
        door.sends(*batch, sent_at=sent_at, now=door.now)
    assert Tick.objects.count() == len(batches)
    rows = Attendance.objects.all()
    for instant in [at for row in rows for at in (row.arrived_at, row.left_at, row.noted_at) if at]:
        assert instant_at(DAY, time()) <= instant < team_until(DAY, NOON)
    Tick.objects.filter(outcome=FAR).delete()
    for row in rows:
        assert standings({(row.opening_id, row.child_id)})[row.opening_id, row.child_id].last == row.last_tick
    assert set(Tick.objects.values_list("child_id", flat=True)) == {row.child_id for row in rows}


def test_the_page_of_the_day_asks_the_hour_and_keeps_what_was_typed(door: Door, client: Client) -> None:
    far = door.raw("arrived", door.zoe, at=SEPTEMBER.isoformat())
    nobody = door.raw("noted", name="Un cousin", at=12)
    door.sends(far, nobody)
    page = f"/agents/pointages/{Case.objects.get(kind='attendance').subject_id}/"
    client.force_login(door.made.staff("chef", Role.OFFICE))
    shown = client.get(page).content.decode()
    assert "l’appareil disait le jeudi 10 septembre 2026 à 8\u00a0h\u00a000" in shown
    assert "l’appareil ne disait aucune date" in shown
    assert "reçu le mercredi 25 novembre à 8\u00a0h\u00a010" in shown
    answer = client.post(page, {"tick": far["id"], "answer": "keep", "hour": "09:30"}).content.decode()
    assert "avant 8\u00a0h\u00a010" in answer
    assert 'value="09:30"' in answer
    answer = client.post(page, {"tick": far["id"], "answer": "keep", "hour": ""}).content.decode()
    assert "Dites à quelle heure" in answer
    answer = client.post(
        page, {"tick": nobody["id"], "answer": "keep", "hour": "08:02", "opening": door.morning.pk}
    ).content.decode()
    assert "Dites quel enfant" in answer
    assert 'value="08:02"' in answer
    client.post(page, {"tick": far["id"], "answer": "keep", "hour": "08:05"})
    seen = door.seen(door.zoe)
    assert seen
    assert seen.arrived_at == EIGHT + 5 * MINUTE


def test_what_needs_nothing_to_be_said_is_kept_at_once_as_it_was_shown(door: Door, client: Client) -> None:
    said = {"at": SEPTEMBER.isoformat()}
    shown = [door.raw("present", child, **said) for child in (door.zoe, door.tom)]
    unsure = door.raw("arrived", door.lea, **said)
    door.sends(*shown, unsure)
    page = f"/agents/pointages/{Case.objects.get(kind='attendance').subject_id}/"
    client.force_login(door.made.staff("chef", Role.OFFICE))
    assert "Retenir les 2 qui n’attendent aucune précision" in client.get(page).content.decode()
    later = door.raw("absent", door.tom, minutes=1, **said)
    door.sends(later)
    asked = {"answer": "keep_all", "tick": [raw["id"] for raw in (*shown, unsure)]}
    answer = client.post(page, asked, follow=True).content.decode()
    assert "2 pointages sont retenus." in answer
    assert dict(Attendance.objects.values_list("child__first_name", "present")) == {"Zoé": True, "Tom": True}
    assert {tick.pk for tick in Tick.objects.to_settle()} == {tick_of(unsure).pk, tick_of(later).pk}
    assert "Ces pointages sont déjà réglés." in client.post(page, asked, follow=True).content.decode()
    tick_settle(actor=door.director, tick_id=tick_of(unsure).pk, keep=False, now=NOON)
    client.post(page, {"answer": "keep_all", "tick": later["id"]})
    assert Case.objects.get(kind="attendance").state == "accepted"
