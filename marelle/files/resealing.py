"""Every stored content under the first key, while the portal runs: what was plain, what another key wrote."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from marelle.core.resealing import Resealing
from marelle.core.sealed import CannotOpen
from marelle.files.sealing import (
    LOCK,
    PIECE,
    Damaged,
    head_of,
    is_current,
    kept_still,
    opened_content,
    sealed_pieces,
)
from marelle.files.store import IDENTITY, root

ANEW: Final = ".anew"
"""How the name of a content that is being written again ends."""

LEFT_BEHIND: Final = 3600
"""Seconds after which one is of somebody who was killed, and goes."""


def files_reseal() -> Resealing:
    """Write again each content that the first key did not, one by one. Safe to stop, and to run again.

    Who reads one meanwhile reads it to its end; of one deleted meanwhile nothing comes back. `lost` are those
    that no key opens, or that are damaged: they are left. Raises CannotSeal without a key, OSError.
    """
    result = Resealing()
    for path in stored_paths():
        try:
            if not path.name.endswith(ANEW):
                result.done += _anew(path)
            elif time.time() - path.stat().st_ctime > LEFT_BEHIND:
                path.unlink()
        except (CannotOpen, Damaged):
            result.lost += 1
        except FileNotFoundError:
            # Deleted meanwhile, or what was being written beside it was.
            result.busy += path.exists()
    return result


def stored_paths() -> Iterator[Path]:
    """All that lies in the folder but what says whose it is, the trash included."""
    for folder, _folders, names in os.walk(root()):
        for name in sorted(names):
            path = Path(folder) / name
            if path.parent != root() or name not in {IDENTITY, f"{IDENTITY}.new", LOCK}:
                yield path


def _anew(path: Path) -> bool:
    """Whether it had to be, and was."""
    with path.open("rb") as file:
        if (head := head_of(file)) and is_current(head):
            return False
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}{ANEW}")
    try:
        before = path.stat()
        with opened_content(path) as content, fresh.open("xb") as written:
            fresh.chmod(before.st_mode & 0o777)
            for piece in sealed_pieces(iter(lambda: content.read(PIECE), b"")):
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
        with kept_still(root()):
            if path.stat().st_ino == before.st_ino:
                fresh.replace(path)
                # The sweeps tell by it how long a content has been there.
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
                return True
        return False
    finally:
        fresh.unlink(missing_ok=True)
