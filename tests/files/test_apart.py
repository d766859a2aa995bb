"""What somebody sent is opened in a process of its own, before any transaction, and nowhere else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from django.db import transaction

from marelle.core.tabular import Column, FileUnreadable, lines_of, table
from marelle.files.apart import cleaned_apart, fitted_apart, lines_apart, rows_apart
from tests.files import samples
from tests.sources import MARELLE, holding

ROOT = Path(__file__).resolve().parents[2]

READERS: Final = {
    "PIL": "pictures",
    "pi_heif": "pictures",
    "pikepdf": "PDFs",
    "python_calamine": "spreadsheets",
    "zipfile": "archives",
    "tarfile": "archives",
    "gzip": "archives",
    "zlib": "archives",
    "csv": "tables",
    "xml": "documents",
    "pickle": "anything",
}
"""Modules that open files of others, and which."""

PROGRAMS: Final = {
    "marelle.files.cleaning",
    "marelle.files.locking",
    "marelle.files.logos",
    "marelle.files.pdfs",
    "marelle.files.pictures",
    "marelle.files.sheets",
    "marelle.files.stacking",
    "marelle.files.texts",
    "marelle.files.trees",
    "marelle.billing.imports.archives",
}
"""What runs apart, or is loaded there."""

WRITERS: Final = {
    ("marelle.files.bundles", "zipfile"): "packs what is kept",
    ("marelle.flows.home.export", "zipfile"): "the copy of what is held, for who asks for it",
    ("marelle.core.tabular", "csv"): "reads for `files.texts`, writes for all",
    ("marelle.billing.tresor.pes", "gzip"): "packs PDFs that were made here",
    ("marelle.demo.load", "gzip"): "answers of the bench’s own portal",
    ("marelle.demo.asked", "pikepdf"): "a PDF of the demo",
}
"""Who imports a reader and opens nothing that was sent."""

OURS: Final = {
    (
        "marelle.backups.archive",
        "tarfile",
    ): "a backup that an operator names, against its digest",
    ("marelle.backups.databases", "zlib"): "the database in it",
    ("marelle.backups.whole.reading", "csv"): "an export that an operator names, against its manifest",
}
"""Who opens what the portal itself wrote, by a command, in no process that serves."""

CUTTERS: Final = {"table", "lines_of", "decoded"}
"""Of `core.tabular`: what cuts a CSV."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.Module) -> set[tuple[str, str]]:
    """Modules imported anywhere in a file, each with the name taken from it, "" for the module itself."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, alias.name) for alias in node.names}
    return found


def test_nothing_else_opens_a_file_of_others() -> None:
    words = {*READERS, *CUTTERS, *(program.rpartition(".")[2] for program in PROGRAMS)}
    wrong = {
        (name_of(path), module)
        for path, tree in holding(*words)
        for module, taken in imported(tree)
        if name_of(path) not in PROGRAMS
        if module.split(".")[0] in READERS
        or module in PROGRAMS
        or f"{module}.{taken}" in PROGRAMS
        or (module == "marelle.core.tabular" and taken in CUTTERS)
    }
    assert wrong == {*WRITERS, *OURS}


def test_who_writes_archives_opens_none() -> None:
    calls = [
        node
        for node in ast.walk(ast.parse((MARELLE / "flows" / "home" / "export.py").read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ZipFile"
    ]
    assert calls
    for call in calls:
        assert isinstance(call.args[1], ast.Constant)
        assert call.args[1].value == "w"


def test_the_portal_and_its_worker_never_load_a_reader() -> None:
    """In a process as gunicorn's, with every page and every command."""
    script = """
import sys, pkgutil, importlib, django
django.setup()
import marelle, marelle.urls, marelle.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
for found in pkgutil.walk_packages(marelle.__path__, "marelle."):
    if ".demo" not in found.name and "__main__" not in found.name and found.name not in PROGRAMS:
        importlib.import_module(found.name)
print(*sorted(LOADED & set(sys.modules)))
"""
    loaded = {"PIL", "pi_heif", "pikepdf", "python_calamine", *PROGRAMS}
    done = subprocess.run(
        [sys.executable, "-c", f"PROGRAMS = {PROGRAMS!r}\nLOADED = {loaded!r}\n{script}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "marelle.settings",
            "SECRET_KEY": "k" * 60,
            "PUBLIC_URL": "http://localhost",
        },
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "read",
    [
        lambda: cleaned_apart(samples.picture()),
        lambda: fitted_apart(samples.picture(), box=(9, 9), light=999),
        lambda: lines_apart(b"a;b\n1;2", most=9),
        lambda: rows_apart(b"a;b\n1;2", [Column("a", "a")]),
    ],
)
def test_nothing_is_read_in_a_transaction(read) -> None:
    """On SQLite, nobody else would write meanwhile."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="before any transaction"):
        read()
    read()


def test_a_csv_is_cut_elsewhere_as_here() -> None:
    content = "Prénom;Âge\n« Zoé » ;  7 \n\n=1+1;;\n".encode("cp1252", "replace")
    assert lines_apart(content, most=9) == lines_of(content, most=9)
    columns = [Column("first", "Prénom", ("nom",)), Column("age", "Âge", required=False)]
    assert rows_apart(content, columns) == table(content, columns)


@pytest.mark.parametrize(
    ("content", "code", "data"),
    [
        (b"", "empty", {}),
        (b"\xd0\xcf\x11\xe0 old", "spreadsheet", {}),
        (b"a\0b\n1", "binary", {}),
        (b"c;d\n1;2", "no_header", {}),
        (b"A;c\n1;2", "missing_columns", {"columns": ["B"]}),
        (b"A;B\n1;" + b"x" * 3000, "long_cell", {"limit": 2000, "line": 2}),
    ],
)
def test_what_is_wrong_with_a_csv_comes_back_as_it_was_told(content: bytes, code: str, data) -> None:
    with pytest.raises(FileUnreadable) as refused:
        rows_apart(content, [Column("a", "A"), Column("b", "B")])
    assert (refused.value.code, refused.value.data) == (code, data)


def test_a_program_that_reads_loads_nothing_of_django() -> None:
    """It would start twice as slowly, for each file that is sent."""
    code = f"import sys, {', '.join(sorted(PROGRAMS))}; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, check=True)
