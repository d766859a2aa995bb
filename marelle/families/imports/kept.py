"""A file that was read: found for who may, its lines where they are kept aside until it is done."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.core.buckets import StoreAway
from marelle.core.refusals import NotYours, Refusal
from marelle.core.sealed import CannotOpen
from marelle.core.tabular import FileUnreadable, Line
from marelle.families.imports.headings import headings_at, headings_found
from marelle.families.models import FamilyImport, SentFile
from marelle.families.scope import keeps_files
from marelle.files.apart import lines_apart
from marelle.files.rules import shown_as_sent
from marelle.files.scanning import content_read
from marelle.files.services import STORAGE, Upload, contents_forget

MOST_BYTES: Final = 10 * 1024 * 1024


class ImportNotReady(Refusal):
    """`code`: "missing_columns" (`columns`), "column_twice" (`columns`), "already_started", "no_lines"."""


def import_found(actor: Actor, import_id: int) -> FamilyImport:
    """Raises `NotYours` for one that is not there, or who keeps no files."""
    row = FamilyImport.objects.filter(pk=import_id).first() if keeps_files(actor) else None
    if row is None:
        raise NotYours
    return row


def import_locked(actor: Actor, import_id: int) -> FamilyImport:
    """One to be written, whatever its state, unless a colleague dropped it. Raises `NotYours`."""
    import_found(actor, import_id)
    row = FamilyImport.objects.select_for_update(no_key=True).filter(pk=import_id).first()
    if row is None:
        raise NotYours
    return row


def import_prepared(actor: Actor, import_id: int) -> FamilyImport:
    """One of which something may still be said, locked. Raises `NotYours`, `ImportNotReady`."""
    row = import_locked(actor, import_id)
    if row.state != FamilyImport.State.PREPARED:
        raise ImportNotReady("already_started")
    return row


def file_keep(upload: Upload, *, most: int) -> dict[str, Any]:
    """Read a file apart and keep its lines aside: the fields of a `SentFile`. Raises FileUnreadable."""
    read = file_read(upload, most=most)
    # Under what stands last, there is no line to import.
    at = min(headings_found(read.lines), len(read.lines) - 2)
    return {**read_keep(read, at), "headings": list(headings_at(read.lines, at))}


@dataclass(frozen=True, slots=True)
class FileRead:
    """What was sent, cut in lines. `name`, as it is shown."""

    name: str
    sha256: str
    lines: tuple[Line, ...]


def file_read(upload: Upload, *, most: int) -> FileRead:
    """Read a CSV or a spreadsheet apart, of so many lines at most. Raises FileUnreadable."""
    if upload.size is not None and upload.size > MOST_BYTES:
        raise FileUnreadable("too_big", limit=MOST_BYTES)
    content = content_read(upload)
    if not content.strip():
        raise FileUnreadable("empty")
    lines = lines_apart(content, most=most)
    return FileRead(shown_as_sent(upload.name or ""), sha256(content).hexdigest(), tuple(lines))


def read_keep(read: FileRead, at: int) -> dict[str, Any]:
    """Keep its lines aside, the titles being those at the place `at`: the fields of a `SentFile`."""
    return {
        "file_name": read.name,
        "sha256": read.sha256,
        "key": lines_keep(read.lines),
        "heading": at,
        "headings": list(read.lines[at].cells),
        "lines": len(read.lines) - 1 - at,
    }


def lines_keep(lines: Sequence[Line]) -> str:
    """Keep them aside. Returns their key."""
    key = f"imports/{secrets.token_hex(20)}"
    kept = json.dumps([(line.number, line.cells) for line in lines])
    storages[STORAGE].save(key, ContentFile(kept.encode()))
    return key


def lines_kept(row: SentFile) -> tuple[Line, ...]:
    """All lines of the file, those of the headings and above them too. Raises FileUnreadable, "forgotten"."""
    try:
        with storages[STORAGE].open(row.key, "rb") as kept:
            found: list[Any] = json.loads(kept.read())
    except StoreAway:
        raise
    except (OSError, ValueError, CannotOpen) as error:
        raise FileUnreadable("forgotten") from error
    return tuple(Line(number, tuple(cells)) for number, cells in found)


def lines_below(row: SentFile) -> tuple[Line, ...]:
    """The lines after the headings. Raises FileUnreadable, "forgotten"."""
    return lines_kept(row)[row.heading + 1 :]


PREPARED: Final = "prepared"
"""The state of a file that is read, and that nobody has started."""


def unstarted_drop(rows: QuerySet[Any], row: SentFile) -> bool:
    """Forget a file, one of `rows`, that was not started; False when it was. Joins the caller's
    transaction."""
    if not rows.filter(pk=row.pk, state=PREPARED).delete()[0]:
        return False
    contents_forget([row.key])
    return True


def queued_forget(rows: QuerySet[Any], now: datetime, *, kept: timedelta, report_kept: timedelta) -> int:
    """Delete the files that were read and never started, once `kept` is over, and the lines that were left
    out of those that are done, after `report_kept`. Returns how many files."""
    stale = rows.filter(state=PREPARED, prepared_at__lte=now - kept)
    found = list(stale.values_list("pk", "key"))
    old = rows.filter(done_at__lte=now - report_kept).exclude(problems=[])
    if not found and not old.exists():
        return 0
    with transaction.atomic():
        count = stale.filter(pk__in=[pk for pk, _key in found]).delete()[0]
        contents_forget([key for _pk, key in found])
        return int(count) + int(old.update(problems=[]))
