"""Where contents lie, sealed as they are: a folder of this machine here, a bucket of a store in `buckets`.

Paths are those below it: "ab/abcd…" a content that a row names, "imports/…" and "tresor/…" what others name,
"trash/2026-11-30/…", "identity".
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, NamedTuple, Protocol

LOCK: Final = "lock"
"""The file, at the top of the folder, that is locked while a content is deleted or put in another's place."""

ANEW: Final = ".anew"
"""How the name of a content that is not whole yet ends."""

LEFT_BEHIND: Final = 3600
"""Seconds after which one is of somebody who was killed, and goes."""


class Lying(NamedTuple):
    """A content as it lies: its path, its bytes, and the MD5 by which its store knows it, "" for none."""

    path: str
    size: int
    md5: str = ""


class Shelf(Protocol):
    """Raises FileNotFoundError of what is not there, OSError."""

    def __str__(self) -> str:
        """Where it is, for who runs the server."""

    def is_ready(self) -> bool: ...

    def names(self, folder: str = "") -> list[str]:
        """What is right below, folders too, in order; none where it is not there."""

    def below(self, folder: str = "") -> Iterator[Lying]:
        """All contents, however deep; none that is not whole yet."""

    def holds(self, path: str) -> bool: ...

    def opened(self, path: str) -> IO[bytes]:
        """From any place; to be closed by the caller."""

    def start_of(self, path: str, length: int) -> bytes: ...

    def written_at(self, path: str) -> datetime: ...

    def put(self, path: str, pieces: Iterable[bytes], *, written_at: datetime | None = None) -> None:
        """Whole or not at all, in the place of what is there. `written_at`: when it was, if not now."""

    def rewritten(self, path: str, anew: Callable[[IO[bytes]], Iterable[bytes]]) -> bool:
        """Put what `anew` makes of a content in its place, as old as it was, unless it is gone or is another
        meanwhile: False then."""

    def moved(self, path: str, to: str) -> bool:
        """False where it is gone."""

    def removed(self, path: str) -> bool:
        """False where it was gone; a store may not know."""

    def cleared(self, name: str) -> int:
        """Remove a content, or a folder with all that is below it. Returns how many went."""

    def tidied(self) -> None:
        """Remove what somebody who was killed left of a content that was being written."""


@dataclass(frozen=True, slots=True)
class Folder:
    root: Path

    def __str__(self) -> str:
        return str(self.root)

    def is_ready(self) -> bool:
        return os.access(self.root, os.R_OK | os.W_OK | os.X_OK)

    def names(self, folder: str = "") -> list[str]:
        try:
            return sorted(os.listdir(self.root / folder))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def below(self, folder: str = "") -> Iterator[Lying]:
        for name in self.names(folder):
            path = f"{folder}/{name}" if folder else name
            if (self.root / path).is_dir():
                yield from self.below(path)
            elif path != LOCK and not name.endswith(ANEW):
                with suppress(FileNotFoundError):
                    yield Lying(path, (self.root / path).lstat().st_size)

    def holds(self, path: str) -> bool:
        return (self.root / path).exists()

    def opened(self, path: str) -> IO[bytes]:
        return (self.root / path).open("rb")

    def start_of(self, path: str, length: int) -> bytes:
        with self.opened(path) as file:
            return file.read(length)

    def written_at(self, path: str) -> datetime:
        return datetime.fromtimestamp((self.root / path).stat().st_mtime, UTC)

    def put(self, path: str, pieces: Iterable[bytes], *, written_at: datetime | None = None) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with self._fresh(place, pieces) as fresh:
            if written_at is not None:
                os.utime(fresh, (written_at.timestamp(), written_at.timestamp()))
            fresh.replace(place)

    def rewritten(self, path: str, anew: Callable[[IO[bytes]], Iterable[bytes]]) -> bool:
        place = self.root / path
        before = place.stat()
        with self.opened(path) as content, self._fresh(place, anew(content)) as fresh:
            fresh.chmod(before.st_mode & 0o777)
            with kept_still(self.root):
                if place.stat().st_ino != before.st_ino:
                    return False
                fresh.replace(place)
                # The sweeps tell by it how long a content has been there.
                os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
        return True

    def moved(self, path: str, to: str) -> bool:
        (self.root / to).parent.mkdir(parents=True, exist_ok=True)
        try:
            (self.root / path).rename(self.root / to)
        except FileNotFoundError:
            return False
        return True

    def removed(self, path: str) -> bool:
        try:
            with kept_still(self.root):
                (self.root / path).unlink()
        except FileNotFoundError:
            return False
        return True

    def cleared(self, name: str) -> int:
        if not (self.root / name).is_dir():
            return int(self.removed(name))
        gone = sum(1 for _one in self.below(name))
        shutil.rmtree(self.root / name, ignore_errors=True)
        return gone

    def tidied(self) -> None:
        for folder, _folders, names in os.walk(self.root):
            for path in (Path(folder) / name for name in names if name.endswith(ANEW)):
                with suppress(FileNotFoundError):
                    if time.time() - path.stat().st_ctime > LEFT_BEHIND:
                        path.unlink()

    @contextmanager
    def _fresh(self, place: Path, pieces: Iterable[bytes]) -> Iterator[Path]:
        """A whole file beside a place, on the disk, to be put there."""
        fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}{ANEW}")
        try:
            with open(fresh, "xb", opener=_private) as written:
                written.writelines(pieces)
                written.flush()
                os.fsync(written.fileno())
            yield fresh
        finally:
            fresh.unlink(missing_ok=True)


def _private(name: str, flags: int) -> int:
    """Its owner alone reads it, from the first byte."""
    return os.open(name, flags, 0o600)


@contextmanager
def kept_still(folder: Path) -> Iterator[None]:
    """Nothing of the folder is deleted, nor put in another's place, by another process meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
