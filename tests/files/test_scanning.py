"""What comes in is held until clamd has seen it, and opened by nobody before; without one, all is as ever."""

from __future__ import annotations

import ast
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pikepdf import Pdf

from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.environment import Scanner
from marelle.core.tabular import FileUnreadable
from marelle.files import scanning
from marelle.files.checks import check_scanner
from marelle.files.holding import files_due, held_long
from marelle.files.labels import detail_text, held_text
from marelle.files.models import StoredFile
from marelle.files.rules import LATEST, SOONEST, Cleaned, FileHeld, FileRefused, Kind, Scan, next_scan
from marelle.files.scanning import AWAY, Away, content_read
from marelle.files.services import CheckedFile, file_check, file_make, file_store, open_content
from marelle.files.turns import BUDGET, Turns, sender
from tests.clamd import WORD
from tests.files import samples
from tests.scanner import content_sent, saying, standing
from tests.sources import nodes

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
NOBODY = Scanner(path="/nowhere/clamd")


def sent(content: bytes, name: str = "Ordonnance de Léo.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def stored(content: bytes) -> StoredFile:
    return file_store(actor=SYSTEM, upload=file_check(upload=sent(content)), now=NOW)


def infected_inside() -> bytes:
    """On its page, where it stays once cleaned."""

    def write(document: Pdf) -> None:
        document.pages[0].Contents = document.make_stream(b"BT /F1 9 Tf (" + WORD + b") Tj ET")

    return samples.pdf(write)


def read(row: StoredFile) -> bytes:
    with open_content(row) as content:
        return content.read()


@pytest.mark.usefixtures("files_folder")
def test_a_file_that_is_clean_is_opened_at_once(clamd: Scanner) -> None:
    row = stored(samples.pdf())
    assert (row.scan, row.scan_at) == (Scan.CLEAN, NOW)
    assert read(row).startswith(b"%PDF")
    assert held_text(row, to_sender=True) == ""
    assert files_due(now=NOW + timedelta(days=1), at_most=9) == []


@pytest.mark.parametrize("place", ["inside", "after"])
def test_a_virus_is_refused_as_it_comes_in(
    clamd: Scanner, files_folder: Path, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    content = infected_inside() if place == "inside" else samples.pdf() + WORD
    with pytest.raises(FileRefused) as refused:
        stored(content)
    assert refused.value.code == "infected"
    assert not StoredFile.objects.exists()
    assert not [path for path in files_folder.rglob("*") if path.is_file()]
    assert "clamd found Marelle.Test" in caplog.text
    assert "Léo" not in caplog.text


@pytest.mark.usefixtures("files_folder")
def test_what_was_sent_is_seen_before_it_is_read_and_what_is_kept_of_it_after(settings: Any) -> None:
    content, got = samples.pdf(), []

    def behave(line: Any) -> None:
        got.append(content_sent(line))
        line.sendall(b"stream: OK\0")

    with standing(behave) as fake:
        settings.CLAMD = fake.scanner
        row = stored(content)
    assert got == [content, read(row)]
    assert got[0] != got[1]


@pytest.mark.usefixtures("files_folder")
@pytest.mark.parametrize(
    "answer", [b"", b"stream: x ERROR\0", b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0", None]
)
def test_without_a_verdict_it_is_held(
    settings: Any, caplog: pytest.LogCaptureFixture, answer: bytes | None
) -> None:
    with standing(saying(answer or b"")) as fake:
        settings.CLAMD = NOBODY if answer is None else fake.scanner
        row = stored(samples.pdf())
    row.refresh_from_db()
    assert (row.scan, row.scan_at) == (Scan.WAITING, NOW)
    with pytest.raises(FileHeld) as held:
        open_content(row)
    assert held.value.code == "waiting"
    assert detail_text(row, to_sender=False) == "fichier en cours de vérification"
    assert files_due(now=NOW, at_most=9) == [row]
    assert held_long(now=NOW + timedelta(minutes=9)) == 0
    assert held_long(now=NOW + timedelta(minutes=11)) == 1
    assert "held until it can be scanned" in caplog.text
    assert "Léo" not in caplog.text


@pytest.mark.usefixtures("files_folder")
def test_one_that_hangs_makes_one_form_wait_and_no_other(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "PROMPT", 0.2)
    over = threading.Event()
    with standing(lambda _line: over.wait(20)) as fake:
        settings.CLAMD = fake.scanner
        assert [stored(samples.pdf()).scan for _ in range(3)] == [Scan.WAITING] * 3
        assert fake.seen == 1
        over.set()


def test_who_cost_too_much_lately_is_refused_before_clamd_is_asked(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its forms would hold a thread of the site for as long as clamd reads."""
    now = [0.0]
    monkeypatch.setattr(scanning, "TURNS", turns := Turns(clock=lambda: now[0]))
    with turns.charged("account 1"):
        now[0] = BUDGET
    given = sender.set(lambda: "account 1")
    try:
        with standing(saying(b"stream: OK\0")) as fake:
            settings.CLAMD = fake.scanner
            with pytest.raises(FileRefused) as refused:
                file_check(upload=sent(samples.pdf()))
    finally:
        sender.reset(given)
    assert (refused.value.code, fake.seen) == ("spent", 0)


def test_one_that_was_away_is_asked_again_after_a_while() -> None:
    clock = [0.0]
    away = Away(lambda: clock[0])
    away.note(NOBODY)
    assert away.is_away(NOBODY)
    assert not away.is_away(Scanner(path="/other"))
    clock[0] = AWAY
    assert not away.is_away(NOBODY)


@pytest.mark.usefixtures("files_folder")
def test_what_marelle_makes_is_not_scanned(settings: Any) -> None:
    settings.CLAMD = NOBODY
    row = file_make(actor=SYSTEM, content=samples.pdf(), name="facture.pdf", pages=1, now=NOW)
    assert (row.scan, row.scan_at) == (Scan.NONE, None)
    assert read(row)


def test_what_nobody_says_to_be_clean_waits(settings: Any) -> None:
    """As each PDF of a ZIP, in which clamd stops at a bound and says nothing."""
    cleaned = Cleaned(b"%PDF", Kind.PDF, 1)
    assert CheckedFile("a.pdf", cleaned).scan is Scan.NONE
    settings.CLAMD = NOBODY
    assert CheckedFile("a.pdf", cleaned).scan is Scan.WAITING


@pytest.mark.usefixtures("files_folder")
def test_without_a_clamd_nothing_is_asked_nor_shown(settings: Any) -> None:
    assert settings.CLAMD is None
    with CaptureQueriesContext(connection) as queries:
        row = stored(samples.pdf())
    assert [query["sql"].split()[0] for query in queries if "files_storedfile" in query["sql"]] == ["INSERT"]
    assert (row.scan, row.scan_at) == (Scan.NONE, None)
    assert read(row)
    assert "vérif" not in detail_text(row, to_sender=True)
    assert content_read(sent(b"a;b")) == b"a;b"


def test_what_is_read_at_once_is_refused_where_nobody_can_look_into_it(
    settings: Any, clamd: Scanner, caplog: pytest.LogCaptureFixture
) -> None:
    assert content_read(sent(b"nom;prenom")) == b"nom;prenom"
    with pytest.raises(FileUnreadable) as refused:
        content_read(sent(b"nom;prenom\n" + WORD))
    assert refused.value.code == "infected"
    settings.CLAMD = NOBODY
    with pytest.raises(FileUnreadable) as refused:
        content_read(sent(b"nom;prenom"))
    assert refused.value.code == "unscanned"
    assert "Léo" not in caplog.text


def test_no_other_way_in() -> None:
    """What somebody sent is read by these two alone, which ask clamd."""
    found = {
        path
        for path, node in nodes("upload.read", "file.read", "sent.read")
        if isinstance(node, ast.Attribute)
        and node.attr in {"read", "chunks", "open"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"upload", "sent", "uploaded"}
    }
    assert found == {"files/services.py", "files/scanning.py"}
    imports = {
        path
        for path, node in nodes("Upload")
        if isinstance(node, ast.ImportFrom)
        and node.module == "marelle.files.services"
        and "Upload" in {name.name for name in node.names}
    }
    assert imports == {
        "billing/imports/services.py",
        "families/imports/incomes.py",
        "families/imports/kept.py",
        "families/imports/services.py",
        "files/fields.py",
        "flows/moving/services.py",
        "flows/year/pupils/services.py",
        "messaging/writing.py",
    }


def test_the_longer_one_waits_the_later_it_is_tried_again() -> None:
    assert next_scan(NOW, NOW) == NOW + SOONEST
    assert next_scan(NOW, NOW + timedelta(minutes=4)) == NOW + timedelta(minutes=6)
    later = NOW + timedelta(days=3)
    assert next_scan(NOW, later) == later + LATEST


@pytest.mark.usefixtures("files_folder")
def test_check_tells_of_one_that_does_not_answer_and_of_files_that_wait_for_none(
    settings: Any, clamd: Scanner
) -> None:
    def found() -> list[str | None]:
        return [one.id for one in check_scanner(databases=["default"])]

    assert check_scanner() == []
    assert found() == []
    settings.CLAMD = NOBODY
    assert found() == ["marelle.W011"]
    settings.CLAMD = None
    assert found() == []
    settings.CLAMD = NOBODY
    stored(samples.pdf())
    settings.CLAMD = None
    assert found() == ["marelle.E008"]


def test_check_says_nothing_of_it_before_the_migration_that_brings_it(settings: Any) -> None:
    settings.CLAMD = None
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE files_storedfile RENAME COLUMN scan TO scan_to_come")
    assert check_scanner(databases=["default"]) == []
