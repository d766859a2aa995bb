"""What is not kept, or not put back, is told why, and nothing has moved."""

from __future__ import annotations

import io
import os
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from marelle.backups.archive import Reader, Writer
from marelle.backups.checks import check_backups
from marelle.backups.making import JOB, backup_make
from marelle.backups.restoring import backup_restore
from marelle.files.models import StoredFile
from marelle.flows.models import JobRound
from tests.backups.machines import (
    elsewhere,
    on_sqlite,
    refused,
    refused_there,
    rows,
)
from tests.races.crowd import NOW


@on_sqlite
def test_without_its_key_it_is_not_put_back(settings, tmp_path, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    settings.SEALING_KEYS = ["b" * 43 + "="]
    with refused_there(settings, tmp_path / "there", "no_key", place.path / made.name) as there:
        pass
    assert not there.exists() or not list(there.iterdir())
    settings.SEALING_KEYS = []
    with refused_there(settings, tmp_path / "there", "no_key", place.path / made.name):
        pass


@on_sqlite
def test_a_database_or_a_folder_that_holds_something_is_left_alone(settings, tmp_path, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    before, files = rows(), portal.files()
    refused("not_empty", lambda: backup_restore(path=place.path / made.name, identity=None))
    assert rows() == before
    with refused_there(settings, tmp_path / "there", "files_there", place.path / made.name) as there:
        there.mkdir()
        (there / "somebody’s").write_text("paper")
    assert os.listdir(there) == ["somebody’s"]
    assert portal.files() == files


@on_sqlite
@pytest.mark.parametrize("kept", [0, 600, 0.3, 0.9, -25_000])
def test_cut_anywhere_it_is_not_put_back(settings, tmp_path, portal, place, kept):
    made = backup_make(place=place, recipient="", now=NOW)
    path = place.path / made.name
    size = path.stat().st_size
    os.truncate(path, int(size * kept) if isinstance(kept, float) else size + kept if kept < 0 else kept)
    code = "cut" if kept else "not_ours"
    with refused_there(settings, tmp_path / "there", code, path):
        pass


@on_sqlite
def test_changed_it_is_not_put_back_but_whole_it_is_afterwards(settings, tmp_path, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    path, changed = place.path / made.name, place.path / "changed.tar"
    content = bytearray(path.read_bytes())
    content[content.index(b"%PDF") if b"%PDF" in content else len(content) // 2] ^= 1
    changed.write_bytes(content)
    with elsewhere(settings, tmp_path / "there"):
        refused("changed", lambda: backup_restore(path=changed, identity=None))
        assert not connection.introspection.table_names()
        backup_restore(path=path, identity=None)
        assert StoredFile.objects.filter(pk=portal.kept.pk).exists()


def altered(path: Path, to: Path, **about: Any) -> Path:
    """The same backup, that says something else of itself."""
    with path.open("rb") as stream, to.open("wb") as other:
        reader = Reader(stream)
        with Writer(other, replace(reader.about, **about)) as writer:
            pieces = []
            for member in reader.members():
                content = b"".join(member.pieces)
                if member.path:
                    writer.file(member.path, len(content), io.BytesIO(content))
                else:
                    pieces.append(content)
            writer.database(pieces)
            writer.end([])
    return to


@on_sqlite
@pytest.mark.parametrize(
    ("code", "about"),
    [
        ("newer", {"migrations": [["families", "9999_of_tomorrow"]]}),
        ("newer_format", {"format": 2}),
        ("other_engine", {"engine": "oracle"}),
    ],
)
def test_what_this_version_cannot_read_is_told(settings, tmp_path, portal, place, code, about):
    made = backup_make(place=place, recipient="", now=NOW)
    other = altered(place.path / made.name, tmp_path / "other.tar", **about)
    with refused_there(settings, tmp_path / "there", code, other):
        pass


@on_sqlite
def test_a_path_out_of_the_folder_is_not_followed(settings, tmp_path, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    other = tmp_path / "other.tar"
    with (
        (place.path / made.name).open("rb") as stream,
        other.open("wb") as written,
        Writer(written, Reader(stream).about) as writer,
    ):
        writer.file("../../out", 1, io.BytesIO(b"x"))
        writer.end([])
    with refused_there(settings, tmp_path / "there", "changed", other):
        pass
    assert not (tmp_path.parent / "out").exists()


@on_sqlite
@pytest.mark.parametrize("to", ["", "/proc/nowhere", "inside"])
def test_where_it_cannot_be_kept_is_told(portal, to):
    to = str(portal.folder / "backups") if to == "inside" else to
    with pytest.raises(CommandError):
        call_command("backup", to=to)
    assert JobRound.objects.get(job=JOB).failure in {"nowhere", "no_folder", "inside"}
    assert not (portal.folder / "backups" / "x").exists()


@on_sqlite
def test_on_a_full_disk_nothing_is_left_of_it(portal, place):
    """A file system of its own that has no room."""
    place.path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place.path)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        assert "est plein" in refused("full", lambda: backup_make(place=place, recipient="", now=NOW))
        assert os.listdir(place.path) == []
    finally:
        subprocess.run(["umount", str(place.path)], check=True)


@pytest.mark.django_db
@on_sqlite
@pytest.mark.parametrize(("hours", "is_told"), [(None, True), (49, True), (47, False)])
def test_a_backup_that_is_too_old_is_told(settings, hours, is_told):
    settings.MARELLE_DEMO = False
    if hours is not None:
        well_at = timezone.now() - timedelta(hours=hours)
        JobRound.objects.create(job=JOB, began_at=well_at, took=timedelta(0), well_at=well_at)
    assert [one.id for one in check_backups(databases=["default"])] == ["marelle.W012"] * is_told
