"""What is not kept, or not put back, is told why, and nothing has moved."""

from __future__ import annotations

import io
import json
import os
import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from marelle.backups.archive import ABOUT, Reader, written
from marelle.backups.making import JOB, backup_make
from marelle.backups.places import RESTORING
from marelle.backups.restoring import backup_restore
from marelle.files.models import StoredFile
from marelle.files.store import IDENTITY
from marelle.flows.checks import check_vitals
from marelle.flows.models import JobRound
from tests.backups.machines import (
    LATER,
    disk,
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
        with written(other, replace(reader.about, **about)) as writer:
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
        other.open("wb") as out,
        written(out, Reader(stream).about) as writer,
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
    with disk(place.path, "64k"):
        assert "est plein" in refused("full", lambda: backup_make(place=place, recipient="", now=NOW))
        assert os.listdir(place.path) == []


@pytest.mark.django_db
@on_sqlite
@pytest.mark.parametrize(("hours", "is_told"), [(None, True), (49, True), (47, False)])
def test_a_backup_that_is_too_old_is_told(settings, hours, is_told):
    settings.MARELLE_DEMO = False
    if hours is not None:
        well_at = timezone.now() - timedelta(hours=hours)
        JobRound.objects.create(job=JOB, began_at=well_at, took=timedelta(0), well_at=well_at)
    told = [one.id for one in check_vitals(databases=["default"]) if one.id == "marelle.W012"]
    assert told == ["marelle.W012"] * is_told


@on_sqlite
def test_what_is_not_ours_in_the_folder_spoils_nothing(settings, tmp_path, portal, place):
    """A disk has a folder of its own at its top, and somebody left a note."""
    (portal.folder / "lost+found").mkdir()
    (portal.folder / "à lire.txt").write_text("note")
    made = backup_make(place=place, recipient="", now=NOW)
    with elsewhere(settings, tmp_path / "there") as there:
        (there / "lost+found").mkdir(parents=True)
        backup_restore(path=place.path / made.name, identity=None)
        assert (there / portal.kept.path).exists()
        assert not (there / "à lire.txt").exists()


@on_sqlite
def test_a_folder_of_files_on_another_disk_is_filled(settings, tmp_path, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    with disk(tmp_path / "there", "64m"), elsewhere(settings, tmp_path / "there") as there:
        backup_restore(path=place.path / made.name, identity=None)
        assert (there / portal.kept.path).exists()


@on_sqlite
def test_a_later_format_is_told_whatever_it_says(settings, tmp_path, portal):
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as tar:
        about = json.dumps({"format": 2, "of tomorrow": True}).encode()
        member = tarfile.TarInfo(ABOUT)
        member.size = len(about)
        tar.addfile(member, io.BytesIO(about))
    with refused_there(settings, tmp_path / "there", "newer_format", other):
        pass


@on_sqlite
def test_a_member_that_is_no_file_is_refused(settings, tmp_path, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    other = tmp_path / "other.tar"
    with tarfile.open(place.path / made.name) as tar, tarfile.open(other, "w") as out:
        about = tar.getmember(ABOUT)
        out.addfile(about, tar.extractfile(about))
        link = tarfile.TarInfo("files/aa/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    with refused_there(settings, tmp_path / "there", "changed", other):
        pass


@on_sqlite
def test_without_room_beside_the_database_it_is_told(portal, place, tmp_path, monkeypatch):
    """The copy of SQLite is made there."""
    with disk(tmp_path / "small", "64k") as small:
        monkeypatch.setitem(connection.settings_dict, "NAME", str(small / "portal.sqlite3"))
        assert "plein" in refused("full_here", lambda: backup_make(place=place, recipient="", now=NOW))
    assert not place.path.exists()


@on_sqlite
def test_after_one_that_was_cut_another_is_put_back(settings, tmp_path, portal, place):
    """What the first left in the folder is cleared away."""
    kept = backup_make(place=place, recipient="", now=NOW)
    (portal.folder / "aa").mkdir(exist_ok=True)
    (portal.folder / "aa" / "of-the-second-alone").write_text("x")
    cut = place.path / backup_make(place=place, recipient="", now=LATER).name
    os.truncate(cut, cut.stat().st_size - 25_000)
    with elsewhere(settings, tmp_path / "there") as there:
        refused("cut", lambda: backup_restore(path=cut, identity=None))
        assert (there / "aa" / "of-the-second-alone").exists()
        backup_restore(path=place.path / kept.name, identity=None)
        assert not (there / "aa" / "of-the-second-alone").exists()
        assert (there / portal.kept.path).exists()


@on_sqlite
def test_a_folder_that_a_portal_has_is_not_cleared_for_a_restore_of_long_ago(
    settings, tmp_path, portal, place
):
    made = backup_make(place=place, recipient="", now=NOW)
    with refused_there(settings, tmp_path / "there", "files_there", place.path / made.name) as there:
        there.mkdir()
        (there / IDENTITY).write_text("of a portal")
        (there / RESTORING).write_text("another day")
    assert sorted(os.listdir(there)) == [IDENTITY, RESTORING]
