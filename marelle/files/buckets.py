"""Contents in a bucket of a store that speaks S3, sealed before they leave for it.

Whatever is asked of it goes through `told`, so that nobody above meets anything but an OSError. Nothing of
it is imported unless a setting names a bucket (docs/adr/0061-one-store-for-several-machines.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import IO, Any, Final

from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from marelle.core.buckets import Bucket, StoreAway
from marelle.files.sealing import content_of, first_key, sealed_pieces
from marelle.files.shelves import Lying

IN_MEMORY: Final = 16 * 1024 * 1024
"""Bytes of a content, sealed, that stay in memory while it travels; of a larger one none do."""

DOWN: Final = 10.0
"""Seconds for which a store that did not answer is not asked again before a form is taken."""

WRITTEN_AT: Final = "written-at"
"""Beside a content that was put anew: when it was first written."""

GONE: Final = frozenset({"404", "NoSuchKey", "NotFound"})
CHANGED: Final = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})

WORDS: Final = {
    "NoSuchBucket": "Le bucket {bucket} n’existe pas\u00a0: créez-le, privé, ou corrigez l’adresse.",
    "InvalidAccessKeyId": "Le stockage de {bucket} ne connaît pas cette clé\u00a0: corrigez l’adresse.",
    "SignatureDoesNotMatch": (
        "Le stockage de {bucket} refuse le secret de la clé d’accès\u00a0: corrigez l’adresse."
    ),
    "AccessDenied": (
        "La clé d’accès n’ouvre pas le bucket {bucket}\u00a0: donnez-lui le droit d’y lire, d’y écrire "
        "et d’y supprimer."
    ),
}
"""By the code of an error of S3: what is wrong, and what to do."""

AWAY: Final = (
    "Le stockage de {bucket} ne répond pas comme il faut ({why}). Recommencez dans quelques minutes."
)
ALIKE: Final = {"403": "AccessDenied", "Forbidden": "AccessDenied", "AllAccessDisabled": "AccessDenied"}

CONFIG: Final = Config(
    s3={"addressing_style": "path"},
    signature_version="s3v4",
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 2, "mode": "standard"},
    # Of what only Amazon's own store knows, nothing is sent.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


@contextmanager
def told(bucket: Bucket) -> Iterator[None]:
    """Raises FileNotFoundError, StoreAway."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise FileNotFoundError(code) from error
        words = WORDS.get(ALIKE.get(code, code), AWAY)
        raise StoreAway(words.format(bucket=bucket, why=code)) from error
    except BotoCoreError as error:
        raise StoreAway(AWAY.format(bucket=bucket, why=type(error).__name__)) from error


def storage_to(bucket: Bucket) -> S3Storage:
    """Which has a connection for each thread."""
    return S3Storage(**options_of(bucket))


def options_of(bucket: Bucket) -> dict[str, Any]:
    return {
        "access_key": bucket.key,
        "secret_key": bucket.secret,
        "bucket_name": bucket.name,
        "location": bucket.folder.rstrip("/"),
        "endpoint_url": bucket.endpoint,
        "region_name": bucket.region,
        "client_config": CONFIG,
        "default_acl": None,
        "security_token": None,
        "session_profile": None,
    }


