"""Contents encrypted on disk: sealed by pieces, so that none is whole in memory and any place of one is read.

A content begins with `MARK`, the id of its key and a salt. The key of each file is made of one of
`SEALING_KEYS` and of that salt; each piece is sealed by AES-256-GCM under its rank and whether it is the
last, so that none is moved, left out or cut off unseen. What does not begin so was kept before contents were
sealed, and is read as it is (docs/adr/0048-what-a-stolen-disk-says.md).
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from marelle.core.sealed import CannotOpen, CannotSeal, tell_operator
from marelle.files.shelves import Folder, kept_still

logger = logging.getLogger(__name__)

MARK: Final = b"MARELLE\x01"
ID_LENGTH, SALT_LENGTH, TAG_LENGTH = 8, 16, 16
HEAD_LENGTH: Final = len(MARK) + ID_LENGTH + SALT_LENGTH
PIECE: Final = 64 * 1024
"""Bytes of a content that are sealed together."""


class Damaged(FileNotFoundError):
    """A content that is not the one that was kept: as good as lost."""


@lru_cache(maxsize=16)
def key_id(key: str) -> bytes:
    """What tells a key from another, and nothing of it."""
    return hashlib.sha256(b"marelle key " + base64.urlsafe_b64decode(key)).digest()[:ID_LENGTH]


def first_key() -> str:
    """What writes. Raises CannotSeal, and tells the operator."""
    if not settings.SEALING_KEYS:
        tell_operator("SEALING_KEYS is missing: no file can be kept.")
        raise CannotSeal
    return str(settings.SEALING_KEYS[0])


def sealed_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A content sealed by the first key, in its own pieces. Raises CannotSeal."""
    key = first_key()
    head = MARK + key_id(key) + secrets.token_bytes(SALT_LENGTH)
    yield head
    cipher = _cipher(key, head)
    rank, waiting = 0, bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            yield cipher.encrypt(_nonce(rank, last=False), bytes(waiting[:PIECE]), head)
            del waiting[:PIECE]
            rank += 1
    yield cipher.encrypt(_nonce(rank, last=True), bytes(waiting), head)


def head_of(file: IO[bytes]) -> bytes:
    """The head of a content that is sealed, b"" of one that is not; the file is at its beginning."""
    head = file.read(HEAD_LENGTH)
    return head if len(head) == HEAD_LENGTH and head.startswith(MARK) else b""


def is_current(head: bytes) -> bool:
    """Whether the first key wrote it. Raises CannotSeal without a key."""
    if not settings.SEALING_KEYS:
        raise CannotSeal
    return head[len(MARK) :][:ID_LENGTH] == key_id(settings.SEALING_KEYS[0])


def opens(head: bytes) -> bool:
    """Whether one of the keys given wrote it."""
    return head[len(MARK) :][:ID_LENGTH] in {key_id(key) for key in settings.SEALING_KEYS}


class SealedContent(io.RawIOBase):
    """What a sealed file holds, read from any place. Raises CannotOpen, Damaged; `file` closes with it."""

    def __init__(self, file: IO[bytes], head: bytes) -> None:
        super().__init__()
        self._file, self._head = file, head
        self._cipher = _cipher(_key_of(head), head)
        body = file.seek(0, os.SEEK_END) - HEAD_LENGTH
        self._pieces = max(1, -(-body // (PIECE + TAG_LENGTH)))
        self._size = body - self._pieces * TAG_LENGTH
        self._at, self._rank, self._held = 0, -1, b""
        # Cut short or put in another's place, it is known before anybody is sent the beginning.
        self._read(self._pieces - 1)
        self._read(0)

    def _read(self, rank: int) -> bytes:
        if rank != self._rank:
            self._file.seek(HEAD_LENGTH + rank * (PIECE + TAG_LENGTH))
            sealed = self._file.read(PIECE + TAG_LENGTH)
            try:
                held = self._cipher.decrypt(_nonce(rank, last=rank == self._pieces - 1), sealed, self._head)
            except (InvalidTag, ValueError) as error:
                logger.exception("A stored file is damaged: %s", getattr(self._file, "name", ""))
                raise Damaged("damaged") from error
            self._rank, self._held = rank, held
        return self._held

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        rank, skipped = divmod(self._at, PIECE)
        found = self._read(rank)[skipped : skipped + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()


def opened_content(path: str | Path) -> IO[bytes]:
    """The content at a path, sealed or from before. Raises FileNotFoundError, CannotOpen."""
    return content_of(Path(path).open("rb"))


def content_of(file: IO[bytes]) -> IO[bytes]:
    """What a file holds, sealed or from before; it closes with it. Raises CannotOpen, Damaged."""
    try:
        head = head_of(file)
        if head:
            return io.BufferedReader(SealedContent(file, head), PIECE)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def is_sealed(content: IO[bytes]) -> bool:
    """Of a content that the storage opened, whether it lay sealed: then it is the one that was kept."""
    return isinstance(getattr(getattr(content, "file", None), "raw", None), SealedContent)


class SealedStorage(FileSystemStorage):
    """A folder whose contents are sealed when they are written and opened when they are read."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("A content is written once, by `save`.")
        return File(opened_content(self.path(name)), name)

    def _save(self, name: str, content: File[bytes]) -> str:
        """Raises CannotSeal, before there is a file."""
        first_key()
        return str(super()._save(name, _Sealing(content)))  # type: ignore[misc] # of Django, without types

    def size(self, name: str) -> int:
        """Of what it holds, in bytes."""
        with self.open(name) as content:
            return int(content.seek(0, os.SEEK_END))

    def delete(self, name: str) -> None:
        with kept_still(Path(self.location)):
            super().delete(name)

    @property
    def shelf(self) -> Folder:
        return Folder(Path(self.location))


class _Sealing(File):  # type: ignore[type-arg]
    """A content as it goes to disk; a file that is on disk already is read, never moved as it is."""

    def __init__(self, content: File[bytes]) -> None:
        self._content = content
        super().__init__(None, content.name)

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        return sealed_pieces(self._content.chunks(chunk_size))

    def close(self) -> None:
        self._content.close()


def _nonce(rank: int, *, last: bool) -> bytes:
    return rank.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _key_of(head: bytes) -> str:
    wanted = head[len(MARK) :][:ID_LENGTH]
    for key in settings.SEALING_KEYS:
        if key_id(key) == wanted:
            return str(key)
    tell_operator("SEALING_KEYS lacks the key that files were written with.")
    raise CannotOpen


def _cipher(key: str, head: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=head[-SALT_LENGTH:], info=b"marelle file")
    return AESGCM(derived.derive(base64.urlsafe_b64decode(key)))
