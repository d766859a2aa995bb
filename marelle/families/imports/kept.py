"""An import that was read: found for who may, its lines where they are kept aside until it is done."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.tabular import FileUnreadable, Line
from marelle.families.models import FamilyImport
from marelle.families.refusals import NoSuchRow
from marelle.families.scope import keeps_files
from marelle.files.services import STORAGE


class ImportNotReady(Refusal):
    """`code`: "missing_columns" (`columns`), "column_twice" (`columns`), "already_started", "no_lines"."""


def import_found(actor: Actor, import_id: int) -> FamilyImport:
    """Raises `NoSuchRow` for one that is not there, or who keeps no files."""
    row = FamilyImport.objects.filter(pk=import_id).first() if keeps_files(actor) else None
    if row is None:
        raise NoSuchRow("no_import")
    return row


def import_locked(actor: Actor, import_id: int) -> FamilyImport:
    """One to be written, whatever its state, unless a colleague dropped it. Raises `NoSuchRow`."""
    import_found(actor, import_id)
    row = FamilyImport.objects.select_for_update(no_key=True).filter(pk=import_id).first()
    if row is None:
        raise NoSuchRow("no_import")
    return row


def import_prepared(actor: Actor, import_id: int) -> FamilyImport:
    """One of which something may still be said, locked. Raises `NoSuchRow`, `ImportNotReady`."""
    row = import_locked(actor, import_id)
    if row.state != FamilyImport.State.PREPARED:
        raise ImportNotReady("already_started")
    return row


def lines_keep(lines: Sequence[Line]) -> str:
    """Keep them aside. Returns their key."""
    key = f"imports/{secrets.token_hex(20)}"
    kept = json.dumps([(line.number, line.cells) for line in lines])
    storages[STORAGE].save(key, ContentFile(kept.encode()))
    return key


def lines_kept(row: FamilyImport) -> tuple[Line, ...]:
    """All lines of the file, those of the headings and above them too. Raises FileUnreadable, "forgotten"."""
    try:
        with storages[STORAGE].open(row.key, "rb") as kept:
            found: list[Any] = json.loads(kept.read())
    except (OSError, ValueError) as error:
        raise FileUnreadable("forgotten") from error
    return tuple(Line(number, tuple(cells)) for number, cells in found)


def lines_below(row: FamilyImport) -> tuple[Line, ...]:
    """The lines after the headings. Raises FileUnreadable, "forgotten"."""
    return lines_kept(row)[row.heading + 1 :]
