"""Work on many rows by any number of workers: a batch at a time, each row once, whoever dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def in_batches(
    waiting: QuerySet[Row],
    handle: Callable[[list[Row]], None],
    *,
    of: tuple[str, ...],
    size: int,
    at_most: int,
) -> int:
    """Give rows to `handle`, `size` in a transaction, until `at_most` were; returns how many.

    `handle` marks them in the same transaction, so that they are no longer among `waiting`. `of` is what is
    locked with each, in this order: "self" for the row, the name of what it belongs to. Rows of which
    somebody else holds any of these are left to it, or to a later round: nothing is waited for. Looked for
    before anything is locked: on SQLite a transaction waits for the write lock even where there is nothing
    to do.
    """
    done = 0
    while done < at_most and waiting.exists():
        with transaction.atomic():
            rows = list(waiting.select_for_update(skip_locked=True, no_key=True, of=of)[:size])
            handle(rows)
        if not rows:
            break
        done += len(rows)
    return done
