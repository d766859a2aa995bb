"""The steps that are told of a booking are the rules that decide it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.rules import Moment, Wave
from marelle.bookings.cells import Context, blocking, cell_state
from marelle.bookings.needs import takeable, with_needs
from marelle.bookings.rules import Home, Opening, Stay, Why, may_ask
from marelle.bookings.steps import steps
from tests.bookings.facts import (
    AFTERNOON,
    DAY,
    MEAL,
    MORNING,
    NOW,
    TOO_LATE,
    activity,
    opening,
    place,
    slot,
    stay,
    with_rules,
)
from tests.bookings.test_rules_laws import homes, moments, openings, stays

LATER = {Why.QUEUE_ONLY: Why.TOO_LATE}


@given(openings, stays, homes, moments, st.booleans())
def test_the_first_step_that_fails_is_why(
    one: Opening, known: Stay | None, home: Home, now: datetime, full: bool
) -> None:
    verdict = may_ask(one, known, home, now)
    told = list(steps(one, Context(known, home, full=full), now))
    failed = [step for step in told if not step.passes and step.why is not Why.FULL]
    assert bool(failed) is (verdict.why is not None)
    if verdict.why is not None:
        assert failed[0].why is LATER.get(verdict.why, verdict.why)
        assert failed[0].at in (None, verdict.opens_at, verdict.closes_at)
    assert any(step.why is Why.FULL and not step.passes for step in told) is (full and known is not None)


def test_each_rule_is_told_once_past_the_first_that_fails() -> None:
    closed = opening(1, MORNING, is_open=False)
    told = list(steps(closed, Context(stay()), TOO_LATE))
    assert [step.why for step in told if not step.passes] == [Why.CLOSED, Why.TOO_LATE]
    assert len({step.why for step in told}) == len(told)


def test_a_limit_says_its_last_minute_and_what_comes_after() -> None:
    (limit,) = (step for step in steps(opening(1, MORNING), Context(stay()), NOW) if step.why is Why.TOO_LATE)
    assert (limit.passes, limit.when, limit.at) == (True, Moment.OPEN, opening(1, MORNING).window.closes_at)


def test_who_is_of_no_wave_is_told_so_and_nothing_of_hours() -> None:
    nobody = with_rules(activity(), waves=(Wave(None, Audience(AudienceKind.STAFF)),))
    told = list(steps(opening(1, MORNING, of=nobody), Context(stay()), NOW))
    assert [step.why for step in told if not step.passes] == [Why.OTHER_AUDIENCE]
    assert Why.TOO_LATE not in {step.why for step in told}


def test_another_booking_that_can_no_longer_be_left_is_named() -> None:
    held = opening(2, DAY)
    others = ((held, place(held)),)
    context = Context(stay(), others=others)
    told = [step for step in steps(opening(1, MORNING), context, TOO_LATE) if step.why is Why.CONFLICT]
    assert blocking(opening(1, MORNING), context, TOO_LATE) == (Why.CONFLICT, "Journée")
    assert [(step.passes, step.other) for step in told] == [(False, "Journée")]


@given(
    moments,
    st.lists(st.sampled_from([MORNING, MEAL, DAY]), max_size=1),
    st.sets(st.sampled_from([MEAL, AFTERNOON, DAY])),
    st.sets(st.sampled_from([MEAL, AFTERNOON, DAY])),
)
def test_what_a_slot_needs_is_the_first_step_that_fails_when_it_is_why(
    now: datetime, held: list[int], full: set[int], closed: set[int]
) -> None:
    """The afternoon needs the meal or the whole day, held already or to be taken with it."""
    there = {pk: opening(pk, pk, is_open=pk not in closed) for pk in (MORNING, MEAL, AFTERNOON, DAY)}
    others = [(there[pk], place(there[pk])) for pk in held]
    contexts = {pk: Context(stay(), others=others, full=pk in full) for pk in there}
    before = {
        pk: (one, cell_state(one, dict.fromkeys(held, place(one)).get(pk), None, contexts[pk], now))
        for pk, one in there.items()
    }
    changed = with_needs(before, [one for one, _place in others])
    cells = {pk: (one, changed.get(pk, state)) for pk, (one, state) in before.items()}
    afternoon, state = cells[AFTERNOON]
    told = list(steps(afternoon, contexts[AFTERNOON], now, takeable(cells.values())))
    failed = [step.why for step in told if not step.passes]
    if state.why is Why.REQUIRES:
        assert failed[0] is Why.REQUIRES
    if state.editable:
        assert Why.REQUIRES not in failed


def test_what_is_to_be_taken_with_a_slot_is_named_until_the_child_has_it() -> None:
    meal, needs = opening(1, MEAL), replace(slot(AFTERNOON), needs=("Repas", "Journée"))
    afternoon = replace(opening(2, AFTERNOON), slot=needs)

    def told(*held: Opening, free: frozenset[int] = frozenset()) -> tuple[bool, tuple[str, ...]]:
        context = Context(stay(), others=[(one, place(one)) for one in held])
        (step,) = (one for one in steps(afternoon, context, NOW, free) if one.why is Why.REQUIRES)
        return step.passes, step.needs

    assert told() == (False, ("Repas", "Journée"))
    assert told(free=frozenset({MEAL})) == (True, ("Repas", "Journée"))
    assert told(meal) == (True, ())
    assert Why.REQUIRES not in {step.why for step in steps(meal, Context(stay()), NOW)}
