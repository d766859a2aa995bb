"""Work on many rows by any number of workers: a batch at a time, each row once, whoever dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def in_batches(
    waiting: QuerySet[Row], handle: Callable[[list[Row]], None], *, size: int, at_most: int
) -> int:
    """Give rows to `handle`, `size` in a transaction, until `at_most` were; returns how many.

    `handle` marks them in the same transaction, so that they are no longer among `waiting`. Rows that another
    worker holds are left to it. Looked for before anything is locked: on SQLite a transaction waits for the
    write lock even where there is nothing to do.
    """
    done = 0
    while done < at_most and waiting.exists():
        with transaction.atomic():
            rows = list(waiting.select_for_update(skip_locked=True, of=("self",))[:size])
            handle(rows)
        if not rows:
            break
        done += len(rows)
    return done
