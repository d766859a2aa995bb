"""Putting a backup back, on a machine that has neither a database nor files yet."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from marelle.backups.archive import About, Reader
from marelle.backups.ciphers import decrypted
from marelle.backups.databases import ENGINES, beside, counted, is_empty, loaded, reached, snapshot
from marelle.backups.places import RESTORING, Backup, opened_private
from marelle.backups.refusals import BackupRefused
from marelle.core.sealed import CannotOpen, Sealed, opened
from marelle.files.services import shelf
from marelle.files.store import IDENTITY

OF_THE_DISK: Final = frozenset({"lost+found"})
"""What a folder has that is a disk of its own."""


@contextmanager
def read(path: Backup, identity: Path | None) -> Iterator[Reader]:
    """A backup whose beginning was read, and that this version and its keys can read. Raises
    BackupRefused."""
    with decrypted(path, identity) as stream:
        reader = Reader(stream)
        _may_be_read(reader.about)
        yield reader


class Restored(NamedTuple):
    """`held`: how many mails waited when it was made, which are held now (`mails_release`)."""

    reader: Reader
    held: int


def backup_restore(*, path: Backup, identity: Path | None) -> Restored:
    """Put it back, files first: the database comes last, whole, once the end of the backup was read.

    Until then nothing runs here; stopped at any point, even once the database is there, it may be done again
    from the same backup. Mails that waited when it was made have left since, for all one knows: they are
    held. Migrations that came since are applied. Raises BackupRefused.
    """
    reached()
    loaded_before = not is_empty()
    if loaded_before and RESTORING not in shelf().names():
        raise BackupRefused("not_empty", name=connection.settings_dict["NAME"])
    with read(path, identity) as reader:
        about = reader.about
        if about.engine != connection.vendor:
            ours, theirs = ENGINES[connection.vendor], ENGINES.get(about.engine, about.engine)
            raise BackupRefused("other_engine", ours=ours, theirs=theirs)
        if not loaded_before:
            _loaded(reader)
        elif _marked() == about.made_at:
            for _member in reader.members():
                pass  # to its end, which tells that it is whole
        else:
            raise BackupRefused("not_empty", name=connection.settings_dict["NAME"])
    held = _mails_held()
    _compared(about)
    shelf().removed(RESTORING)
    call_command("migrate", verbosity=0, interactive=False)
    return Restored(reader, held)


def _loaded(reader: Reader) -> None:
    about = reader.about
    _begin(about)
    try:
        with tempfile.TemporaryDirectory(dir=beside(), prefix=f"{RESTORING}-") as folder:
            dump = Path(folder) / "database"
            _put(reader, dump)
            if about.identity:
                shelf().put(IDENTITY, [about.identity.encode()])
            loaded(dump)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise BackupRefused("full_here", folder=shelf()) from error
        raise


def _mails_held() -> int:
    """In SQL: the tables are of the version that made the backup."""
    with connection.cursor() as cursor:
        cursor.execute("update mail_message set state = 'held' where state in ('queued', 'sending')")
        return int(cursor.rowcount)


def _may_be_read(about: About) -> None:
    known = set(MigrationLoader(None).disk_migrations)
    unknown = [name for name in map(tuple, about.migrations) if name not in known]
    if unknown:
        raise BackupRefused("newer", migration=".".join(unknown[-1]))
    if about.probe:
        try:
            opened(Sealed(about.probe))
        except CannotOpen:
            raise BackupRefused("no_key") from None


def _begin(about: About) -> None:
    """The folder is empty, or was being filled by a restore that did not end: what that left is cleared away.

    Once it has an identity it may be a portal's that runs: then only the very same backup goes on in it.
    """
    there = set(shelf().names()) - OF_THE_DISK
    if there and RESTORING not in there:
        raise BackupRefused("files_there", folder=shelf())
    if IDENTITY in there and _marked() != about.made_at:
        raise BackupRefused("files_there", folder=shelf())
    shelf().put(RESTORING, [about.made_at.encode()])
    for name in there - {RESTORING}:
        shelf().cleared(name)
    for left in beside().glob(f"{RESTORING}-*/"):
        shutil.rmtree(left)


def _put(reader: Reader, to: Path) -> None:
    """The files to their places, the database's dump `to` a file."""
    with opened_private(to, "wb") as dump:
        for member in reader.members():
            if member.path:
                shelf().put(member.path, member.pieces)
            else:
                for piece in member.pieces:
                    dump.write(piece)
        dump.flush()
        os.fsync(dump.fileno())


def _marked() -> str:
    with shelf().opened(RESTORING) as marker:
        return marker.read().decode()


def _compared(about: About) -> None:
    with snapshot() as there:
        found = counted(there)
    for table, told in about.tables.items():
        if found.get(table) != told:
            raise BackupRefused("counts", table=table, found=found.get(table, 0), told=told)
