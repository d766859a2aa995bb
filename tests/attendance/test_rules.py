"""What ticks come to: the same for any order of receipt, any repeat, any cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.attendance.outcomes import Booked, DayFacts, Facts, OutcomeCode, outcome_of, team_until
from marelle.attendance.reading import MOST_TICKS, batch_read, tick_short
from marelle.attendance.rules import (
    Alert,
    Hand,
    HandKind,
    Standing,
    Tick,
    TickKind,
    Value,
    alert_kind,
    call_of,
    corrected,
    hour_of,
    standing_of,
)
from marelle.core.clock import PARIS

DAY = date(2026, 11, 25)
EIGHT = datetime(2026, 11, 25, 8, 0, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)


def uid(number: int) -> UUID:
    return UUID(int=number)


def tick(
    number: int,
    kind: TickKind,
    *,
    minutes: int = 0,
    tablet: int = 1,
    after: int | None = None,
    **value: object,
) -> Tick:
    return Tick(
        id=uid(number),
        tablet=tablet,
        by=7,
        opening_id=1,
        child_id=1,
        name="",
        kind=kind,
        at=EIGHT + minutes * MINUTE,
        after=uid(after) if after else None,
        value=Value(**value),  # type: ignore[arg-type]
        by_label=f"Tablette {tablet}",
    )


KINDS = [kind for kind in TickKind if kind is not TickKind.NOTED]


@st.composite
def histories(draw: st.DrawFn) -> list[Tick]:
    """Ticks of two or three tablets of which each knows its own last one, or any that was made before."""
    ticks: list[Tick] = []
    for number in range(1, draw(st.integers(1, 9)) + 1):
        kind = draw(st.sampled_from(KINDS))
        ticks.append(
            tick(
                number,
                kind,
                minutes=draw(st.integers(0, 12)),
                tablet=draw(st.integers(1, 3)),
                after=draw(st.one_of(st.none(), st.integers(1, number))),
                undoes=uid(draw(st.integers(1, 9))) if kind is TickKind.UNDONE else None,
                hand=Hand(HandKind.ALONE) if kind is TickKind.LEFT and draw(st.booleans()) else None,
                time=EIGHT + draw(st.integers(-5, 15)) * MINUTE if draw(st.booleans()) else None,
            )
        )
    return ticks


@given(histories(), st.randoms(use_true_random=False))
def test_what_ticks_come_to_hangs_neither_on_order_nor_on_repeats(ticks: list[Tick], random) -> None:  # type: ignore[no-untyped-def]
    again = ticks + random.choices(ticks, k=random.randrange(len(ticks) + 1))
    random.shuffle(again)
    assert standing_of(again) == standing_of(ticks)
    assert call_of(again) == call_of(ticks)


@given(histories())
def test_who_is_absent_has_neither_come_nor_left(ticks: list[Tick]) -> None:
    standing = standing_of(ticks)
    if not standing.present:
        assert (standing.arrived_at, standing.left_at, standing.handed_to) == (None, None, None)
    if standing.arrived_at and standing.left_at:
        assert standing.arrived_at <= standing.left_at
    undone = {one.value.undoes for one in ticks if one.kind is TickKind.UNDONE}
    assert undone.isdisjoint(standing.refused)


def test_a_day_at_the_door() -> None:
    line = Hand(HandKind.LISTED, "Line Durand", "g1")
    ticks = [
        tick(1, TickKind.ARRIVED),
        tick(2, TickKind.LATE, minutes=1, after=1),
        tick(3, TickKind.LEFT, minutes=500, after=2, hand=line),
    ]
    standing = standing_of(ticks)
    assert standing.present
    assert standing.is_late
    assert (standing.arrived_at, standing.left_at) == (EIGHT, EIGHT + 500 * MINUTE)
    assert (standing.handed_to, standing.last, standing.by) == (line, uid(3), "Tablette 1")
    undone = standing_of([*ticks, tick(4, TickKind.UNDONE, minutes=501, after=3, undoes=uid(3))])
    assert (undone.left_at, undone.handed_to, undone.last) == (None, None, uid(4))


def test_what_was_taken_back_does_not_count_whichever_came_first() -> None:
    undo = tick(2, TickKind.UNDONE, minutes=1, undoes=uid(1))
    assert standing_of([undo]).present is None
    assert standing_of([undo, tick(1, TickKind.PRESENT)]).present is None


def test_a_departure_before_the_arrival_is_refused_and_told() -> None:
    left = tick(2, TickKind.LEFT, minutes=5, after=1, time=EIGHT - 10 * MINUTE)
    standing = standing_of([tick(1, TickKind.ARRIVED), left])
    assert (standing.left_at, standing.refused) == (None, (uid(2),))
    earlier = tick(3, TickKind.ARRIVED, minutes=-1, time=EIGHT - 20 * MINUTE)
    put_right = standing_of([replace(earlier, after=None), left])
    assert (put_right.left_at, put_right.refused) == (EIGHT - 10 * MINUTE, ())


@pytest.mark.parametrize("minutes", [20, 25])
def test_who_left_and_comes_back_has_left_no_more_be_it_in_the_same_minute(minutes: int) -> None:
    left = tick(1, TickKind.LEFT, minutes=20, hand=Hand(HandKind.ALONE))
    back = tick(2, TickKind.ARRIVED, minutes=30, after=1, time=EIGHT + minutes * MINUTE)
    standing = standing_of([left, back])
    assert (standing.present, standing.left_at, standing.handed_to) == (True, None, None)


@pytest.mark.parametrize("typed", [None, EIGHT + 40 * MINUTE])
def test_a_departure_put_right_by_an_arrival_leaves_the_first_one(typed: datetime | None) -> None:
    came, left = tick(1, TickKind.ARRIVED), tick(2, TickKind.LEFT, minutes=30, after=1)
    back = tick(3, TickKind.ARRIVED, minutes=45, after=2, time=typed)
    standing = standing_of([came, left, back])
    assert (standing.arrived_at, standing.left_at) == (EIGHT, None)
    again = tick(4, TickKind.LEFT, minutes=500, after=3)
    assert standing_of([came, left, back, again]).arrived_at == EIGHT
    later = tick(5, TickKind.ARRIVED, minutes=510, after=4, time=EIGHT + 10 * MINUTE)
    put_right = standing_of([came, left, back, again, later])
    assert (put_right.arrived_at, put_right.left_at) == (EIGHT + 10 * MINUTE, EIGHT + 500 * MINUTE)


def test_who_is_seen_after_leaving_is_handed_to_nobody() -> None:
    left = tick(1, TickKind.LEFT, hand=Hand(HandKind.ALONE))
    standing = standing_of([left, tick(2, TickKind.PRESENT, minutes=5, after=1)])
    assert (standing.left_at, standing.handed_to) == (None, None)


def test_a_clock_that_goes_backwards_does_not_turn_what_one_tablet_did() -> None:
    ticks = [tick(1, TickKind.PRESENT, minutes=10), tick(2, TickKind.ABSENT, minutes=3, after=1)]
    assert standing_of(ticks).present is False


def test_two_tablets_disagree_until_one_that_knows_settles_it() -> None:
    here, away = tick(1, TickKind.PRESENT), tick(2, TickKind.ABSENT, minutes=1, tablet=2)
    assert standing_of([here, away]).conflicts == ((uid(1), uid(2)),)
    assert standing_of([here, replace(away, tablet=1)]).conflicts == ()
    assert standing_of([here, replace(away, kind=TickKind.PRESENT)]).conflicts == ()
    assert standing_of([here, replace(away, after=uid(1))]).conflicts == ()
    blind = tick(3, TickKind.LATE, minutes=2)
    assert standing_of([here, away, blind]).conflicts
    through = tick(4, TickKind.ARRIVED, minutes=3, after=3)
    settled = standing_of([here, away, replace(blind, after=uid(2)), through])
    assert (settled.conflicts, settled.present) == ((), True)
    undone = tick(5, TickKind.UNDONE, minutes=4, undoes=uid(2))
    assert standing_of([here, away, undone]).conflicts == ()


def test_two_tablets_that_tell_nearly_the_same_time_agree() -> None:
    one, other = tick(1, TickKind.ARRIVED), tick(2, TickKind.ARRIVED, minutes=4, tablet=2)
    assert standing_of([one, other]).conflicts == ()
    assert standing_of([one, replace(other, at=EIGHT + 20 * MINUTE)]).conflicts


def test_a_call_is_as_its_last_word() -> None:
    closed = tick(1, TickKind.CALL_CLOSED)
    assert call_of([closed]).closed
    assert not call_of([tick(2, TickKind.CALL_REOPENED, minutes=1), closed]).closed


@pytest.mark.parametrize(
    ("at", "sent_at", "received_at", "was"),
    [
        (0, 60, 60, 0),  # a clock that is right
        (0, 61, 60, 0),  # wrong by a minute: believed
        (-5, 58, 60, -5),  # wrong by two minutes: believed
        (-5, 57, 60, -2),  # wrong by three: set right
        (120, 180, 60, 0),  # two hours ahead
        (-120, -60, 60, 0),  # two hours late
        (90, 61, 60, 60),  # never after it was received
        (0, None, 60, 0),  # one that does not say its clock
    ],
)
def test_a_wrong_clock_is_set_right(at: int, sent_at: int | None, received_at: int, was: int) -> None:
    told = corrected(
        EIGHT + at * MINUTE,
        sent_at=None if sent_at is None else EIGHT + sent_at * MINUTE,
        received_at=EIGHT + received_at * MINUTE,
    )
    assert told == EIGHT + was * MINUTE


@pytest.mark.parametrize(("day", "offset"), [(date(2026, 3, 29), 2), (date(2026, 10, 25), 1)])
def test_hours_are_those_of_the_clock_of_the_day_when_it_changes(day: date, offset: int) -> None:
    starts, ends = (datetime.combine(day, time(hour), tzinfo=PARIS) for hour in (8, 18))
    noon = hour_of(time(12), day=day, starts_at=starts, ends_at=ends)
    assert noon == datetime(day.year, day.month, day.day, 12 - offset, tzinfo=UTC)
    arrived = tick(1, TickKind.ARRIVED)
    night = replace(arrived, at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))  # 2:30, the first time
    later = tick(2, TickKind.LEFT, after=1)
    standing = standing_of([night, replace(later, at=datetime(2026, 10, 25, 1, 15, tzinfo=UTC))])
    assert standing.refused == ()  # 2:15, the second time


def test_an_hour_past_midnight_is_of_the_next_day() -> None:
    starts, ends = (datetime(2026, 11, 25, hour, tzinfo=PARIS) for hour in (18, 23))
    assert hour_of(time(0, 15), day=DAY, starts_at=starts, ends_at=ends).astimezone(PARIS).day == 26
    assert hour_of(time(17, 50), day=DAY, starts_at=starts, ends_at=ends).astimezone(PARIS).day == 25
    assert team_until(DAY, ends).astimezone(PARIS) == datetime(2026, 11, 26, 2, tzinfo=PARIS)
    assert team_until(DAY, EIGHT).astimezone(PARIS) == datetime(2026, 11, 26, tzinfo=PARIS)


HERE, AWAY = Standing(present=True), Standing(present=False)


@pytest.mark.parametrize(
    ("booked", "standing", "more", "told"),
    [
        (True, HERE, {}, None),
        (True, AWAY, {}, Alert.ABSENT),
        (True, Standing(), {}, Alert.ABSENT),
        (True, AWAY, {"declared": True}, None),
        (True, replace(AWAY, reason="illness"), {}, None),
        (False, HERE, {}, Alert.UNBOOKED),
        (False, AWAY, {}, None),
        (False, HERE, {"free_access": True}, None),
        (True, replace(AWAY, conflicts=((uid(1), uid(2)),)), {}, None),
    ],
)
def test_who_is_told_of_a_mismatch(
    booked: bool, standing: Standing, more: dict[str, bool], told: Alert | None
) -> None:
    assert alert_kind(booked=booked, standing=standing, **more) is told


FACTS = Facts(
    kind=TickKind.PRESENT,
    at=EIGHT,
    received_at=EIGHT,
    opening=DayFacts(DAY, EIGHT + 240 * MINUTE),
    child_known=True,
    enrolled=True,
)
LATER = {"received_at": EIGHT + timedelta(days=2)}
OVER = {**LATER, "at": EIGHT + timedelta(hours=16)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, OutcomeCode.APPLIED),
        (LATER, OutcomeCode.APPLIED),
        (OVER, OutcomeCode.TOO_LATE),
        ({**OVER, "may_correct": True}, OutcomeCode.APPLIED),
        ({"received_at": EIGHT + timedelta(days=8)}, OutcomeCode.APPLIED),
        ({"received_at": EIGHT + timedelta(days=9)}, OutcomeCode.TOO_OLD),
        ({"received_at": EIGHT - timedelta(days=1)}, OutcomeCode.FUTURE),
        ({"tablet_revoked": True}, OutcomeCode.REVOKED),
        ({"works_here": False}, OutcomeCode.SUSPENDED),
        ({"opening": None}, OutcomeCode.UNKNOWN_OPENING),
        ({"child_known": False}, OutcomeCode.UNKNOWN_CHILD),
        ({"enrolled": False}, OutcomeCode.NOT_ENROLLED),
        ({"opening": DayFacts(DAY, EIGHT, is_open=False)}, OutcomeCode.DAY_CLOSED),
        ({"booked": Booked.CANCELLED}, OutcomeCode.BOOKING_CANCELLED),
        ({"booked": Booked.MOVED}, OutcomeCode.MOVED),
        ({"booked": Booked.NO}, OutcomeCode.UNBOOKED),
        ({"hand_unlisted": True}, OutcomeCode.NOT_LISTED),
        ({"hand_banned": True}, OutcomeCode.BANNED),
        ({"kind": TickKind.NOTED, "child_known": False, "opening": None}, OutcomeCode.NOTED),
        ({"clock_sure": False}, OutcomeCode.WRONG_CLOCK),
        ({"clock_sure": False, "may_correct": True}, OutcomeCode.WRONG_CLOCK),
        ({**OVER, "kind": TickKind.LEFT, "may_correct": True}, OutcomeCode.TOO_LATE),
        ({**OVER, "kind": TickKind.LEFT, "may_correct": True, "has_hour": True}, OutcomeCode.APPLIED),
        ({"kind": TickKind.CALL_CLOSED, "child_known": False}, OutcomeCode.APPLIED),
        ({"kind": TickKind.UNDONE, "of_note": True, "opening": None}, OutcomeCode.APPLIED),
    ],
)
def test_each_tick_has_its_outcome(changes: dict[str, object], code: OutcomeCode) -> None:
    assert outcome_of(replace(FACTS, **changes)) is code  # type: ignore[arg-type]


RAW = {"id": str(uid(1)), "kind": "present", "at": EIGHT.isoformat(), "opening": 1, "child": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"},
        {"id": None},
        {"kind": "other"},
        {"kind": ["present"]},
        {"after": "é" * 22},
        {"after": "-" * 21 + "!"},
        {"opening": "1"},
        {"child": True},
        {"child": 2**70},
        {"child": None},
        {"kind": "absent_excused", "reason": "diagnosis"},
        {"kind": "left", "to": "other", "who": " "},
        {"kind": "left", "hour": "25:00"},
        {"kind": "noted", "name": ""},
        {"kind": "undone"},
        {"kind": "call_closed", "opening": None},
    ],
)
def test_what_has_not_the_shape_of_a_tick_is_told_by_its_identifier(wrong: dict[str, object]) -> None:
    read = batch_read({"sent_at": EIGHT.isoformat(), "ticks": [{**RAW, **wrong}, RAW, "x"]})
    assert [draft.id for draft in read.drafts] == [uid(1)]
    assert len(read.malformed) == 2


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_nothing_that_is_posted_breaks_the_reading(raw: object) -> None:
    assert batch_read(raw).drafts == ()
    assert batch_read({"ticks": raw}).drafts == ()


def test_a_batch_is_read_as_it_was_meant() -> None:
    left = {
        **RAW,
        "kind": "left",
        "hour": "17:05",
        "to": "other",
        "who": " Léa\n Petit ",
        "after": tick_short(uid(9)),
    }
    (draft,) = batch_read({"ticks": [left]}).drafts
    assert (draft.hour, draft.hand, draft.after) == (
        time(17, 5),
        Hand(HandKind.OTHER, name="Léa Petit"),
        uid(9),
    )
    assert len(batch_read({"ticks": [RAW] * (MOST_TICKS + 1)}).drafts) == MOST_TICKS
