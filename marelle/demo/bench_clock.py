"""What a piece of work takes: by the clock, and of the processors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True, slots=True)
class Spent:
    """`server_ms`: the processor time of this connection's server, where it is PostgreSQL and of this
    machine."""

    ms: float
    cpu_ms: float
    queries: int = 0
    server_ms: float = 0

    @property
    def worked_ms(self) -> float:
        """Whatever else the machine does, and whoever does it of the two."""
        return self.cpu_ms + self.server_ms


def timed(work: Callable[[], object]) -> Spent:
    clock = Clock()
    work()
    return clock.spent()


class Clock:
    """From when it is made."""

    def __init__(self) -> None:
        self.server = _server_file()
        self.server_began = _server_ns(self.server)
        self.began, self.cpu_began = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        ms, cpu_ms = (time.perf_counter() - self.began) * 1000, (time.process_time() - self.cpu_began) * 1000
        return Spent(ms, cpu_ms, server_ms=(_server_ns(self.server) - self.server_began) / 1_000_000)


def _server_file() -> Path | None:
    """Where the kernel tells what this connection's server has worked."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return path if path.exists() else None


def _server_ns(told: Path | None) -> int:
    return int(told.read_text().split()[0]) if told else 0
