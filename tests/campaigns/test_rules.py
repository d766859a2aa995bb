"""Serial choice: what is true of every world, and the worlds of a few homes one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations, product
from random import Random

import pytest

from marelle.campaigns.rules import (
    Allotment,
    Answer,
    Asker,
    Choice,
    Lack,
    Plan,
    Right,
    allot,
    blocked,
    in_order,
    points_of,
    tier_of,
)
from tests.campaigns.worlds import plan, right, small_wishes, world

pytestmark = pytest.mark.once

World = tuple[dict[str, int], tuple[Asker, ...]]


def liking(choices: tuple[Choice, ...], given: tuple[tuple[str, ...], ...]) -> list[bool]:
    """How much a home likes what it got, larger is better: plan after plan, in its own order, had or not."""
    return [plan.id in got for choice, got in zip(choices, given, strict=True) for plan in choice.plans]


def answer_to(ticket: str, world: World) -> Answer:
    return next(one for one in allot(*world).answers if one.ticket == ticket)


def left_before(world: World, done: Allotment, turn: int) -> dict[str, int]:
    """Counted from the answers alone."""
    places, askers = world
    by_ticket = {one.ticket: one for one in askers}
    left = dict(places)
    for answer in done.answers[:turn]:
        for choice, got in zip(by_ticket[answer.ticket].choices, answer.given, strict=True):
            for one in choice.plans:
                if one.id in got:
                    for place, needed in one.needs.items():
                        left[place] -= needed
    return left


def fits(one: Plan, left: dict[str, int]) -> bool:
    return all(left[place] >= needed for place, needed in one.needs.items())


def every_better_plan_was_blocked_by_homes_before_or_by_what_the_home_got_itself(world: World) -> None:
    done = allot(*world)
    for asker, answer in zip(in_order(world[1]), done.answers, strict=True):
        left = left_before(world, done, answer.turn)
        for choice, got in zip(asker.choices, answer.given, strict=True):
            room_for = choice.limit
            for one in choice.plans:
                if not room_for:
                    break
                assert fits(one, left) == (one.id in got)
                if one.id in got:
                    room_for -= 1
                    left = {place: left[place] - one.needs.get(place, 0) for place in left}
    assert all(many >= 0 for many in left_before(world, done, len(done.answers)).values())


def no_home_is_left_with_a_plan_that_still_fits(world: World) -> None:
    done = allot(*world)
    left = left_before(world, done, len(done.answers))
    for asker, answer in zip(in_order(world[1]), done.answers, strict=True):
        for choice, got in zip(asker.choices, answer.given, strict=True):
            if len(got) < choice.limit:
                assert not any(fits(one, left) for one in choice.plans if one.id not in got)


def a_false_ranking_never_helps(world: World) -> None:
    places, askers = world
    for asker in askers:
        honest = liking(asker.choices, answer_to(asker.ticket, world).given)
        for number, choice in enumerate(asker.choices):
            lies = [
                ranked for many in range(len(choice.plans) + 1) for ranked in permutations(choice.plans, many)
            ]
            for ranked in lies[:: max(1, len(lies) // 6)]:
                told = list(asker.choices)
                told[number] = replace(choice, plans=ranked)
                liar = replace(asker, choices=tuple(told))
                others = tuple(liar if one is asker else one for one in askers)
                got = answer_to(asker.ticket, (places, others)).given
                assert liking(asker.choices, got) <= honest


def raising_one_home_alone_never_worsens_what_it_gets(world: World) -> None:
    places, askers = world
    for asker in askers:
        before = liking(asker.choices, answer_to(asker.ticket, world).given)
        held = asker.right
        better = (
            replace(held, tier=held.tier - 1),
            replace(held, points=held.points + 1),
            replace(held, late=None),
            replace(held, drawn=-1),
        )
        for one in better:
            raised = tuple(replace(asker, right=one) if other is asker else other for other in askers)
            assert liking(asker.choices, answer_to(asker.ticket, (places, raised)).given) >= before


def the_order_of_the_input_changes_nothing(world: World) -> None:
    places, askers = world
    shuffled = list(askers)
    Random(7).shuffle(shuffled)
    turned = dict(reversed(places.items()))
    assert allot(turned, shuffled).answers == allot(places, askers).answers


def what_blocked_a_plan_is_said_and_until_which_turn_it_would_have_been_given(world: World) -> None:
    """Said by counting; held here by running again with the home at another turn."""
    places, askers = world
    done = allot(places, askers)
    order = in_order(askers)
    for asker, answer in zip(order, done.answers, strict=True):
        reasons = {(one.choice, one.plan): one for one in blocked(asker, answer, done.room)}
        for number, (choice, got) in enumerate(zip(asker.choices, answer.given, strict=True)):
            last_had = max((at for at, one in enumerate(choice.plans) if one.id in got), default=-1)
            above = choice.plans[: last_had + 1] if len(got) == choice.limit else choice.plans
            told = {plan for at, plan in reasons if at == number}
            assert told == {one.id for one in above} - set(got)
        for (_number, name), reason in reasons.items():
            assert reason.lacks
            for lack in reason.lacks:
                assert lack.left < lack.needed
                assert lack.left + lack.by_home == left_before(world, done, answer.turn)[lack.place]
            if len(asker.choices) == 1 and asker.choices[0].most is None:
                alone = replace(
                    asker, choices=(Choice(tuple(p for p in asker.choices[0].plans if p.id == name)),)
                )
                assert _last_turn_by_trying(places, order, asker, alone) == reason.last_turn


def _last_turn_by_trying(
    places: dict[str, int], order: list[Asker], asker: Asker, alone: Asker
) -> int | None:
    others = [one for one in order if one is not asker]
    had = None
    for turn in range(order.index(asker) + 1):
        ranked = [*others[:turn], alone, *others[turn:]]
        line = tuple(replace(one, right=right(at)) for at, one in enumerate(ranked))
        if answer_to(asker.ticket, (places, line)).given[0]:
            had = turn
    return had


PROPERTIES = (
    every_better_plan_was_blocked_by_homes_before_or_by_what_the_home_got_itself,
    no_home_is_left_with_a_plan_that_still_fits,
    a_false_ranking_never_helps,
    raising_one_home_alone_never_worsens_what_it_gets,
    the_order_of_the_input_changes_nothing,
    what_blocked_a_plan_is_said_and_until_which_turn_it_would_have_been_given,
)


@pytest.mark.parametrize("holds", PROPERTIES)
@pytest.mark.parametrize(
    "seeds",
    [range(2_000), pytest.param(range(2_000, 100_000), marks=pytest.mark.prove)],
    ids=["some", "many"],
)
def test_in_every_world(holds: Callable[[World], None], seeds: range) -> None:
    for seed in seeds:
        try:
            holds(world(seed))
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise


@pytest.mark.parametrize(
    ("most", "capacities"),
    [
        (None, (1, 1, 2)),
        *(
            pytest.param(most, capacities, marks=pytest.mark.prove)
            for most in (None, 1, 2)
            for capacities in ((1, 1, 1), (1, 1, 2), (1, 2, 2), (2, 2, 2), (1, 1, 3))
        ),
    ],
)
def test_all_worlds_of_three_homes_three_places_and_two_plans(
    most: int | None, capacities: tuple[int, ...]
) -> None:
    """Each ranking of each home, up to the order of homes: 125,000 worlds."""
    choices = [Choice(ranked, most) for ranked in small_wishes()]
    for wished in product(choices, repeat=3):
        places = dict(zip("abc", capacities, strict=True))
        askers = [Asker(str(at), RIGHTS[at], (choice,)) for at, choice in enumerate(wished)]
        answers = allot(places, askers).answers
        for choice, answer in zip(wished, answers, strict=True):
            expected: list[str] = []
            for one in choice.plans:
                if len(expected) < choice.limit and fits(one, places):
                    expected.append(one.id)
                    for place, needed in one.needs.items():
                        places[place] -= needed
            assert answer.given[0] == tuple(expected)


RIGHTS = [right(at) for at in range(3)]


def test_a_tier_goes_before_points_points_before_the_minute_and_the_minute_before_the_draw() -> None:
    first, second = right(9, tier=0), right(0, tier=1, points=9)
    assert first.order < second.order
    assert right(9, points=2, late=5).order < right(0, points=1).order
    assert right(9).order < right(0, late=0).order
    assert right(9, late=0).order < right(0, late=1).order
    assert right(0).order < right(1).order


def test_points_add_up_and_the_first_tier_that_is_met_is_the_tier() -> None:
    assert points_of([(3, True), (5, False), (-1, True)]) == 2
    assert [tier_of(one) for one in ([True, True], [False, True], [False, False], [])] == [0, 1, 2, 0]


def test_brothers_and_sisters_go_together_or_not_at_all_and_each_alone_where_the_home_says_so() -> None:
    places = {"a": 1, "b": 2}
    together = Asker("1", Right(0, 0, None, 0), (Choice((plan("a", "a"), plan("b", "b"))),))
    assert allot(places, [together]).answers[0].given == (("b+b",),)
    each = Asker("1", Right(0, 0, None, 0), (Choice((plan("a"), plan("b"))), Choice((plan("a"), plan("b")))))
    assert allot(places, [each]).answers[0].given == (("a",), ("b",))


def test_what_a_home_took_itself_is_told_apart_and_no_other_turn_would_have_helped() -> None:
    asker = Asker("1", right(), (Choice((plan("a"), plan("a", "a")), 2),))
    done = allot({"a": 2}, [asker])
    (reason,) = blocked(asker, done.answers[0], done.room)
    assert (reason.plan, reason.lacks, reason.last_turn) == ("a+a", (Lack("a", 2, 1, 1),), None)
