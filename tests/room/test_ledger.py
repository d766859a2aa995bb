"""The file that processes share: in what order who is let in, whoever is killed, whatever the disk does."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import pytest

from marelle.room import ledger as kept
from marelle.room import rules
from marelle.room.ledger import Ledger, Unusable, Verdict
from marelle.room.rules import State

NOW = 1_800_000_000.0
THREADS = 4
PLACES = rules.least(THREADS)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "room" / "ledger", threads=THREADS)


def filled(ledger: Ledger, now: float = NOW) -> list[Verdict]:
    """All the places taken."""
    return [ledger.arrive(mark=0, now=now) for _place in range(PLACES)]


@contextmanager
def busy(ledger: Ledger) -> Iterator[None]:
    """All that answer are answering."""
    with ExitStack() as stack:
        for _thread in range(THREADS):
            stack.enter_context(ledger.answering(load_at=0, load_for=0, clock=NOW))
        yield


def asks(ledger: Ledger, number: int, now: float, *, mark: int = 0, writes: bool = False) -> Verdict:
    found = ledger.ask(number, mark=mark, writes=writes, now=now)
    assert found is not None
    return found


def test_places_are_taken_then_who_comes_waits_in_the_order_of_coming(ledger):
    assert all(one.is_in for one in filled(ledger))
    waiting = [ledger.arrive(mark=0, now=NOW) for _one in range(5)]
    assert [(one.is_in, one.ahead) for one in waiting] == [(False, ahead) for ahead in range(5)]
    assert [one.number for one in waiting] == list(range(PLACES + 1, PLACES + 6))
    # A reload keeps the place.
    with busy(ledger):
        assert asks(ledger, waiting[3].number, NOW + 1).ahead == 3


def test_who_falls_silent_leaves_its_place_to_the_first_and_keeps_its_own_rank(ledger):
    inside = filled(ledger)
    first, second = (ledger.arrive(mark=0, now=NOW) for _one in range(2))
    later = NOW + rules.COUNTED + 1
    with busy(ledger):
        for one in inside[1:]:
            asks(ledger, one.number, later)
        assert not asks(ledger, first.number, later).is_in
        assert not asks(ledger, second.number, later).is_in
        # Its place is another's: it comes back to it for a while, and for what it typed at any time.
        assert asks(ledger, inside[0].number, later).is_in
        assert not asks(ledger, first.number, later + rules.IDLE + 1).is_in
        assert not asks(ledger, inside[1].number, later + rules.IDLE + 1).is_in
        assert asks(ledger, inside[2].number, later + rules.IDLE + 1, writes=True).is_in
    assert asks(ledger, first.number, later + rules.IDLE + 2).is_in


def test_who_was_in_comes_back_before_all_who_were_not(ledger):
    inside = filled(ledger)
    others = [ledger.arrive(mark=0, now=NOW) for _one in range(3)]
    with busy(ledger):
        now = NOW
        while now < NOW + rules.IDLE + 5:
            now += 3
            for one in (*inside[1:], *others):
                asks(ledger, one.number, now)
        back = asks(ledger, inside[0].number, now)
        assert (back.is_in, back.ahead) == (False, 0)
        assert asks(ledger, others[0].number, now).ahead == 1
    assert asks(ledger, inside[0].number, now + 1).is_in


def test_a_ticket_is_of_one_session(ledger):
    mine = ledger.arrive(mark=0, now=NOW)
    assert asks(ledger, mine.number, NOW, mark=77).is_in
    assert asks(ledger, mine.number, NOW, mark=77).is_in
    # Handed to somebody else, who is in by another session; not to who has none yet.
    assert ledger.ask(mine.number, mark=78, writes=False, now=NOW) is None
    ledger.mark(mine.number, 78)
    assert ledger.ask(mine.number, mark=77, writes=False, now=NOW) is None


@pytest.mark.parametrize("number", [0, 2, 10**12, -1])
def test_a_number_that_was_not_given_is_nobodys(ledger, number):
    ledger.arrive(mark=0, now=NOW)
    assert ledger.ask(number, mark=0, writes=False, now=NOW) is None


def test_who_went_out_leaves_a_place_at_once(ledger):
    inside = filled(ledger)
    waits = ledger.arrive(mark=0, now=NOW)
    ledger.leave(inside[4].number)
    assert asks(ledger, waits.number, NOW + 1).is_in


def test_clocks_that_jump_shut_nobody_out(ledger):
    inside = filled(ledger)
    waits = ledger.arrive(mark=0, now=NOW)
    for jump in (-7200.0, 7200.0):
        assert asks(ledger, inside[0].number, NOW + jump).is_in or jump > 0
        asks(ledger, waits.number, NOW + jump)
        assert (
            asks(ledger, waits.number, NOW + jump + 12).is_in
            or asks(ledger, waits.number, NOW + jump + 13).is_in
        )


@dataclass
class Visitor:
    number: int
    asks_at: float
    leaves_at: float = 0.0


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_is_called_in_order_and_nobody_is_forgotten(tmp_path, monkeypatch, seed):
    """Two processes answer by turns, one of which is new now and then, as after a kill."""
    random = Random(seed)
    path, pids = tmp_path / "ledger", count(10)
    monkeypatch.setattr(kept, "_lives", lambda _pid: True)
    monkeypatch.setattr(rules, "places_next", lambda *_places, **_told: 20.0)
    doors = [Ledger(path, threads=THREADS, pid=next(pids)) for _process in range(2)]
    waiting: list[Visitor] = []
    inside: list[Visitor] = []
    entered: list[int] = []
    called, now = 0, NOW
    coming = [NOW + random.uniform(0, 20) for _visitor in range(300)]
    coming.sort()
    while coming or waiting:
        now += 0.25
        door = doors[random.randrange(2)]
        if random.random() < 0.02:
            doors[0] = Ledger(path, threads=THREADS, pid=next(pids))
            door = doors[0]
        for one in [one for one in inside if one.leaves_at <= now]:
            inside.remove(one)
            door.leave(one.number)
        for one in inside:
            asks(door, one.number, now)
        while coming and coming[0] <= now:
            coming.pop(0)
            found = door.arrive(mark=0, now=now)
            one = Visitor(found.number, now)
            waiting.append(one)
        for one in [one for one in waiting if one.asks_at <= now]:
            found = asks(door, one.number, now)
            frontier = door.head().called
            assert frontier >= called
            called = frontier
            if found.is_in:
                assert one.number <= frontier or not [w for w in waiting if w.number < one.number]
                one.leaves_at = now + random.uniform(1, 5)
                waiting.remove(one)
                inside.append(one)
                entered.append(one.number)
            else:
                one.asks_at = now + rules.again_after(found.ahead, found.rate, random.random())
        assert len(inside) <= 20
        assert now < NOW + 900
    assert sorted(entered) == list(range(1, 301))
    # By the time between two questions, no more, may one be late.
    late = [place - number for place, number in enumerate(entered, start=1)]
    assert max(late) < 60


def test_on_a_busy_machine_the_first_who_is_called_is_the_first_to_come_in(tmp_path, monkeypatch):
    """Who asks at an instant when threads are free is let in: by turns, and not by luck."""
    random = Random(7)
    monkeypatch.setattr(rules, "places_next", lambda *_places, **_told: 1_000.0)
    answering = 0
    monkeypatch.setattr(Ledger, "load", lambda _ledger: rules.Load(answering, 16))
    ledger, now = Ledger(tmp_path / "ledger", threads=16), NOW
    asks_at: dict[int, float] = {}
    coming, entered = 600, []
    while coming or asks_at:
        now, answering = now + 0.25, random.randint(6, 14)
        asking = [number for number, at in asks_at.items() if at <= now] + [0] * min(5, coming)
        coming -= min(5, coming)
        for number in asking:
            one = asks(ledger, number, now) if number else ledger.arrive(mark=0, now=now)
            asks_at.pop(one.number, None)
            if one.is_in:
                answering += 1
                entered.append(one.number)
            else:
                asks_at[one.number] = now + rules.again_after(one.ahead, one.rate, random.random())
        assert now < NOW + 900
    late = sorted(place - number for place, number in enumerate(entered, start=1))
    # 65 where all who are called come in at the same instants.
    assert late[-1] < 45


def test_a_process_that_is_killed_leaves_neither_turn_nor_requests(tmp_path):
    path = tmp_path / "ledger"
    own = Ledger(path, threads=THREADS)
    own.arrive(mark=0, now=NOW)
    process = multiprocessing.get_context("fork").Process(target=_die_within, args=(path,))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert own.load().in_flight == 1
    # A number was taken and written nowhere: who comes next has the next one.
    found = own.arrive(mark=0, now=NOW + 3)
    assert found.is_in
    assert found.number == 4
    assert own.load() == rules.Load(0, THREADS, 0.0)


def _die_within(path: Path) -> None:
    other = Ledger(path, threads=THREADS)
    with other.answering(load_at=0, load_for=0, clock=NOW), other._turn():
        other.arrive(mark=0, now=NOW)
        os.write(other._file, b".")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_turn_that_is_never_given_back_opens_the_doors(tmp_path):
    one, other = (Ledger(tmp_path / "ledger", threads=THREADS, pid=pid) for pid in (1, os.getpid()))
    one.arrive(mark=0, now=NOW)
    with one._turn():
        other.arrive(mark=0, now=NOW + kept.STUCK)
        with pytest.raises(Unusable):
            other.arrive(mark=0, now=NOW + kept.STUCK + 1)


def test_a_folder_that_nobody_writes_in_and_a_full_disk_say_so(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable):
        Ledger(tmp_path / "file" / "ledger", threads=THREADS)

    def full(*_asked: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(Unusable, match="No space left"):
        Ledger(tmp_path / "ledger", threads=THREADS)
    monkeypatch.undo()
    one = Ledger(tmp_path / "ledger", threads=THREADS)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Unusable, match="No space left"):
        one.arrive(mark=0, now=NOW)


@pytest.mark.parametrize("content", [b"", b"something else", b"x" * kept.SIZE])
def test_a_file_that_is_something_else_is_made_anew_and_its_tickets_with_it(tmp_path, content):
    path = tmp_path / "ledger"
    epochs = set()
    for _time in range(2):
        path.write_bytes(content)
        one = Ledger(path, threads=THREADS)
        assert one.arrive(mark=0, now=NOW).number == 1
        epochs.add(one.head().epoch)
    assert len(epochs) == 2


def test_a_file_that_has_lost_its_name_is_left(tmp_path):
    one = Ledger(tmp_path / "ledger", threads=THREADS)
    one.arrive(mark=0, now=NOW)
    (tmp_path / "ledger").unlink()
    with pytest.raises(Unusable):
        one.arrive(mark=0, now=NOW + 5)


def test_more_tickets_than_it_holds_open_the_doors(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "TICKETS", PLACES + 3)
    one = Ledger(tmp_path / "ledger", threads=THREADS)
    filled(one)
    while one.issued() < PLACES + 3:
        one.arrive(mark=0, now=NOW)
    with pytest.raises(Unusable, match="waited for"):
        one.arrive(mark=0, now=NOW)


def test_a_row_is_as_wide_as_its_parts():
    """Each is written by itself: at the place where the whole has it."""
    assert sum(one.form.size for one in kept.FIELDS.values()) == kept.HEAD.size
    assert all(one.at % one.form.size == 0 for one in kept.FIELDS.values())
    assert max(State) < 256


def test_machines_that_share_numbers_believe_one_another(tmp_path):
    """Each with a file of its own: a balancer may lead a visitor to any."""
    numbers = count(1_000_000)
    here, there = (
        Ledger(tmp_path / name / "ledger", threads=THREADS, numbers=lambda: next(numbers))
        for name in ("here", "there")
    )
    inside = filled(here)
    assert filled(there)[0].number == inside[-1].number + 1
    first, second = here.arrive(mark=0, now=NOW), there.arrive(mark=0, now=NOW)
    # The second is asked about where the first is, which came before it, and the contrary.
    assert asks(here, first.number, NOW).ahead == asks(there, first.number, NOW).ahead == 0
    assert asks(here, second.number, NOW).ahead == asks(there, second.number, NOW).ahead == 1
    # Who was let in on one is in on the other, as its ticket says, and has left there as anybody has.
    found = there.ask(inside[0].number, mark=0, writes=False, now=NOW + 1, inside=True)
    assert found is not None
    assert found.is_in
    with busy(there):
        assert not asks(there, inside[1].number, NOW + 1).is_in
        assert not asks(there, inside[0].number, NOW + rules.IDLE + 5).is_in
    # A number that has come round is not taken for the one that stood there.
    late = NOW + kept.TICKET_LIFE + 60
    with busy(there):
        assert not asks(there, inside[0].number + kept.TICKETS, late, mark=5).is_in
