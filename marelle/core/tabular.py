"""From the bytes of a CSV to its rows, whatever the program that wrote it, and from rows to a CSV. Pure.

Semicolons, commas or tabulations; UTF-8 with or without its mark, Windows's Latin letters, Excel's UTF-16.
Cells are texts and stay so: what begins with "=" is data like the rest, and nothing ever computes it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any, Final

from marelle.core.direction import TURNING
from marelle.core.refusals import Refusal

MEGABYTE: Final = 1024 * 1024
MAX_CSV_BYTES: Final = 20 * MEGABYTE
MAX_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200
"""What a line has beyond is left out: no list of people is that wide."""

MOST_LETTERS: Final = 2_000
"""In a cell: no value of a list of people is that long, and what reads one is never given more."""

FIRST_LINES: Final = 50
"""Among which the headings are, and which tell what separates the cells."""

SEPARATORS = ";,\t"
BLANK = f" \r\n\"'{SEPARATORS}"
ZIP_MARK = b"PK\x03\x04"
OLD_EXCEL_MARK = b"\xd0\xcf\x11\xe0"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


csv.field_size_limit(MAX_CSV_BYTES)
# A cell longer than the module's own limit is told by its line, as any other that is too long.

LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or hides before one."""


class FileUnreadable(Refusal):
    """The file as a whole cannot be read.

    `code`: "empty", "too_big" (`limit` in bytes), "spreadsheet", "binary", "no_rows", "too_many_rows"
    (`limit`), "long_cell" (`limit` in letters, `line`), "open_quote" (`line`), "no_header",
    "missing_columns" (`columns`), "repeated_column" (`column`); and those of who reads other kinds of files.
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
    """The rows that are not blank, under the line that names the most columns. Raises FileUnreadable."""
    texts = _texts(content)
    first, separator = _header(texts, columns)
    records = _records(texts, first, separator, len(_cells(texts[first], separator)))
    _line, titles = next(records)
    return tuple(_rows(records, _codes(titles, columns)))


def lines_of(content: bytes, *, most: int) -> tuple[Line, ...]:
    """The lines of a CSV that are not blank, whatever the first ones say. Raises FileUnreadable.

    The separator is the one that cuts the most of the first lines alike. `most` bounds the lines after one
    of headings, `MOST_COLUMNS` the cells of each.
    """
    texts = _texts(content)
    separator, width = _separator(texts)
    found: list[Line] = []
    for line, cells in _records(texts, 0, separator, width):
        if any(cell.strip() for cell in cells):
            found.append(Line(line, cells_read(cells[:MOST_COLUMNS], line)))
        if len(found) > most + 1:
            raise FileUnreadable("too_many_rows", limit=most)
    if len(found) < 2:
        raise FileUnreadable("no_rows")
    return tuple(found)


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
    """Without the spaces around, the control signs and those that turn the direction of writing; spaces in a
    row are one, no-break ones are kept."""
    bare = "".join(
        sign for sign in TURNING.sub("", text) if sign in "\t\n\r" or unicodedata.category(sign) != "Cc"
    )
    return re.sub(r"[ \t\r\n]+", " ", unicodedata.normalize("NFC", bare)).strip(" \t\u00a0\u202f")


def cells_read(cells: Iterable[str], line: int) -> tuple[str, ...]:
    """The cells of that line, tidied. Raises FileUnreadable, "long_cell"."""
    # What is far too long is cut before it is tidied, sign by sign.
    read = tuple(
        tidy(cell if len(cell) <= MOST_LETTERS else " ".join(cell.split())[: 2 * MOST_LETTERS])
        for cell in cells
    )
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
    out = io.BytesIO()
    csv_write(out, rows)
    return out.getvalue()


def csv_write(out: IO[bytes], rows: Iterable[Sequence[object]]) -> None:
    """The same, row by row."""
    out.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(out, "utf-8", newline="")
    csv.writer(text, delimiter=";").writerows([csv_safe(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def rows_write(out: IO[str], rows: Iterable[Sequence[str]]) -> None:
    """A CSV that gives every text back as it was: no live cell, and nothing but what `rows_read` undoes."""
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [_kept(cell) for cell in row] for row in rows
    )


def rows_read(texts: Iterable[str]) -> Iterator[list[str]]:
    """The rows of such a CSV, of a file that was opened with `newline=""`. Raises csv.Error."""
    for cells in csv.reader(texts, delimiter=";", strict=True):
        yield [cell[1:] if cell.startswith("'") and _kept(cell[1:]) == cell else cell for cell in cells]


def _kept(cell: str) -> str:
    """With one apostrophe more before what a spreadsheet would compute, be it after some already."""
    bare = cell.lstrip("'")
    return f"'{cell}" if csv_safe(bare) != bare else cell


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


def _texts(content: bytes) -> list[str]:
    """The lines as a text editor counts them. Raises FileUnreadable."""
    texts = list(io.StringIO(decoded(content), newline=""))
    if not any(text.strip(BLANK) for text in texts):
        raise FileUnreadable("no_header")
    return texts


def _header(texts: Sequence[str], columns: Sequence[Column]) -> tuple[int, str]:
    """Which of the first lines, cut by which separator, has the most titles that are known."""
    known = _known(columns)

    def understood(place: tuple[int, str]) -> int:
        number, separator = place
        return sum(plain(title) in known for title in _cells(texts[number], separator))

    filled = (number for number, text in enumerate(texts[:FIRST_LINES]) if text.strip(BLANK))
    return max(((number, separator) for number in filled for separator in SEPARATORS), key=understood)


def _cells(text: str, separator: str) -> list[str]:
    return next(csv.reader([text], delimiter=separator))


def _separator(texts: Sequence[str]) -> tuple[str, int]:
    """The one that cuts the most of the first lines alike, and into how many cells.

    A title above the headings, or commas in addresses, do not decide.
    """

    def alike(separator: str) -> tuple[int, int]:
        records = islice(csv.reader(texts, delimiter=separator), FIRST_LINES)
        counts = Counter(len(cells) - 1 for cells in records if any(cells))
        return max(((count * times, count) for count, times in counts.items()), default=(0, 0))

    separator = max(SEPARATORS, key=alike)
    return separator, alike(separator)[1] + 1


def _records(texts: Sequence[str], first: int, separator: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Each line of the table with its number, from the one at `first`; `width` is how many cells are usual.

    Raises FileUnreadable, "open_quote": what a quote too many swallows would be lost without a word.
    """
    reader = csv.reader(texts[first:], delimiter=separator)
    begins = first
    for cells in reader:
        ends = first + reader.line_num
        if _swallowed(texts[begins:ends], cells, separator, width):
            raise FileUnreadable("open_quote", line=begins + 1)
        yield begins + 1, cells
        begins = ends


