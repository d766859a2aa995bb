"""Every stored content under the first key, while the portal runs: what was plain, what another key wrote."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from marelle.core.resealing import Resealing
from marelle.core.sealed import CannotOpen
from marelle.files.sealing import (
    HEAD_LENGTH,
    PIECE,
    Damaged,
    content_of,
    head_of,
    is_current,
    sealed_pieces,
)
from marelle.files.services import shelf
from marelle.files.store import IDENTITY


def files_reseal() -> Resealing:
    """Write again each content that the first key did not, one by one. Safe to stop, and to run again.

    Who reads one meanwhile reads it to its end; of one deleted meanwhile nothing comes back. `lost` are those
    that no key opens, or that are damaged: they are left. Raises CannotSeal without a key, OSError.
    """
    result = Resealing()
    shelf().tidied()
    for path in (one.path for one in shelf().below() if one.path != IDENTITY):
        try:
            result.done += _anew(path)
        except (CannotOpen, Damaged):
            result.lost += 1
        except FileNotFoundError:
            # Deleted meanwhile, or what was being written beside it was.
            result.busy += shelf().holds(path)
    return result


def _anew(path: str) -> bool:
    """Whether it had to be, and was."""
    head = head_of(io.BytesIO(shelf().start_of(path, HEAD_LENGTH)))
    return not (head and is_current(head)) and shelf().rewritten(path, _sealed_again)


def _sealed_again(file: IO[bytes]) -> Iterator[bytes]:
    content = content_of(file)
    return sealed_pieces(iter(lambda: content.read(PIECE), b""))
