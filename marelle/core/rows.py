"""Rows that have names: each column of a query goes to the argument of that name of what makes the row.

TOLD = columns(Told, booking_id="pk", first_name="child__first_name")
for row in TOLD.of(Booking.objects.all()): row.first_name
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.query import ValuesListIterable

Row = TypeVar("Row")
Kind = TypeVar("Kind", bound=Model)


class Columns(Generic[Row]):
    """What `columns` makes; a column of another row may be a row of its own columns."""

    def __init__(self, make: Callable[..., Row], given: dict[str, str | Combinable | Columns[Any]]) -> None:
        named = _in_order(make, set(given))
        self.make, self.given = make, {name: given[name] for name in named}
        self.columns: list[str | Combinable] = []
        cuts: list[tuple[int | slice, Callable[[Any], Any] | None]] = []
        for source in self.given.values():
            at = len(self.columns)
            if isinstance(source, Columns):
                self.columns += source.columns
                cuts.append((slice(at, len(self.columns)), source.read))
            else:
                self.columns.append(source)
                cuts.append((at, None))
        texts = [column for column in self.columns if isinstance(column, str)]
        if len(set(texts)) < len(texts):
            raise TypeError(f"{make.__qualname__} reads a column twice: {sorted(texts)}.")
        self.read: Callable[[Any], Row] = self._reader(cuts)
        self._iterable = _iterable(self.read)

    def _reader(self, cuts: list[tuple[int | slice, Callable[[Any], Any] | None]]) -> Callable[[Any], Row]:
        """From a row of the database, of which each argument is a cut."""
        make: Any = self.make
        whole = make._make if getattr(make, "_fields", None) == tuple(self.given) else lambda row: make(*row)
        if not any(read for _cut, read in cuts):
            return cast("Callable[[Any], Row]", whole)
        return lambda row: whole([read(row[cut]) if read else row[cut] for cut, read in cuts])

    def of(self, rows: QuerySet[Kind, Any]) -> QuerySet[Kind, Row]:
        """These rows, read as named ones."""
        found = rows.values_list(*self.columns)
        found._iterable_class = self._iterable
        return found

    def through(self, path: str) -> Columns[Row]:
        """The same of what `path` leads to; for columns that are names."""
        return Columns(self.make, {name: f"{path}__{source}" for name, source in self.given.items()})


def columns(make: Callable[..., Row], **given: str | Combinable | Columns[Any]) -> Columns[Row]:
    """Which column each argument of `make` is read from: a class, or a function that makes the row.

    Raises TypeError for an argument without a column, unless it and all that follow have a default; for a
    column without an argument; for a column read twice.
    """
    return Columns(make, given)


def _in_order(make: Callable[..., Any], given: set[str]) -> tuple[str, ...]:
    arguments = signature(make).parameters
    named = tuple(name for name in arguments if name in given)
    lacking = {name for name, argument in arguments.items() if argument.default is argument.empty} - given
    if lacking or given - arguments.keys() or named != tuple(arguments)[: len(named)]:
        raise TypeError(f"{make.__qualname__} has {', '.join(arguments)}; given {', '.join(sorted(given))}.")
    return named


def _iterable(read: Callable[[Any], Any]) -> type[ValuesListIterable[Any]]:
    class Named(ValuesListIterable):  # type: ignore[type-arg] # Django's is no generic when it runs
        def __iter__(self) -> Iterator[Any]:
            return map(read, super().__iter__())

    return Named
