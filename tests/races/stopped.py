"""On PostgreSQL: people stopped in the middle of a save by rows that another transaction holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from tests.races.together import PATIENCE


@contextmanager
def held(rows: QuerySet[Any], *, no_key: bool = False) -> Iterator[Callable[[], None]]:
    """Hold rows, in a transaction of its own, until the function given is called.

    `no_key`: as services lock them, so that a row that refers to one of them may be written meanwhile.
    """
    taken, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                list(rows.select_for_update(no_key=no_key))
                taken.set()
                release.wait(PATIENCE)
        finally:
            connection.close()

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()

    def let_go() -> None:
        release.set()
        holder.join(PATIENCE)

    assert taken.wait(PATIENCE), "the rows could not be held"
    try:
        yield let_go
    finally:
        let_go()


def wait_until_stopped(people: int) -> None:
    """Wait until so many connections wait for a lock."""
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= people:
                return
            time.sleep(0.02)
    raise AssertionError(f"{people} connections were to be stopped by a lock")
