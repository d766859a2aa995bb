"""From the bytes of a CSV to its rows, whatever the program that wrote it. Pure.

Semicolons, commas or tabulations; UTF-8 with or without its mark, Windows's Latin letters, Excel's UTF-16.
Cells are texts and stay so: what begins with "=" is data like the rest, and nothing ever computes it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marelle.billing.imports.problems import MAX_CSV_BYTES, MAX_ROWS, FileUnreadable

SEPARATORS = ";,\t"
BLANK = f" \r\n\"'{SEPARATORS}"
ZIP_MARK = b"PK\x03\x04"
OLD_EXCEL_MARK = b"\xd0\xcf\x11\xe0"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its code, its title in the documentation, and the other titles that are understood."""

    code: str
    title: str
    others: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """`line` counts from 1, the header's. `cells` has every known column of the file, spaces tidied."""

    line: int
    cells: Mapping[str, str]
    extra: bool = False

    def get(self, code: str) -> str:
        return self.cells.get(code, "")


def table(content: bytes, columns: Sequence[Column]) -> tuple[Row, ...]:
    """The rows that are not blank. Raises FileUnreadable."""
    lines = list(io.StringIO(decoded(content), newline=""))
    first = next((number for number, line in enumerate(lines) if line.strip(BLANK)), None)
    if first is None:
        raise FileUnreadable("no_header")
    separator = _separator(lines[first], columns)
    reader = csv.reader(lines[first:], delimiter=separator)
    try:
        codes = _codes(next(reader), columns)
        return tuple(_rows(reader, codes, first))
    except csv.Error as error:
        raise FileUnreadable("binary") from error


def decoded(content: bytes) -> str:
    """The text of a file, by the first encoding that reads it whole. Raises FileUnreadable."""
    if not content.strip():
        raise FileUnreadable("empty")
    if len(content) > MAX_CSV_BYTES:
        raise FileUnreadable("too_big", limit=MAX_CSV_BYTES)
    if content.startswith((ZIP_MARK, OLD_EXCEL_MARK)):
        raise FileUnreadable("spreadsheet")
    text = _text(content)
    if "\0" in text:
        raise FileUnreadable("binary")
    return text


def plain(text: str) -> str:
    """Small letters without accents nor signs: what two spellings of one name have in common."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return re.sub(r"[^a-z0-9]+", "", letters)


def tidy(text: str) -> str:
    """Without the spaces around and the control signs; spaces in a row are one, no-break ones are kept."""
    bare = "".join(sign for sign in text if sign in "\t\n\r" or unicodedata.category(sign) != "Cc")
    return re.sub(r"[ \t\r\n]+", " ", unicodedata.normalize("NFC", bare)).strip(" \t\u00a0\u202f")


def _text(content: bytes) -> str:
    if content.startswith(UTF16_MARKS):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable("binary")


def _separator(header: str, columns: Sequence[Column]) -> str:
    """The one that splits the header into the most titles that are known."""
    known = _known(columns)

    def understood(separator: str) -> int:
        return sum(plain(title) in known for title in next(csv.reader([header], delimiter=separator)))

    try:
        return max(SEPARATORS, key=understood)
    except csv.Error as error:
        raise FileUnreadable("binary") from error


def _known(columns: Sequence[Column]) -> dict[str, str]:
    return {
        plain(title): column.code
        for column in columns
        for title in (column.code, column.title, *column.others)
    }


def _codes(titles: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The code of each column of the file, "" for one that means nothing here."""
    known = _known(columns)
    codes = [known.get(plain(title), "") for title in titles]
    missing = [column.title for column in columns if column.required and column.code not in codes]
    if len(missing) == sum(column.required for column in columns):
        raise FileUnreadable("no_header")
    if missing:
        raise FileUnreadable("missing_columns", columns=missing)
    for column in columns:
        if codes.count(column.code) > 1:
            raise FileUnreadable("repeated_column", column=column.title)
    return codes


def _rows(reader: csv._reader, codes: Sequence[str], skipped: int) -> list[Row]:  # type: ignore[name-defined]
    rows = []
    line = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            read = {code: tidy(cell) for code, cell in zip(codes, cells, strict=False) if code}
            extra = any(cell.strip() for cell in cells[len(codes) :])
            rows.append(Row(line + skipped, read, extra))
        if len(rows) > MAX_ROWS:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        line = reader.line_num + 1
    if not rows:
        raise FileUnreadable("no_rows")
    return rows
