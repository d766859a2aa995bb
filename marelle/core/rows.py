"""Rows that have names: each column of a query goes to the argument of that name of what makes the row.

TOLD = columns(Told, "day", booking_id="pk", first_name="child__first_name")
for row in TOLD.of(Booking.objects.all()): row.first_name
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from inspect import signature
from itertools import starmap
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.query import ValuesListIterable

Row = TypeVar("Row")
Kind = TypeVar("Kind", bound=Model)


class Columns(Generic[Row]):
    """What `columns` makes; a column of another row may be a row of its own columns."""

    def __init__(self, make: Callable[..., Row], given: dict[str, str | Combinable | Columns[Any]]) -> None:
        self.make, self.given = make, {name: given[name] for name in _in_order(make, set(given))}
        self.columns: list[str | Combinable] = []
        self.cuts: list[tuple[int | slice, Columns[Any] | None]] = []
        for source in self.given.values():
            at = len(self.columns)
            if isinstance(source, Columns):
                self.columns += source.columns
                self.cuts.append((slice(at, len(self.columns)), source))
            else:
                self.columns.append(source)
                self.cuts.append((at, None))
        texts = [column for column in self.columns if isinstance(column, str)]
        if len(set(texts)) < len(texts):
            raise TypeError(f"{make.__qualname__} reads a column twice: {sorted(texts)}.")
        self._iterable = _iterable(self)

    def read(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
        """Named rows of those of the database. All is done by what is written in C: pages read thousands."""
        if any(part for _cut, part in self.cuts):
            found = list(rows)
            values = [(map(itemgetter(cut), found), part) for cut, part in self.cuts]
            rows = zip(*(part.read(those) if part else those for those, part in values), strict=True)
        make: Any = self.make
        if getattr(make, "_fields", None) == tuple(self.given):
            return map(partial(tuple.__new__, make), rows)
        return starmap(make, rows)

    def of(self, rows: QuerySet[Kind, Any]) -> QuerySet[Kind, Row]:
        """These rows, read as named ones."""
        found = rows.values_list(*self.columns)
        found._iterable_class = self._iterable
        return found

    def through(self, path: str) -> Columns[Row]:
        """The same of what `path` leads to; for columns that are names."""
        return Columns(self.make, {name: f"{path}__{source}" for name, source in self.given.items()})


def columns(make: Callable[..., Row], *same: str, **given: str | Combinable | Columns[Any]) -> Columns[Row]:
    """Which column each argument of `make` is read from; `same` are those read from the column of their name.

    `make` is a class, or a function that makes the row; the arguments of columns are rows of their own.
    Raises TypeError for an argument without a column, unless it and all that follow have a default; for a
    column without an argument; for a column read twice.
    """
    twice = {name for name in same if name in given or same.count(name) > 1}
    if twice:
        raise TypeError(f"{make.__qualname__} is given {', '.join(sorted(twice))} twice.")
    return Columns(make, {**dict(zip(same, same, strict=True)), **given})


def _in_order(make: Callable[..., Any], given: set[str]) -> tuple[str, ...]:
    arguments = signature(make).parameters
    named = tuple(name for name in arguments if name in given)
    lacking = {name for name, argument in arguments.items() if argument.default is argument.empty} - given
    if lacking or given - arguments.keys() or named != tuple(arguments)[: len(named)]:
        raise TypeError(f"{make.__qualname__} has {', '.join(arguments)}; given {', '.join(sorted(given))}.")
    return named


def _iterable(columns: Columns[Any]) -> type[ValuesListIterable[Any]]:
    class Named(ValuesListIterable):  # type: ignore[type-arg] # Django's is no generic when it runs
        def __iter__(self) -> Iterator[Any]:
            return columns.read(super().__iter__())

    return Named
