"""Files that came in while clamd was away: what the worker makes of them, and what each side reads."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.actor import SYSTEM
from marelle.core.environment import Scanner
from marelle.files import holding
from marelle.files.models import StoredFile
from marelle.files.rules import Scan
from marelle.files.scanning import away
from marelle.files.services import file_check, file_store, files_delete
from marelle.files.store import named
from marelle.flows.upkeep.scanning import files_scanned
from marelle.journal.models import Entry
from tests.files import samples
from tests.files.test_scanning import infected_inside
from tests.papers.world import NOW
from tests.races.together import together
from tests.scanner import content_sent, standing

NOBODY = Scanner(path="/nowhere/clamd")
NAME = "Ordonnance de Léo.pdf"


def held(settings: Any, content: bytes) -> StoredFile:
    """Sent while nobody answers."""
    settings.CLAMD = NOBODY
    upload = file_check(upload=SimpleUploadedFile(NAME, content))
    row = file_store(actor=SYSTEM, upload=upload, family_id=7, now=NOW)
    assert row.scan == Scan.WAITING
    away.forget()
    return row


def kept(row: StoredFile, folder: Path) -> bool:
    return (folder / row.path).exists()


@pytest.mark.django_db(transaction=True)
class TestTheWorker:
    def test_opens_what_is_clean(self, settings: Any, clamd: Scanner, files_folder: Path) -> None:
        row = held(settings, samples.pdf())
        settings.CLAMD = clamd
        later = NOW + timedelta(minutes=1)
        assert files_scanned(now=later) == 1
        row.refresh_from_db()
        assert (row.scan, row.scan_at) == (Scan.CLEAN, later)
        assert kept(row, files_folder)
        assert files_scanned(now=later + timedelta(days=1)) == 0
        assert not Entry.objects.exists()

    def test_destroys_what_is_not(
        self, settings: Any, clamd: Scanner, files_folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        row = held(settings, infected_inside())
        settings.CLAMD = clamd
        assert files_scanned(now=NOW) == 1
        row.refresh_from_db()
        assert row.scan == Scan.INFECTED
        assert not kept(row, files_folder)
        assert named([row.key]) == set()
        (entry,) = Entry.objects.all()
        assert (entry.verb, entry.family_id, entry.subject_id) == ("stored_file.destroyed", 7, row.pk)
        assert entry.data == {"found": "Marelle.Test.UNOFFICIAL"}
        assert "Léo" not in f"{entry.subject_label} {entry.data} {caplog.text}"
        assert "Marelle.Test.UNOFFICIAL" in caplog.text

    def test_goes_on_with_the_others_where_one_has_no_verdict(
        self, settings: Any, files_folder: Path
    ) -> None:
        first, second = held(settings, samples.pdf()), held(settings, samples.pdf(pages=2))
        answers = iter([b"stream: Can't open file ERROR\0", b"stream: OK\0"])

        def behave(line: Any) -> None:
            content_sent(line)
            line.sendall(next(answers))

        with standing(behave) as fake:
            settings.CLAMD = fake.scanner
            assert files_scanned(now=NOW) == 1
            first.refresh_from_db()
            second.refresh_from_db()
            assert (first.scan, second.scan) == (Scan.WAITING, Scan.CLEAN)
            assert files_scanned(now=NOW) == 0, "it has its turn later"
            assert first.scan_at is not None
            assert first.scan_at > NOW
        assert kept(first, files_folder)

    @pytest.mark.usefixtures("files_folder")
    def test_asks_no_more_once_nobody_answers(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        rows = [held(settings, samples.pdf()) for _ in range(3)]
        assert files_scanned(now=NOW) == 0
        said = len(caplog.records)
        assert files_scanned(now=NOW) == 0
        assert len(caplog.records) == said, "once a minute, and not at each round"
        assert set(StoredFile.objects.values_list("scan", "scan_at")) == {("waiting", NOW)}
        monkeypatch.setattr(holding, "PATIENT", 0.2)
        over = threading.Event()
        with standing(lambda _line: over.wait(20)) as fake:
            settings.CLAMD = fake.scanner
            assert files_scanned(now=NOW) == 0
            assert fake.seen == 1
            over.set()
        assert StoredFile.objects.filter(scan=Scan.WAITING).count() == len(rows)

    @pytest.mark.usefixtures("files_folder")
    def test_leaves_all_where_no_clamd_is_named(self, settings: Any, django_assert_num_queries: Any) -> None:
        row = held(settings, samples.pdf())
        settings.CLAMD = None
        with django_assert_num_queries(0):
            assert files_scanned(now=NOW) == 0
        row.refresh_from_db()
        assert row.scan == Scan.WAITING

    def test_a_content_that_is_lost_holds_nobody_up(
        self, settings: Any, clamd: Scanner, files_folder: Path
    ) -> None:
        lost, other = held(settings, samples.pdf()), held(settings, samples.pdf(pages=2))
        (files_folder / lost.path).unlink()
        settings.CLAMD = clamd
        assert files_scanned(now=NOW) == 1
        other.refresh_from_db()
        assert other.scan == Scan.CLEAN

    def test_two_at_once_tell_it_once(self, settings: Any, files_folder: Path) -> None:
        row = held(settings, infected_inside())
        both = threading.Barrier(2, timeout=20)

        def behave(line: Any) -> None:
            content_sent(line)
            both.wait()
            line.sendall(b"stream: Eicar FOUND\0")

        with standing(behave) as fake:
            settings.CLAMD = fake.scanner
            assert sorted(together([partial(files_scanned, now=NOW)] * 2)) == [0, 1]
        assert not kept(row, files_folder)
        assert Entry.objects.filter(verb="stored_file.destroyed").count() == 1

    def test_two_that_differ_never_open_what_was_destroyed(self, settings: Any, files_folder: Path) -> None:
        row = held(settings, infected_inside())
        told = threading.Event()
        turns = iter([b"stream: Eicar FOUND\0", b"stream: OK\0"])

        def behave(line: Any) -> None:
            content_sent(line)
            answer = next(turns)
            if answer.endswith(b"OK\0"):
                told.wait(20)
            line.sendall(answer)

        def scanned() -> int:
            done = files_scanned(now=NOW)
            if done:
                told.set()
            return done

        with standing(behave) as fake:
            settings.CLAMD = fake.scanner
            together([scanned] * 2)
        row.refresh_from_db()
        assert row.scan == Scan.INFECTED
        assert not kept(row, files_folder)

    @pytest.mark.parametrize("answer", [b"stream: OK\0", b"stream: Eicar FOUND\0"])
    def test_one_deleted_while_it_is_scanned_is_gone(
        self, settings: Any, files_folder: Path, answer: bytes
    ) -> None:
        row = held(settings, samples.pdf())
        asked, gone = threading.Event(), threading.Event()

        def behave(line: Any) -> None:
            content_sent(line)
            asked.set()
            gone.wait(20)
            line.sendall(answer)

        def deleted() -> int:
            assert asked.wait(20)
            files_delete(ids=[row.pk])
            gone.set()
            return 0

        with standing(behave) as fake:
            settings.CLAMD = fake.scanner
            assert together([partial(files_scanned, now=NOW), deleted]) == [0, 0]
        assert not StoredFile.objects.exists()
        assert not kept(row, files_folder)
        assert not Entry.objects.exists()
