"""Backups in a bucket: whole or not there, the last ones kept; and files that lie in a bucket themselves."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from marelle.backups import buckets
from marelle.backups.buckets import BucketPlace
from marelle.backups.making import backup_make
from marelle.backups.places import found, place_at
from marelle.backups.restoring import backup_restore
from marelle.backups.verifying import faults
from marelle.core.buckets import Bucket, bucket_read
from marelle.files.models import StoredFile
from marelle.files.moving import files_move
from marelle.files.services import open_content, shelf
from marelle.files.shelves import Folder as FilesFolder
from marelle.files.store import store_turn
from tests.backups.machines import LATER, Portal, committing, elsewhere, on_sqlite, refused, rows
from tests.buckets import Server, failing, keep_in
from tests.database import empty
from tests.races.crowd import NOW
from tests.test_settings import PRODUCTION, ROOT

pytestmark = [committing, on_sqlite]


@pytest.fixture
def address(bucket: Bucket, s3: Server) -> str:
    return s3.address(f"{bucket.name}/sauvegardes")


@pytest.fixture
def kept(address: str, monkeypatch: pytest.MonkeyPatch) -> BucketPlace:
    monkeypatch.setattr(buckets, "PART", 5 * 1024 * 1024)
    place = place_at(address)
    assert isinstance(place, BucketPlace)
    return place


def left(kept: BucketPlace) -> list[str]:
    """All that lies in the bucket, and what is being sent there."""
    client, there = kept._client, {"Bucket": kept.bucket.name}
    keys = [one["Key"] for one in client.list_objects_v2(**there).get("Contents", ())]
    return keys + [one["Key"] for one in client.list_multipart_uploads(**there).get("Uploads", ())]


def test_it_is_sent_by_parts_and_comes_back(
    portal: Portal, kept: BucketPlace, settings: Any, tmp_path: Path
) -> None:
    big = portal.folder / "imports" / "big"
    big.parent.mkdir()
    big.write_bytes(os.urandom(12 * 1024 * 1024))
    before, files = rows(), portal.files()
    made = backup_make(place=kept, recipient="", now=NOW)
    assert left(kept) == [f"sauvegardes/{made.name}"]
    with elsewhere(settings, tmp_path / "there") as there:
        backup_restore(path=found(kept.address), identity=None)
        assert rows() == before
        assert Portal.files(type("There", (), {"folder": there})) == files  # type: ignore[arg-type]


def test_the_last_are_kept_and_one_is_found_by_its_name(
    portal: Portal, kept: BucketPlace, settings: Any
) -> None:
    first = backup_make(place=kept, recipient="", now=NOW)
    settings.BACKUP_TO = kept.address
    call_command("backup", "--keep", "1", stdout=(said := io.StringIO()))
    (name,) = kept.names()
    assert name != first.name
    assert f"{kept}/{name}" in said.getvalue()
    assert kept.bucket.secret not in said.getvalue()
    assert str(found(name)) == str(found(kept.address)) == f"{kept}/{name}"


@pytest.mark.skipif(shutil.which("age") is None, reason="no age: `tests/backups/test_ciphers.py` says so")
def test_it_is_encrypted_on_its_way(portal: Portal, kept: BucketPlace, settings: Any, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", str(secret)], check=True, capture_output=True)
    public = secret.read_text().partition("public key: ")[2].split()[0]
    before = rows()
    made = backup_make(place=kept, recipient=public, now=NOW)
    assert made.name.endswith(".age")
    with elsewhere(settings, tmp_path / "there"):
        backup_restore(path=found(kept.address), identity=secret)
        assert rows() == before


def test_one_that_could_not_be_made_leaves_nothing(portal: Portal, kept: BucketPlace) -> None:
    (portal.folder / "imports").mkdir()
    (portal.folder / "imports" / "a").write_bytes(os.urandom(12 * 1024 * 1024))
    os.symlink("b", portal.folder / "imports" / "b")
    refused("unread", lambda: backup_make(place=kept, recipient="", now=NOW))
    assert left(kept) == []


def test_a_store_that_fails_is_told_and_leaves_nothing(portal: Portal) -> None:
    with failing() as away:
        place = BucketPlace(away, "s3://k:s@h/bucket")
        assert "ne répond pas" in refused("store", lambda: backup_make(place=place, recipient="", now=NOW))
        refused("store", place.names)
    with failing(lists=True) as away:
        place = BucketPlace(away, "s3://k:s@h/bucket")
        said = refused("public", lambda: backup_make(place=place, recipient="", now=NOW))
        assert "n’importe qui" in said


def test_what_ends_before_it_is_whole_has_no_name(kept: BucketPlace) -> None:
    """A program's pipe that breaks is not the store's."""

    def breaks() -> None:
        with kept.written("marelle-20261130T021500Z.tar") as stream:
            stream.write(os.urandom(6 * 1024 * 1024))
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        breaks()
    assert left(kept) == []


def test_a_bucket_that_is_not_there_is_told(portal: Portal, s3: Server) -> None:
    place = place_at(s3.address("not-there"))
    assert "n’existe pas" in refused("store", lambda: backup_make(place=place, recipient="", now=NOW))
    refused("nowhere", lambda: place_at(""))


def test_backups_are_not_kept_among_files(
    portal: Portal, kept: BucketPlace, s3: Server, settings: Any
) -> None:
    settings.STORAGE = bucket_read("STORAGE_URL", s3.address(kept.bucket.name))
    refused("inside", lambda: backup_make(place=kept, recipient="", now=NOW))


def test_one_that_is_cut_is_refused(portal: Portal, kept: BucketPlace, settings: Any, tmp_path: Path) -> None:
    made = backup_make(place=kept, recipient="", now=NOW)
    path = f"{kept.bucket.folder}{made.name}"
    whole = kept._client.get_object(Bucket=kept.bucket.name, Key=path)["Body"].read()
    kept._client.put_object(Bucket=kept.bucket.name, Key=path, Body=whole[: len(whole) // 2])
    with elsewhere(settings, tmp_path / "there"):
        refused("cut", lambda: backup_restore(path=found(kept.address), identity=None))
        assert not connection.introspection.table_names()


@pytest.mark.prove
def test_the_drill_takes_the_last_one_and_shows_no_secret(
    portal: Portal, kept: BucketPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "1")
    made = backup_make(place=kept, recipient="", now=NOW)
    call_command("drill", kept.address, stdout=(said := io.StringIO()))
    assert f"{made.name}\u00a0: restaurée, vérifiée" in said.getvalue()
    assert kept.bucket.secret not in said.getvalue()


def test_files_in_a_bucket_are_kept_verified_and_put_back_there(
    portal: Portal, kept: BucketPlace, bucket: Bucket, s3: Server, settings: Any
) -> None:
    """Of which one was swept to the trash after its row was counted."""
    there = bucket_read("STORAGE_URL", s3.address(f"{bucket.name}/fichiers"))
    keep_in(settings, there)
    files_move(source=FilesFolder(portal.folder), to=shelf(), ahead=False, remove=True, now=NOW)
    store_turn(now=NOW)
    assert list(faults(now=NOW)) == []
    shelf().moved(portal.kept.path, f"trash/2026-09-02/{portal.kept.key}")
    before = rows()
    made = backup_make(place=kept, recipient="", now=LATER)
    assert made.end.missing == []
    other = bucket_read("STORAGE_URL", s3.address(f"{bucket.name}/ailleurs"))
    with empty():
        keep_in(settings, other)
        backup_restore(path=found(kept.address), identity=None)
        assert {name for name, held in rows().items() if held != before[name]} <= {"sqlite_sequence"}
        with open_content(StoredFile.objects.get()) as content:
            assert content.read(4) == b"%PDF"
        assert list(faults(now=NOW)) == []
        assert not shelf().holds("restoring")
        keep_in(settings, there)
    shelf().removed(f"trash/2026-09-02/{portal.kept.key}")
    (fault,) = faults(now=NOW)
    assert (fault.check, "absent" in fault.text) == ("fichiers", True)


def test_killed_while_it_is_sent_there_is_none(portal: Portal, kept: BucketPlace) -> None:
    (portal.folder / "imports").mkdir()
    for number in range(20):
        (portal.folder / "imports" / f"{number:02}").write_bytes(os.urandom(8 * 1024 * 1024))
    process = subprocess.Popen(
        [sys.executable, "-m", "marelle", "backup"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            **PRODUCTION,
            "DATA_DIR": str(portal.folder.parent),
            "FILES_DIR": str(portal.folder),
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "BACKUP_TO": kept.address,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = monotonic() + 60
    while not left(kept):
        assert process.poll() is None
        assert monotonic() < until
        sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert kept.names() == []
    assert len(left(kept)) == 1, "what was being sent, which nobody sees"
    refused("no_backup", lambda: found(kept.address))
