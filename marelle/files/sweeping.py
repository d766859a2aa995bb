"""Contents that no row names: put in a trash, kept there for a while, brought back where a row names them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from marelle.core.clock import local
from marelle.files.store import listed, named, root, store_turn

ORPHAN_AGE: Final = timedelta(days=1)
"""A content without a row is left that long: its row may be in a transaction that has not ended."""

Named = Callable[[Iterable[str]], set[str]]
"""Of some keys, those that a row names."""

TRASH: Final = "trash"
TRASH_DAYS: Final = 30
"""How long what was swept can still be brought back."""


def orphans_sweep(*, folder: str, now: datetime) -> int:
    """Put in the trash what one folder of the storage ("00" to "ff") holds that no row names; how many.

    What was there before the storage was this database's stays. Raises StoreRefused where it is not its own;
    nothing has moved then.
    """
    swept = 0
    for path in _orphans(folder, named, now):
        trash = root() / TRASH / local(now).date().isoformat()
        trash.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another worker may be sweeping the same folder
            path.rename(trash / path.name)
            swept += 1
    return swept


def aside_sweep(*, folder: str, named: Named, now: datetime) -> int:
    """Delete what a folder of contents kept aside holds that no row names, as `named` tells of names: left
    by who was killed before its row. Returns how many.

    Each can be made or sent again, so nothing of it goes to the trash. Raises as `orphans_sweep`.
    """
    gone = 0
    for path in _orphans(folder, named, now):
        with suppress(FileNotFoundError):
            path.unlink()
            gone += 1
    return gone


def _orphans(folder: str, named: Named, now: datetime) -> Iterator[Path]:
    since = store_turn(now=now).since
    place = root() / folder
    keys = listed(place)
    known = named(keys)
    for key in keys:
        with suppress(FileNotFoundError):
            written = datetime.fromtimestamp((place / key).stat().st_mtime, UTC)
            if key not in known and since <= written < now - ORPHAN_AGE:
                yield place / key


def trash_empty(*, now: datetime) -> int:
    """Delete what was swept more than `TRASH_DAYS` days ago. Returns how many.

    Call it after a sweep, which checks whose the folder is.
    """
    gone = 0
    oldest = (local(now).date() - timedelta(days=TRASH_DAYS)).isoformat()
    for day in listed(root() / TRASH):
        if day < oldest:
            gone += len(listed(root() / TRASH / day))
            shutil.rmtree(root() / TRASH / day, ignore_errors=True)
    return gone


def trash_put_back() -> int:
    """Bring back from the trash what rows name, as after the wrong database swept. Returns how many."""
    back = 0
    for day in listed(root() / TRASH):
        for key in named(listed(root() / TRASH / day)):
            place = root() / key[:2] / key
            if not place.exists():
                place.parent.mkdir(exist_ok=True)
                (root() / TRASH / day / key).rename(place)
                back += 1
    return back
