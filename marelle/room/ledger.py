"""What the processes of a machine count together: a file that each maps into its memory.

    head       numbers called, places, when the room is open…
    processes  of each: its id, the requests that it is answering, what they take, the last number given
    tickets    of each number: its state, when it last asked (seconds since 1970), the mark of its session
    numbers    a byte for each: a number is how many there are once its own was added

Nobody waits for anybody. Python lets go of its own lock at each call of the system, and gets it back when
other threads let it: whoever held a lock of the file meanwhile would keep all processes waiting. So a
number is taken by one `write` at the end, which the system orders; a process writes in its own row and in
tickets; and what is of all, one process at a time works out, whichever finds the turn free (`flock`), a few
times a second. Two that let somebody in at the same instant let in one more than there were places: no
harm.

A process that is killed lets go of its turn, and leaves at worst a number that nobody has been told. All
but the numbers is taken from the disk when the file is made, so that a disk that is full is an error then,
and not the end of a process that writes to its memory.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
import threading
import time
import weakref
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from marelle.room import rules
from marelle.room.layout import (
    AT_MARKS,
    AT_PROCESSES,
    AT_SEEN,
    AT_STATES,
    FIELDS,
    HEAD,
    MARK,
    PROCESS,
    PROCESSES,
    ROWS,
    SEEN,
    SIGN,
    SIZE,
    TICKETS,
    Head,
    Process,
)
from marelle.room.rules import Load, State
from marelle.room.tickets import TICKET_LIFE

KNOWN: Final = frozenset(State)

SWEPT_EVERY: Final = 0.25
STUCK: Final = 10.0
"""Seconds after which a turn that somebody does not give back is not waited for any more."""
LOOKED_EVERY: Final = 2.0
"""Seconds between two looks at which processes live, and whether the file is still the one of that name."""


class Unusable(Exception):
    """The ledger cannot be read or written, or is full: nobody is made to wait by it."""


class Verdict(NamedTuple):
    """`ahead` wait before it, `rate` enter in a second."""

    number: int
    is_in: bool
    ahead: int = 0
    rate: float = 0.0


class Ledger:
    """The file at `path`, made where it is not there, or not whole; all raise Unusable.

    `threads` are those of this process, `pid` its id, by which it has a row of its own. `numbers` gives the
    next number of all machines that share them, each with a ledger of its own; None: there is one machine.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int,
        pid: int | None = None,
        numbers: Callable[[], int] | None = None,
    ) -> None:
        self.path, self._pid, self._numbers = path, pid or os.getpid(), numbers
        self._numbering, self._counting, self._working = (threading.Lock() for _one in range(3))
        self._looked_at = 0.0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX)
                self._made()
                self._map = mmap.mmap(self._file, SIZE)
                self._slot, before = self._taken_slot()
                fcntl.flock(self._file, fcntl.LOCK_UN)
            except BaseException:
                os.close(self._file)
                raise
        except (OSError, ValueError) as error:
            raise Unusable(str(error)) from error
        weakref.finalize(self, os.close, self._file)
        # What a process that ended let in stays counted: of all, it only grows.
        self._process = Process(self._pid, 0, 0, threads, before.issued, before.entered)
        self._note()

    # Who comes

    def head(self) -> Head:
        """As it was worked out last."""
        head = Head(*HEAD.unpack_from(self._map))
        if head.sign != SIGN:
            raise Unusable("it holds something else")
        return head

    def issued(self) -> int:
        """The last number given."""
        return max((one.issued for one in self.processes()), default=0)

    def arrive(self, *, mark: int, now: float) -> Verdict:
        """A new number, let in at once where nobody waits before it and there is a place."""
        self._sweep(now)
        head = self.head()
        number = self._number()
        if number - head.first >= TICKETS:
            if State.WAITING in self._states(head.first, number):
                raise Unusable("every ticket is waited for")
            head.first = number
            self._write_head(head, "first")
        self._write_ticket(number, State.WAITING, now)
        self.mark(number, mark)
        self._given(number)
        return self._answered(head, number)

    def ask(
        self, number: int, *, mark: int, writes: bool, now: float, inside: bool = False
    ) -> Verdict | None:
        """Of a ticket that asks again; `writes`: it sends what was typed. None of a number that is no more,
        or whose session is another's. `inside`: another machine has just let it in."""
        self._sweep(now)
        issued = self.issued()
        if number <= issued - TICKETS or (number > issued and self._numbers is None):
            return None
        state, own = self._state(number), self._mark(number)
        if self._numbers is not None and now - self._asked_at(number) > TICKET_LIFE:
            # Given by another machine: what stands there is of a number long gone.
            state, own = State.NONE, 0
            self.mark(number, 0)
            self._given(max(number, issued))
        elif state is State.NONE:
            return None
        if mark and own and mark != own:
            return None
        if inside and state is not State.IDLE:
            state = State.INSIDE
        if mark and not own:
            self.mark(number, mark)
        is_in = state is State.INSIDE or (writes and state is State.IDLE)
        self._write_ticket(number, State.INSIDE if is_in else State.WAITING, now)
        head = self.head()
        if number < head.first:
            # Whoever works it out at this instant may write over it: then it is found the next time it asks.
            self._write_head(replace(head, first=number), "first")
        return Verdict(number, is_in=True) if is_in else self._answered(head, number)

    def _number(self) -> int:
        if self._numbers is not None:
            return self._numbers()
        with self._numbering:
            try:
                os.write(self._file, b".")
                return os.lseek(self._file, 0, os.SEEK_CUR) - SIZE
            except OSError as error:
                raise Unusable(str(error)) from error

    def _given(self, number: int) -> None:
        with self._counting:
            self._process = self._process._replace(issued=max(number, self._process.issued))
            self._note()

    def mark(self, number: int, mark: int) -> None:
        """Its session is that one from now on."""
        MARK.pack_into(self._map, AT_MARKS + number % TICKETS * MARK.size, mark)

    def leave(self, number: int) -> None:
        """Somebody went out: another may have the place."""
        if self._state(number) is State.INSIDE:
            self._map[AT_STATES + number % TICKETS] = State.IDLE

    # What the processes do

    @contextmanager
    def answering(self, *, load_at: int, load_for: float, clock: float) -> Iterator[None]:
        """Counts a request as being answered meanwhile. `load_at` requests at once for some seconds open the
        room for `load_for`; 0: they do not. `clock` is the present time."""
        began = time.perf_counter()
        self._count(1, 0)
        try:
            if load_at:
                self._watch_load(load_at, load_for, clock)
            yield
        finally:
            self._count(-1, (time.perf_counter() - began) * 1000)

    def processes(self) -> list[Process]:
        told = self._map[AT_PROCESSES : AT_PROCESSES + ROWS]
        return [Process(*one) for one in PROCESS.iter_unpack(told) if one[0]]

    def load(self) -> Load:
        alive = self.processes()
        return Load(
            in_flight=sum(one.in_flight for one in alive),
            threads=sum(one.threads for one in alive),
            seconds=max((one.milliseconds / 1000 for one in alive if one.in_flight), default=0.0),
        )

    def open_between(self, first: float, last: float) -> None:
        """What was named: the room is open between two instants."""
        self._write_head(replace(self.head(), open_from=first, open_until=last), "open_from", "open_until")

    def is_to_read(self, now: float, every: float) -> bool:
        """Whether it is for the caller, of all processes, to look what is named now."""
        if 0 <= now - self.head().read_at < every:
            return False
        with self._turn() as is_ours:
            head = self.head()
            if not is_ours or 0 <= now - head.read_at < every:
                return False
            self._write_head(replace(head, read_at=now), "read_at")
            return True

    # Within

    def _answered(self, head: Head, number: int) -> Verdict:
        ahead = self._states(head.first, number).count(State.WAITING)
        if number <= head.called or not ahead:
            since = sum(one.entered for one in self.processes()) - head.entered
            turn = rules.turn_of(ahead, rate=head.rate)
            if rules.free(head.places, active=head.active + since, load=self.load(), turn=turn):
                self._map[AT_STATES + number % TICKETS] = State.INSIDE
                with self._counting:
                    self._process = self._process._replace(entered=self._process.entered + 1)
                    self._note()
                return Verdict(number, is_in=True)
        return Verdict(number, is_in=False, ahead=ahead, rate=head.rate)

    def _sweep(self, now: float) -> None:
        """Who left or fell silent holds no place; who is next is called. By one process at a time, now and
        then."""
        if 0 <= now - self.head().swept_at < SWEPT_EVERY:
            return
        with self._turn() as is_ours:
            head = self.head()
            if is_ours and not 0 <= now - head.swept_at < SWEPT_EVERY:
                self._look(now)
                self._swept(head, now)
            elif now - head.swept_at > STUCK and head.swept_at:
                raise Unusable("a process does not give its turn back")

    def _swept(self, head: Head, now: float) -> None:
        elapsed = max(0.0, now - head.swept_at)
        low, beyond = head.first, self.issued() + 1
        states = self._states(low, beyond)
        seen = array("I", self._range(AT_SEEN, SEEN.size, low, beyond))
        active = 0
        for place in _places(states, State.INSIDE):
            silent = now - seen[place]
            active += silent <= rules.COUNTED
            if silent > rules.IDLE:
                self._map[AT_STATES + (low + place) % TICKETS] = states[place] = State.IDLE
            head.called = max(head.called, low + place)
        load = self.load()
        entered = sum(one.entered for one in self.processes())
        head.rate = rules.rate_next(head.rate, entered=entered - head.entered, elapsed=elapsed)
        head.entered, head.active = entered, active
        head.waiting = states.count(State.WAITING)
        called = states[: max(0, head.called + 1 - low)].count(State.WAITING)
        head.places = rules.places_next(
            head.places, taken=active + called, waiting=head.waiting, load=load, elapsed=elapsed
        )
        most = rules.called_most(rules.free(head.places, active=active, load=load), rate=head.rate)
        self._call(head, states, seen, most, now)
        kept = min(
            (found for state in (State.WAITING, State.INSIDE) if (found := states.find(state)) >= 0),
            default=len(states),
        )
        head.first, head.swept_at = low + kept, now
        self._write_head(
            head, "called", "first", "entered", "active", "waiting", "places", "rate", "swept_at"
        )

    def _call(self, head: Head, states: bytearray, seen: array[int], most: int, now: float) -> None:
        """The first who wait, in the order of their numbers, until `most` are called; who does not ask is not
        waited for."""
        low, called = head.first, 0
        for place in _places(states, State.WAITING):
            is_called = low + place <= head.called
            if not is_called and called >= most:
                return
            if now - seen[place] > (rules.LATE if is_called else rules.ABSENT):
                self._map[AT_STATES + (low + place) % TICKETS] = states[place] = State.AWAY
            else:
                called += 1
            head.called = max(head.called, low + place)

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Whether it was free, of all processes and threads: nobody waits for it."""
        own = self._working.acquire(blocking=False)
        try:
            if own:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield False
                    return
                try:
                    yield True
                finally:
                    fcntl.flock(self._file, fcntl.LOCK_UN)
            else:
                yield False
        except OSError as error:
            raise Unusable(str(error)) from error
        finally:
            if own:
                self._working.release()

    def _look(self, now: float) -> None:
        """A process that was killed answers nothing any more. Raises Unusable of a file without its name."""
        if 0 <= now - self._looked_at < LOOKED_EVERY:
            return
        self._looked_at = now
        if not os.path.samestat(os.stat(self.path), os.fstat(self._file)):
            raise Unusable("another file has taken its place")
        for slot, one in self._slots():
            if one.pid not in {0, self._pid} and one.threads and not _lives(one.pid):
                # What it gave and let in stays counted.
                self._put(slot, one._replace(in_flight=0, threads=0))

    def _made(self) -> None:
        """Write a new one where there is none, or one that is not whole: its tickets are of another epoch."""
        told = os.pread(self._file, HEAD.size, 0)
        if len(told) == HEAD.size and told.startswith(SIGN) and os.fstat(self._file).st_size >= SIZE:
            return
        os.ftruncate(self._file, 0)
        os.posix_fallocate(self._file, 0, SIZE)
        with mmap.mmap(self._file, SIZE) as new:
            HEAD.pack_into(new, 0, SIGN, secrets.randbits(63), 0, 1, 0, 0, 0, *([0.0] * 8))

    def _slots(self) -> Iterator[tuple[int, Process]]:
        told = self._map[AT_PROCESSES : AT_PROCESSES + ROWS]
        for slot, one in enumerate(PROCESS.iter_unpack(told)):
            yield slot, Process(*one)

    def _taken_slot(self) -> tuple[int, Process]:
        for slot, one in self._slots():
            if one.pid in {0, self._pid} or not _lives(one.pid):
                return slot, one
        raise Unusable(f"more than {PROCESSES} processes share it")

    def _count(self, change: int, milliseconds: float) -> None:
        with self._counting:
            one = self._process
            if change < 0:
                told = one.milliseconds + (milliseconds - one.milliseconds) * 0.1
                one = one._replace(milliseconds=min(round(told), 10**6))
            self._process = one._replace(in_flight=max(0, one.in_flight + change))
            self._note()

    def _note(self) -> None:
        self._put(self._slot, self._process)

    def _put(self, slot: int, one: Process) -> None:
        PROCESS.pack_into(self._map, AT_PROCESSES + slot * PROCESS.size, *one)

    def _watch_load(self, load_at: int, load_for: float, now: float) -> None:
        head = self.head()
        is_busy = self.load().in_flight >= load_at
        if not is_busy:
            if head.busy_since:
                self._write_head(replace(head, busy_since=0.0), "busy_since")
        elif not head.busy_since or now < head.busy_since:
            self._write_head(replace(head, busy_since=now), "busy_since")
        elif now - head.busy_since >= rules.LASTING and head.load_until < now + load_for / 2:
            self._write_head(replace(head, load_until=now + load_for), "load_until")

    # Bytes

    def _write_head(self, head: Head, *names: str) -> None:
        """These fields alone: each is as wide as the memory writes at once."""
        for name in names:
            FIELDS[name].write(self._map, getattr(head, name))

    def _state(self, number: int) -> State:
        told = self._map[AT_STATES + number % TICKETS]
        return State(told) if told in KNOWN else State.NONE

    def _mark(self, number: int) -> int:
        return int(MARK.unpack_from(self._map, AT_MARKS + number % TICKETS * MARK.size)[0])

    def _asked_at(self, number: int) -> int:
        return int(SEEN.unpack_from(self._map, AT_SEEN + number % TICKETS * SEEN.size)[0])

    def _states(self, first: int, beyond: int) -> bytearray:
        return self._range(AT_STATES, 1, first, beyond)

    def _range(self, at: int, size: int, first: int, beyond: int) -> bytearray:
        """The bytes of the numbers from `first` on, to the one before `beyond`."""
        count = max(0, min(beyond - first, TICKETS))
        start = first % TICKETS
        head = min(count, TICKETS - start)
        told = bytearray(self._map[at + start * size : at + (start + head) * size])
        if count > head:
            told += self._map[at : at + (count - head) * size]
        return told

    def _write_ticket(self, number: int, state: State, now: float) -> None:
        place = number % TICKETS
        SEEN.pack_into(self._map, AT_SEEN + place * SEEN.size, int(now))
        self._map[AT_STATES + place] = state


def _places(states: bytearray, state: State) -> Iterator[int]:
    place = states.find(state)
    while place >= 0:
        yield place
        place = states.find(state, place + 1)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
