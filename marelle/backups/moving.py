"""From SQLite to PostgreSQL: every row of every table copied as it is, then compared, the portal stopped.

Foreign keys are taken away for as long as it takes, and put back in the end, which checks them all. Where it
stopped is told by what is there: each table is a beginning of the other's, in the order of its keys.
"""

from __future__ import annotations

import decimal
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management.color import no_style
from django.db import DataError, connection, models, transaction
from psycopg.types.json import Jsonb

from marelle.accounts.models import User
from marelle.backups.refusals import BackupRefused
from marelle.families.models import Family

BATCH: Final = 5_000
"""Rows copied in one transaction."""

NOTED: Final = "marelle_moving"
"""A table of the new database for as long as the move is not over: what was taken away, to be put back."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """The columns of a model, as both databases have them, the key first."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[Callable[[Any], Any], ...]
    counts: bool
    """Whether its keys are numbers, so that the last one copied says where to go on."""

    def rows(self, source: sqlite3.Connection, after: Any = None) -> Iterator[Row]:
        beyond = "" if after is None else f"where {_quoted(self.columns[0])}>?"
        ordered = f"order by {_quoted(self.columns[0])}"
        sql = f"select {self._listed} from {_quoted(self.name)} {beyond} {ordered}"  # noqa: S608  # nosec B608
        for row in source.execute(sql, () if after is None else (after,)):
            yield tuple(
                None if value is None else kind(value) for kind, value in zip(self.kinds, row, strict=True)
            )

    @property
    def _listed(self) -> str:
        return ", ".join(map(_quoted, self.columns))

    def written(self, rows: Sequence[Row]) -> None:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"copy {_quoted(self.name)} ({self._listed}) from stdin") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def last(self) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"select max({_quoted(self.columns[0])}) from {_quoted(self.name)}")  # noqa: S608  # nosec B608
            return (cursor.fetchone() or (None,))[0]

    def emptied(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"delete from {_quoted(self.name)}")  # noqa: S608  # nosec B608

    def there(self) -> Iterator[Row]:
        """What the new database holds, by key."""
        sql = f"select {self._listed} from {_quoted(self.name)}"  # noqa: S608  # nosec B608
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql if not self.counts else f"{sql} order by 1")
            while rows := cursor.fetchmany(BATCH):
                yield from rows


def tables() -> list[Table]:
    """Of all models, in the order of their names."""
    found = {
        model._meta.db_table: _table(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [found[name] for name in sorted(found)]


def _table(model: type[models.Model]) -> Table:
    key = model._meta.pk
    fields = sorted(model._meta.local_concrete_fields, key=lambda field: field is not key)
    stored = [_stored(field) for field in fields]
    return Table(
        model._meta.db_table,
        tuple(str(field.column) for field in fields),
        tuple(map(_kind, stored)),
        isinstance(stored[0], models.IntegerField),
    )


def _stored(field: Any) -> Any:
    """Of a key to another table, that table's."""
    while field.remote_field is not None and isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _kind(field: Any) -> Callable[[Any], Any]:
    """What makes a value of PostgreSQL of SQLite's."""
    if isinstance(field, models.DecimalField):
        return lambda value: _decimal(value, field.decimal_places)
    return KINDS.get(field.get_internal_type(), lambda value: value)


def _decimal(value: Any, places: int) -> decimal.Decimal:
    """As Django reads it: SQLite keeps fifteen digits."""
    exact = decimal.Context(prec=15)
    read = exact.create_decimal_from_float(value) if isinstance(value, float) else decimal.Decimal(value)
    return read.quantize(decimal.Decimal(1).scaleb(-places))


KINDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "BooleanField": bool,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "DateTimeField": lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC),
    "DurationField": lambda value: timedelta(microseconds=value),
    "JSONField": lambda value: Jsonb(json.loads(value)),
    "UUIDField": uuid.UUID,
    "BinaryField": bytes,
}


