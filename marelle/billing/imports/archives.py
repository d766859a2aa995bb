"""The PDFs of a ZIP, read with care: a ZIP may lie on its sizes, its names and what it holds. Pure.

Each file is `<number of the invoice>.pdf`, at the root. Nothing is ever written under a name of the ZIP.

Run as a program by `pdfs.py` in the process that `files.apart` bounds: from the file of that place on, it
answers a line of JSON for each, followed by its clean content; it stops after a while, so that others have
their turn, and is asked for the rest.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from time import process_time
from typing import Any, Final

from marelle.billing.imports.problems import MAX_UNPACKED, MAX_ZIP_BYTES, NUMBER
from marelle.core.tabular import MEGABYTE, FileUnreadable, Problem
from marelle.files.cleaning import bound, cleaned
from marelle.files.rules import MAX_BYTES, FileRefused, Kind

MAX_FILES: Final = 500
"""Each takes some time to be made harmless; a bigger month comes in several ZIPs."""

TURN_SECONDS: Final = 2.0
"""Of computing, after which others have their turn."""

TURN_BYTES: Final = 32 * MEGABYTE
"""Answered in a turn, which the portal holds in memory."""

PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the ZIP, read whole. `number` is that of the invoice; `content` is not yet checked."""

    name: str
    number: str
    content: bytes


def entries(content: bytes, *, start: int = 0, room: int = MAX_UNPACKED) -> Iterator[Entry | Problem]:
    """Each file of the ZIP, one in memory at a time, or what is wrong with it. Raises FileUnreadable.

    `start` is how many were read before, `room` the bytes that those to come may take, unpacked.
    """
    with _opened(content) as archive:
        yield from _read_all(archive, archive.infolist(), start, room)


def main() -> None:
    bound()
    start, room = map(int, sys.argv[1:])
    try:
        told = 0
        for entry in entries(sys.stdin.buffer.read(), start=start, room=room):
            told += _tell_entry(entry)
            if process_time() > TURN_SECONDS or told > TURN_BYTES:
                return
        _tell({"end": True})
    except FileUnreadable as refusal:
        _tell({"refused": refusal.code, **refusal.data})


def _tell_entry(entry: Entry | Problem) -> int:
    """Returns how many bytes were told."""
    if isinstance(entry, Problem):
        _tell({"name": entry.where, "code": entry.code})
        return 0
    said = {"name": entry.name, "number": entry.number, "unpacked": len(entry.content)}
    # Where this very file bursts the bounds, it is known which.
    _tell({"begun": True, **said})
    if b"%PDF-" not in entry.content[:1024]:
        _tell({"code": "not_a_pdf", **said})
        return 0
    try:
        done = cleaned(entry.content)
    except FileRefused as refusal:
        _tell({"code": "file_refused", "refusal": refusal.code, "data": refusal.data, **said})
        return 0
    if done.kind is not Kind.PDF:
        _tell({"code": "not_a_pdf", **said})
        return 0
    source = sha256(entry.content).hexdigest()
    _tell({"source": source, "pages": done.pages, "size": len(done.content), **said}, done.content)
    return len(done.content)


def _tell(said: dict[str, Any], content: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


def _opened(content: bytes) -> zipfile.ZipFile:
    if not content:
        raise FileUnreadable("empty")
    if len(content) > MAX_ZIP_BYTES:
        raise FileUnreadable("too_big", limit=MAX_ZIP_BYTES)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileUnreadable("not_zip") from error
    if not archive.infolist():
        raise FileUnreadable("no_rows")
    if len(archive.infolist()) > MAX_FILES:
        raise FileUnreadable("too_many_files", limit=MAX_FILES)
    return archive


def _read_all(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], start: int, room: int
) -> Iterator[Entry | Problem]:
    seen = {info.filename[:-4].casefold() for info in infos[:start] if not _wrong(info)}
    for info in infos[start:]:
        shown = _shown(info.filename)
        code = _wrong(info)
        number = info.filename[:-4]
        if not code and number.casefold() in seen:
            code = "twice"
        if code:
            yield Problem(shown, code)
            continue
        seen.add(number.casefold())
        unpacked = _unpacked(archive, info, min(MAX_BYTES, room))
        if isinstance(unpacked, str):
            yield Problem(shown, unpacked)
            continue
        room -= len(unpacked)
        yield Entry(shown, number, unpacked)


def _wrong(info: zipfile.ZipInfo) -> str:
    """Why the file is not read at all; "" when it may be. Only what it says of itself is looked at."""
    name = info.filename
    if info.is_dir() or "/" in name or "\\" in name or ".." in name or ":" in name:
        return "in_a_folder"
    if name.lower().endswith(".zip"):
        return "nested"
    if not name.lower().endswith(".pdf") or not NUMBER.fullmatch(name[:-4]):
        return "not_a_number"
    if info.flag_bits & ENCRYPTED:
        return "encrypted"
    if info.compress_type not in PACKINGS:
        return "packing"
    return ""


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes | str:
    """The content, or the code of what is wrong; never more than `most` bytes are unpacked."""
    try:
        with archive.open(info) as packed:
            content = packed.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        return "broken"
    if len(content) > most:
        return "too_big_inside"
    return content or "empty_inside"


def _shown(name: str) -> str:
    """A name fit to be shown: nothing that is not printed, 80 signs at most."""
    return re.sub(r"[^\w .,;()'’+@/\\-]", "?", name)[:80] or "?"


if __name__ == "__main__":
    main()
