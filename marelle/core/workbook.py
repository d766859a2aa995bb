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
from typing import Final

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
        book.set_properties({"created": MADE})
        for name, rows in sheets:
            _fill(book, book.add_worksheet(_title(name)), [tuple(row) for row in rows])
    return content.getvalue()


def _fill(book: Workbook, sheet: Worksheet, table: Sequence[Sequence[Cell]]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")
    for column, width in enumerate(_widths(table)):
        sheet.set_column(column, column, width)
    plain = {"valign": "top", "text_wrap": True}
    heading = book.add_format({**plain, "bold": True})
    text, amount = book.add_format(plain), book.add_format({**plain, "num_format": "0.00"})
    day = book.add_format({**plain, "num_format": "dd/mm/yyyy"})
    for line, row in enumerate(table):
        for column, cell in enumerate(row):
            _write(sheet, (line, column), cell, text if line else heading, amount, day)


def _write(
    sheet: Worksheet, where: tuple[int, int], cell: Cell, text: Format, amount: Format, day: Format
) -> None:
    if isinstance(cell, Decimal):
        sheet.write_number(*where, cell, amount)
    elif isinstance(cell, int):
        sheet.write_number(*where, cell, text)
    elif isinstance(cell, date):
        sheet.write_datetime(*where, cell, day)
    elif cell:
        sheet.write_string(*where, UNWRITABLE.sub("", cell), text)


def _title(name: str) -> str:
    return UNWRITABLE.sub("", NOT_IN_A_NAME.sub(" ", name)).strip()[:SHEET_NAME_LENGTH] or "Marelle"


def _widths(table: Sequence[Sequence[Cell]]) -> list[int]:
    columns = max((len(row) for row in table), default=0)
    longest = [
        max((len(line) for row in table if n < len(row) for line in str(row[n] or "").split("\n")), default=0)
        for n in range(columns)
    ]
    return [min(max(width + 2, NARROWEST), WIDEST) for width in longest]
