"""What became of what a request wrote, so that no error page says what is not true."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connection

from marelle.core.buckets import StoreAway

READS: Final = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA", "SET ", "EXPLAIN")
"""How a statement begins that writes nothing, or nothing that stays by itself."""

LONGEST: Final = max(map(len, READS))

FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

FULL_POSTGRESQL: Final = "53100"
"""disk_full, in PostgreSQL's appendix A."""


class Fate(StrEnum):
    """`NOTHING`: nothing of it is written. `UNKNOWN`: something is, or may be."""

    NOTHING = "nothing"
    UNKNOWN = "unknown"


class Written:
    """Follows what one request writes, as an execute wrapper of its connection."""

    def __init__(self) -> None:
        self._is_written = False
        self._refused: list[BaseException] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        try:
            answer = execute(sql, *rest)
        except Exception as error:
            self._refused.append(error)
            raise
        # PostgreSQL is sent a union in brackets.
        if not sql.lstrip("( \n")[:LONGEST].upper().startswith(READS):
            if connection.in_atomic_block:
                connection.on_commit(self._ended)
            else:
                self._ended()
        return answer

    def fate(self, error: BaseException | None) -> Fate:
        """What became of all that was written, once `error` has ended the request.

        A statement that fails ends its transaction. A failure of no statement is that of a COMMIT, which may
        have been done though its answer never came; a full disk does answer.
        """
        if self._is_written:
            return Fate.UNKNOWN
        for one in chain(error):
            lost = isinstance(one, OperationalError | InterfaceError)
            if lost and not is_full(one) and all(one is not known for known in self._refused):
                return Fate.UNKNOWN
        return Fate.NOTHING

    def _ended(self) -> None:
        self._is_written = True


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it came from."""
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def is_full(error: BaseException | None) -> bool:
    """Whether there was no room left to write: on the disk of the files or on that of the database."""
    for one in chain(error):
        if isinstance(one, OSError) and one.errno in FULL:
            return True
        if getattr(one, "sqlstate", None) == FULL_POSTGRESQL:
            return True
        if getattr(one, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
    return False


def is_away(error: BaseException | None) -> bool:
    """Whether the store of files did not do what it was asked."""
    return any(isinstance(one, StoreAway) for one in chain(error))


def is_lost(error: BaseException | None) -> bool:
    """Whether the database was away, or too busy to answer."""
    return any(isinstance(one, OperationalError | InterfaceError) for one in chain(error))
