"""Queries whose SQL Django builds once a process, then runs with other values.

Two thirds of the time of a page was Django building, at each request, statements that it had built before. A
function decorated with `prepared` returns a queryset; calling it runs the statement and gives the rows. What
was read is never kept.

The SQL depends on the shape of the arguments alone: what is None, how many a collection has, what an actor
may do. For each shape the function runs twice, with two sets of stand-ins; where the two statements differ is
where values go. A value that the function computes from an argument would be lost there: it is refused, and
has to be an argument of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from itertools import count
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

from marelle.core.actor import Actor, Power

SHAPES_KEPT = 64
"""How many shapes of the arguments of one function are kept, with their statements."""

MOST = 4_200
"""How many values the arguments may have in all; beyond, the statement is built for the call alone."""

PLACE = re.compile("%[%s]")
"""Where a value goes in a statement, or a percent sign that stands for itself."""

CODE = re.compile("[a-z_.]*")
"""A text that needs no care to be written in a statement: a state, a kind."""

STANDINS = (
    (10_007, datetime(3001, 2, 3, 4, 5, tzinfo=UTC)),
    (20_011, datetime(3002, 7, 16, 17, 18, tzinfo=UTC)),
)
"""Where the two sets begin: of their instants, no year, month, day, weekday or hour is the same."""

Arguments = ParamSpec("Arguments")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class _Fixed:
    """An argument that is a part of the statement: None, a truth, a code."""

    value: Hashable


@dataclass(frozen=True, slots=True)
class _One:
    kind: type[int | date]


@dataclass(frozen=True, slots=True)
class _Many:
    kind: type[int | date]
    size: int


@dataclass(frozen=True, slots=True)
class _Asker:
    """An actor; True in the place of each of its ids that is not None."""

    user: bool
    person: bool
    family: bool
    on_behalf_of: bool
    powers: frozenset[Power]
    at_desk: bool
    child: bool


@dataclass(frozen=True, slots=True)
class _Hole:
    """Where the value of that rank goes; an integer as the type that the database's driver is given."""

    rank: int
    kind: type[int] | None


@dataclass(frozen=True, slots=True)
class _Statement:
    """`sql` is empty when no row can be found."""

    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]

    def filled(self, values: list[Any]) -> tuple[Any, ...]:
        ops = connections[self.rows.db].ops
        values = [_adapted(value, ops) for value in values]
        return tuple([_put(param, values) if type(param) is _Hole else param for param in self.params])


