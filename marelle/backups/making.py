"""Making a backup while the portal runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from marelle.backups.archive import SAFE, About, End, Writer, written
from marelle.backups.ciphers import encrypted, suffix_of
from marelle.backups.databases import Snapshot, applied, counted, identity_of, keys_named, snapshot
from marelle.backups.places import RESTORING, Place, name_of
from marelle.backups.refusals import BackupRefused
from marelle.core.sealed import seal
from marelle.files.services import shelf
from marelle.files.shelves import LOCK
from marelle.files.store import FOLDERS, IDENTITY
from marelle.files.sweeping import TRASH
from marelle.flows.upkeep.rounds import BACKUP

PROBE: Final = "marelle"
"""What is sealed in a backup, so that whoever puts it back knows whether it has the key."""

JOB: Final = BACKUP
"""By which the portal knows when it was last kept (`flows.models.JobRound`)."""

NOT_KEPT: Final = frozenset({TRASH, IDENTITY, LOCK, RESTORING})

ELSEWHERE: Final = NOT_KEPT | frozenset(FOLDERS)


@dataclass(frozen=True, slots=True)
class Made:
    name: str
    about: About
    end: End


def backup_make(*, place: Place, recipient: str, now: datetime) -> Made:
    """Keep all of the portal at `place`, encrypted to `recipient` unless that is "".

    The database is that of one instant. A content is written before its row and deleted after it: those that
    its rows name are in the folder, or in its trash where they were deleted meanwhile. Raises BackupRefused;
    nothing is left then.
    """
    name = name_of(now, suffix_of(recipient))
    with snapshot() as there, place.written(name) as file, encrypted(file, recipient) as stream:
        about = About(
            made_at=now.isoformat(),
            engine=connection.vendor,
            migrations=applied(there),
            tables=counted(there),
            identity=identity_of(there),
            probe=seal(PROBE).token if settings.SEALING_KEYS else "",
        )
        with written(stream, about) as writer:
            missing = list(_files_written(writer, there))
            writer.database(there.dumped())
            end = writer.end(missing)
    return Made(name, about, end)


def _files_written(writer: Writer, there: Snapshot) -> Iterator[str]:
    """Gives the keys of contents that are nowhere."""
    for folder in FOLDERS:
        kept = {path.rpartition("/")[2] for path in _below(folder) if _put(writer, path)}
        for key in sorted(keys_named(there, folder) - kept):
            if not any(_put(writer, place, of=f"{folder}/{key}") for place in _trashed(key)):
                yield key
    for path in _below():
        if path.partition("/")[0] not in ELSEWHERE:
            _put(writer, path)


def _below(folder: str = "") -> Iterator[str]:
    """The contents there, whose names are such as ours."""
    return (one.path for one in shelf().below(folder) if SAFE.fullmatch(one.path))


def _put(writer: Writer, path: str, of: str = "") -> bool:
    """Whether it is there; `of`: where it belongs, if not where it is."""
    try:
        content = shelf().opened(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise BackupRefused("unread", path=f"{shelf()}/{path}", why=error.strerror or error) from error
    with content:
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        writer.file(of or path, size, content)
    return True


def _trashed(key: str) -> Iterator[str]:
    for day in reversed(shelf().names(TRASH)):
        yield f"{TRASH}/{day}/{key}"
