"""What Marelle writes as XLSX is read back by the library that reads those of others."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from marelle.core.workbook import Cell, book_written, xlsx_written

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


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


def test_amounts_have_two_decimals_and_days_are_days() -> None:
    rows: list[list[Cell]] = [["Jour", "Prix"], [date(2026, 11, 30), Decimal("4.50")]]
    content = xlsx_written(rows, name="Prix")
    _name, found = read(content)
    assert found[1] == [date(2026, 11, 30), 4.5]
    with ZipFile(io.BytesIO(content)) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert 'formatCode="0.00"' in styles
    assert 'formatCode="dd/mm/yyyy"' in styles


def test_the_same_rows_give_the_same_bytes() -> None:
    assert xlsx_written([["a"], ["b"]], name="n") == xlsx_written([["a"], ["b"]], name="n")


def test_a_print_is_one_page_wide_on_its_side_with_the_headings_on_each() -> None:
    sheets = [("L’été <1>", [["Enfant"], ["Zoé"]]), ("Vide", [])]
    content = book_written(sheets)
    with ZipFile(io.BytesIO(content)) as archive:
        book = fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        for n in (1, 2):
            sheet = fromstring(archive.read(f"xl/worksheets/sheet{n}.xml"))  # noqa: S314
            assert sheet.find(f"{MAIN}sheetPr/{MAIN}pageSetUpPr").attrib == {"fitToPage": "1"}
            setup = sheet.find(f"{MAIN}pageSetup").attrib
            assert {name: setup[name] for name in ("paperSize", "orientation", "fitToHeight")} == {
                "paperSize": "9", "orientation": "landscape", "fitToHeight": "0"
            }  # fmt: skip
            assert sheet.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}pane").attrib["state"] == "frozen"
            assert sheet.find(f"{MAIN}headerFooter/{MAIN}oddFooter").text == "&L&A&R&P / &N"
    named = book.findall(f"{MAIN}definedNames/{MAIN}definedName")
    assert [(one.attrib["localSheetId"], one.text) for one in named] == [
        ("0", "'L’été <1>'!$1:$1"),
        ("1", "Vide!$1:$1"),
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
