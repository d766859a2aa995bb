"""Whose the folder of files is: it and its one database hold the same random identity.

A database that does not know what is in a folder would take all of it for what nobody names. So whoever
starts, or is about to sweep, takes a turn first: the identities are compared, then both become a new one. A
database put back from a backup, or a copy of one, then holds an identity gone by, as soon as a turn was
taken since (docs/adr/0022-a-folder-of-one-database.md).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db import DatabaseError, transaction

from marelle.core.refusals import Refusal
from marelle.files.models import Store, StoredFile, new_identity
from marelle.files.rules import Scan, Tie, tie
from marelle.files.services import shelf
from marelle.files.shelves import Shelf

logger = logging.getLogger(__name__)

IDENTITY: Final = "identity"
"""The name of the file, at the top of the folder, that holds its identity."""

FOLDERS: Final = tuple(f"{number:02x}" for number in range(256))
"""Where contents lie, by the first two signs of their keys."""


class StoreRefused(Refusal):
    """`code`: "foreign", "lost" or "moving", as in `rules.Tie`. Its text is for who runs the server."""

    def __init__(self, code: str, folder: Shelf) -> None:
        super().__init__(code, folder=str(folder))

    def __str__(self) -> str:
        return f"the files in {self.data['folder']} {_WHY[self.code]}"


_WHY: Final = {
    "foreign": (
        "are those of another database, or of another state of this one. Give each database a folder of its "
        "own by FILES_DIR. If this one was put back from a backup, or its folder was, say that they belong "
        "together by `python -m marelle store --adopt`: nothing is deleted (docs/settings.md)."
    ),
    "moving": (
        "are not all there yet: run `python -m marelle files move` again, until it says that it is done, or "
        "start on the place where they were."
    ),
    "lost": (
        "are gone: the folder is empty, although the database names files. Mount its disk, or say where it "
        "is by FILES_DIR. If they are lost, go on without them by `python -m marelle store --adopt`."
    ),
}


def store_tie() -> Tie:
    """What the folder is to this database, read only: at most 257 queries, one where the folder is marked."""
    row = Store.objects.first()
    return tie_of(row.identity if row else "", shelf())


def store_turn(*, now: datetime, adopt: bool = False) -> Store:
    """Check that the folder is this database's and renew the identity of both; a free one becomes its own.

    With `adopt` a folder that is not becomes its own too, and the database that had it is refused from then
    on. Raises StoreRefused, OSError.
    """
    Store.objects.get_or_create(pk=1, defaults={"since": now})
    with transaction.atomic():
        row = Store.objects.select_for_update().get(pk=1)
        found = tie_of(row.identity, shelf())
        if found is Tie.MOVING or (found in {Tie.FOREIGN, Tie.LOST} and not adopt):
            raise StoreRefused(found.value, shelf())
        if found is not Tie.OURS:
            row.since = now
        before, row.identity = row.identity, new_identity()
        # Both, until the database has ended well: whichever it holds then, it finds in the folder.
        identity_write(shelf(), (before, row.identity))
        row.save()
    with transaction.atomic():
        if Store.objects.select_for_update().filter(identity=row.identity).first():
            identity_write(shelf(), (row.identity,))
    return row


def store_start(*, now: datetime) -> None:
    """`store_turn` for who starts. Raises StoreRefused; where it cannot be known, the sweeps ask again."""
    try:
        store_turn(now=now)
    except (DatabaseError, OSError) as error:
        logger.warning("Whose the folder of files is could not be checked: %s", error)


def contents(place: Shelf) -> Iterator[tuple[str, list[str]]]:
    """The keys that lie in each folder of a place that has some."""
    for folder in sorted(set(place.names()) & set(FOLDERS)):
        keys = keys_in(place, folder)
        if keys:
            yield folder, keys


def keys_in(place: Shelf, folder: str) -> list[str]:
    return [one.path.rpartition("/")[2] for one in place.below(folder)]


def named(keys: Iterable[str]) -> set[str]:
    """Those of the keys that a row names. What clamd found something in is to be nowhere any more."""
    rows = StoredFile.objects.filter(key__in=list(keys)).exclude(scan=Scan.INFECTED.value)
    return set(rows.values_list("key", flat=True))


def tie_of(held: str, place: Shelf) -> Tie:
    """What a place is to a database whose identity is `held`."""
    written = identities(place)
    if written:
        return tie(held=held, written=written, is_empty=False, has_rows=False, knows_some=False)
    return tie(
        held=held,
        written=(),
        is_empty=next(contents(place), None) is None,
        has_rows=StoredFile.objects.exists(),
        knows_some=any(named(keys) for _folder, keys in contents(place)),
    )


def identities(place: Shelf) -> tuple[str, ...]:
    try:
        with place.opened(IDENTITY) as file:
            return tuple(file.read().decode().split())
    except FileNotFoundError:
        return ()


def identity_write(place: Shelf, written: Iterable[str]) -> None:
    """Whole or not at all, even when the machine stops."""
    place.put(IDENTITY, ["\n".join(written).encode()])
