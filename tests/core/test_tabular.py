"""A CSV is read whatever wrote it, and what is no table says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.billing.imports.drafts import COLUMNS
from marelle.billing.imports.payments import COLUMNS as PAYMENTS
from marelle.core.tabular import (
    MAX_CSV_BYTES,
    MOST_COLUMNS,
    MOST_LETTERS,
    Column,
    FileUnreadable,
    csv_safe,
    csv_written,
    lines_of,
    table,
)
from tests.billing.files import HEADER, csv_of

ROW = "2026-1;F00001;2026-11;05/12/2026;31/12/2026;Zoé;Cantine d’été;Repas;2;4,35;8,70;8,70"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_of_writing_the_same_table_reads_the_same(encoding, separator, end):
    cells = [ROW.split(";"), HEADER.split(";")]
    lines = [separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in cells]
    content = end.join([lines[1], lines[0], ""]).encode(encoding)
    (row,) = table(content, COLUMNS)
    assert row.line == 2
    assert (row.get("child"), row.get("activity"), row.get("unit_price")) == ("Zoé", "Cantine d’été", "4,35")


def test_titles_are_known_in_any_case_and_order_and_columns_of_others_are_left_alone():
    content = "N° FACTURE;couleur;Payé\r\n2026-1;bleu;12,5\r\n".encode()
    (row,) = table(content, PAYMENTS)
    assert dict(row.cells) == {"number": "2026-1", "paid": "12,5"}


def test_lines_are_counted_as_an_editor_counts_them():
    content = f'\n;;;\n{HEADER}\n\n{ROW}\n"2026-2\n";F1\n{ROW}'.encode()
    assert [row.line for row in table(content, COLUMNS)] == [5, 6, 8]


def test_what_looks_like_a_formula_stays_a_text():
    (row,) = table(b"facture;paye\n=cmd|'/c calc'!A1;@SUM(1)\n", PAYMENTS)
    assert row.get("number") == "=cmd|'/c calc'!A1"


def test_a_line_longer_than_its_header_is_noticed():
    rows = table(b"facture;paye\n1;2;3\n1;2;;\n", PAYMENTS)
    assert [row.extra for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"x" * (MAX_CSV_BYTES + 1), "too_big"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"facture;paye\n\0;1\n", "binary"),
        (b"\xff\xfea", "binary"),
        (b"bonjour\nmonsieur\n", "no_header"),
        (b";;;\n;;\n", "no_header"),
        (HEADER.encode(), "no_rows"),
        (csv_of("").encode(), "no_rows"),
        (csv_of(ROW, header=HEADER.replace("montant;", "")).encode(), "missing_columns"),
        (csv_of(ROW, header=f"{HEADER};Total").encode(), "repeated_column"),
        (HEADER.encode() + b'\n"' + b"x" * 200_000, "binary"),
        (csv_of(ROW.replace("Zoé", "é" * 2_001)).encode(), "long_cell"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content, code):
    with pytest.raises(FileUnreadable) as refused:
        table(content, COLUMNS)
    assert refused.value.code == code


def test_the_columns_that_miss_are_named():
    with pytest.raises(FileUnreadable) as refused:
        table(csv_of(ROW, header="facture;famille;mois").encode(), COLUMNS)
    assert refused.value.data["columns"][:2] == ["émise le", "échéance"]


def test_a_line_is_cut_where_no_list_of_people_goes():
    lines = lines_of(b";".join([b"x"] * 5_000) + b"\n" + b";".join([b"y"] * 5_000), most=10)
    assert [len(line.cells) for line in lines] == [MOST_COLUMNS, MOST_COLUMNS]


def test_a_cell_is_read_up_to_two_thousand_letters_and_its_line_is_told_beyond():
    whole, longer = b"y" * MOST_LETTERS, b"y" * (MOST_LETTERS + 1)
    assert lines_of(b"a;b\n1;  " + whole + b"  ", most=10)[1].cells == ("1", whole.decode())
    with pytest.raises(FileUnreadable) as refused:
        lines_of(b"a;b\n1;2\n\n1;" + longer, most=10)
    assert (refused.value.code, refused.value.data) == ("long_cell", {"limit": 2_000, "line": 4})
    (row,) = table(b"facture;paye;note\n1;2;" + longer, PAYMENTS)
    assert row.get("paid") == "2"  # a column that nobody reads may be as long as it likes


@given(st.binary(max_size=400))
def test_no_content_breaks_the_reader(content):
    try:
        rows = table(HEADER.encode() + b"\n" + content, COLUMNS)
    except FileUnreadable:
        return
    assert rows


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33 6 12", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"]
)
def test_a_cell_that_a_spreadsheet_would_compute_is_written_as_a_text(cell):
    assert csv_safe(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "written"), [("-12,50", "-12,50"), ("+3", "+3"), (None, ""), (7, "7"), ("Zoé", "Zoé")]
)
def test_what_computes_nothing_is_written_as_it_is(cell, written):
    assert csv_safe(cell) == written


def test_a_table_written_is_read_again_as_it_was():
    columns = (Column("name", "Nom"), Column("note", "Note"))
    written = csv_written([("Nom", "Note"), ("Zoé ; « Zou »", "ligne\n=1"), ("=1+1", "")])
    assert [dict(row.cells) for row in table(written, columns)] == [
        {"name": "Zoé ; « Zou »", "note": "ligne =1"},
        {"name": "'=1+1", "note": ""},
    ]