def _swallowed(texts: Sequence[str], cells: Sequence[str], separator: str, width: int) -> bool:
    """Whether a quote that is not closed, or is one too many, made one line of several, or moved its cells.

    A cell of several lines is honest (an address) as long as it holds no whole line of the table, and ends
    where its quotes do.
    """
    if len(texts) == 1 and (len(cells) >= width or '"' not in texts[0]):
        return False
    if len(texts) > 1 and width > 1:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            return True
        if any(len(cell.splitlines()) > 1 and cell.count(separator) >= width - 1 for cell in cells):
            return True
    try:
        list(csv.reader(texts, delimiter=separator, strict=True))
    except csv.Error:
        return True
    return False


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


def _rows(records: Iterator[tuple[int, list[str]]], codes: Sequence[str]) -> list[Row]:
    rows = []
    for line, cells in records:
        if any(cell.strip() for cell in cells):
            known = [(code, cell) for code, cell in zip(codes, cells, strict=False) if code]
            texts = cells_read([cell for _code, cell in known], line)
            read = dict(zip((code for code, _cell in known), texts, strict=True))
            extra = any(cell.strip() for cell in cells[len(codes) :])
            rows.append(Row(line, read, extra))
        if len(rows) > MAX_ROWS:
            raise FileUnreadable("too_many_rows", limit=MAX_ROWS)
    if not rows:
        raise FileUnreadable("no_rows")
    return rows
