"""Texts that the database held in the clear, sealed in place: for migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import models, transaction

from marelle.core.resealing import tokens
from marelle.core.sealed import TOKEN, Sealed, seal

BATCH: Final = 500
SHORTEST: Final = 100
"""Signs of the token of an empty text."""


def key_needed(waiting: Iterable[models.QuerySet[Any]]) -> None:
    """Stop a migration, before it changes anything, where rows wait to be sealed and there is no key."""
    if not settings.SEALING_KEYS and any(rows.exists() for rows in waiting):
        raise CommandError(
            "SEALING_KEYS is missing, and what the database holds waits to be sealed. `python -m marelle "
            "reseal --new-key` makes a key: give it, then migrate again. Nothing is lost."
        )


def texts_seal(model: type[models.Model], *names: str, batch: int = BATCH) -> int:
    """Seal the texts of these columns, by batches, each its own transaction: run again, it goes on.

    Returns how many.
    """
    done = 0
    for name in names:
        last: Any = 0
        while True:
            rows = model._base_manager.filter(pk__gt=last).order_by("pk")
            found = list(tokens(rows, name)[:batch])
            with transaction.atomic():
                for pk, text in found:
                    if not is_token(text):
                        model._base_manager.filter(pk=pk).update(**{name: seal(text)})
                        done += 1
            if len(found) < batch:
                break
            last = found[-1][0]
    return done


def rows_seal(
    rows: models.QuerySet[Any], column: str, of: Callable[[Any], Sealed], *, batch: int = BATCH
) -> int:
    """Give each row that has none what `of` makes of it in a column, in the same way. Returns how many."""
    done = 0
    while found := list(rows.filter(**{column: None}).order_by("pk")[:batch]):
        with transaction.atomic():
            for row in found:
                done += rows.model._base_manager.filter(pk=row.pk).update(**{column: of(row)})
    return done


def is_token(text: str) -> bool:
    return text.startswith(TOKEN) and len(text) >= SHORTEST


def space_forget(connection: Any, *tables: str) -> None:
    """Write these tables again, so that the file of the database does not hold what they held before.

    Needs as much space again, for a moment; not in a transaction, where it does nothing.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        elif connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f"VACUUM FULL {connection.ops.quote_name(table)}")
