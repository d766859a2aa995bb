"""Rows as a file to download: a CSV, a workbook of one sheet, or a book whose rows come from cursors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Final

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

from marelle.core.tabular import csv_written
from marelle.core.workbook import XLSX_TYPE, Cell, book_write, xlsx_written
from marelle.files.serving import disposition

CSV, XLSX = "csv", "xlsx"
KINDS: Final = {CSV: "text/csv; charset=utf-8", XLSX: XLSX_TYPE}
"""What a file is, by its ending."""


def rows_response(rows: Iterable[Sequence[Cell]], ending: str, *, name: str) -> HttpResponse:
    """`name`: without its ending; also the sheet's. An ending that is none of `KINDS` is a workbook."""
    ending = ending if ending in KINDS else XLSX
    content = csv_written(map(_said, rows)) if ending == CSV else xlsx_written(rows, name=name)
    response = HttpResponse(content, content_type=KINDS[ending])
    _guard(response, f"{name}.{ending}")
    return response


def book_response(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]], *, name: str) -> FileResponse:
    """Written to a file that nobody finds and that goes with the answer."""
    content = TemporaryFile()  # noqa: SIM115 - the answer closes it
    book_write(content, sheets)
    content.seek(0)
    response = FileResponse(content, content_type=XLSX_TYPE)
    _guard(response, f"{name}.{XLSX}")
    return response


def _said(row: Sequence[Cell]) -> list[Cell]:
    """Amounts as French spreadsheets read them."""
    return [str(cell).replace(".", ",") if isinstance(cell, Decimal) else cell for cell in row]


def _guard(response: HttpResponseBase, name: str) -> None:
    response["Content-Disposition"] = disposition(name, download=True)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
