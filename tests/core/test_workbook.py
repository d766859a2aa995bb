"""What Marelle writes as XLSX is read back by the library that reads those of others."""

from __future__ import annotations

import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from marelle.core.workbook import Cell, xlsx_written


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
