"""Several people at the very same moment: a thread and a database connection for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")
PATIENCE = 20
"""Seconds after which a race that does not end is a failure."""


def together(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """What each call answers, all started at once. What one raises is raised here."""
    answers = together_or_errors(calls)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return [answer for answer in answers if not isinstance(answer, Exception)]


def together_or_errors(
    calls: Sequence[Callable[[], Answer]], *, once_started: Callable[[], None] = lambda: None
) -> list[Answer | Exception]:
    """What each call answers or raises, in the order of the calls.

    `once_started` runs here as soon as all are off, to hold something back or let it go.
    """
    start = threading.Barrier(len(calls) + 1, timeout=PATIENCE)
    answers: dict[int, Answer | Exception] = {}

    def one(number: int, call: Callable[[], Answer]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            answers[number] = call()
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            answers[number] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=one, args=(number, call), daemon=True) for number, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    start.wait()
    once_started()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == len(calls), "a race did not end"
    return [answers[number] for number in range(len(calls))]


def alone(call: Callable[[], Answer]) -> Answer:
    """The call, in a thread of its own that leaves no connection behind."""
    try:
        return call()
    finally:
        connection.close()
