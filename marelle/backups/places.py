"""Where backups are kept: a folder, or a bucket (`buckets`), in which one is there whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Literal, Protocol

from django.conf import settings

from marelle.backups.refusals import BackupRefused
from marelle.core.buckets import SCHEME, bucket_read
from marelle.core.clock import universal
from marelle.files.services import shelf
from marelle.files.shelves import Folder as FilesFolder

NAME: Final = re.compile(r"marelle-\d{8}T\d{6}Z\.tar(\.age|\.gpg)?")
RESTORING: Final = "restoring"
"""The file, at the top of the folder of files, that tells of which backup it is being filled."""

UNFINISHED: Final = ".part"

ROOM: Final = 1024 * 1024
"""Bytes: where fewer are free, a program that writes there failed for want of them."""


def name_of(at: datetime, suffix: str) -> str:
    """In the order of their instants; `suffix`: "" or that of how it is encrypted."""
    return f"marelle-{universal(at):%Y%m%dT%H%M%SZ}.tar{suffix}"


class Backup(Protocol):
    """One that is kept, as a path is: `open("rb")` reads it."""

    @property
    def name(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    def open(self, mode: Literal["rb"], /) -> AbstractContextManager[IO[bytes]]: ...


class Place(Protocol):
    """Raises BackupRefused."""

    def __str__(self) -> str: ...
    def written(self, name: str) -> AbstractContextManager[IO[bytes]]: ...
    def names(self) -> list[str]: ...
    def forget(self, *, but: int) -> list[str]: ...
    def backup(self, name: str) -> Backup: ...


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def written(self, name: str) -> Iterator[IO[bytes]]:
        """A new backup: it has its name once it is whole and on the disk. Raises BackupRefused."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            files = shelf()
            if isinstance(files, FilesFolder) and self.path.resolve().is_relative_to(files.root.resolve()):
                raise BackupRefused("inside", folder=self.path)
            self._tidy()
            unfinished = self.path / f"{name}{UNFINISHED}"
            with opened_private(unfinished, "xb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                    unfinished.replace(self.path / name)
                except BaseException as error:
                    if isinstance(error, BackupRefused) and shutil.disk_usage(self.path).free < ROOM:
                        raise BackupRefused("full", folder=self.path) from error
                    raise
                finally:
                    unfinished.unlink(missing_ok=True)
            synced(self.path)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise BackupRefused("full", folder=self.path) from error
            raise BackupRefused("no_folder", folder=self.path, why=error.strerror or error) from error

    def names(self) -> list[str]:
        """Those that are whole, the oldest first. Raises BackupRefused."""
        try:
            return sorted(name for name in os.listdir(self.path) if NAME.fullmatch(name))
        except OSError as error:
            raise BackupRefused("no_folder", folder=self.path, why=error.strerror or error) from error

    def forget(self, *, but: int) -> list[str]:
        """Delete the oldest, but for so many. Returns their names."""
        old = self.names()[:-but]
        for name in old:
            (self.path / name).unlink(missing_ok=True)
        return old

    def backup(self, name: str) -> Path:
        return self.path / name

    def _tidy(self) -> None:
        """What a machine that stopped left of a backup; one that is being written is locked."""
        for name in os.listdir(self.path):
            if name.endswith(UNFINISHED) and NAME.fullmatch(name.removesuffix(UNFINISHED)):
                with suppress(OSError), (self.path / name).open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    (self.path / name).unlink(missing_ok=True)


def place_at(where: str) -> Place:
    """A folder, or the bucket of an address. Raises BackupRefused, WrongSetting."""
    if not where:
        raise BackupRefused("nowhere")
    if not where.startswith(SCHEME):
        return Folder(Path(where))
    bucket = bucket_read("BACKUP_TO", where)
    from marelle.backups.buckets import BucketPlace  # noqa: PLC0415 - its libraries are there where one is named

    return BucketPlace(bucket, where)


def found(where: str) -> Backup:
    """The backup that `where` is, or the last one there; by its name alone, one of `BACKUP_TO`. Raises
    BackupRefused."""
    path = Path(where)
    if NAME.fullmatch(where) and not path.exists():
        return place_at(settings.BACKUP_TO).backup(where)
    if not where.startswith(SCHEME) and where and not path.is_dir():
        return path
    place = place_at(where)
    names = place.names()
    if not names:
        raise BackupRefused("no_backup", folder=place)
    return place.backup(names[-1])


def opened_private(path: Path, mode: Literal["wb", "xb"]) -> IO[bytes]:
    """A file that its owner alone reads, from the first byte."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
