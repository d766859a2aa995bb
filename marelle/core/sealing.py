"""Texts that the database held in the clear, sealed in place: for migrations."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import migrations, models, transaction

from marelle.core.resealing import tokens
from marelle.core.sealed import Sealed, is_token, opened, seal

logger = logging.getLogger(__name__)

BATCH: Final = 500


def columns_sealed(
    app: str, columns: Mapping[str, tuple[str, ...]], *, needed: bool = True
) -> migrations.RunPython:
    """The step of a migration, which is not to be atomic, that seals the texts of these columns of an app's
    models; undone, they are in the clear again. Where it is not `needed`, it waits for a key and `reseal`."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        models_of = {apps.get_model(app, name): names for name, names in columns.items()}
        if not needed and not settings.SEALING_KEYS:
            return
        key_needed(tokens(model.objects.all(), name) for model, names in models_of.items() for name in names)
        for model, names in models_of.items():
            texts_seal(model, *names)
        if any(model.objects.exists() for model in models_of):
            space_forget(schema_editor.connection, *(model._meta.db_table for model in models_of))

    def backwards(apps: Any, schema_editor: Any) -> None:
        quoted = schema_editor.quote_name
        for name, names in columns.items():
            model = apps.get_model(app, name)
            for column in names:
                for pk, token in list(tokens(model.objects.order_by("pk"), column)):
                    if not is_token(token):
                        continue  # undone already, by one that was stopped
                    table = quoted(model._meta.db_table)
                    sql = f"UPDATE {table} SET {quoted(column)} = %s WHERE id = %s"  # noqa: S608  # nosec B608
                    schema_editor.execute(sql, (opened(Sealed(token)), pk))

    return migrations.RunPython(forwards, backwards)


def key_needed(waiting: Iterable[models.QuerySet[Any]]) -> None:
    """Stop a migration, before it changes anything, where rows wait to be sealed and there is no key."""
    if not settings.SEALING_KEYS and any(rows.exists() for rows in waiting):
        raise CommandError(
            "SEALING_KEYS is missing, and what the database holds waits to be sealed. `python -m marelle "
            "reseal --new-key` makes a key: give it, then migrate again. Nothing is lost."
        )


def texts_seal(model: type[models.Model], *names: str, batch: int = BATCH) -> int:
    """Seal the texts of these columns, by batches, each its own transaction: run again, it goes on.

    A row that somebody writes meanwhile is sealed as it is then. Returns how many.
    """
    done = 0
    for name in names:
        last, missed = 0, 0
        while True:
            rows = model._base_manager.filter(pk__gt=last).order_by("pk")
            found = list(tokens(rows, name)[:batch])
            with transaction.atomic():
                for pk, text in found:
                    if not is_token(text):
                        held = model._base_manager.filter(pk=pk, **{name: Sealed(text)})
                        sealed = held.update(**{name: seal(text)})
                        done, missed = done + sealed, missed + (not sealed)
            if len(found) == batch:
                last = found[-1][0]
            elif missed:
                last, missed = 0, 0
            else:
                break
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


def space_forget(connection: Any, *tables: str) -> None:
    """Write these tables again, so that the file of the database does not hold what they held before.

    Needs as much space again, for a moment; not in a transaction, where it does nothing. The log says where
    SQLite's own log could not be emptied.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, *_pages = cursor.fetchone()
            if is_busy:
                logger.warning(
                    "The -wal file of the database may still hold texts in the clear: something else reads. "
                    "Stop the web and the worker, then run: sqlite3 %s 'PRAGMA wal_checkpoint(TRUNCATE)'",
                    connection.settings_dict["NAME"],
                )
        elif connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