class Shelved:
    """A bucket as a `Shelf`: each content is one object."""

    def __init__(self, bucket: Bucket, storage: S3Storage) -> None:
        self._bucket, self._storage = bucket, storage
        self._down_until = 0.0

    def __str__(self) -> str:
        return str(self._bucket)

    def is_ready(self) -> bool:
        if monotonic() < self._down_until:
            return False
        try:
            self.checked()
        except StoreAway:
            self._down_until = monotonic() + DOWN
            return False
        return True

    def checked(self) -> None:
        """Raises StoreAway where it cannot be read."""
        self._listed(MaxKeys=1)

    def open_to_all(self) -> list[str]:
        """What who has no key is given, asked for as anybody would: "list", "content"."""
        anybody = self._storage.unsigned_connection.meta.client
        found = []
        if _is_answered(partial(anybody.list_objects_v2, Bucket=self._bucket.name, MaxKeys=1)):
            found.append("list")
        for one in self._pages(MaxKeys=1):
            place = {"Bucket": self._bucket.name, "Key": self._key(one.path)}
            if _is_answered(partial(anybody.get_object, **place, Range="bytes=0-0")):
                found.append("content")
        return found

    def names(self, folder: str = "") -> list[str]:
        start = self._key(f"{folder}/" if folder else "")
        found = set()
        with told(self._bucket):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket.name, Prefix=start, Delimiter="/"):
                found |= {one["Key"].removeprefix(start) for one in page.get("Contents", ())}
                found |= {
                    one["Prefix"].removeprefix(start).rstrip("/") for one in page.get("CommonPrefixes", ())
                }
        return sorted(found - {""})

    def below(self, folder: str = "") -> Iterator[Lying]:
        return self._pages(Prefix=self._key(f"{folder}/" if folder else ""))

    def holds(self, path: str) -> bool:
        try:
            self._head(path)
        except FileNotFoundError:
            return False
        return True

    def opened(self, path: str) -> IO[bytes]:
        return self._opened(path)[0]

    def start_of(self, path: str, length: int) -> bytes:
        with told(self._bucket):
            answer = self._client.get_object(
                Bucket=self._bucket.name, Key=self._key(path), Range=f"bytes=0-{length - 1}"
            )
            return bytes(answer["Body"].read())

    def written_at(self, path: str) -> datetime:
        return _written_at(self._head(path))

    def put(self, path: str, pieces: Iterable[bytes], *, written_at: datetime | None = None) -> None:
        self._put(path, pieces, written_at)

    def rewritten(self, path: str, anew: Callable[[IO[bytes]], Iterable[bytes]]) -> bool:
        file, answer = self._opened(path)
        with file:
            try:
                self._put(path, anew(file), _written_at(answer), IfMatch=answer["ETag"])
            except FileNotFoundError:
                return False
            except StoreAway as error:
                code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
                if code in CHANGED:
                    return False
                raise
        return True

    def moved(self, path: str, to: str) -> bool:
        source = {"Bucket": self._bucket.name, "Key": self._key(path)}
        try:
            with told(self._bucket):
                self._client.copy_object(Bucket=self._bucket.name, Key=self._key(to), CopySource=source)
        except FileNotFoundError:
            return False
        return self.removed(path)

    def removed(self, path: str) -> bool:
        with told(self._bucket):
            self._client.delete_object(Bucket=self._bucket.name, Key=self._key(path))
        return True

    def cleared(self, name: str) -> int:
        gone = [one.path for one in self.below(name)]
        for path in gone:
            self.removed(path)
        if not gone and self.holds(name):
            self.removed(name)
            return 1
        return len(gone)

    def tidied(self) -> None:
        """Nothing is half there: an object is put whole."""

    @property
    def _client(self) -> Any:
        return self._storage.connection.meta.client

    def _key(self, path: str) -> str:
        return f"{self._bucket.folder}{path}"

    def _pages(self, **asked: Any) -> Iterator[Lying]:
        asked.setdefault("Prefix", self._bucket.folder)
        while True:
            page = self._listed(**asked)
            for one in page.get("Contents", ()):
                path = one["Key"].removeprefix(self._bucket.folder)
                yield Lying(path, one["Size"], one["ETag"].strip('"'))
            if "MaxKeys" in asked or not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _listed(self, **asked: Any) -> dict[str, Any]:
        with told(self._bucket):
            return dict(self._client.list_objects_v2(Bucket=self._bucket.name, **asked))

    def _head(self, path: str) -> dict[str, Any]:
        with told(self._bucket):
            return dict(self._client.head_object(Bucket=self._bucket.name, Key=self._key(path)))

    def _opened(self, path: str) -> tuple[IO[bytes], dict[str, Any]]:
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the caller
        try:
            with told(self._bucket):
                answer = self._client.get_object(Bucket=self._bucket.name, Key=self._key(path))
                for piece in answer["Body"].iter_chunks(256 * 1024):
                    file.write(piece)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file, answer

    def _put(self, path: str, pieces: Iterable[bytes], written_at: datetime | None, **only: Any) -> None:
        if written_at is not None:
            only["Metadata"] = {WRITTEN_AT: written_at.isoformat()}
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as whole:
            for piece in pieces:
                whole.write(piece)
            whole.seek(0)
            with told(self._bucket):
                self._client.put_object(Bucket=self._bucket.name, Key=self._key(path), Body=whole, **only)


def _written_at(answer: dict[str, Any]) -> datetime:
    noted = answer.get("Metadata", {}).get(WRITTEN_AT)
    return datetime.fromisoformat(noted) if noted else answer["LastModified"].astimezone(UTC)


def _is_answered(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except (ClientError, BotoCoreError):
        return False
    return True


class SealedBucket(S3Storage):  # type: ignore[misc]  # of django-storages, without types
    """A bucket whose contents are sealed before they are sent and opened once they are here: never reached
    but through the portal."""

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(**options_of(bucket))
        self.shelf = Shelved(bucket, self)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("A content is written once, by `save`.")
        return File(content_of(self.shelf.opened(name)), name)

    def _save(self, name: str, content: File[bytes]) -> str:
        """Raises CannotSeal, before anything is sent."""
        first_key()
        self.shelf.put(name, sealed_pieces(content.chunks()))
        return name

    def delete(self, name: str) -> None:
        self.shelf.removed(name)

    def exists(self, name: str) -> bool:
        return self.shelf.holds(name)

    def url(self, *_args: Any, **_options: Any) -> str:
        """There is none: whoever reads a file has been asked who it is."""
        raise NotImplementedError
