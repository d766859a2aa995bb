"""Files that wait for clamd: which are due, what it says of one, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.files.models import StoredFile
from marelle.files.rules import NotSeen, Scan, next_scan, not_seen
from marelle.files.scanning import PATIENT, asked
from marelle.files.services import contents_forget, open_unseen

LONG: Final = timedelta(minutes=10)
"""A file that has waited for longer is told to the administrator."""


def files_due(*, now: datetime, at_most: int) -> list[StoredFile]:
    """Those to be scanned now, in the order of their turns."""
    return list(_waiting().filter(scan_at__lte=now).order_by("scan_at", "pk")[:at_most])


def held_long(*, now: datetime) -> int:
    """How many have waited for too long; one query."""
    return _waiting().filter(stored_at__lt=now - LONG).count()


def check_seen(files: Iterable[StoredFile]) -> None:
    """Before somebody accepts what rests on these files. Raises NotSeen."""
    if code := not_seen({stored.scan for stored in files}):
        raise NotSeen(code)


def held_found(stored: StoredFile) -> str:
    """The name of what clamd finds in one, "" for nothing. It may take seconds: never in a transaction.

    Raises NotScanned, CannotOpen, FileNotFoundError.
    """
    with open_unseen(stored) as content:
        held = content.read()
    return asked(held, seconds=PATIENT)


def scan_told(stored: StoredFile, *, found: str, now: datetime) -> bool:
    """Open a file to whom it is for, or destroy its content. False where another worker was first, or the
    file has gone: nothing is done then, and nothing to be told."""
    state = Scan.INFECTED if found else Scan.CLEAN
    with transaction.atomic():
        if not _waiting().filter(pk=stored.pk).update(scan=state.value, scan_at=now):
            return False
        if found:
            contents_forget([stored.path])
    return True


def scan_later(stored: StoredFile, *, now: datetime) -> None:
    _waiting().filter(pk=stored.pk).update(scan_at=next_scan(stored.stored_at, now))


def _waiting() -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(scan=Scan.WAITING.value)
