"""All contents from a folder to a bucket or back, compared; the database goes along in the end.

What is sealed stays so: it is copied as it lies. Until all is there and the same, the place that is filled
says so in its identity, and nothing starts on it; from then on nothing starts on the other one. Stopped at
any point, it is run again: what is there already is compared, not copied.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final

from django.db import transaction

from marelle.core.refusals import Refusal
from marelle.files.models import Store, new_identity
from marelle.files.rules import MOVING, Tie
from marelle.files.sealing import PIECE
from marelle.files.shelves import Lying, Shelf
from marelle.files.store import FOLDERS, IDENTITY, identities, identity_write, named, tie_of

MD5: Final = re.compile(r"[0-9a-f]{32}")


class MoveRefused(Refusal):
    """`code` is one of `WORDS`; nothing is lost."""

    def __str__(self) -> str:
        return WORDS[self.code].format(**self.data)


WORDS: Final[Mapping[str, str]] = {
    "no_bucket": "STORAGE_URL manque\u00a0: donnez l’adresse du bucket.",
    "source": "{source} n’est pas à cette base ({why})\u00a0: python -m marelle store dit ce qu’il en est.",
    "taken": "{to} n’est pas vide\u00a0: donnez un emplacement où il n’y a rien.",
    "differs": "{path} n’est pas arrivé tel qu’il était. Recommencez la même commande.",
}


@dataclass
class Moved:
    """How many contents were copied, were there already, went from where they were, and were left there."""

    copied: int = 0
    there: int = 0
    removed: int = 0
    left: int = 0


def files_move(*, source: Shelf, to: Shelf, ahead: bool, remove: bool, now: datetime) -> Moved:
    """Copy, and compare, what is not there yet; then `to` is the database's, and `source` no more.

    `ahead`: copy alone, while the portal runs. `remove`: take away from `source`, in the end, what is there
    and the same. Where `to` is the database's already, what rows name and it lacks is brought after. Raises
    MoveRefused, OSError.
    """
    row, _made = Store.objects.get_or_create(pk=1, defaults={"since": now})
    mark = f"{MOVING}{row.since:%Y%m%d%H%M%S%f}"
    is_over = tie_of(row.identity, to) is Tie.OURS and bool(identities(to))
    moved = Moved()
    if not is_over:
        _begin(row, source, to, mark)
    _copy(source, to, moved, named_alone=is_over)
    if ahead:
        return moved
    if not is_over:
        _hand_over(to, mark)
    if remove:
        _remove(source, to, moved)
    return moved


def _begin(row: Store, source: Shelf, to: Shelf, mark: str) -> None:
    found = tie_of(row.identity, source)
    if found not in {Tie.OURS, Tie.FREE}:
        raise MoveRefused("source", source=source, why=found.value)
    if mark in identities(to):
        return
    if identities(to) or next(to.below(), None) is not None:
        raise MoveRefused("taken", to=to)
    identity_write(to, [mark])


def _copy(source: Shelf, to: Shelf, moved: Moved, *, named_alone: bool) -> None:
    there = {one.path: one for one in to.below() if one.path != IDENTITY}
    for one in _contents(source):
        known = there.pop(one.path, None)
        with suppress(FileNotFoundError):  # deleted meanwhile, where the portal runs
            if named_alone and (known or not _is_named(one.path)):
                continue
            if known and _are_same(source, one, to, known):
                moved.there += 1
            else:
                _copied(source, to, one.path)
                moved.copied += 1
    for path in there if not named_alone else ():
        to.removed(path)


def _hand_over(to: Shelf, mark: str) -> None:
    """Before the transaction has ended the mark is there still; after it, an identity that the database
    holds: whenever the machine stops, the database has one place, whole."""
    with transaction.atomic():
        row = Store.objects.select_for_update().get(pk=1)
        row.identity = new_identity()
        identity_write(to, [mark, row.identity])
        row.save()
    identity_write(to, [row.identity])


def _remove(source: Shelf, to: Shelf, moved: Moved) -> None:
    there = {one.path: one for one in to.below()}
    for one in _contents(source):
        known = there.get(one.path)
        if known and _are_same(source, one, to, known):
            moved.removed += source.removed(one.path)
        else:
            moved.left += 1


def _contents(place: Shelf) -> Iterator[Lying]:
    return (one for one in place.below() if one.path != IDENTITY)


def _is_named(path: str) -> bool:
    folder, _slash, key = path.partition("/")
    return folder in FOLDERS and bool(named([key]))


def _copied(source: Shelf, to: Shelf, path: str) -> None:
    """Read there again, and compared. Raises MoveRefused."""
    digest = hashlib.sha256()
    with source.opened(path) as file:
        to.put(path, _seen(file, digest), written_at=source.written_at(path))
    if _digest(to, path, hashlib.sha256()) != digest.hexdigest():
        to.removed(path)
        raise MoveRefused("differs", path=path)


def _are_same(source: Shelf, one: Lying, to: Shelf, other: Lying) -> bool:
    """By the digest that a store keeps, where it keeps one, else by reading both."""
    if one.size != other.size:
        return False
    for place, asked, kept in ((source, one, other), (to, other, one)):
        if MD5.fullmatch(kept.md5) and not asked.md5:
            md5 = hashlib.md5(usedforsecurity=False)
            if _digest(place, asked.path, md5) == kept.md5:
                return True
    return _digest(source, one.path, hashlib.sha256()) == _digest(to, other.path, hashlib.sha256())


def _digest(place: Shelf, path: str, digest: hashlib._Hash) -> str:
    with place.opened(path) as file:
        for _piece in _seen(file, digest):
            pass
    return digest.hexdigest()


def _seen(file: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        digest.update(piece)
        yield piece
