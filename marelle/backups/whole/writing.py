"""Writes the whole in a folder: definitions, a CSV for each table, contents by their digest; of one instant.

The folder gets its name once all of it is there: what was killed before has another, and is begun again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from marelle import __version__
from marelle.backups.whole.cells import Cell, Names, WholeRefused, cells_of
from marelle.backups.whole.tables import TABLES, Table
from marelle.cases.models import Case
from marelle.core.tabular import rows_write
from marelle.definitions.dumping import definitions_text
from marelle.definitions.services import definitions_kept
from marelle.families.models import HealthSheet
from marelle.files.models import StoredFile
from marelle.files.rules import Scan
from marelle.files.services import open_unseen

FORMAT: Final = 1
MANIFEST, DEFINITIONS, CONTENTS = "manifeste.json", "definitions.yaml", "contenus"
ROWS_AT_ONCE: Final = 2_000
PIECE: Final = 1024 * 1024


@dataclass(frozen=True)
class Written:
    """How many rows each table has, by its name, how many contents there are, and how many requests wait for
    an answer, which an export has not."""

    rows: dict[str, int]
    contents: int
    waiting: int


def whole_write(folder: Path, *, health: bool, now: datetime) -> Written:
    """Export into a folder that is not there, or is empty. Nobody else may read it. `health`: with the health
    sheets.

    Raises WholeRefused ("there", "unreadable", "lost"), OSError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WholeRefused("there", folder=str(folder))
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    (unfinished / CONTENTS).mkdir(mode=0o700)
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        held = definitions_kept()
        names = Names(held.paths, {})
        files = {DEFINITIONS: _text_write(unfinished / DEFINITIONS, definitions_text(held.entries))}
        counts = {}
        for table in TABLES:
            if health or not table.of_health:
                files[f"{table.name}.csv"] = told = _table_write(unfinished, table, names)
                counts[table.name] = told["rows"]
        contents = _contents_write(unfinished / CONTENTS, health=health)
        waiting = Case.objects.open().count()
    manifest = {
        "format": FORMAT,
        "version": __version__,
        "exported_at": now.isoformat(),
        "files": files,
        "contents": contents,
    }
    _text_write(unfinished / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    if folder.exists():
        folder.rmdir()
    os.replace(unfinished, folder)
    return Written(counts, len(contents), waiting)


def digest_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def rows_of(table: Table, cells: tuple[Cell, ...], names: Names) -> Iterator[list[str]]:
    """The rows of a table as texts, in the order of their keys, a few at a time."""
    many = [one for one in table.model._meta.many_to_many if one.name not in table.omits]
    rows = table.model._default_manager.order_by("pk").prefetch_related(*(one.name for one in many))
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield [
            cell.write(value.all() if cell.is_many else value, names)
            for cell, value in ((cell, getattr(row, cell.attname)) for cell in cells)
        ]


def _table_write(folder: Path, table: Table, names: Names) -> dict[str, Any]:
    cells, path = cells_of(table), folder / f"{table.name}.csv"
    count = 0

    def rows() -> Iterator[list[str]]:
        nonlocal count
        yield [cell.title for cell in cells]
        for row in rows_of(table, cells, names):
            count += 1
            yield row

    with _opened(path) as out:
        rows_write(out, rows())
    return {"rows": count, "sha256": digest_of(path), "bytes": path.stat().st_size}


def _text_write(path: Path, text: str) -> dict[str, Any]:
    with _opened(path) as out:
        out.write(text)
    return {"sha256": digest_of(path), "bytes": path.stat().st_size}


def _opened(path: Path) -> Any:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")


def _contents_write(folder: Path, *, health: bool) -> dict[str, int]:
    """Each content once, opened, under its digest; their sizes by it. Raises WholeRefused, "lost"."""
    found: dict[str, int] = {}
    rows = StoredFile.objects.exclude(scan=Scan.INFECTED.value).order_by("pk")
    if not health:
        rows = rows.exclude(pk__in=HealthSheet.objects.exclude(pai_file=None).values("pai_file"))
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        if row.sha256 in found:
            continue
        digest, size = hashlib.sha256(), 0
        try:
            with (
                open_unseen(row) as content,
                open(os.open(folder / row.sha256, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out,
            ):
                while piece := content.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
        except FileNotFoundError as error:
            raise WholeRefused("lost", file=row.pk) from error
        if digest.hexdigest() != row.sha256:
            raise WholeRefused("lost", file=row.pk)
        found[row.sha256] = size
    return found
