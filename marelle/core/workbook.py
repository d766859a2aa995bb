"""From rows to an XLSX that spreadsheets open as it is. Pure.

Texts are written as texts, so that nothing of them is ever computed, whatever it begins with; numbers are
numbers, amounts have two decimals, days are days. The first row is the headings: bold, always in sight, and
on each page of a print. A print is as wide as an A4 on its side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Final, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SHEET_NAME_LENGTH: Final = 31
NARROWEST, WIDEST = 9, 60
A4: Final = 9
MADE: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the library wants it so
"""The same rows give the same bytes."""

UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""

NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")

Cell = str | int | Decimal | date | None


def xlsx_written(rows: Iterable[Sequence[Cell]], *, name: str) -> bytes:
    """A workbook of one sheet, called `name`; its first row is the headings."""
    return book_written([(name, rows)])


def book_written(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> bytes:
    """A workbook of sheets, each with its name, unique in it; their first rows are the headings."""
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        _fill_all(book, sheets)
    return content.getvalue()


def book_write(out: IO[bytes], sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> None:
    """The same, written as its rows come and never held whole: for tens of thousands of them."""
    with Workbook(out, {"constant_memory": True}) as book:
        _fill_all(book, sheets)


def _fill_all(book: Workbook, sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> None:
    book.set_properties({"created": MADE})
    plain = {"valign": "top", "text_wrap": True}
    formats = _Formats(
        heading=book.add_format({**plain, "bold": True}),
        text=book.add_format(plain),
        amount=book.add_format({**plain, "num_format": "0.00"}),
        day=book.add_format({**plain, "num_format": "dd/mm/yyyy"}),
    )
    for name, rows in sheets:
        _fill(book.add_worksheet(_title(name)), rows, formats)


class _Formats(NamedTuple):
    heading: Format
    text: Format
    amount: Format
    day: Format


def _fill(sheet: Worksheet, rows: Iterable[Sequence[Cell]], formats: _Formats) -> None:
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")
    longest: dict[int, int] = {}
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            text = formats.text if line else formats.heading
            _write(sheet, (line, column), cell, text, formats)
            longest[column] = max(_length(cell), longest.get(column, 0))
    # After the rows, which alone say it: a column has its width in the file, whenever it is set.
    for column, length in longest.items():
        sheet.set_column(column, column, min(max(length + 2, NARROWEST), WIDEST))


def _write(sheet: Worksheet, where: tuple[int, int], cell: Cell, text: Format, formats: _Formats) -> None:
    if isinstance(cell, Decimal):
        sheet.write_number(*where, cell, formats.amount)
    elif isinstance(cell, int):
        sheet.write_number(*where, cell, text)
    elif isinstance(cell, date):
        sheet.write_datetime(*where, cell, formats.day)
    elif cell:
        sheet.write_string(*where, UNWRITABLE.sub("", cell), text)


def _length(cell: Cell) -> int:
    """Of its longest line; 0 for what is left blank."""
    text = str(cell or "")
    return len(text) if "\n" not in text else max(map(len, text.split("\n")))


def _title(name: str) -> str:
    return UNWRITABLE.sub("", NOT_IN_A_NAME.sub(" ", name)).strip()[:SHEET_NAME_LENGTH] or "Marelle"
