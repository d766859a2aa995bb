"""How many homes of a run are issued in one transaction, so that who saves meanwhile waits little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Final

from django.db import connection

FIRST_AT_ONCE: Final = 25
MOST_AT_ONCE: Final = 100
HELD_SECONDS: Final = {"sqlite": 0.1, "postgresql": 0.25}
"""How long a transaction is to last as long as nobody else writes."""

BESIDE: Final = {"sqlite": 8, "postgresql": 25}
"""Homes at once beside others: on SQLite everybody waits for them, on PostgreSQL who saves for one of
them."""

KEPT: Final = {"sqlite": 25, "postgresql": 100}
"""Homes whose preview is written in one transaction."""

BREATH_SECONDS: Final = 0.01
"""Between two of SQLite, when nobody is known to wait."""

RESTS: Final = {"sqlite": 8, "postgresql": 1}
"""How many times as long as it held its locks a worker then rests, beside others. Who waits for that of
SQLite asks again ever more rarely; on PostgreSQL it leaves them the processor."""


class Pace:
    """That of one worker: `homes`, how many are next; `is_beside`: another has written since it began."""

    def __init__(self) -> None:
        self.homes = min(FIRST_AT_ONCE, MOST_AT_ONCE)
        self.is_beside = False
        self._held = 0.0

    @property
    def kept(self) -> int:
        return KEPT[connection.vendor]

    def disturbed(self) -> None:
        """Another has written since the facts were read: they are read under the lock from now on."""
        self.is_beside = True
        self.homes = min(self.homes, BESIDE[connection.vendor])

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Around the transaction that issues them."""
        began = monotonic()
        yield
        self._held = monotonic() - began
        if not self.is_beside:
            fit = self.homes * HELD_SECONDS[connection.vendor] / self._held
            self.homes = int(min(max(fit, 1), self.homes * 2, MOST_AT_ONCE))

    def rest(self) -> None:
        """Who waits comes first."""
        if self.is_beside:
            sleep(self._held * RESTS[connection.vendor])
        elif connection.vendor == "sqlite":
            sleep(BREATH_SECONDS)
