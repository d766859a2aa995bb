"""A connection to PostgreSQL that is cut for real, at the statement or at the COMMIT that a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import psycopg
from django.db import connection, connections

COMMIT = b"COMMIT\x00"


class At(Enum):
    """Where a COMMIT is lost: on its way, or once done with its answer on the way back."""

    SENT = "sent"
    DONE = "done"


class Line(ThreadingTCPServer):
    """Passes bytes both ways; cuts at COMMIT number `commit`, once."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, to: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.to = to
        self.at = At.SENT
        self.left = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def arm(self, at: At, commit: int) -> None:
        self.at, self.left = at, commit

    @property
    def was_cut(self) -> bool:
        return self.left == 0


class _Passing(BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        with socket.create_connection(self.server.to) as far:
            self.mute = False
            back = threading.Thread(target=self._back, args=(far,), daemon=True)
            back.start()
            with suppress(OSError):
                while data := self.request.recv(65_536):
                    if COMMIT in data and self.server.left:
                        self.server.left -= 1
                        if not self.server.left:
                            self._cut(far, data)
                            return
                    far.sendall(data)
            with suppress(OSError):
                far.shutdown(socket.SHUT_WR)
            back.join()

    def _cut(self, far: socket.socket, data: bytes) -> None:
        if self.server.at is At.DONE:
            self.mute = True
            far.sendall(data)
            self.answered.wait(10)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)

    def setup(self) -> None:
        self.answered = threading.Event()

    def _back(self, far: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65_536):
                if self.mute:
                    self.answered.set()
                    return
                self.request.sendall(data)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)


@contextmanager
def severable() -> Iterator[Line]:
    """This thread's connection, led through a line."""
    kept = connections["default"]
    line = Line((kept.settings_dict["HOST"] or "127.0.0.1", int(kept.settings_dict["PORT"] or 5432)))
    led = kept.copy()
    options = {**led.settings_dict["OPTIONS"], "sslmode": "disable", "gssencmode": "disable"}
    led.settings_dict |= {"HOST": "127.0.0.1", "PORT": line.server_address[1], "OPTIONS": options}
    connections["default"] = led
    try:
        yield line
    finally:
        led.close()
        connections["default"] = kept
        line.shutdown()
        line.server_close()


def terminate(pid: int) -> None:
    """End a connection from another one, as an administrator does; waits until it is gone."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname=settings["NAME"],
        autocommit=True,
    ) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", (pid,))


class Ender:
    """Ends the connection before or after its statement number `step`, once: an execute wrapper."""

    def __init__(self, step: int, *, after: bool) -> None:
        self.step, self.after, self.done = step, after, 0

    @property
    def was_reached(self) -> bool:
        return self.done >= self.step

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.done += 1
        is_now = self.done == self.step
        if is_now and not self.after:
            self._end()
        answer = execute(*statement)
        if is_now and self.after:
            self._end()
        return answer

    def _end(self) -> None:
        terminate(connection.connection.info.backend_pid)
