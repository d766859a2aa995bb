"""Putting a backup back, on a machine that has neither a database nor files yet."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from marelle.backups.archive import About, Member, Reader
from marelle.backups.ciphers import decrypted
from marelle.backups.databases import ENGINES, beside, counted, is_empty, loaded, snapshot
from marelle.backups.places import RESTORING, opened_private
from marelle.backups.refusals import BackupRefused
from marelle.core.sealed import CannotOpen, Sealed, opened
from marelle.files.store import IDENTITY, listed, root

OF_THE_DISK: Final = frozenset({"lost+found"})
"""What a folder has that is a disk of its own."""


@contextmanager
def read(path: Path, identity: Path | None) -> Iterator[Reader]:
    """A backup whose beginning was read, and that this version and its keys can read. Raises
    BackupRefused."""
    with decrypted(path, identity) as stream:
        reader = Reader(stream)
        _may_be_read(reader.about)
        yield reader


def backup_restore(*, path: Path, identity: Path | None) -> Reader:
    """Put it back, files first: the database comes last, whole, once the end of the backup was read.

    Until then nothing runs here; stopped at any point, it may be done again. Migrations that came since are
    applied. Raises BackupRefused.
    """
    if not is_empty():
        raise BackupRefused("not_empty", name=connection.settings_dict["NAME"])
    with read(path, identity) as reader:
        about = reader.about
        if about.engine != connection.vendor:
            ours, theirs = ENGINES[connection.vendor], ENGINES.get(about.engine, about.engine)
            raise BackupRefused("other_engine", ours=ours, theirs=theirs)
        _begin(about)
        try:
            with tempfile.TemporaryDirectory(dir=beside(), prefix=f"{RESTORING}-") as folder:
                dump = Path(folder) / "database"
                _put(reader, dump)
                if about.identity:
                    _write(root() / IDENTITY, about.identity)
                loaded(dump)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise BackupRefused("full_here", folder=root()) from error
            raise
    _compared(about)
    (root() / RESTORING).unlink()
    call_command("migrate", verbosity=0, interactive=False)
    return reader


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
    root().mkdir(parents=True, exist_ok=True)
    there = set(listed(root())) - OF_THE_DISK
    marker = root() / RESTORING
    if there and RESTORING not in there:
        raise BackupRefused("files_there", folder=root())
    if IDENTITY in there and marker.read_text() != about.made_at:
        raise BackupRefused("files_there", folder=root())
    _write(marker, about.made_at)
    for name in there - {RESTORING}:
        left = root() / name
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for left in beside().glob(f"{RESTORING}-*/"):
        shutil.rmtree(left)


def _put(reader: Reader, to: Path) -> None:
    """The files to their places, the database's dump `to` a file."""
    with opened_private(to, "wb") as dump:
        for member in reader.members():
            if member.path:
                _file_put(member)
            else:
                for piece in member.pieces:
                    dump.write(piece)
        dump.flush()
        os.fsync(dump.fileno())


def _file_put(member: Member) -> None:
    path = root() / member.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened_private(path, "wb") as file:
        for piece in member.pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _compared(about: About) -> None:
    with snapshot() as there:
        found = counted(there)
    for table, told in about.tables.items():
        if found.get(table) != told:
            raise BackupRefused("counts", table=table, found=found.get(table, 0), told=told)
