"""Reads the whole into a portal that holds nobody: all of it or nothing, with the keys that the rows had.

Contents are kept first, as for any file; then definitions and rows, in one transaction. What was killed
leaves contents without a row, which are swept, and the portal as empty as it was.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import storages
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from marelle.activities.models import Opening, Quota
from marelle.activities.services.openings import draw_on_quotas
from marelle.backups.whole.cells import Names, WholeRefused, cells_of
from marelle.backups.whole.tables import TABLES, Table
from marelle.backups.whole.writing import CONTENTS, DEFINITIONS, FORMAT, MANIFEST, digest_of
from marelle.bookings.recounting import day_recount, days_counted
from marelle.core.clock import local
from marelle.core.tabular import rows_read
from marelle.definitions.held import definitions_held
from marelle.definitions.services import definitions_write
from marelle.families.finding.index import index_rebuild
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile, new_key
from marelle.files.services import STORAGE, contents_forget

ROWS_AT_ONCE: Final = 1_000


def whole_read(folder: Path, *, now: datetime) -> dict[str, int]:
    """Import what `whole_write` has written. Returns how many rows each table has.

    Raises WholeRefused, DefinitionsRefused, OSError.
    """
    manifest = _manifest(folder)
    if any(model._default_manager.exists() for model in (Family, Person, StoredFile)):
        raise WholeRefused("not_empty")
    tables = [table for table in TABLES if f"{table.name}.csv" in manifest["files"]]
    keys = _contents_keep(folder, manifest["contents"])
    try:
        return _written(folder, tables, keys, now)
    except BaseException:
        contents_forget([_path(key) for key in keys.values()])
        raise


@transaction.atomic
def _written(folder: Path, tables: Sequence[Table], keys: dict[int, str], now: datetime) -> dict[str, int]:
    definitions_write(text=(folder / DEFINITIONS).read_text(encoding="utf-8"), now=now)
    held = definitions_held()
    names = Names(held.paths, {(kind, path): pk for (kind, pk), path in held.paths.items()})
    # Those of the definitions give way to those that were held: with outings, hours of one day, closings.
    Opening.objects.all().delete()
    Quota.objects.all().delete()
    counts = {table.name: _table_read(folder, table, names, keys) for table in tables}
    for openings in _batches(Opening.objects.order_by("pk").iterator(ROWS_AT_ONCE)):
        draw_on_quotas(openings, now)
    today = local(now).date()
    for day in days_counted():
        day_recount(day, today=today)
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [table.model for table in tables]):
            cursor.execute(sql)
    index_rebuild(day=today)
    return counts


def _manifest(folder: Path) -> dict[str, Any]:
    """What the folder says of itself, once each of its files was compared with it. Raises WholeRefused."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WholeRefused("no_manifest", folder=str(folder)) from error
    if manifest.get("format") != FORMAT:
        raise WholeRefused("other_format", format=manifest.get("format"))
    wanted = {name: told["sha256"] for name, told in manifest["files"].items()}
    wanted |= {f"{CONTENTS}/{digest}": digest for digest in manifest["contents"]}
    for name, digest in wanted.items():
        path = folder / name
        if not path.is_file() or digest_of(path) != digest:
            raise WholeRefused("changed", file=name)
    return manifest


def _contents_keep(folder: Path, there: Collection[str]) -> dict[int, str]:
    """Keep each content that is `there`, by its digest, under a new place; the places by the key of the row.
    What a row says is looked for nowhere else."""
    table = next(table for table in TABLES if table.model is StoredFile)
    keys: dict[int, str] = {}
    try:
        for row in _rows(folder, table):
            key = new_key()
            keys[int(row["id"])] = key
            if row["sha256"] in there:
                with (folder / CONTENTS / row["sha256"]).open("rb") as opened:
                    storages[STORAGE].save(_path(key), File(opened))
    except BaseException:
        contents_forget([_path(key) for key in keys.values()])
        raise
    return keys


def _path(key: str) -> str:
    return StoredFile(key=key).path


def _table_read(folder: Path, table: Table, names: Names, keys: dict[int, str]) -> int:
    """Write the rows of a table, some at a time. Raises WholeRefused with the line that is wrong."""
    cells, count = cells_of(table), 0
    table.model._default_manager.all().delete()
    for rows in _batches(_rows(folder, table)):
        made, many = [], []
        for number, row in enumerate(rows, start=count + 2):
            try:
                values = {cell.attname: cell.read(row[cell.title], names) for cell in cells}
            except (KeyError, ValueError, ArithmeticError) as error:
                raise WholeRefused("line", file=f"{table.name}.csv", line=number) from error
            many.append({cell: values.pop(cell.attname) for cell in cells if cell.is_many})
            if table.model is StoredFile:
                values["key"] = keys[values["id"]]
            made.append(table.model(**values))
        try:
            table.model._default_manager.bulk_create(made)
        except (DatabaseError, ValidationError) as error:
            raise WholeRefused("rows", file=f"{table.name}.csv", line=count + 2) from error
        for one, lists in zip(made, many, strict=True):
            for cell, ids in lists.items():
                getattr(one, cell.attname).set(ids)
        count += len(rows)
    return count


def _rows(folder: Path, table: Table) -> Iterator[dict[str, str]]:
    """The lines of a table by the title of their column. Raises WholeRefused."""
    name = f"{table.name}.csv"
    titles = [cell.title for cell in cells_of(table)]
    with (folder / name).open(encoding="utf-8", newline="") as texts:
        rows = rows_read(texts)
        try:
            if next(rows, None) != titles:
                raise WholeRefused("titles", file=name)
            for row in rows:
                yield dict(zip(titles, row, strict=True))
        except (csv.Error, ValueError) as error:
            raise WholeRefused("line", file=name, line=0) from error


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch
