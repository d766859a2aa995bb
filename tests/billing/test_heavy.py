"""A ZIP that swells bursts elsewhere, and confirming what was read opens nothing: nobody waits meanwhile."""

from __future__ import annotations

import io
import resource
import subprocess
import zipfile
from copy import deepcopy
from datetime import datetime

import pytest
from django.core.files.storage import storages
from django.db import connection

from marelle.billing.imports import pdfs
from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_confirm, import_prepare, import_report
from marelle.billing.labels import problem_text, refusal_text
from marelle.billing.models import ImportRun, Invoice
from marelle.core.clock import PARIS
from marelle.core.tabular import FileUnreadable
from marelle.files.models import StoredFile
from tests.billing.files import csv_of, pdf, upload, zip_of
from tests.billing.world import Village as Base
from tests.files import samples
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 5, 10, 0, tzinfo=PARIS)


class Village(Base):
    def prepare(self, content: bytes | str, kind=ImportRun.Kind.PDFS, **changes) -> ImportRun:
        return import_prepare(
            **{
                "actor": self.office,
                "authority_id": self.the_authority.pk,
                "kind": kind,
                "month": None,
                "correction": False,
                "upload": upload(content),
                "now": NOW,
                **changes,
            }
        )

    def report(self, run: ImportRun):
        return import_report(actor=self.office, run_id=run.pk, now=NOW)[1]

    def said(self, run: ImportRun) -> list[str]:
        return [problem_text(problem).replace("\u00a0", " ") for problem in self.report(run).problems]

    def confirm(self, run: ImportRun) -> ImportRun:
        return import_confirm(actor=self.office, run_id=run.pk, tell=True, now=NOW)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def contents() -> int:
    """How many files lie in the storage, imports kept aside left out."""
    folders, _files = storages["private"].listdir("")
    return sum(len(storages["private"].listdir(one)[1]) for one in folders if one != "imports")


@pytest.mark.once
def test_a_zip_of_a_few_kilobytes_that_swells_to_gigabytes_bursts_elsewhere_and_alone(world) -> None:
    """It took a worker to four gigabytes, at reading and again at confirming."""
    one, two = world.invoice(), world.invoice()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(f"{one.number}.pdf", samples.pdf_with_swelling_index())
        archive.writestr(f"{two.number}.pdf", pdf())
    assert len(bomb.getvalue()) < 15_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = world.prepare(bomb.getvalue())
    assert world.said(run) == [
        f"{one.number}.pdf : Ce fichier ne s’ouvre pas : enregistrez-le à nouveau, ou prenez une photo."
    ]
    with pytest.raises(ImportRefused):
        world.confirm(run)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 100, "megabytes"
    assert not StoredFile.objects.exists()


def test_confirming_opens_nothing_that_was_sent(world, monkeypatch) -> None:
    """Each PDF was made harmless again under the lock: thirty heavy ones kept everybody from writing."""
    invoices = [world.invoice() for _number in range(3)]
    runs = [
        world.prepare(zip_of({f"{one.number}.pdf": pdf(one.number) for one in invoices})),
        world.prepare(csv_of(f"{invoices[0].number};5", header="facture;payé"), ImportRun.Kind.PAYMENTS),
    ]

    def opened(*_args: object, **_options: object) -> None:
        raise AssertionError("a file that was sent is read")

    monkeypatch.setattr(subprocess, "run", opened)
    for run in runs:
        assert not world.report(run).problems
        world.confirm(run)
    for one in Invoice.objects.select_related("pdf"):
        assert one.pdf.name == f"{one.number}.pdf"
        assert one.pdf.family_id == one.family_id
        assert one.pdf_source
    assert Invoice.objects.get(pk=invoices[0].pk).paid == 5


def test_contents_are_written_before_the_lock_and_go_where_nothing_takes_them(world, monkeypatch) -> None:
    one = world.invoice()
    run = world.prepare(zip_of({f"{one.number}.pdf": pdf()}))
    before, storage = contents(), storages["private"]
    saves = []
    kept_by = type(storage).save

    def saving(self, *args, **options):
        saves.append(not any(not getattr(b, "_from_testcase", False) for b in connection.atomic_blocks))
        # A colleague's own PDF comes in between: what was foreseen is refused under the lock.
        Invoice.objects.update(pdf_source="other")
        return kept_by(self, *args, **options)

    monkeypatch.setattr(type(storage), "save", saving)
    with pytest.raises(ImportRefused):
        world.confirm(run)
    assert saves == [True]
    assert contents() == before
    assert not StoredFile.objects.exists()


def test_a_zip_is_read_turn_by_turn_and_every_file_comes_once(world, monkeypatch) -> None:
    """A turn ends after some seconds or megabytes: here each file has its own, for the processes' bounds."""
    numbers = [world.invoice().number for _number in range(4)]
    files = {f"{number}.pdf": pdf(number) for number in numbers}
    whole = [head for head, _content in pdfs.pdfs_told(zip_of(files))]
    from marelle.files import apart

    heads = []
    for start in range(4):
        answer = apart.answered(pdfs.PROGRAM, zip_of(files), str(start), "1000000")
        heads.append(next(h for h, _body in pdfs._heads(io.BytesIO(answer.output)) if "begun" not in h))
    assert heads == whole
    assert [head["number"] for head in whole] == numbers


@pytest.mark.parametrize(("program", "code"), [("endless", "too_long"), ("nothing", "not_zip")])
def test_a_reader_that_was_taken_over_is_not_listened_to_for_ever(world, monkeypatch, program, code) -> None:
    monkeypatch.setattr(pdfs, "PROGRAM", f"tests.billing.{program}")
    with pytest.raises(FileUnreadable) as refused:
        world.prepare(zip_of({"1.pdf": pdf()}))
    assert refused.value.code == code
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("code", ["too_long", "too_many_files", "not_zip"])
def test_why_a_zip_is_refused_is_said(code) -> None:
    assert refusal_text(FileUnreadable(code, limit=500))


def test_a_second_click_while_the_first_is_written_is_answered_as_done(world, monkeypatch) -> None:
    """The first one ends, and its file goes, after the second has looked whether it is done."""
    run = world.prepare(zip_of({f"{world.invoice().number}.pdf": pdf()}))

    def gone(*_args: object) -> None:
        ImportRun.objects.filter(pk=run.pk).update(done_at=NOW, key="")
        raise FileNotFoundError

    monkeypatch.setattr(type(storages["private"]), "open", gone)
    assert world.confirm(run).done_at == NOW
