"""Whose file is read when: who sends heavy ones waits for itself, and others pass.

Two files are read at once, each in a process of its own: one that has some seconds, and one that took longer
than these. What a sender has cost lately is kept in this process alone, for ten minutes.
"""

from __future__ import annotations

import threading
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Final

from marelle.files.rules import FileRefused

PATIENCE: Final = 3.0
"""Seconds that a file has in the quick lane: ten times what an honest one takes."""

LONGEST: Final = 40.0
"""Seconds that it has in the slow one, waiting for the processor included."""

WAIT: Final = 30.0
"""Seconds that a form waits for the turn of one of its files."""

LATELY: Final = 600.0
"""Seconds for which what a sender cost is counted."""

BUDGET: Final = 60.0
"""Seconds of reading that a sender has in that time: some hundred photos."""

OVERRUNS: Final = 2
"""Files too slow for the quick lane, in that time, after which all those of a sender go to the slow one."""

AT_ONCE: Final = 2
"""Files of one sender, the one that is read and one that waits: a form waits in a thread that others need."""

sender: ContextVar[Callable[[], str]] = ContextVar("sender", default=lambda: "")
"""Who sends what is read: an account, or a network without one; "" for the machine's own commands."""


class Lane:
    """One file at a time; of those that wait, that of who cost least comes next."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()
        self._taken = False

    @contextmanager
    def turn(self, cost: float, *, wait: float = WAIT) -> Iterator[None]:
        """Raises FileRefused, "busy"."""
        ticket = (cost, next(self._numbers))
        with self._free:
            insort(self._waiting, ticket)
            came = self._free.wait_for(lambda: not self._taken and self._waiting[0] == ticket, wait)
            self._waiting.remove(ticket)
            self._taken = self._taken or came
            self._free.notify_all()
        if not came:
            raise FileRefused("busy")
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()


@dataclass(frozen=True, slots=True)
class Spent:
    """What a sender cost lately, in seconds, and how many of its files overran the quick lane."""

    seconds: float
    overruns: int

    @property
    def is_slow(self) -> bool:
        return self.overruns >= OVERRUNS


@dataclass
class Turns:
    """The lanes and the ledger of a process."""

    clock: Callable[[], float] = monotonic
    quick: Lane = field(default_factory=Lane)
    slow: Lane = field(default_factory=Lane)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _present: Counter[str] = field(default_factory=Counter)
    _ledger: dict[str, list[tuple[float, float, bool]]] = field(default_factory=dict)

    @contextmanager
    def admitted(self, who: str) -> Iterator[Spent]:
        """One more file of a sender. Raises FileRefused: "own_busy", or "spent" (`minutes`)."""
        with self._lock:
            spent = self._spent(who)
            if who and self._present[who] >= AT_ONCE:
                raise FileRefused("own_busy")
            if who and spent.seconds >= BUDGET:
                raise FileRefused("spent", minutes=round(LATELY / 60))
            self._present[who] += 1
        try:
            yield spent
        finally:
            with self._lock:
                self._present[who] -= 1
                self._present += Counter()  # without those who are gone

    @contextmanager
    def charged(self, who: str) -> Iterator[None]:
        """Count what is done within to a sender."""
        begun = self.clock()
        try:
            yield
        finally:
            ended = self.clock()
            with self._lock:
                self._ledger.setdefault(who, []).append((ended, ended - begun, ended - begun >= PATIENCE))

    def forget(self) -> None:
        """Nobody has cost anything yet."""
        with self._lock:
            self._ledger.clear()

    def _spent(self, who: str) -> Spent:
        since = self.clock() - LATELY
        for name, rows in list(self._ledger.items()):
            kept = [row for row in rows if row[0] > since]
            if kept:
                self._ledger[name] = kept
            else:
                del self._ledger[name]
        mine = self._ledger.get(who, [])
        return Spent(sum(row[1] for row in mine), sum(row[2] for row in mine))


TURNS = Turns()
