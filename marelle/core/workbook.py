"""From rows to an XLSX that spreadsheets open as it is. Pure.

Texts are written as texts, so that nothing of them is ever computed, whatever it begins with; whole numbers
are numbers. The first row is the headings: bold, always in sight, and on each page of a print. A print is as
wide as an A4 on its side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SHEET_NAME_LENGTH: Final = 31
NARROWEST, WIDEST = 9, 60
MADE: Final = (1980, 1, 1, 0, 0, 0)
"""The same rows give the same bytes."""

UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""

NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RELATIONS = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf fontId="1" applyFont="1" xfId="0"><alignment vertical="top" wrapText="1"/></xf>'
    "</cellXfs></styleSheet>"
)
PRINTED = (
    '<pageMargins left="0.4" right="0.4" top="0.4" bottom="0.6" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    "<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
)
"""A4 on its side, all columns on one page, as many pages as the rows need; below, the sheet and the page."""

Cell = str | int | Decimal | None


def xlsx_written(rows: Iterable[Sequence[Cell]], *, name: str) -> bytes:
    """A workbook of one sheet, called `name`; its first row is the headings."""
    return book_written([(name, rows)])


def book_written(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> bytes:
    """A workbook of sheets, each with its name, unique in it; their first rows are the headings."""
    named = [(_title(name), [tuple(row) for row in rows]) for name, rows in sheets]
    parts = {
        "[Content_Types].xml": _types(len(named)),
        "_rels/.rels": RELATIONS,
        "xl/workbook.xml": _book([title for title, _table in named]),
        "xl/_rels/workbook.xml.rels": _book_relations(len(named)),
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/sheet{n}.xml": _sheet(table) for n, (_name, table) in enumerate(named, start=1)},
    }
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for path, text in parts.items():
            archive.writestr(ZipInfo(path, MADE), text.encode(), ZIP_DEFLATED)
    return content.getvalue()


def _types(sheets: int) -> str:
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{main}.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{XLSX_TYPE}.main+xml"/>{overrides}'
        f'<Override PartName="/xl/styles.xml" ContentType="{main}.styles+xml"/></Types>'
    )


def _book_relations(sheets: int) -> str:
    leads = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    return (
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{leads}'
        f'<Relationship Id="rId{sheets + 1}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )


def _title(name: str) -> str:
    return UNWRITABLE.sub("", NOT_IN_A_NAME.sub(" ", name)).strip()[:SHEET_NAME_LENGTH] or "Marelle"


def _book(titles: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(title)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, title in enumerate(titles, start=1)
    )
    repeated = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">'
        f"'{escape(title, quote=False)}'!$1:$1</definedName>"
        for n, title in enumerate(titles)
    )
    return (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>'
        f"<definedNames>{repeated}</definedNames></workbook>"
    )


def _sheet(table: Sequence[Sequence[Cell]]) -> str:
    rows = "".join(_row(number, row) for number, row in enumerate(table, start=1))
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(_widths(table), start=1)
    )
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"{f'<cols>{widths}</cols>' if widths else ''}<sheetData>{rows}</sheetData>{PRINTED}</worksheet>"
    )


def _row(number: int, row: Sequence[Cell]) -> str:
    style = 1 if number == 1 else 0
    cells = "".join(_cell(f"{_letters(column)}{number}", cell, style) for column, cell in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _cell(where: str, cell: Cell, style: int) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, int | Decimal):
        return f'<c r="{where}" s="{style}"><v>{cell}</v></c>'
    text = escape(UNWRITABLE.sub("", cell), quote=False)
    return f'<c r="{where}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letters(column: int) -> str:
    """ "A" for 0, "AA" for 26."""
    found = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        found = chr(ord("A") + letter) + found
    return found


def _widths(table: Sequence[Sequence[Cell]]) -> list[int]:
    columns = max((len(row) for row in table), default=0)
    longest = [
        max((len(line) for row in table if n < len(row) for line in str(row[n] or "").split("\n")), default=0)
        for n in range(columns)
    ]
    return [min(max(width + 2, NARROWEST), WIDEST) for width in longest]
