"""Contents that no row names: put in a trash, kept there for a while, brought back where a row names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from marelle.core.clock import local
from marelle.files.services import shelf
from marelle.files.store import keys_in, named, store_turn

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
        trashed = f"{TRASH}/{local(now).date().isoformat()}/{path.rpartition('/')[2]}"
        swept += shelf().moved(path, trashed)  # unless another worker is sweeping the same folder
    return swept


def aside_sweep(*, folder: str, named: Named, now: datetime) -> int:
    """Delete what a folder of contents kept aside holds that no row names, as `named` tells of names: left
    by who was killed before its row. Returns how many.

    Each can be made or sent again, so nothing of it goes to the trash. Raises as `orphans_sweep`.
    """
    return sum(shelf().removed(path) for path in _orphans(folder, named, now))


def _orphans(folder: str, named: Named, now: datetime) -> Iterator[str]:
    since = store_turn(now=now).since
    keys = keys_in(shelf(), folder)
    known = named(keys)
    for path in (f"{folder}/{key}" for key in keys if key not in known):
        with suppress(FileNotFoundError):
            if since <= shelf().written_at(path) < now - ORPHAN_AGE:
                yield path


def trash_empty(*, now: datetime) -> int:
    """Delete what was swept more than `TRASH_DAYS` days ago. Returns how many.

    Call it after a sweep, which checks whose the folder is.
    """
    oldest = (local(now).date() - timedelta(days=TRASH_DAYS)).isoformat()
    return sum(shelf().cleared(f"{TRASH}/{day}") for day in shelf().names(TRASH) if day < oldest)


def trash_put_back() -> int:
    """Bring back from the trash what rows name, as after the wrong database swept. Returns how many."""
    back = 0
    for day in shelf().names(TRASH):
        for key in named(keys_in(shelf(), f"{TRASH}/{day}")):
            place = f"{key[:2]}/{key}"
            if not shelf().holds(place):
                back += shelf().moved(f"{TRASH}/{day}/{key}", place)
    return back