def portal_move(*, path: Path) -> Iterator[tuple[str, int]]:
    """Copy the SQLite database at `path` to the PostgreSQL of DATABASE_URL, which has its tables and nothing
    else; each table with its rows, once they are there. Stopped at any point, it may be done again. Raises
    BackupRefused.
    """
    with closing(_opened(path)) as source:
        _same_check(source)
        _begin()
        for table in tables():
            yield table.name, _moved(table, source)
        for table in tables():
            _compared(table, source)
        _end()


def _opened(path: Path) -> sqlite3.Connection:
    if connection.vendor != "postgresql":
        raise BackupRefused("not_postgresql")
    try:
        source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        source.execute("select 1 from django_migrations limit 1")
    except sqlite3.DatabaseError as error:
        raise BackupRefused("not_there", path=path, why=error) from error
    return source


def _same_check(source: sqlite3.Connection) -> None:
    """Both are of this very version."""
    sql = "select app, name from django_migrations"
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names():
            raise BackupRefused("unlike", migration="migrate")
        cursor.execute(sql)
        ours = set(cursor.fetchall())
    theirs = {tuple(row) for row in source.execute(sql)}
    if ours != theirs:
        raise BackupRefused("unlike", migration=".".join(min(ours ^ theirs)))


def _begin() -> None:
    if NOTED in connection.introspection.table_names():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if Family.objects.exists() or User.objects.exists():
            raise BackupRefused("holds_homes", name=connection.settings_dict["NAME"])
        cursor.execute(
            "select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from"
            " pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace"
            " order by 1, 2"
        )
        keys = cursor.fetchall()
        cursor.execute(f"create table {NOTED} (statement text not null)")
        for name, constraint, definition in keys:
            again = f"alter table {name} add constraint {constraint} {definition}"
            cursor.execute(f"insert into {NOTED} values (%s)", [again])  # noqa: S608  # nosec B608
            cursor.execute(f"alter table {name} drop constraint {constraint}")
        for table in tables():
            table.emptied()


def _moved(table: Table, source: sqlite3.Connection) -> int:
    """How many rows."""
    if not table.counts:
        table.emptied()
    rows, waiting, moved = table.rows(source, table.last() if table.counts else None), list[Row](), 0
    try:
        for row in rows:
            waiting.append(row)
            if len(waiting) == BATCH:
                moved += _put(table, waiting)
        return moved + _put(table, waiting)
    except DataError as error:
        raise BackupRefused("unmoved", table=table.name, why=str(error).splitlines()[0]) from error


def _put(table: Table, waiting: list[Row]) -> int:
    with transaction.atomic():
        table.written(waiting)
    count = len(waiting)
    waiting.clear()
    return count


def _end() -> None:
    """Until then a second run goes on: keys are given from after the last, and must all lead somewhere."""
    again = connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"select statement from {NOTED}")  # noqa: S608  # nosec B608
        for statement in [*again, *(row[0] for row in cursor.fetchall())]:
            cursor.execute(statement)
        cursor.execute(f"drop table {NOTED}")


def _compared(table: Table, source: sqlite3.Connection) -> None:
    """Row by row."""
    there, here = table.rows(source), table.there()
    if not table.counts:
        there, here = (iter(sorted(every, key=_by_key)) for every in (there, here))
    pairs = zip(there, here, strict=True)
    try:
        for theirs, ours in pairs:
            if tuple(map(_plain, theirs)) != tuple(map(_plain, ours, theirs)):
                raise BackupRefused("differs", table=table.name, key=theirs[0])
    except ValueError as error:
        raise BackupRefused("differs", table=table.name, key="nombre de lignes") from error


def _by_key(row: Row) -> str:
    return str(row[0])


def _plain(value: Any, like: Any = None) -> Any:
    """As both say it: JSON is compared by what it holds."""
    if isinstance(value, Jsonb):
        return value.obj
    if isinstance(like, Jsonb):
        return json.loads(value)
    return bytes(value) if isinstance(value, memoryview) else value


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
