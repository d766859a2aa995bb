"""Backups in a bucket of a store that speaks S3: sent by parts as they are made, named once all are there.

What goes through other programs is given a pipe: one end is theirs, the other is of a thread that sends, or
fetches, part by part.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import PurePath
from typing import IO, Any, Final

from django.conf import settings
from storages.backends.s3 import S3Storage

from marelle.backups.places import NAME
from marelle.backups.refusals import BackupRefused
from marelle.core.buckets import Bucket, StoreAway
from marelle.files.buckets import Shelved, storage_to, told

PART: Final = 32 * 1024 * 1024
"""Bytes that are sent, or fetched, at once, and are in memory meanwhile: ten thousand parts are 320 GB."""

ABANDONED: Final = timedelta(days=2)
"""After which a backup that is still being sent is of a machine that stopped."""


@dataclass(frozen=True)
class BucketPlace:
    """`address`: as a setting has it, with what opens it."""

    bucket: Bucket
    address: str = field(repr=False)

    def __str__(self) -> str:
        return str(self.bucket).rstrip("/")

    @contextmanager
    def written(self, name: str) -> Iterator[IO[bytes]]:
        """A new backup: it has its name once it is whole. Raises BackupRefused."""
        if settings.STORAGE is not None and settings.STORAGE.holds(self.bucket):
            raise BackupRefused("inside", folder=self)
        with _said():
            if self._shelf.open_to_all():
                raise BackupRefused("public", folder=self)
            self._tidy()
            sent = _Sent(self._client, self.bucket, f"{self.bucket.folder}{name}")
        with sent.taken() as stream:
            yield stream

    def names(self) -> list[str]:
        """Those that are whole, the oldest first. Raises BackupRefused."""
        with _said():
            return [name for name in self._shelf.names() if NAME.fullmatch(name)]

    def forget(self, *, but: int) -> list[str]:
        """Delete the oldest, but for so many. Returns their names."""
        old = self.names()[:-but]
        with _said():
            for name in old:
                self._shelf.removed(name)
        return old

    def backup(self, name: str) -> BucketBackup:
        return BucketBackup(self, name)

    @property
    def _shelf(self) -> Shelved:
        return Shelved(self.bucket, self._storage)

    @property
    def _client(self) -> Any:
        return self._storage.connection.meta.client

    @cached_property
    def _storage(self) -> S3Storage:
        """To make one costs a tenth of a second."""
        return storage_to(self.bucket)

    def _tidy(self) -> None:
        with told(self.bucket):
            found = self._client.list_multipart_uploads(Bucket=self.bucket.name, Prefix=self.bucket.folder)
            for one in found.get("Uploads", ()):
                is_ours = NAME.fullmatch(one["Key"].removeprefix(self.bucket.folder))
                if is_ours and one["Initiated"] < datetime.now(UTC) - ABANDONED:
                    place = {"Bucket": self.bucket.name, "Key": one["Key"]}
                    self._client.abort_multipart_upload(**place, UploadId=one["UploadId"])


@dataclass(frozen=True)
class BucketBackup:
    """One that lies there: what is asked of a path of a backup."""

    place: BucketPlace
    name: str

    def __str__(self) -> str:
        return f"{self.place}/{self.name}"

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix

    @contextmanager
    def open(self, _mode: str = "rb") -> Iterator[IO[bytes]]:
        """From its beginning to its end. Raises StoreAway, FileNotFoundError."""
        with told(self.place.bucket):
            size = int(self.place._client.head_object(**self._key)["ContentLength"])
        read, write = os.pipe()
        failures: list[OSError] = []
        thread = threading.Thread(target=self._poured, args=(write, size, failures), daemon=True)
        thread.start()
        try:
            with os.fdopen(read, "rb") as stream:
                yield stream
        except BackupRefused as refused:
            # What was fetched is cut for want of the rest.
            if failures:
                raise BackupRefused("store", why=failures[0]) from refused
            raise
        finally:
            thread.join()

    def _poured(self, write: int, size: int, failures: list[OSError]) -> None:
        with suppress(BrokenPipeError), os.fdopen(write, "wb") as stream:
            for start in range(0, size, PART):
                part = f"bytes={start}-{min(start + PART, size) - 1}"
                try:
                    with told(self.place.bucket):
                        content = self.place._client.get_object(**self._key, Range=part)["Body"].read()
                except OSError as error:
                    failures.append(error)
                    return
                stream.write(content)

    @property
    def _key(self) -> dict[str, str]:
        return {"Bucket": self.place.bucket.name, "Key": f"{self.place.bucket.folder}{self.name}"}


class _Sent:
    """What is being sent, by parts; nobody sees any of it until the last one is there. Raises StoreAway."""

    def __init__(self, client: Any, bucket: Bucket, key: str) -> None:
        self._client, self._bucket = client, bucket
        self._place: dict[str, Any] = {"Bucket": bucket.name, "Key": key}
        with told(bucket):
            self._place["UploadId"] = client.create_multipart_upload(**self._place)["UploadId"]
        self._parts: list[dict[str, Any]] = []
        self._failure: OSError | None = None

    @contextmanager
    def taken(self) -> Iterator[IO[bytes]]:
        """What is written in it is sent. Raises BackupRefused; nothing is left then."""
        read, write = os.pipe()
        thread = threading.Thread(target=self._send, args=(read,), daemon=True)
        thread.start()
        try:
            try:
                with os.fdopen(write, "wb") as stream:
                    yield stream
            finally:
                thread.join()
            self._complete()
        except BaseException as error:
            self._abandon()
            # Where the store failed, who wrote met a pipe that was closed.
            why = error if isinstance(error, StoreAway) else self._failure
            if why is None:
                raise
            raise BackupRefused("store", why=why) from error

    def _send(self, read: int) -> None:
        with os.fdopen(read, "rb") as stream:
            while piece := stream.read(PART):
                number = len(self._parts) + 1
                try:
                    with told(self._bucket):
                        sent = self._client.upload_part(**self._place, PartNumber=number, Body=piece)
                except OSError as error:
                    self._failure = error
                    return
                self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    def _complete(self) -> None:
        if self._failure is not None:
            raise self._failure
        with told(self._bucket):
            self._client.complete_multipart_upload(**self._place, MultipartUpload={"Parts": self._parts})

    def _abandon(self) -> None:
        with suppress(OSError), told(self._bucket):
            self._client.abort_multipart_upload(**self._place)


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupRefused("store", why=error) from error
