"""The real server, as `marelle serve` starts it, and what it costs."""

from __future__ import annotations

import os
import socket
import subprocess  # nosec B404
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from django.db import connection

from marelle.demo.load import wait_for
from marelle.room.tickets import TICKET_COOKIE

TICKS: Final = os.sysconf("SC_CLK_TCK")
CLOSING: Final = 30
"""Seconds that the server has to end, or a first page to be answered."""
WARMING: Final = 12
"""Rounds of pages: each of a few processes gets some."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server of the database of these settings; without the worker, unless the environment asks for it."""
    told = {
        "EMBEDDED_WORKER": "0",
        "LOG_LEVEL": "ERROR",
        **os.environ,
        "PORT": str(port),
        **environment,
    }
    process = subprocess.Popen([sys.executable, "-m", "marelle", "serve"], env=told)  # nosec B603
    try:
        wait_for(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=CLOSING)


def warm(port: int, cookie: str, host: str) -> None:
    """Have each process read what it keeps, so that the rush is not counted what a start costs."""
    cookies = {cookie}
    for _round in range(WARMING):
        for path in ("/connexion/", "/tableau-de-bord/", "/reservations/"):
            one = HTTPConnection("127.0.0.1", port, timeout=CLOSING)
            one.request("GET", path, headers={"Cookie": "; ".join(sorted(cookies)), "Host": host})
            answer = one.getresponse()
            given = answer.headers.get_all("Set-Cookie", [])
            cookies |= {kept.partition(";")[0] for kept in given if kept.startswith(TICKET_COOKIE)}
            answer.read()
            one.close()


def workers_of(pid: int) -> list[int]:
    """The processes that answer, of a server whose arbiter is `pid`."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in found.read_text().split()] if found.exists() else []


def cpu_of(pid: int) -> float:
    """Seconds of processor of a process and of its children, those that ended too; 0 where none is told."""
    return sum(_spent(one, with_gone=one == pid) for one in (pid, *workers_of(pid)))


def database_cpu() -> float:
    """Seconds of processor of all processes of a PostgreSQL of this machine; 0 where they are not seen."""
    if connection.vendor != "postgresql":
        return 0.0
    return sum(_spent(pid) for pid, name in _processes() if name == "postgres")


def _processes() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "comm").read_text().strip()
        except OSError:
            continue


def _spent(pid: int, *, with_gone: bool = False) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime and stime; of children that were waited for, cutime and cstime.
    return sum(int(one) for one in told[11 : 15 if with_gone else 13]) / TICKS


def settings_told() -> Mapping[str, str]:
    """What the figures depend on."""
    return {"workers": os.environ.get("WEB_WORKERS", "2"), "threads": os.environ.get("WEB_THREADS", "8")}
