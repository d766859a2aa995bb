"""Which rows of a book are tried for a home, and in which order: it meets few of those that there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Generic, Protocol, TypeVar

R = TypeVar("R")


class _Tried(Protocol):
    @property
    def step(self) -> int: ...

    @property
    def priority(self) -> tuple[int, int, int]: ...


S = TypeVar("S", bound=_Tried)


class BySlot(Generic[R]):
    def __init__(self, rows: Sequence[R], about: Callable[[R], Collection[int]]) -> None:
        """`about`: the slots of a row; none said, it is about all."""
        self._rows = rows
        self._of_all: list[int] = []
        self._of_slot: dict[int, list[int]] = {}
        for number, row in enumerate(rows):
            slot_ids = about(row)
            if not slot_ids:
                self._of_all.append(number)
            for slot_id in slot_ids:
                self._of_slot.setdefault(slot_id, []).append(number)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def some_of(self, *sets: Collection[int]) -> list[R]:
        """Those about a slot of some of the `sets`, each once, in their order."""
        slot_ids = set[int]().union(*sets)
        found = set(self._of_all).union(*(self._of_slot.get(one, ()) for one in slot_ids))
        return [self._rows[number] for number in sorted(found)]


def by_step(rows: Iterable[S]) -> Iterator[Sequence[S]]:
    """Rows of each step, in the order of steps, those of one in the order in which they are tried."""
    every = sorted(rows, key=lambda row: (row.step, row.priority))
    for _step, of_step in groupby(every, key=lambda row: row.step):
        yield tuple(of_step)
