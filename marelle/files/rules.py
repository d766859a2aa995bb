"""What may be sent, and how big. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from marelle.core.refusals import Refusal

MEGABYTE: Final = 1024 * 1024
MAX_BYTES: Final = 10 * MEGABYTE
MAX_PIXELS: Final = 50_000_000
"""The largest pictures of phones; more is a bomb that fills the memory."""
MAX_PAGES: Final = 60
MAX_CROWD: Final = 10_000_000
"""The squares of the links, notes and fields of each page of a PDF, added up: what drawing them into the page
costs. 3 000 are one second's work on one page, as 400 on each of MAX_PAGES."""

MAX_OBJECTS: Final = 200_000
MAX_PARTS: Final = 1_000_000
"""Of a PDF: what its table names, and all that is written in these, texts and pictures left out. A tagged
document of MAX_PAGES holds a tenth."""

MAX_FILES: Final = 20
"""Files of one form."""
MAX_TOTAL_BYTES: Final = 100 * MEGABYTE
"""Of one form, all its files together: past it nothing is read."""
NAME_LENGTH: Final = 120


class Kind(StrEnum):
    """What a stored file is, after its content was read: the only three that are ever served."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


class Scan(StrEnum):
    """Whether clamd has seen a file: none was named when it came, or Marelle made it (NONE), not yet, found
    nothing, found something. Of the last the content is destroyed."""

    NONE = "none"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


OPENED: Final = frozenset({Scan.NONE, Scan.CLEAN})
"""What may be opened."""

EXTENSIONS: Final = {Kind.PDF: "pdf", Kind.JPEG: "jpg", Kind.PNG: "png"}

ACCEPTED_BY_BROWSERS: Final = "application/pdf,image/jpeg,image/png,image/heic,image/heif,image/webp"
"""For the `accept` of a file field: a help to choose, never a check."""


class FileRefused(Refusal):
    """`code`: "empty", "too_big" (`limit` in bytes), "unknown_kind", "office" (a word processor's file),
    "broken", "locked" (a password), "needs_reader" (shows only in one maker's program), "too_many_pixels"
    (`limit`), "too_many_pages" (`limit`), "too_crowded" (more than pages hold, or too long to read).

    Of a file that was not read: "busy" (others are), "own_busy" (others of the same sender), "spent" (its
    files took too long to read, for some `minutes`), "unscanned" (nobody can look for viruses in what cannot
    wait), "store_away" (there is nowhere to keep it for now). "infected": clamd found something."""


class FileHeld(Refusal):
    """It is opened by nobody: clamd has not seen it yet ("waiting"), or found something ("infected")."""


class NotSeen(Refusal):
    """Nobody could look at it, so nobody accepts it: "file_waiting" for clamd, or "file_destroyed"."""


def not_seen(states: Collection[str]) -> str:
    """The code of the `NotSeen` for files in these states of `Scan`; "" where each one opens."""
    if Scan.INFECTED in states:
        return "file_destroyed"
    return "file_waiting" if Scan.WAITING in states else ""


MOVING: Final = "moving-"
"""How the mark begins of a place that is being filled."""


class Tie(StrEnum):
    """Whether a folder of files is a database's own."""

    OURS = "ours"
    MOVING = "moving"
    FREE = "free"
    FOREIGN = "foreign"
    LOST = "lost"


def tie(*, held: str, written: Collection[str], is_empty: bool, has_rows: bool, knows_some: bool) -> Tie:
    """What the folder is to a database whose identity is `held`.

    `written` are the identities in the folder: none, one, or two while it changes; of one that `files move`
    fills, a mark too. The rest counts where there is none. A folder that nobody has marked is free when there
    is nothing in it and nothing should be, or when rows name some of what is there (`knows_some`): nobody
    else has those names. Empty although rows name files (`has_rows`), it is lost: another place, or a disk
    that is not there.
    """
    if written:
        is_filled = any(one.startswith(MOVING) for one in written)
        return Tie.OURS if held in written else Tie.MOVING if is_filled else Tie.FOREIGN
    if is_empty:
        return Tie.LOST if has_rows else Tie.FREE
    return Tie.FREE if knows_some else Tie.FOREIGN


SOONEST: Final = timedelta(seconds=30)
LATEST: Final = timedelta(minutes=10)


def next_scan(stored_at: datetime, now: datetime) -> datetime:
    """When a file that could not be scanned is tried again: the longer it has waited, the later."""
    return now + min(max((now - stored_at) / 2, SOONEST), LATEST)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file's content after checking: read, re-encoded or rebuilt, with nothing left that acts or tells.

    `pages` is 1 for a picture.
    """

    content: bytes
    kind: Kind
    pages: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A PNG made to fit; in pixels."""

    content: bytes
    width: int
    height: int


def shown_as_sent(name: str) -> str:
    """The name of a file that is read and not kept: no folder, no control sign, 120 signs."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in base if sign.isprintable())[:NAME_LENGTH] or "fichier"


def shown_name(name: str, kind: Kind) -> str:
    """A name fit to be shown and downloaded: no folder, no control sign, its true extension, 120 signs."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = base.rsplit(".", 1)[0] if "." in base[1:] else base
    stem = "".join(sign for sign in stem if unicodedata.category(sign)[0] != "C")
    stem = re.sub(r"[\"<>:|?*]+", " ", stem)
    stem = " ".join(stem.split()).strip(". ") or "document"
    extension = EXTENSIONS[kind]
    return f"{stem[: NAME_LENGTH - len(extension) - 1].rstrip()}.{extension}"
