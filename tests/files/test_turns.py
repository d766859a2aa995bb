"""Who sends files that burn the processor waits for itself; others pass meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from time import sleep

import pytest

from marelle.files.apart import cleaned_apart
from marelle.files.labels import file_refused_text
from marelle.files.rules import FileRefused
from marelle.files.turns import AT_ONCE, BUDGET, LATELY, OVERRUNS, PATIENCE, TURNS, Lane, Turns, sender
from tests.files import samples


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def turns(clock: Clock) -> Turns:
    return Turns(clock=clock)


def costs(turns: Turns, clock: Clock, who: str, seconds: float) -> None:
    with turns.admitted(who), turns.charged(who):
        clock.now += seconds


def refusal_of(turns: Turns, who: str) -> FileRefused | None:
    try:
        with turns.admitted(who):
            return None
    except FileRefused as refusal:
        return refusal


# What a sender may cost


def test_a_hundred_photos_are_within_what_a_sender_may_cost(turns: Turns, clock: Clock) -> None:
    for _number in range(100):
        costs(turns, clock, "Camille", 0.5)
    with turns.admitted("Camille") as spent:
        assert (spent.seconds, spent.is_slow) == (50.0, False)


def test_who_has_spent_it_waits_until_it_is_some_time_ago_and_nobody_else_does(
    turns: Turns, clock: Clock
) -> None:
    costs(turns, clock, "Camille", BUDGET)
    refused = refusal_of(turns, "Camille")
    assert refused is not None
    assert (refused.code, refused.data) == ("spent", {"minutes": 10})
    assert "10 minutes" in file_refused_text(refused)
    assert refusal_of(turns, "Thomas") is None
    clock.now += LATELY
    assert refusal_of(turns, "Camille") is None
    assert turns._ledger == {}


def test_the_machine_s_own_commands_are_not_counted(turns: Turns, clock: Clock) -> None:
    costs(turns, clock, "", BUDGET * 2)
    assert refusal_of(turns, "") is None


def test_files_that_overrun_send_those_that_follow_to_the_slow_lane(turns: Turns, clock: Clock) -> None:
    for number in range(OVERRUNS + 1):
        with turns.admitted("Camille") as spent:
            assert spent.is_slow == (number == OVERRUNS)
        costs(turns, clock, "Camille", PATIENCE)


def test_a_third_file_at_once_is_refused_rather_than_holding_a_thread(turns: Turns) -> None:
    with ExitStack() as present:
        for _number in range(AT_ONCE):
            present.enter_context(turns.admitted("Camille"))
        refused = refusal_of(turns, "Camille")
        assert refused is not None
        assert refused.code == "own_busy"
        assert file_refused_text(refused)
        assert refusal_of(turns, "Thomas") is None
    assert refusal_of(turns, "Camille") is None
    assert not turns._present


# Turns


def queued(lane: Lane, cost: float, done: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        with lane.turn(cost):
            done()

    thread = threading.Thread(target=run)
    thread.start()
    while len(lane._waiting) == 0 and thread.is_alive():
        sleep(0.001)
    return thread


def test_of_those_that_wait_who_cost_least_comes_next_then_who_came_first() -> None:
    lane, order = Lane(), []
    with lane.turn(0.0):
        threads = []
        for number, cost in enumerate([9.0, 1.0, 0.0, 1.0]):
            threads.append(queued(lane, cost, lambda number=number: order.append(number)))
            while len(lane._waiting) <= number:
                sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == [2, 1, 3, 0]


def test_who_waits_too_long_is_told_and_leaves_the_way_free() -> None:
    lane = Lane()
    with lane.turn(5.0):
        with pytest.raises(FileRefused) as refused, lane.turn(0.0, wait=0.05):
            pytest.fail("two at once")
        assert refused.value.code == "busy"
        assert file_refused_text(refused.value)
    with lane.turn(0.0, wait=0.05):
        pass


def test_a_turn_that_ends_badly_is_given_back() -> None:
    lane = Lane()
    with pytest.raises(ZeroDivisionError), lane.turn(0.0):
        raise ZeroDivisionError
    with lane.turn(0.0, wait=0.05):
        pass


# Together


def sends(who: str, content: bytes, seen: dict[str, str], name: str) -> threading.Thread:
    def run() -> None:
        sender.set(lambda: who)
        try:
            cleaned_apart(content)
            said = "taken"
        except FileRefused as refusal:
            said = refusal.code
        seen[name] = said

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_another_s_photo_passes_while_one_sends_files_that_burn_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two forms of one parent, and the file of another: it took 77 seconds."""
    monkeypatch.setattr("marelle.files.apart.LONGEST", 4.0)  # the seconds of this test
    heavy, photo = samples.pdf_with_endless_index(), samples.picture((2000, 1500))
    seen: dict[str, str] = {}
    threads = [sends("account 1", heavy, seen, f"heavy {number}") for number in range(3)]
    sleep(0.5)
    photos = [sends("account 2", photo, seen, "photo")]
    photos[0].join()
    during = [name for name in seen if name.startswith("heavy")]
    assert seen["photo"] == "taken"
    assert seen[during[0]] == "own_busy"
    assert len(during) < len(threads), "another is still being read"
    for thread in threads:
        thread.join()
    others = [said for name, said in seen.items() if name not in {"photo", during[0]}]
    assert others == ["too_crowded", "too_crowded"]
    with TURNS.admitted("account 1") as spent:
        assert spent.seconds > PATIENCE
        assert spent.is_slow
    with TURNS.admitted("account 2") as spent:
        assert not spent.is_slow
