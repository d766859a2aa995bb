"""What a backup is made of: a tar, written and read from its beginning to its end, never whole in memory.

`about.json` first, then the files, then the database in pieces, and `end.json` last, with the digest of all
that came before: a backup that was cut has none, and one that was changed another.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Final, NamedTuple

from marelle.backups.refusals import BackupRefused

FORMAT: Final = 1

ABOUT: Final = "about.json"
END: Final = "end.json"
FILES: Final = "files/"
DATABASE: Final = "database/"

PIECE: Final = 8 * 1024 * 1024
"""Bytes of the database that are one member."""

CHUNK: Final = 256 * 1024

MOST_TOLD: Final = 16 * 1024 * 1024
"""Bytes of `about.json` and of `end.json`, at most."""

SAFE: Final = re.compile(r"(?:[0-9A-Za-z_-][0-9A-Za-z._-]*/)*[0-9A-Za-z_-][0-9A-Za-z._-]*")
"""The path of a file of ours below the folder of files: what lies there under another is not."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a backup before it is read. `made_at`: ISO 8601, when its instant was; `engine`:
    "sqlite" or "postgresql"; `tables`: how many rows each has; `identity`: of the folder of files; `probe`: a
    text sealed by the first key, "" without one."""

    made_at: str
    engine: str
    migrations: list[list[str]]
    tables: Mapping[str, int]
    identity: str
    probe: str
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class End:
    """`missing`: the files that rows name and that were nowhere."""

    files: int
    size: int
    digest: str
    missing: list[str] = field(default_factory=list)


class Digest:
    """Of members: their names, their sizes and what they hold."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def begin(self, name: str, size: int) -> None:
        self._sum.update(f"{name}\0{size}\0".encode())

    def update(self, piece: bytes) -> None:
        self._sum.update(piece)

    def hex(self) -> str:
        return self._sum.hexdigest()


class Writer:
    """Raises OSError, as the stream does."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._digest = Digest()
        self._files, self._size = 0, 0

    def about(self, about: About) -> None:
        self._put(ABOUT, _told(about))

    def file(self, path: str, size: int, content: IO[bytes]) -> None:
        self._member(FILES + path, size, content)
        self._files += 1

    def database(self, pieces: Iterable[bytes]) -> None:
        for rank, piece in enumerate(_of_size(pieces, PIECE)):
            self._put(f"{DATABASE}{rank:08d}", piece)

    def end(self, missing: list[str]) -> End:
        end = End(self._files, self._size, self._digest.hex(), missing)
        self._put(END, _told(end))
        return end

    def _put(self, name: str, content: bytes) -> None:
        self._member(name, len(content), io.BytesIO(content))

    def _member(self, name: str, size: int, content: IO[bytes]) -> None:
        told = tarfile.TarInfo(name)
        told.size, told.mode = size, 0o600
        self._digest.begin(name, size)
        self._tar.addfile(told, _Seen(content, self._digest))
        self._size += size


@contextmanager
def written(stream: IO[bytes], about: About) -> Iterator[Writer]:
    """A backup that begins with `about`: its block writes the rest, then its `end`."""
    valve = _Valve(stream)
    try:
        with tarfile.open(fileobj=valve, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            writer = Writer(tar)
            writer.about(about)
            yield writer
    finally:
        valve.shut = True


class _Valve(io.RawIOBase):
    """What tarfile writes through: once shut, what it still has of a backup that failed goes nowhere."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self.shut = False

    def write(self, piece: Any) -> int:
        return len(piece) if self.shut else self._stream.write(piece)


class _Seen:
    def __init__(self, content: IO[bytes], digest: Digest) -> None:
        self._content, self._digest = content, digest

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(size)
        self._digest.update(piece)
        return piece


class Member(NamedTuple):
    """A file, or a piece of the database (`path` "")."""

    path: str
    pieces: Iterator[bytes]


class Reader:
    """What a backup holds, in its order: each member is read before the next. Raises BackupRefused."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._digest = Digest()
        self._members = self._read(stream)
        name, size, pieces = self._next()
        if name != ABOUT or size > MOST_TOLD:
            raise BackupRefused("not_ours")
        self.about = _about(b"".join(pieces))
        self.end: End | None = None

    def members(self) -> Iterator[Member]:
        """All of them. `end` is known once they are read; before that nothing is to be believed."""
        while True:
            before = self._digest.hex()
            name, size, pieces = self._next()
            if name == END and size <= MOST_TOLD:
                end = End(**_read(b"".join(pieces)))
                if end.digest != before:
                    raise BackupRefused("changed", what="somme de contrôle")
                self.end = end
                return
            yield Member(_path(name), pieces)
            for _rest in pieces:
                pass

    def _next(self) -> tuple[str, int, Iterator[bytes]]:
        try:
            return next(self._members)
        except StopIteration:
            raise BackupRefused("cut") from None

    def _read(self, stream: IO[bytes]) -> Iterator[tuple[str, int, Iterator[bytes]]]:
        try:
            tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 - closed with what is below
        except tarfile.ReadError as error:
            raise BackupRefused("not_ours") from error
        with tar, _told_cut():
            for one in tar:
                content = tar.extractfile(one) if one.isreg() else None
                if content is None:
                    raise BackupRefused("changed", what=one.name)
                self._digest.begin(one.name, one.size)
                yield one.name, one.size, self._pieces(content)

    def _pieces(self, content: IO[bytes]) -> Iterator[bytes]:
        with _told_cut():
            while piece := content.read(CHUNK):
                self._digest.update(piece)
                yield piece


@contextmanager
def _told_cut() -> Iterator[None]:
    try:
        yield
    except (tarfile.ReadError, EOFError) as error:
        raise BackupRefused("cut") from error


def _path(name: str) -> str:
    if name.startswith(DATABASE):
        return ""
    path = name.removeprefix(FILES)
    if path == name or not SAFE.fullmatch(path):
        raise BackupRefused("changed", what=name)
    return path


def _about(content: bytes) -> About:
    """The format is looked at first: a later one may say other things of itself."""
    told = _read(content)
    if told.get("format") != FORMAT:
        raise BackupRefused("newer_format" if "format" in told else "not_ours")
    return About(**told)


def _read(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError as error:
        raise BackupRefused("not_ours") from error
    if not isinstance(told, dict):
        raise BackupRefused("not_ours")
    return told


def _told(what: About | End) -> bytes:
    return json.dumps(asdict(what), ensure_ascii=False).encode()


def _of_size(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    yield bytes(waiting)
