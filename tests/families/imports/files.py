"""Files of families as other software writes them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from django.core.files.uploadedfile import SimpleUploadedFile

HEADINGS = (
    "Référence", "Prénom parent 1", "Nom parent 1", "Mail parent 1", "Téléphone parent 1", "Lien parent 1",
    "Prénom enfant", "Nom enfant", "Date de naissance", "Rue", "CP", "Ville", "QF",
)  # fmt: skip
GOOD = (
    "A1", "Rachid", "Haddad", "rachid@famille.example", "06 39 98 10 01", "père",
    "Inès", "Haddad", "14/05/2018", "3 rue des Lilas", "1999", "Arelle", "734,5",
)  # fmt: skip


def csv_of(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> SimpleUploadedFile:
    text = "\r\n".join(";".join(row) for row in (headings, *rows))
    return SimpleUploadedFile("familles.csv", text.encode("utf-8-sig"))


def changed(**cells: str) -> tuple[str, ...]:
    """The good line with other cells, by the number of the column: `c6="Sami"`."""
    return tuple(cells.get(f"c{place}", cell) for place, cell in enumerate(GOOD))


def xlsx_of(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """A spreadsheet of texts; a cell that begins with "=" is a formula that has been computed as "42"."""

    def cell(text: str) -> str:
        if text.startswith("="):
            return f"<c><f>{escape(text[1:])}</f><v>42</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'

    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in (headings, *rows))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Familles" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
    }
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return content.getvalue()
