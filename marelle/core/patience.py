"""What may never answer, such as a folder of another machine: asked for in a thread, and waited for so long.

A call to such a folder cannot be taken back: its thread ends when the folder answers, or with the process.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any, Final, TypeVar

Answer = TypeVar("Answer")

_late: Final[dict[str, Future[Any]]] = {}
"""By what is asked: the last answer that was waited for in vain, done once it has come after all."""


def within(seconds: float, what: str, work: Callable[[], Answer]) -> Answer:
    """What `work` returns or raises; raises TimeoutError once it was waited for that long.

    What hangs is not asked again before it has answered: until then this raises at once. `work` must leave
    the database alone, whose connections are of one thread.
    """
    if what in _late and not _late[what].done():
        raise _in_vain()
    answer: Future[Answer] = Future()

    def ask() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, who asked is told
            answer.set_exception(error)

    Thread(target=ask, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        if answer.done():
            raise
        _late[what] = answer
        raise _in_vain() from None


def _in_vain() -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
