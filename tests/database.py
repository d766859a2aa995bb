"""Databases to test on, copied from one that has its tables already.

Applying the migrations takes as long as hundreds of tests. So it is done once for each kind of
database, and what comes of it is kept (a file of `var/tests`, a database of the PostgreSQL) until a migration
changes; each process copies that. `python -m tests.database` makes the one to copy, if it is not there.
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "tests"


def fingerprint() -> str:
    """Of all that the tables hang on."""
    found = hashlib.sha256(f"{django.__version__} {connection.Database.__name__}".encode())
    if connection.vendor == "sqlite":
        found.update(connection.Database.sqlite_version.encode())
    own = (Path(__file__), ROOT / "marelle" / "settings.py", ROOT / "tests" / "settings.py")
    for path in (*own, *sorted((ROOT / "marelle").glob("*/migrations/*.py"))):
        found.update(f"{path.relative_to(ROOT)}\0{path.read_text()}\0".encode())
    return found.hexdigest()[:12]


@contextmanager
def copied(name: str) -> Iterator[None]:
    """A database of that name, with its tables and no rows, to which the connection leads meanwhile."""
    kept = made()
    if connection.vendor == "sqlite":
        shutil.copyfile(kept, name)
    else:
        _told(f'drop database if exists "{name}"', f'create database "{name}" template "{kept}"')
    with _leading_to(name):
        yield
    if connection.vendor == "sqlite":
        Path(name).unlink()
    else:
        _told(f'drop database "{name}"')


@contextmanager
def former(*targets: tuple[str, str]) -> Iterator[StateApps]:
    """An empty database of the test's own, as these migrations left it, and its models of that time."""
    with empty():
        yield moved_to(*targets)


@contextmanager
def empty() -> Iterator[None]:
    """A database without a table, to which the connection leads meanwhile."""
    name = f"{connection.settings_dict['NAME']}_former"
    if connection.vendor == "sqlite":
        Path(name).unlink(missing_ok=True)
    else:
        _told(f'drop database if exists "{name}"', f'create database "{name}"')
    with _leading_to(name):
        yield
    if connection.vendor == "sqlite":
        Path(name).unlink(missing_ok=True)
    else:
        _told(f'drop database "{name}"')


def moved_to(*targets: tuple[str, str]) -> StateApps:
    """As `move_to`; returns the models of that time."""
    move_to(*targets)
    return MigrationExecutor(connection).loader.project_state(list(targets) or None).apps


def move_to(*targets: tuple[str, str], progress: Callable[..., None] | None = None) -> None:
    """Move the database that the connection leads to, to these migrations, the latest when none is named.
    `progress` is told of each, as Django tells.

    As `migrate` does, without what it tells other apps afterwards. Every target that leads back is in one
    plan: for each plan all models are made again, which is what takes long.
    """
    # The models of each step are garbage at once, in circles: to look for it would cost a fifth more.
    gc.disable()
    executor = MigrationExecutor(connection, progress)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())
    gc.enable()


def made() -> str:
    """The name of the database to copy. Whoever comes first makes it, and the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{connection.vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _file() if connection.vendor == "sqlite" else _database()


def _file() -> str:
    kept = KEPT / f"{fingerprint()}.sqlite3"
    if not kept.exists():
        for old in KEPT.glob("*.sqlite3*"):
            old.unlink()
        unfinished = kept.with_suffix(".sqlite3-unfinished")
        _migrated(str(unfinished))
        unfinished.rename(kept)
    return str(kept)


def _database() -> str:
    start = f"{connection.settings_dict['NAME']}_tables_"
    kept, unfinished = start + fingerprint(), f"{start}unfinished"
    with connection._nodb_cursor() as cursor:
        cursor.execute("select datname from pg_database where starts_with(datname, %s)", [start])
        there = {name for (name,) in cursor.fetchall()}
    if kept not in there:
        _told(*(f'drop database "{old}"' for old in there), f'create database "{unfinished}"')
        _migrated(unfinished)
        _without_statistics(unfinished)
        _told(f'alter database "{unfinished}" rename to "{kept}"')
    return kept


def _without_statistics(name: str) -> None:
    """Vacuumed between two tests, a table is known to be empty.

    The rows of the next test, which no other transaction ever sees, would be read one by one for each of the
    others, as if there were none: some tests took minutes.
    """
    with _leading_to(name), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'alter table "{table}" set (autovacuum_enabled = off)')


def _migrated(name: str) -> None:
    # The models of each step are garbage at once, in circles: to look for it would cost a fifth more.
    gc.disable()
    with _leading_to(name):
        call_command("migrate", verbosity=0, interactive=False)
    gc.enable()


@contextmanager
def _leading_to(name: str) -> Iterator[None]:
    usual = connection.settings_dict["NAME"]
    _leads_to(name)
    try:
        yield
    finally:
        _leads_to(usual)


def _leads_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _told(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    made()
