"""From the bytes of a CSV to its rows, whatever the program that wrote it, and from rows to a CSV. Pure.

Semicolons, commas or tabulations; UTF-8 with or without its mark, Windows's Latin letters, Excel's UTF-16.
Cells are texts and stay so: what begins with "=" is data like the rest, and nothing ever computes it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from marelle.core.refusals import Refusal

MEGABYTE: Final = 1024 * 1024
MAX_CSV_BYTES: Final = 20 * MEGABYTE
MAX_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200
"""What a line has beyond is left out: no list of people is that wide."""

MOST_LETTERS: Final = 2_000
"""In a cell: no value of a list of people is that long, and what reads one is never given more."""

SEPARATORS = ";,\t"
BLANK = f" \r\n\"'{SEPARATORS}"
ZIP_MARK = b"PK\x03\x04"
OLD_EXCEL_MARK = b"\xd0\xcf\x11\xe0"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or hides before one."""


class FileUnreadable(Refusal):
    """The file as a whole cannot be read.

    `code`: "empty", "too_big" (`limit` in bytes), "spreadsheet", "binary", "no_rows", "too_many_rows"
    (`limit`), "long_cell" (`limit` in letters, `line`), "no_header", "missing_columns" (`columns`),
    "repeated_column" (`column`); and those of who reads other kinds of files.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` is the number of the line as a text editor counts them, or the name of a file in a ZIP; ""
    for what is wrong with the file as a whole."""

    where: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts from 1 as a text editor or a spreadsheet does; `cells` are tidied."""

    number: int
    cells: tuple[str, ...]


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


def lines_of(content: bytes, *, most: int) -> tuple[Line, ...]:
    """The lines of a CSV that are not blank, the headings first, whatever they say. Raises FileUnreadable.

    The separator is the one that cuts the headings into the most cells. `most` bounds the lines after them,
    `MOST_COLUMNS` the cells of each.
    """
    texts = list(io.StringIO(decoded(content), newline=""))
    first = next((number for number, text in enumerate(texts) if text.strip(BLANK)), None)
    if first is None:
        raise FileUnreadable("no_header")
    separator = max(SEPARATORS, key=texts[first].count)
    reader = csv.reader(texts[first:], delimiter=separator)
    found: list[Line] = []
    line = first + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append(Line(line, cells_read(cells[:MOST_COLUMNS], line)))
            if len(found) > most + 1:
                raise FileUnreadable("too_many_rows", limit=most)
            line = first + reader.line_num + 1
    except csv.Error as error:
        raise FileUnreadable("binary") from error
    if len(found) < 2:
        raise FileUnreadable("no_rows")
    return tuple(found)


def guessed(headings: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """The place of each column that a heading names, by code; the first one where several do."""
    known = _known(columns)
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        code = known.get(plain(heading))
        if code is not None:
            found.setdefault(code, place)
    return found


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


def cells_read(cells: Iterable[str], line: int) -> tuple[str, ...]:
    """The cells of that line, tidied. Raises FileUnreadable, "long_cell"."""
    read = tuple(tidy(cell) for cell in cells)
    if any(len(cell) > MOST_LETTERS for cell in read):
        raise FileUnreadable("long_cell", limit=MOST_LETTERS, line=line)
    return read


def csv_safe(cell: object) -> str:
    """A cell that no spreadsheet computes: what begins as a formula gets an apostrophe before it.

    A number stays one: "-12,50" computes nothing.
    """
    text = "" if cell is None else str(cell)
    if text.startswith(LIVE) and not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", text):
        return f"'{text}"
    return text


def csv_written(rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV that French spreadsheets open as it is: semicolons, UTF-8 with its mark, no live cell."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([csv_safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


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
            known = [(code, cell) for code, cell in zip(codes, cells, strict=False) if code]
            texts = cells_read([cell for _code, cell in known], line + skipped)
            read = dict(zip((code for code, _cell in known), texts, strict=True))
            extra = any(cell.strip() for cell in cells[len(codes) :])
            rows.append(Row(line + skipped, read, extra))
        if len(rows) > MAX_ROWS:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
        line = reader.line_num + 1
    if not rows:
        raise FileUnreadable("no_rows")
    return rows
