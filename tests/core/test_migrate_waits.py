"""`migrate` asks for a table that another reads: nobody waits behind it for long, and it comes to its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from marelle.core.management.commands import migrate

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="who waits in PostgreSQL's queue for a table"
    ),
]

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
        self.connection.close()


def adds_a_column(*_asked: Any, **_options: Any) -> None:
    """In the place of all that Django's command applies: what one migration does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table bookings_booking add column planted integer null")


@pytest.fixture
def reader(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """Of a table to which a migration is about to add a column."""
    monkeypatch.setattr(migrate, "LOCK_SECONDS", PATIENCE)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", PATIENCE)
    monkeypatch.setattr(migrate.migrate.Command, "handle", adds_a_column)
    reader = Elsewhere()
    yield reader
    reader.ends()
    with connection.cursor() as cursor:
        cursor.execute("alter table bookings_booking drop column if exists planted")


def migrated(**options: Any) -> None:
    call_command("migrate", verbosity=0, interactive=False, **options)


def patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        return str(cursor.fetchone()[0])


def test_who_comes_behind_it_does_not_wait_and_it_is_done_when_the_reader_has_ended(
    reader: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = threading.Event()

    def family() -> None:
        """Comes once the migration stands in the queue."""
        mine = connection.copy()
        with mine.cursor() as cursor:
            cursor.execute("set statement_timeout = '5s'")
            while not answered.is_set():
                cursor.execute("select 1 from pg_locks where mode = 'AccessExclusiveLock' and not granted")
                if cursor.fetchone():
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
    later = threading.Timer(4 * PATIENCE, reader.connection.close)
    later.start()
    migrated()
    later.join()
    assert "Nouvel essai" in capsys.readouterr().err
    with connection.cursor() as cursor:
        cursor.execute("select planted from bookings_booking")
    assert patience() == "0"