class Prepared(Generic[Arguments, Row]):
    """What `prepared` makes of a function."""

    def __init__(self, build: Callable[Arguments, QuerySet[Any, Row]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__
        self._statement = lru_cache(maxsize=SHAPES_KEPT)(self._compiled)

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> list[Row]:
        """The rows, read now."""
        shapes, named, values = _shapes(args, kwargs)
        if len(values) > MOST:
            return list(self.build(*args, **kwargs))
        statement = self._statement(shapes, named)
        if not statement.sql:
            return []
        ready = statement.sql, statement.filled(values)
        if statement.rows.query.select_for_update and not connections[statement.rows.db].in_atomic_block:
            raise TransactionManagementError("Rows are locked within a transaction.")
        compiler, query = copy(statement.compiler), copy(statement.rows.query)
        compiler.connection = connections[statement.rows.db]
        compiler.as_sql = lambda: ready
        query.get_compiler = lambda *_asked, **_options: compiler  # type: ignore[method-assign]
        # As its `all`, which would clone the query of each part of a union for nothing.
        rows: QuerySet[Any, Row] = QuerySet.__new__(type(statement.rows))
        vars(rows).update(vars(statement.rows), _query=query, _result_cache=None)
        return list(rows)

    def sql(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> tuple[str, tuple[Any, ...]]:
        """The statement that a call runs, with its parameters; empty when no row can be found."""
        statement, values = self._found(args, kwargs)
        return statement.sql, statement.filled(values)

    def _found(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[_Statement, list[Any]]:
        shapes, named, values = _shapes(args, kwargs)
        return self._statement(shapes, named), values

    def _compiled(self, shapes: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> _Statement:
        tries = []
        for first, start in STANDINS:
            values: list[Any] = []
            standins = _standins(first, start)
            args = [_stand_in(shape, standins, values) for shape in shapes]
            kwargs = {name: _stand_in(shape, standins, values) for name, shape in named}
            rows = self.build(*args, **kwargs)
            compiler = rows.query.get_compiler(using=rows.db)
            ops = connections[rows.db].ops
            tries.append((*_sql_of(compiler), [_adapted(value, ops) for value in values]))
        (sql, params, ours), (other_sql, other_params, theirs) = tries
        if sql != other_sql:
            raise TypeError(f"The SQL of {self.build.__qualname__} hangs on the value of an argument.")
        ranks: dict[Hashable, int] = {}
        for rank, value in enumerate(ours):
            ranks.setdefault(value, rank)
        holes = [
            one if one == other else self._hole(one, other, ranks, theirs)
            for one, other in zip(params, other_params, strict=True)
        ]
        if sql:
            # How columns are read hangs on the statement alone; Django looks for it at each call.
            converters = compiler.get_converters([column for column, *_names in compiler.select])
            compiler.get_converters = lambda _columns: converters
        return _Statement(rows, compiler, *with_codes(sql, holes))

    def _hole(self, one: Any, other: Any, ranks: dict[Hashable, int], theirs: list[Any]) -> _Hole:
        rank = ranks.get(one) if isinstance(one, Hashable) else None
        if rank is None or theirs[rank] != other:
            raise TypeError(f"{self.build.__qualname__} computes a value from an argument: {one!r}.")
        return _Hole(rank, type(one) if isinstance(one, int) else None)


def prepared(build: Callable[Arguments, QuerySet[Any, Row]]) -> Prepared[Arguments, Row]:
    """Decorates a function that returns a queryset: calling it gives the rows.

    Arguments: integers, days, instants, actors, collections of integers or of days; texts, truths and None,
    which are parts of the statement. Raises TypeError at the first call when the function computes a value
    from one; and TransactionManagementError for rows to be locked outside a transaction.
    """
    return Prepared(build)


def rounded(ids: Collection[int]) -> list[int]:
    """These ids, and up to the next power of two some that no row has.

    For a collection whose size is another for each call: each size is a shape, and a statement to be built.
    """
    given = list(dict.fromkeys(ids))
    more = (1 << (len(given) - 1).bit_length()) - len(given) if 0 < len(given) < MOST else 0
    return given + [-rank for rank in range(1, more + 1)]


def _standins(first: int, start: datetime) -> Iterator[tuple[int, datetime]]:
    """Numbers that fit the smallest column, and instants, each given once."""
    return ((first + rank, start + rank * timedelta(days=1)) for rank in count())


def _shapes(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...], list[Any]]:
    """The shapes of a call, and the values that vary in them."""
    values: list[Any] = []
    shapes = tuple([_shape(value, values) for value in args])
    return shapes, tuple([(name, _shape(value, values)) for name, value in kwargs.items()]), values


def _shape(value: Any, values: list[Any]) -> Any:
    """The shape of an argument; what varies in it is added to `values`."""
    if value is None or isinstance(value, (bool, str, Enum)):
        return _Fixed(value)
    for kind in (int, datetime, date):
        if isinstance(value, kind):
            values.append(value)
            return _One(kind)
    if isinstance(value, Actor):
        ids = (value.user_id, value.person_id, value.family_id, value.child_id)
        values.extend(one for one in ids if one is not None)
        user, person, family, child = (one is not None for one in ids)
        return _Asker(user, person, family, value.on_behalf_of, value.powers, value.at_desk, child)
    if isinstance(value, Collection):
        several = dict.fromkeys(value)
        kinds = {type(one) for one in several} or {int}
        if len(kinds) == 1 and kinds <= {int, date}:
            values.extend(several)
            return _Many(kinds.pop(), len(several))
    raise TypeError(f"Not an argument of a prepared query: {value!r}.")


def _stand_in(shape: Any, standins: Iterator[tuple[int, datetime]], values: list[Any]) -> Any:
    """An argument of that shape; what it is made of is added to `values`, in the order of `_shape`."""

    def one_of(kind: type[int | date]) -> Any:
        number, instant = next(standins)
        values.append(number if kind is int else instant if kind is datetime else instant.date())
        return values[-1]

    match shape:
        case _Fixed(value):
            return value
        case _One(kind):
            return one_of(kind)
        case _Many(kind, size):
            return [one_of(kind) for _one in range(size)]
        case _Asker(user, person, family, on_behalf_of, powers, at_desk, child):
            ids = [one_of(int) if known else None for known in (user, person, family, child)]
            return Actor(ids[0], "", ids[1], ids[2], on_behalf_of, powers, at_desk, child_id=ids[3])


def _sql_of(compiler: Any) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(params)


def with_codes(sql: str, params: Iterable[Any]) -> tuple[str, tuple[Any, ...]]:
    """The codes that are the same in every call, written in the statement itself.

    An index of the rows of one state serves a statement that names the state; where it is a value, SQLite
    reads the statement again at each call, and PostgreSQL plans it again.
    """
    given = iter(params)
    left: list[Any] = []

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        param = next(given)
        if isinstance(param, str) and CODE.fullmatch(param):
            return f"'{param}'"
        left.append(param)
        return "%s"

    return PLACE.sub(written, sql), tuple(left)


def _adapted(value: Any, ops: Any) -> Any:
    if isinstance(value, datetime):
        return ops.adapt_datetimefield_value(value)
    return ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _put(hole: _Hole, values: list[Any]) -> Any:
    value = values[hole.rank]
    return value if hole.kind is None or hole.kind is int else hole.kind(value)
