"""The database at one instant, written as a stream and put back whole or not at all.

PostgreSQL by its own `pg_dump` and `pg_restore`, in one snapshot with what is counted; SQLite by its own
online copy. Each does it while the portal runs.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess  # nosec B404
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from marelle.backups.archive import CHUNK
from marelle.backups.places import opened_private, synced
from marelle.backups.programs import running
from marelle.backups.refusals import BackupRefused
from marelle.files.rules import Scan

ENGINES: Final[Mapping[str, str]] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

LEVEL: Final = 3
"""Of compression: a third of the processor time of the usual one, for a tenth more."""


class Snapshot(Protocol):
    """The database as it was at one instant, as long as it is open."""

    def rows(self, sql: str, values: Iterable[str] = ()) -> list[tuple[Any, ...]]: ...

    def dumped(self) -> Iterator[bytes]: ...


def reached() -> None:
    """Raises BackupRefused where PostgreSQL's programs would go through a pooler: what they set for
    themselves, as a connection without `search_path`, would be the next page's."""
    if settings.DATABASE_POOLER:
        raise BackupRefused("pooled")


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Raises BackupRefused, OSError."""
    reached()
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory(dir=beside()) as folder:
            path = Path(folder) / "snapshot.sqlite3"
            connection.ensure_connection()
            with closing(sqlite3.connect(path)) as copy:
                try:
                    connection.connection.backup(copy)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                        raise BackupRefused("full_here", folder=beside()) from error
                    raise BackupRefused("unread", path="base de données", why=error) from error
                yield _Copy(copy, path)
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
                cursor.execute("select pg_export_snapshot()")
                (name,) = cursor.fetchone() or ("",)
            yield _Exported(name)


@dataclass(frozen=True)
class _Copy:
    copy: sqlite3.Connection
    path: Path

    def rows(self, sql: str, values: Iterable[str] = ()) -> list[tuple[Any, ...]]:
        return self.copy.execute(sql.replace("%s", "?"), tuple(values)).fetchall()

    def dumped(self) -> Iterator[bytes]:
        small = zlib.compressobj(LEVEL)
        with self.path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield small.compress(piece)
        yield small.flush()


@dataclass(frozen=True)
class _Exported:
    name: str

    def rows(self, sql: str, values: Iterable[str] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, list(values))
            return list(cursor.fetchall())

    def dumped(self) -> Iterator[bytes]:
        to, environment = _server()
        command = ["pg_dump", "--format=custom", f"--compress={LEVEL}", "--no-owner", "--no-privileges"]
        command += [f"--snapshot={self.name}", *to, str(connection.settings_dict["NAME"])]
        with running(command, stdout=subprocess.PIPE, environment=environment) as dump:
            while dump.stdout is not None and (piece := dump.stdout.read(CHUNK)):
                yield piece


def counted(there: Snapshot) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table: int(there.rows(f"select count(*) from {connection.ops.quote_name(table)}")[0][0])  # noqa: S608  # nosec B608
        for table in sorted(connection.introspection.table_names())
    }


def applied(there: Snapshot) -> list[list[str]]:
    return [list(row) for row in there.rows("select app, name from django_migrations order by app, name")]


def identity_of(there: Snapshot) -> str:
    """Of the folder of files, "" before the two have met."""
    rows = there.rows("select identity from files_store")
    return str(rows[0][0]) if rows else ""


def keys_named(there: Snapshot, folder: str) -> set[str]:
    """The contents of one folder ("00" to "ff") that rows name, but for those that were destroyed."""
    sql = "select key from files_storedfile where key >= %s and key < %s and scan <> %s"
    return {str(row[0]) for row in there.rows(sql, [folder, f"{folder}g", Scan.INFECTED.value])}


def loaded(dump: Path) -> None:
    """Put a dump back to the database of DATABASE_URL, which is empty: all of it, or nothing. Raises
    BackupRefused, OSError."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        _put(dump, Path(name))
    else:
        to, environment = _server()
        command = ["pg_restore", "--single-transaction", "--exit-on-error", "--no-comments", "--no-owner"]
        command += ["--no-privileges", f"--dbname={name}", *to, str(dump)]
        with running(command, environment=environment):
            pass
    connection.close()


def _put(dump: Path, name: Path) -> None:
    """`dump` is on the disk of `name`, which it becomes at once."""
    fresh = dump.with_suffix(".sqlite3")
    large = zlib.decompressobj()
    try:
        with dump.open("rb") as small, opened_private(fresh, "wb") as file:
            while piece := small.read(CHUNK):
                file.write(large.decompress(piece))
            file.write(large.flush())
            file.flush()
            os.fsync(file.fileno())
        with closing(sqlite3.connect(fresh)) as copy:
            if copy.execute("pragma quick_check").fetchall() != [("ok",)]:
                raise BackupRefused("changed", what="base de données")
    except (zlib.error, sqlite3.DatabaseError) as error:
        raise BackupRefused("changed", what="base de données") from error
    connection.close()
    for left in ("-wal", "-shm"):
        Path(f"{name}{left}").unlink(missing_ok=True)
    fresh.replace(name)
    synced(name.parent)


def is_empty() -> bool:
    return not connection.introspection.table_names()


def _server() -> tuple[list[str], dict[str, str]]:
    """Where PostgreSQL is, as its programs are told; the password goes by the environment."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(
        {**connection.settings_dict, "NAME": "postgres"}, []
    )
    return arguments[1:-1], {**os.environ, **(environment or {}), "LC_ALL": "C.UTF-8"}


def beside() -> Path:
    """Where there is room for a copy of the database, which holds in the clear what is not sealed: beside
    that of SQLite, whose place it may take, else among the portal's own data."""
    if connection.vendor == "sqlite":
        return Path(str(connection.settings_dict["NAME"])).resolve().parent
    return Path(settings.DATA_DIR)
