"""Keeping files: content and row come and go together, or are swept."""

from __future__ import annotations

import errno
import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction

from marelle.core.actor import Actor
from marelle.core.clock import PARIS
from marelle.files.labels import file_refused_text
from marelle.files.models import StoredFile
from marelle.files.rules import MAX_BYTES, FileRefused
from marelle.files.services import (
    file_check,
    file_make,
    file_put,
    file_store,
    files_delete,
    files_unput,
    open_content,
)
from marelle.files.shelves import LOCK
from marelle.files.store import FOLDERS, store_turn
from marelle.files.sweeping import orphans_sweep
from marelle.flows.upkeep.file_sweep import FOLDER_SECONDS, files_swept
from tests.files import samples

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
CAMILLE = Actor(user_id=1, label="Camille Durand", family_id=7)


@pytest.fixture(autouse=True)
def folder(files_folder: Path) -> Path:
    return files_folder


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != LOCK]


def upload(content: bytes, name: str = "Carnet de santé.JPG") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_a_picture_is_kept_clean_under_a_name_that_means_nothing(folder: Path) -> None:
    sent = samples.picture(exif=samples.exif())
    checked = file_check(upload=upload(sent))
    assert not kept(folder)
    stored = file_store(actor=CAMILLE, upload=checked, family_id=7, now=NOW)
    (path,) = kept(folder)
    assert path.name == stored.key
    assert path.stat().st_mode & 0o077 == 0
    with open_content(stored) as read:
        content = read.read()
    assert b"Fabricant" not in content
    assert content == checked.cleaned.content
    assert (stored.name, stored.kind, stored.pages) == ("Carnet de santé.jpg", "image/jpeg", 1)
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (stored.family_id, stored.stored_by, stored.stored_at) == (7, "Camille Durand", NOW)


def test_what_was_put_and_not_saved_goes_or_stays_with_its_row(folder: Path) -> None:
    checked = file_check(upload=upload(samples.pdf(pages=2), "a.pdf"))
    left, taken = (file_put(actor=CAMILLE, upload=checked, now=NOW) for _ in range(2))
    assert not StoredFile.objects.exists()
    taken.save()
    files_unput([left])
    assert kept(folder) == [folder / taken.path]
    with open_content(StoredFile.objects.get()) as read:
        assert read.read() == checked.cleaned.content
    assert (taken.name, taken.pages) == ("a.pdf", 2)


@pytest.mark.parametrize("content", [b"", samples.PAGE_OF_HTML, samples.picture()[:100]])
def test_of_a_file_refused_nothing_is_kept(content: bytes, folder: Path) -> None:
    with pytest.raises(FileRefused) as refusal:
        file_check(upload=upload(content))
    assert file_refused_text(refusal.value)
    assert not kept(folder)
    assert not StoredFile.objects.exists()


def test_what_is_too_big_is_not_even_read() -> None:
    class Unread(SimpleUploadedFile):
        def read(self, *_args: int) -> bytes:
            raise AssertionError("read")

    heavy = Unread("a.pdf", b"")
    heavy.size = MAX_BYTES + 1
    with pytest.raises(FileRefused) as refusal:
        file_check(upload=heavy)
    assert refusal.value.code == "too_big"


def test_a_pdf_of_ours_is_kept_as_it_is(folder: Path) -> None:
    stored = file_make(actor=CAMILLE, content=b"%PDF-ours", name="Facture.pdf", pages=1, now=NOW)
    with open_content(stored) as content:
        assert content.read() == b"%PDF-ours"


def test_content_goes_with_its_row_once_the_transaction_has_ended(
    folder: Path, django_capture_on_commit_callbacks
) -> None:
    stored = file_make(actor=CAMILLE, content=b"1", name="a", pages=1, now=NOW)
    other = file_make(actor=CAMILLE, content=b"2", name="b", pages=1, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert files_delete(ids=[stored.pk]) == 1
        assert len(kept(folder)) == 2
    assert kept(folder) == [folder / other.path]
    with pytest.raises(FileNotFoundError):
        open_content(stored)


def aged(path: Path, hours: int) -> None:
    then = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(path, (then, then))


def test_a_content_whose_row_never_came_is_swept_after_a_day(folder: Path) -> None:
    store_turn(now=NOW - timedelta(days=30))
    with transaction.atomic():
        left = file_make(actor=CAMILLE, content=b"1", name="a", pages=1, now=NOW)
        transaction.set_rollback(True)
    stored = file_make(actor=CAMILLE, content=b"2", name="b", pages=1, now=NOW)
    shard = left.key[:2]
    if stored.key[:2] != shard:
        storages["private"].save(f"{shard}/{stored.key}", ContentFile(b"2"))
    aged(folder / left.path, 23)
    aged(folder / shard / stored.key, 200)
    assert orphans_sweep(folder=shard, now=NOW) == 0
    aged(folder / left.path, 25)
    assert orphans_sweep(folder=shard, now=NOW) == 1
    assert not (folder / left.path).exists()
    assert (folder / shard / stored.key).exists()
    assert orphans_sweep(folder="zz", now=NOW) == 0


def test_in_a_day_the_worker_has_swept_every_folder(folder: Path) -> None:
    store_turn(now=NOW - timedelta(days=30))
    for name in FOLDERS:
        path = folder / name / "left"
        path.parent.mkdir()
        path.write_bytes(name.encode())
        aged(path, 100)
    assert files_swept(now=NOW) == 1
    assert files_swept(now=NOW) == 0, "the same folder is not looked at again in the same five minutes"
    for turn in range(1, len(FOLDERS)):
        files_swept(now=NOW + timedelta(seconds=turn * FOLDER_SECONDS))
    assert not list(folder.glob("??/*"))
    assert timedelta(seconds=len(FOLDERS) * FOLDER_SECONDS) < timedelta(days=1)


class SmallDisk(FileSystemStorage):
    """Writes the beginning, then has no room."""

    def _save(self, name: str, content: Any) -> str:
        super()._save(name, ContentFile(content.read(1)))
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("keeps_row", [True, False])
def test_of_a_content_for_which_there_is_no_room_nothing_is_left(
    folder: Path, settings: Any, keeps_row: bool
) -> None:
    small = {"BACKEND": "tests.files.test_services.SmallDisk", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "private": small}
    checked = file_check(upload=upload(samples.pdf(pages=2), "a.pdf"))
    with pytest.raises(OSError, match="No space"):
        (file_store if keeps_row else file_put)(actor=CAMILLE, upload=checked, now=NOW)
    assert not kept(folder)
    assert not StoredFile.objects.exists()


def test_a_content_whose_row_may_be_there_is_not_deleted(folder: Path) -> None:
    def lost(execute: Any, sql: str, *rest: Any) -> Any:
        if "files_storedfile" in sql:
            raise OperationalError("the answer never came")
        return execute(sql, *rest)

    with connection.execute_wrapper(lost), pytest.raises(OperationalError):
        file_make(actor=CAMILLE, content=b"1", name="a", pages=1, now=NOW)
    assert len(kept(folder)) == 1
