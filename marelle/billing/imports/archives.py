"""The PDFs of a ZIP, read with care: a ZIP may lie on its sizes, its names and what it holds. Pure.

Each file is `<number of the invoice>.pdf`, at the root. Nothing is ever written under a name of the ZIP.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from marelle.billing.imports.problems import MAX_ZIP_BYTES
from marelle.billing.imports.values import NUMBER
from marelle.core.tabular import MEGABYTE, FileUnreadable, Problem
from marelle.files.rules import MAX_BYTES

MAX_FILES: Final = 500
"""Each takes some time to be made harmless; a bigger month comes in several ZIPs."""

MAX_UNPACKED: Final = 400 * MEGABYTE
"""In all, unpacked: five times the largest ZIP, since PDFs are packed already."""

PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the ZIP, read whole. `number` is that of the invoice; `content` is not yet checked."""

    name: str
    number: str
    content: bytes


def numbers(content: bytes) -> list[str]:
    """The numbers that the names of the files say, readable or not. Raises FileUnreadable."""
    with _opened(content) as archive:
        return [name[:-4] for name in archive.namelist()]


def entries(content: bytes) -> Iterator[Entry | Problem]:
    """Each file of the ZIP, one in memory at a time, or what is wrong with it. Raises FileUnreadable."""
    with _opened(content) as archive:
        yield from _read_all(archive, archive.infolist())


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


def _read_all(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> Iterator[Entry | Problem]:
    seen: set[str] = set()
    room = MAX_UNPACKED
    for info in infos:
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
