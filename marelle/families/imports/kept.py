"""A file that was read: found for who may, its lines where they are kept aside until it is done."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from marelle.core.actor import Actor
from marelle.core.refusals import NotYours, Refusal
from marelle.core.sealed import CannotOpen
from marelle.core.tabular import FileUnreadable, Line
from marelle.families.imports.headings import headings_at, headings_found
from marelle.families.models import FamilyImport, SentFile
from marelle.families.scope import keeps_files
from marelle.files.apart import lines_apart
from marelle.files.rules import shown_as_sent
from marelle.files.scanning import content_read
from marelle.files.services import STORAGE, Upload

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
    if upload.size is not None and upload.size > MOST_BYTES:
        raise FileUnreadable("too_big", limit=MOST_BYTES)
    content = content_read(upload)
    if not content.strip():
        raise FileUnreadable("empty")
    lines = lines_apart(content, most=most)
    # Under what stands last, there is no line to import.
    at = min(headings_found(lines), len(lines) - 2)
    return {
        "file_name": shown_as_sent(upload.name or ""),
        "sha256": sha256(content).hexdigest(),
        "key": lines_keep(lines),
        "heading": at,
        "headings": list(headings_at(lines, at)),
        "lines": len(lines) - 1 - at,
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
    except (OSError, ValueError, CannotOpen) as error:
        raise FileUnreadable("forgotten") from error
    return tuple(Line(number, tuple(cells)) for number, cells in found)


def lines_below(row: SentFile) -> tuple[Line, ...]:
    """The lines after the headings. Raises FileUnreadable, "forgotten"."""
    return lines_kept(row)[row.heading + 1 :]
