"""From SQLite to PostgreSQL: every row is the same, and the portal goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, models
from django.db.backends.sqlite3.base import DatabaseWrapper

from marelle.accounts.models import User
from marelle.backups import moving
from marelle.backups.moving import NOTED, portal_move
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.families.models import Family, HealthSheet
from tests.backups.machines import Portal, committing, refused
from tests.database import copied
from tests.full_house import FullHouse
from tests.races.crowd import NOW

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="it ends in PostgreSQL: tried in the run on PostgreSQL"
    ),
]


def every_model() -> Iterator[type[models.Model]]:
    return (one for one in apps.get_models(include_auto_created=True) if not one._meta.proxy)


@contextmanager
def on_sqlite(path: Path) -> Iterator[Path]:
    """The rows of this database in a file of SQLite, of the same version."""
    # Called as the one that a test may ask: pytest-django stops any other.
    source = DatabaseWrapper({**connection.settings_dict, "NAME": str(path), "OPTIONS": {}}, "default")
    connections["source"] = source
    try:
        with source.schema_editor() as editor:
            for model in apps.get_models():
                if not model._meta.proxy:
                    editor.create_model(model)
        with source.constraint_checks_disabled():
            for model in every_model():
                model._base_manager.using("source").all().delete()
                model._base_manager.using("source").bulk_create(model._base_manager.order_by("pk"))
            with source.cursor() as there, connection.cursor() as here:
                here.execute("select app, name, applied from django_migrations order by id")
                there.execute("create table django_migrations (id integer primary key, app, name, applied)")
                there.executemany(
                    "insert into django_migrations (app, name, applied) values (%s, %s, %s)", here.fetchall()
                )
        source.close()
        yield path
    finally:
        source.close()
        del connections["source"]


@contextmanager
def there() -> Iterator[None]:
    """A new PostgreSQL, with its tables."""
    with copied(f"{connection.settings_dict['NAME']}_moved"):
        yield


def moved(path: Path) -> int:
    return sum(rows for _table, rows in portal_move(path=path))


@pytest.fixture
def source(tmp_path: Path, files_folder: Path, transactional_db: None) -> Iterator[Path]:
    with on_sqlite(tmp_path / "source.sqlite3") as path:
        yield path


@committing
def test_every_row_is_the_same_and_the_portal_goes_on(tmp_path: Path, files_folder: Path) -> None:
    portal = Portal(files_folder, FullHouse())
    held = {model: model._base_manager.count() for model in every_model()}
    with on_sqlite(tmp_path / "source.sqlite3") as path, there():
        assert moved(path) == sum(held.values())
        assert {model: model._base_manager.count() for model in every_model()} == held
        assert NOTED not in connection.introspection.table_names()
        assert HealthSheet.objects.get(child=portal.parent.child).data is not None
        change = Change(portal.parent.child.pk, portal.opening.pk, False, True)
        bookings_save(actor=portal.parent.actor, changes=[change], now=NOW)
        assert Booking.objects.holding().filter(opening=portal.opening).count() == 1
        with pytest.raises(IntegrityError, match="foreign key"), connection.cursor() as cursor:
            cursor.execute("delete from families_family")
        refused("holds_homes", lambda: moved(path))


def test_stopped_between_two_batches_it_goes_on(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(source)) as rows:
        rows.executemany(
            "insert into core_revision (id, number) values (?, ?)", [(pk, pk) for pk in range(10, 60)]
        )
        rows.commit()
        count = rows.execute("select count(*) from core_revision").fetchone()[0]
    monkeypatch.setattr(moving, "BATCH", 20)
    with there():
        step = portal_move(path=source)
        for table, _rows in step:
            if table == "core_revision":
                break
        step.close()
        with connection.cursor() as cursor:
            # As if it had been stopped in the middle of that table.
            cursor.execute("delete from core_revision where id > 30")
            moved(source)
            cursor.execute("select count(*) from core_revision")
            assert cursor.fetchone() == (count,)


def test_what_differs_is_told(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that was not copied as it is."""
    with closing(sqlite3.connect(source)) as rows:
        rows.execute("insert into core_revision (id, number) values (77, 1)")
        rows.commit()
    usual = moving._put

    def put(table: moving.Table, waiting: list[moving.Row]) -> int:
        if table.name == "core_revision":
            waiting[:] = [(*row[:-1], row[-1] + 1) for row in waiting]
        return usual(table, waiting)

    monkeypatch.setattr(moving, "_put", put)
    with there():
        refused("differs", lambda: moved(source))


def test_an_older_database_is_told(source: Path) -> None:
    with closing(sqlite3.connect(source)) as rows:
        rows.execute("delete from django_migrations where app = 'families' and name like '0003%'")
        rows.commit()
    with there():
        assert "families.0003" in refused("unlike", lambda: moved(source))


def test_what_is_no_database_is_told(tmp_path: Path, transactional_db: None) -> None:
    (tmp_path / "text").write_text("no database" * 100)
    for name in ("text", "nowhere"):
        with pytest.raises(CommandError, match="ne peut pas être lu"):
            call_command("move", tmp_path / name)


KILLED = """
import django
django.setup()
import os, signal, sys
from pathlib import Path
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[2]
from marelle.backups.moving import portal_move
for rank, _table in enumerate(portal_move(path=Path(sys.argv[1]))):
    if rank == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_it_is_done_again(source: Path) -> None:
    with there():
        name: Any = connection.settings_dict["NAME"]
        connection.close()
        done = subprocess.run(
            [sys.executable, "-c", KILLED, source, name, "60"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.getcwd()},
            check=False,
        )
        assert done.returncode == -signal.SIGKILL
        assert NOTED in connection.introspection.table_names()
        moved(source)
        assert NOTED not in connection.introspection.table_names()
        assert (Family.objects.count(), User.objects.count()) == (0, 0)
