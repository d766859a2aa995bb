"""How passwords are hashed, and how many at once: hashing is the dearest thing that a visit asks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from marelle.core.refusals import Refusal

SPARED: Final = 2
"""Threads of a process that no hash ever holds: those who are logged in are answered by these at least."""


class TooManyHashes(Refusal):
    """As many passwords as a process takes wait already: try again in a few seconds."""

    def __init__(self) -> None:
        super().__init__("too_many_hashes")


class Hashes:
    """One hash at a time, `waiting` others at most behind it; one thread is held by each."""

    def __init__(self, waiting: int) -> None:
        self._places = threading.BoundedSemaphore(waiting + 1)
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises TooManyHashes."""
        if not self._places.acquire(blocking=False):
            raise TooManyHashes
        try:
            with self._turn:
                yield
        finally:
            self._places.release()


HASHES: Final = Hashes(waiting=max(0, settings.WEB_THREADS - SPARED - 1))


class Argon2(Argon2PasswordHasher):
    """Argon2id as OWASP's Password Storage Cheat Sheet asks first: 19 MiB, two passes, one lane.

    Django's own (100 MiB, eight lanes) take seven times as long. A hash made with other parameters is renewed
    when its owner logs in.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with HASHES.turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with HASHES.turn():
            return super().verify(password, encoded)
