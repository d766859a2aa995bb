"""The order of locks (ADR 25), held by every test: homes, then people, then quotas.

Two services that lock in other orders wait for each other, once in a thousand times on PostgreSQL and never
on SQLite: so the order is looked at, in each transaction of ours, whatever the database.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.exceptions import EmptyResultSet
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import Atomic

import marelle

OURS: Final = (str(Path(marelle.__file__).parent), contextlib.__file__)
"""Where a transaction of ours is opened: in the code, or by a decorator. A test opens one around many."""
DEMO: Final = str(Path(marelle.__file__).parent / "demo")
"""It too: the whole of an invented world, on a database that nobody else has."""

_here = threading.local()


class OutOfOrder(AssertionError):
    pass


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise `OutOfOrder` where a home is locked by who holds a child or a quota.

    `files_locked` takes its homes again, against all others, once nobody who holds a child can want them.
    """
    enter, leave, run = Atomic.__enter__, Atomic.__exit__, SQLCompiler.execute_sql

    def entered(self: Atomic) -> None:
        file = sys._getframe(1).f_code.co_filename
        _transactions().append(_Open(file.startswith(OURS) and not file.startswith(DEMO)))
        enter(self)

    def left(self: Atomic, *error: Any) -> None:
        _transactions().pop()
        leave(self, *error)

    def executed(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        query = self.query
        if query.select_for_update:
            ours = next((one for one in _transactions() if one.is_ours), None)
            if ours is not None:
                again = not query.select_for_no_key_update
                ours.locks(query.model.__name__, query.select_for_update_of, _named(self), again=again)
        return run(self, *args, **kwargs)

    monkeypatch.setattr(Atomic, "__enter__", entered)
    monkeypatch.setattr(Atomic, "__exit__", left)
    monkeypatch.setattr(SQLCompiler, "execute_sql", executed)


def _named(compiler: SQLCompiler) -> set[int]:
    """The numbers that a statement gives."""
    try:
        _sql, values = compiler.as_sql()
    except EmptyResultSet:
        return set()
    return {value for value in values if isinstance(value, int)}


class _Open:
    """A transaction, and what it has locked so far."""

    def __init__(self, is_ours: bool) -> None:
        self.is_ours = is_ours
        self.held: list[str] = []
        self.homes: set[int] = set()

    def locks(self, name: str, of: tuple[str, ...], named: set[int], *, again: bool) -> None:
        """`named` are the numbers that the statement gives, the keys of its homes among them: to lock again
        what is held waits for nobody."""
        is_home = name == "Family" or "family" in of
        is_new = is_home and not again and not named <= self.homes
        if is_new and {"Person", "Quota"} & set(self.held):
            raise OutOfOrder(f"a home is locked after {self.held}")
        if is_home:
            self.homes |= named
        self.held.append(name)


def _transactions() -> list[_Open]:
    if not hasattr(_here, "open"):
        _here.open = []
    found: list[_Open] = _here.open
    return found
