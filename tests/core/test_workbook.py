"""What Marelle writes as XLSX is read back by the library that reads those of others."""

from __future__ import annotations

import io
from decimal import Decimal
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from marelle.core.workbook import MAIN as NAMESPACE
from marelle.core.workbook import Cell, book_written, xlsx_written

MAIN = f"{{{NAMESPACE}}}"


def read(content: bytes) -> tuple[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.sheet_names[0], book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_texts_stay_texts_and_numbers_numbers() -> None:
    rows: list[list[Cell]] = [
        ["Enfant", "Repas", "Prix"],
        ["=1+1", 12, Decimal("4.35")],
        ["Zoé <b>&", -2, None],
    ]
    name, found = read(xlsx_written(rows, name="Semaine du 30/11 : l’été"))
    assert name == "Semaine du 30 11   l’été"
    assert found == [["Enfant", "Repas", "Prix"], ["=1+1", 12.0, 4.35], ["Zoé <b>&", -2.0, ""]]


def test_a_print_is_one_page_wide_on_its_side_with_the_headings_on_each() -> None:
    sheets = [("L’été <1>", [["Enfant"], ["Zoé"]]), ("Vide", [])]
    content = book_written(sheets)
    with ZipFile(io.BytesIO(content)) as archive:
        book = fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        for n in (1, 2):
            sheet = fromstring(archive.read(f"xl/worksheets/sheet{n}.xml"))  # noqa: S314
            assert [part.tag for part in sheet if part.tag != f"{MAIN}cols"] == [
                f"{MAIN}{name}"
                for name in ("sheetPr", "sheetViews", "sheetData", "pageMargins", "pageSetup", "headerFooter")
            ], "in the order that the format wants"
            assert sheet.find(f"{MAIN}sheetPr/{MAIN}pageSetUpPr").attrib == {"fitToPage": "1"}
            assert sheet.find(f"{MAIN}pageSetup").attrib == {
                "paperSize": "9",
                "orientation": "landscape",
                "fitToWidth": "1",
                "fitToHeight": "0",
            }
    named = book.findall(f"{MAIN}definedNames/{MAIN}definedName")
    assert [(one.attrib["localSheetId"], one.text) for one in named] == [
        ("0", "'L’été <1>'!$1:$1"),
        ("1", "'Vide'!$1:$1"),
    ]
    assert {one.attrib["name"] for one in named} == {"_xlnm.Print_Titles"}
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["L’été <1>", "Vide"]


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=60))
def test_any_text_makes_a_workbook_that_opens(texts: list[str]) -> None:
    """Control signs and lone halves of letters go; line ends are XML's; nothing else changes."""
    kept = [
        "".join(sign for sign in text if sign >= " " and not "\ud800" <= sign <= "\udfff" and sign < "\ufffe")
        for text in texts
    ]
    shown = [text for text in kept if text.strip()]
    _name, found = read(xlsx_written([["titre", "b"], shown], name="Liste"))
    assert found[1][: len(shown)] == shown if shown else len(found) <= 2
