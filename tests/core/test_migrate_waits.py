"""`migrate` asks for a table that another reads: nobody waits behind it for long, and it comes to its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from marelle.core.management.commands import migrate
from tests.database import copied

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="who waits in PostgreSQL's queue for a table"
    ),
]

LAST: Final = ("bookings", "0009_waits_with")
PATIENCE: Final = 0.3


class Elsewhere:
    """Another program: a connection of its own, in a transaction that has read the table."""

    def __init__(self) -> None:
        self.connection = connection.copy()
        self.connection.inc_thread_sharing()
        self.connection.set_autocommit(False)
        self.asked("select count(*) from bookings_booking")

    def asked(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def ends(self) -> None:
        self.connection.rollback()
        self.connection.close()


@pytest.fixture
def reader(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    monkeypatch.setattr(migrate, "LOCK_SECONDS", PATIENCE)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", PATIENCE)
    with copied(f"{connection.settings_dict['NAME']}_read"):
        with connection.cursor() as cursor:
            cursor.execute("alter table bookings_booking drop column waits_with")
        MigrationRecorder(connection).record_unapplied(*LAST)
        reader = Elsewhere()
        yield reader
        reader.ends()


def migrated(**options: Any) -> None:
    call_command("migrate", LAST[0], verbosity=0, interactive=False, **options)


def patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        return str(cursor.fetchone()[0])


def test_who_comes_behind_it_does_not_wait_for_the_reader(reader: Elsewhere) -> None:
    answered = threading.Event()

    def family() -> None:
        """Comes once the migration stands in the queue."""
        mine = connection.copy()
        with mine.cursor() as cursor:
            while not answered.is_set():
                cursor.execute("select 1 from pg_locks where mode = 'AccessExclusiveLock' and not granted")
                if cursor.fetchone():
                    cursor.execute("set statement_timeout = '5s'")
                    cursor.execute("select count(*) from bookings_booking")
                    answered.set()
        mine.close()

    thread = threading.Thread(target=family, daemon=True)
    thread.start()
    with pytest.raises(CommandError, match="trop longtemps"):
        migrated(tries=1)
    assert answered.wait(10)
    thread.join(10)
    assert patience() == "0"


def test_it_asks_again_and_is_done_when_the_reader_has_ended(
    reader: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    later = threading.Timer(4 * PATIENCE, reader.connection.close)
    later.start()
    migrated()
    later.join()
    assert "Nouvel essai" in capsys.readouterr().err
    with connection.cursor() as cursor:
        cursor.execute("select waits_with from bookings_booking")
    assert patience() == "0"
