"""A CSV is read whatever wrote it, and what is no table says so."""

from __future__ import annotations

import csv
import io
import time

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
    tidy,
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
        (HEADER.encode() + b'\n"' + b"x" * 200_000, "open_quote"),
        (HEADER.replace("mois", '"mois').encode() + b"\n" + ROW.encode(), "open_quote"),
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


PEOPLE = ("Nom;Prénom;Rue;Ville", *(f"Nom{n};Prénom{n};{n} rue des Lilas;Arelle" for n in range(2, 40)))
"""The number of each line is in its cells."""


def changed(line: int, text: str, lines: tuple[str, ...] = PEOPLE) -> bytes:
    return "\r\n".join((*lines[: line - 1], text, *lines[line:])).encode()


QUOTED = tuple(f'"{line}"'.replace(";", '";"') for line in PEOPLE)


@pytest.mark.parametrize(
    "content",
    [
        changed(12, 'Nom12;Prénom12;"12 rue;Arelle'),  # never closed
        changed(12, 'Nom12;Prénom12;"12 rue;Arelle', PEOPLE[:12]),  # on the last line
        changed(
            12, 'Nom12;"Prénom12;12 rue;Arelle', (*PEOPLE[:20], '"Nom21";"Prénom21";x;y')
        ),  # by the next one
        changed(12, 'Nom12;Prénom12;12 rue;"Arelle', (*PEOPLE[:12], '"Nom13;Prénom13;x;y')),  # at once
        changed(
            12, '"Nom12;Prénom12;12 rue;Arelle', (*PEOPLE[:20], 'Nom21";Prénom21;x;y')
        ),  # and a row seems right
        changed(12, '"Nom12";"Prénom12;"12 rue";"Arelle"', QUOTED),  # the cells of one line would move
        changed(12, '"Nom12";"Prénom12";"12 rue";"Arelle', QUOTED),
        b"facture;paye;note;x\n" + changed(12, 'Nom12;Prénom12;"12 rue;Arelle')[24:],
    ],
)
def test_a_quote_too_many_is_told_by_its_line_and_swallows_nothing(content):
    for read in (lambda: lines_of(content, most=100), lambda: table(content, LOOSE)):
        with pytest.raises(FileUnreadable) as refused:
            read()
        assert (refused.value.code, refused.value.data) == ("open_quote", {"line": 12})


LOOSE = (Column("name", "nom", ("facture",)), Column("first", "prénom", ("paye",)))


@pytest.mark.parametrize(
    "text",
    [
        'Nom12;Prénom12;"12 rue des Lilas\nBâtiment B\nEscalier 2";Arelle',
        'Nom12;Prénom12;"12 rue ""des Lilas""";Arelle',
        'Nom12;Prénom12;"Le Clos" 12;Arelle',  # badly written, and harmless
        'Nom12;Prénom12;12 bis", rue;Arelle',
        '"Nom12";"Prénom12"',
        'Nom12;Prénom12;"a;b\nc";Arelle',
    ],
)
def test_honest_quotes_are_read(text):
    lines = lines_of(changed(12, text), most=100)
    assert [line.cells[0] for line in lines] == ["Nom", *(f"Nom{n}" for n in range(2, 40))]
    assert lines[11].number == 12


def test_a_cell_of_a_megabyte_is_told_by_its_line_and_at_once():
    for cell in ("x" * 1_000_000, '"' + "x\n" * 500_000 + '"', " x" * 500_000):
        began = time.process_time()
        for read in (lambda text: lines_of(text, most=100), lambda text: table(text, LOOSE)):
            with pytest.raises(FileUnreadable) as refused:
                read(changed(12, f"Nom12;{cell};12 rue;Arelle"))
            assert (refused.value.code, refused.value.data["line"]) == ("long_cell", 12)
        assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "above", ["sep=;", "Liste des familles, au 12/09/2026, Arelle, La Combe", ";;;", ";Export;;\n"]
)
def test_what_is_above_the_headings_changes_nothing_to_how_the_lines_are_cut(above):
    content = f"{above}\n".encode() + changed(12, "Nom12;Prénom12;12, rue des Lilas, bâtiment B;Arelle")
    assert [len(line.cells) for line in lines_of(content, most=100)][-39:] == [4] * 39
    rows = table(content, LOOSE)
    assert (rows[0].get("name"), len(rows)) == ("Nom2", 38)


HONEST = st.lists(st.text("aé \"\n\r'-", max_size=8), min_size=3, max_size=3)


@given(st.lists(HONEST, min_size=1, max_size=12))
def test_what_a_spreadsheet_wrote_is_read_whatever_its_cells(rows):
    """A quote too many is guessed by the shape of the table: an honest one is never taken for it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([["nom", "prénom", "rue"], *rows, ["a", "b", "c"]])
    kept = [[tidy(cell) for cell in row] for row in [["nom", "prénom", "rue"], *rows, ["a", "b", "c"]]]
    lines = lines_of(text.getvalue().encode(), most=100)
    assert [list(line.cells) for line in lines] == [row for row in kept if any(row)]


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
    written = csv_written([("Nom", "Note"), ("Zoé ; « Zou »", "ligne\n=1"), ("=1+1", "")])
    assert [dict(row.cells) for row in table(written, columns)] == [
        {"name": "Zoé ; « Zou »", "note": "ligne =1"},
        {"name": "'=1+1", "note": ""},
    ]
