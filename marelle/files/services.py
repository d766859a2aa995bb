"""Storing and deleting private files."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Protocol

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.buckets import StoreAway
from marelle.core.fate import is_lost
from marelle.files.apart import cleaned_apart
from marelle.files.models import StoredFile
from marelle.files.rules import MAX_BYTES, Cleaned, FileHeld, FileRefused, Kind, Scan, shown_name
from marelle.files.scanning import first_state, prompt_scan
from marelle.files.sealing import PIECE, Damaged, is_sealed
from marelle.files.shelves import Shelf

logger = logging.getLogger(__name__)

STORAGE = "private"


def shelf() -> Shelf:
    """Where contents lie."""
    found: Shelf = storages[STORAGE].shelf  # type: ignore[attr-defined]  # both of ours have one
    return found


class Upload(Protocol):
    """What a form gives: Django's UploadedFile, or anything like it."""

    @property
    def name(self) -> str | None: ...
    @property
    def size(self) -> int | None: ...
    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What was sent, clean and not yet kept; `name` is the one that its sender gave. Unless told what clamd
    found, it waits for it."""

    name: str
    cleaned: Cleaned
    scan: Scan = field(default_factory=first_state)


def file_check(*, upload: Upload) -> CheckedFile:
    """Check and clean what somebody sent; nothing is written. Raises FileRefused.

    A store on another machine is asked first whether it is there, while what was typed can be shown again.
    clamd sees what was sent, before any reader of ours, and what is kept of it: the first holds what the
    second has lost. It takes from a tenth of a second to three, and comes before any transaction.
    """
    if upload.size is not None and upload.size > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    if settings.STORAGE is not None and not shelf().is_ready():
        raise FileRefused("store_away")
    content = upload.read()
    found = prompt_scan(content)
    cleaned = cleaned_apart(content)
    return CheckedFile(
        upload.name or "", cleaned, prompt_scan(cleaned.content) if found is Scan.CLEAN else found
    )


def file_store(
    *, actor: Actor, upload: CheckedFile, family_id: int | None = None, now: datetime
) -> StoredFile:
    """Keep a file that somebody sent. `family_id`: the home it is about, if any.

    The content is written before the row: where the caller's transaction fails later, it stays behind
    without one, and `sweeping` takes it away.
    """
    return _keep(actor, upload, family_id, now)


def file_put(*, actor: Actor, upload: CheckedFile, family_id: int | None = None, now: datetime) -> StoredFile:
    """Write a content, and give its row not yet saved: for who keeps many, before its transaction.

    Without a row the content is swept a day later; `files_unput` takes it away at once.
    """
    return _written(actor, upload, family_id, now)


def files_unput(rows: Iterable[StoredFile]) -> None:
    """Delete contents whose rows were not saved."""
    _forget([row.path for row in rows])


def file_make(
    *, actor: Actor, content: bytes, name: str, pages: int, family_id: int | None = None, now: datetime
) -> StoredFile:
    """Keep a PDF that Marelle made itself: it needs no check."""
    made = CheckedFile(name, Cleaned(content, Kind.PDF, pages), Scan.NONE)
    return _keep(actor, made, family_id, now)


def files_delete(*, ids: Collection[int]) -> int:
    """Delete rows, and their content once the transaction has ended well. Returns how many."""
    rows = list(StoredFile.objects.filter(pk__in=ids))
    StoredFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
    contents_forget([row.path for row in rows])
    return len(rows)


def contents_forget(paths: Iterable[str]) -> None:
    """Delete contents once the transaction has ended well: until then it may be undone. "" is none."""
    gone = list(filter(None, paths))
    transaction.on_commit(lambda: _forget(gone), robust=True)


def open_content(stored: StoredFile) -> IO[bytes]:
    """The content, to be closed by the caller. Raises FileHeld, CannotOpen, and FileNotFoundError when the
    storage has lost it."""
    if stored.is_held:
        raise FileHeld(stored.scan)
    return open_unseen(stored)


def open_unseen(stored: StoredFile) -> IO[bytes]:
    """`open_content` of a file that may be held: for who looks for viruses in it.

    Of one that is not sealed nothing else tells that it is the one that was kept: its row does.
    """
    content = storages[STORAGE].open(stored.path, "rb")
    try:
        if not is_sealed(content):
            _same_check(content, stored)
    except BaseException:
        content.close()
        raise
    return content


def _same_check(content: IO[bytes], stored: StoredFile) -> None:
    """Raises Damaged."""
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    digest = hashlib.sha256()
    for piece in iter(lambda: content.read(PIECE), b"") if size == stored.size else ():
        digest.update(piece)
    if size != stored.size or digest.hexdigest() != stored.sha256:
        logger.error("A stored file is not the one that was kept: %s", stored.path)
        raise Damaged("damaged")
    content.seek(0)


def _written(actor: Actor, upload: CheckedFile, family_id: int | None, now: datetime) -> StoredFile:
    """A row not yet saved, whose content is written; on a full disk nothing of it is left."""
    checked = upload.cleaned
    row = StoredFile(
        name=shown_name(upload.name, checked.kind),
        kind=checked.kind.value,
        size=len(checked.content),
        pages=checked.pages,
        sha256=hashlib.sha256(checked.content).hexdigest(),
        family_id=family_id,
        stored_at=now,
        stored_by=actor.label[:200],
        scan=upload.scan.value,
        scan_at=None if upload.scan is Scan.NONE else now,
    )
    try:
        storages[STORAGE].save(row.path, ContentFile(checked.content))
    except StoreAway:
        raise  # nothing is half there, and it would be waited for once more
    except OSError:
        _forget([row.path])
        raise
    return row


def _keep(actor: Actor, upload: CheckedFile, family_id: int | None, now: datetime) -> StoredFile:
    row = _written(actor, upload, family_id, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except BaseException as error:
        # Cut at the COMMIT, the row may be there: without one, the content is swept.
        if not is_lost(error):
            _forget([row.path])
        raise
    return row


def _forget(paths: Collection[str]) -> None:
    for path in paths:
        storages[STORAGE].delete(path)
