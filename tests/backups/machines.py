"""A portal that is kept, and another machine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from marelle.backups.refusals import BackupRefused
from marelle.backups.restoring import backup_restore
from marelle.core.actor import SYSTEM
from marelle.files.services import file_make
from marelle.files.shelves import LOCK
from marelle.files.store import IDENTITY, store_turn
from marelle.files.sweeping import TRASH
from marelle.mail.models import Message, MessageState
from tests.care import sheet
from tests.database import empty
from tests.races.crowd import NOW, WEDNESDAY, Parent, crowd
from tests.scenario import Scenario

committing = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="the same on any database: tried on SQLite"
)
LATER = NOW + timedelta(hours=1)


class Portal:
    """A parent who books, a health sheet, and a file in the folder of this database. No mail waits: put back,
    one that did is another (`test_outbox.py`)."""

    def __init__(self, folder: Path, world: Scenario) -> None:
        self.folder = folder
        self.slot = world.slot(world.activity(), capacity=1)
        world.rule(self.slot.activity)
        self.parent: Parent
        (self.parent,) = crowd(world, 1, [self.slot.activity])
        self.opening = world.opening(self.slot, WEDNESDAY)
        sheet(self.parent.child)
        self.kept = file_make(actor=SYSTEM, content=b"%PDF" + b"x" * 200_000, name="a.pdf", pages=1, now=NOW)
        Message.objects.filter(state=MessageState.QUEUED).update(state=MessageState.SENT, sent_at=NOW)
        store_turn(now=NOW)

    def files(self) -> dict[str, bytes]:
        """What the folder holds, but for what is of no backup."""
        kept = (
            path for path in self.folder.rglob("*") if path.is_file() and path.name not in {LOCK, IDENTITY}
        )
        paths = ((str(path.relative_to(self.folder)), path) for path in kept)
        return {name: path.read_bytes() for name, path in paths if not name.startswith(f"{TRASH}/")}


def rows() -> dict[str, list[Any]]:
    """All that each table holds."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"select * from {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


@contextmanager
def elsewhere(settings: Any, folder: Path) -> Iterator[Path]:
    """Another machine: an empty database and an empty folder of files."""
    private = {
        **settings.STORAGES["private"],
        "OPTIONS": {"location": folder, "file_permissions_mode": 0o600},
    }
    usual = settings.STORAGES
    with empty():
        settings.STORAGES = {**usual, "private": private}
        yield folder
    settings.STORAGES = usual


def refused(code: str, make: Callable[[], object]) -> str:
    with pytest.raises(BackupRefused) as found:
        make()
    assert found.value.code == code
    return str(found.value)


@contextmanager
def refused_there(settings: Any, folder: Path, code: str, path: Path, identity: Path | None = None):
    with elsewhere(settings, folder) as there:
        yield there
        refused(code, lambda: backup_restore(path=path, identity=identity))
        assert not connection.introspection.table_names()


@contextmanager
def disk(path: Path, size: str) -> Iterator[Path]:
    """A file system of its own, of so many bytes; the test is skipped where none can be mounted."""
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]
    mounted = subprocess.run(["mount", *options], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
