"""Asking another host over HTTP: within a time, within a size, and where it was asked alone.

No redirect is followed and no proxy of the environment is used. A server that sends a byte a second is cut as
one that sends none. Few requests of a process wait for one service at once: the others are told so.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.client import HTTPS_PORT, HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

ANSWER_BYTES: Final = 256 * 1024


class Why(StrEnum):
    DOWN = "down"  # nobody answers
    SLOW = "slow"  # no whole answer in time
    BUSY = "busy"  # too many of us wait for it already
    LIES = "lies"  # its answer is not what was asked for


class Unanswered(Exception):
    """Nothing of it is believed. `detail` is for the operator's log: what was wrong, never about whom."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why.value}: {detail}")
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """`retry_after` is that header, as it came."""

    status: int
    content_type: str
    body: bytes
    retry_after: str = ""

    def read_json(self) -> dict[str, Any]:
        """Raises `Unanswered` for what is no JSON object."""
        if self.content_type != "application/json":
            raise Unanswered(Why.LIES, f"{self.content_type or 'nothing'} instead of JSON")
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Unanswered(Why.LIES, "JSON that cannot be read") from None
        if not isinstance(found, dict):
            raise Unanswered(Why.LIES, "JSON that is no object")
        return found


class _Plain(HTTPConnection):
    """One that another thread can cut, from its first byte to its last: `held` is its socket, which
    `http.client` forgets as soon as it reads an answer after which it closes."""

    held: socket.socket | None = None
    is_cut = False

    def connect(self) -> None:
        super().connect()
        self.hold(self.sock)

    def hold(self, held: socket.socket) -> None:
        """Raises TimeoutError where it was cut before there was anything to cut."""
        self.held = held
        if self.is_cut:
            raise TimeoutError

    def cut(self) -> None:
        self.is_cut = True
        with suppress(OSError):
            if self.held is not None:
                self.held.shutdown(socket.SHUT_RDWR)


@cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: those that the machine trusts."""
    return ssl.create_default_context()


class _Safe(_Plain):
    default_port = HTTPS_PORT

    def connect(self) -> None:
        HTTPConnection.connect(self)
        # Greeted once it is held: this too may be drawn out.
        wrapped = trusted().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = wrapped
        self.hold(wrapped)
        wrapped.do_handshake()


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn to ask, until it is over."""

    ends: float

    @property
    def left(self) -> float:
        return self.ends - time.monotonic()

    def get(self, url: str, *, query: Sequence[tuple[str, str]] = (), bearer: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self._ask("GET", f"{url}?{urlencode(query)}" if query else url, None, headers)

    def post(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Answer:
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._ask("POST", url, urlencode(form).encode(), sent)

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(url)
        if self.left <= 0:
            raise Unanswered(Why.SLOW, "no time left")
        makes = _Safe if parts.scheme == "https" else _Plain
        connection = makes(parts.hostname or "", parts.port, timeout=self.left)
        # What it waits for byte by byte would never end by the time-out of each.
        watch = threading.Timer(self.left, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            accepted = {"Accept": "application/json, application/jwt", "Connection": "close"}
            connection.request(method, target, body, {**accepted, **headers})
            with connection.getresponse() as response:
                content = response.read(ANSWER_BYTES + 1)
        except (OSError, HTTPException, ValueError) as error:
            slow = isinstance(error, TimeoutError) or self.left <= 0
            raise Unanswered(Why.SLOW if slow else Why.DOWN, type(error).__name__) from error
        finally:
            watch.cancel()
            connection.close()
        if self.left <= 0:
            raise Unanswered(Why.SLOW, "cut")
        if len(content) > ANSWER_BYTES:
            raise Unanswered(Why.LIES, "an answer that is too long")
        kind = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        return Answer(response.status, kind, content, response.getheader("Retry-After") or "")


@contextmanager
def turn(seats: threading.BoundedSemaphore, *, seconds: float) -> Iterator[Turn]:
    """A turn of `seconds` in all, in one of `seats`. Raises `Unanswered` where none of them is free."""
    if not seats.acquire(blocking=False):
        raise Unanswered(Why.BUSY)
    try:
        yield Turn(time.monotonic() + seconds)
    finally:
        seats.release()
