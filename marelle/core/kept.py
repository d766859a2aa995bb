"""What the authorities chose, which changes a few times a year and stands on every page: read once a
revision, then kept in the process.

One row holds the revision. Each request reads it once, along with its account (`flows.actor.actors`), so that
what one process changes is on the next page of every other, on whatever machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Generic, TypeVar

from marelle.core.models import Revision

Value = TypeVar("Value")

_numbers: ContextVar[list[int] | None] = ContextVar("numbers", default=None)
"""Of a request: nothing before the revision is read, then its number. None where nobody remembers it."""


class Kept(Generic[Value]):
    """`read` gives what is kept; calling it again costs no query as long as the revision is the same.

    A decorator. What `read` reads is changed by services that call `kept_changed`: `tests/test_revisions.py`
    holds them to it.
    """

    def __init__(self, read: Callable[[], Value]) -> None:
        self.read = read
        self._held: tuple[int, Value] | None = None
        ALL.append(self)

    def __call__(self) -> Value:
        number, held = _number(), self._held
        if held is None or held[0] != number:
            # The number first: what is read after it is never older.
            held = self._held = number, self.read()
        return held[1]

    def forget(self) -> None:
        self._held = None


ALL: Final[list[Kept[Any]]] = []


@contextmanager
def revision_once() -> Iterator[None]:
    """Read the revision at most once within: a request, or a turn of a job. Elsewhere each call reads it."""
    token = _numbers.set([])
    try:
        yield
    finally:
        _numbers.reset(token)


def revision_read(number: int | None) -> None:
    """What a query of the page has read of `Revision.number`, along with what it was for."""
    numbers = _numbers.get()
    if numbers is not None:
        numbers[:] = [number or 0]


def kept_changed() -> None:
    """Give a new revision: every service that changes what is kept calls it, in its transaction, last.

    The rest of its own request reads the revision each time, since the transaction may yet be undone.
    """
    row = Revision(pk=1, number=secrets.randbits(62))
    Revision.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["number"])
    _numbers.set(None)


def _number() -> int:
    numbers = _numbers.get()
    if numbers:
        return numbers[0]
    number = Revision.objects.values_list("number", flat=True).first() or 0
    revision_read(number)
    return number
