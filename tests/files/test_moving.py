"""Files from a folder to a bucket and back: compared, resumed after a kill, nothing removed unless asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from marelle.core.actor import SYSTEM
from marelle.core.buckets import Bucket
from marelle.files.buckets import SealedBucket
from marelle.files.models import StoredFile
from marelle.files.moving import MoveRefused, files_move
from marelle.files.rules import Tie
from marelle.files.services import file_make, open_content
from marelle.files.shelves import Folder, Shelf
from marelle.files.store import IDENTITY, StoreRefused, identity_write, store_tie, store_turn
from tests.backups.machines import on_sqlite
from tests.buckets import Server, failing, keep_in
from tests.test_settings import PRODUCTION, ROOT

pytestmark = [pytest.mark.django_db(transaction=True), on_sqlite]

FILES = 40
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def folder(files_folder: Path) -> Folder:
    """That of the portal, with three files."""
    for number in range(3):
        file_make(actor=SYSTEM, content=b"%PDF" + bytes([number]) * 9_000, name="a.pdf", pages=1, now=NOW)
    store_turn(now=NOW)
    place = Folder(files_folder)
    place.put("imports/a", [b"aside"])
    place.put("trash/2026-11-20/b", [b"swept"])
    return place


@pytest.fixture
def there(bucket: Bucket) -> Shelf:
    return SealedBucket(bucket).shelf


def lying(place: Shelf) -> dict[str, bytes]:
    return {
        one.path: place.start_of(one.path, one.size or 1) for one in place.below() if one.path != IDENTITY
    }


def moves(source: Shelf, to: Shelf, **how: bool) -> tuple[int, ...]:
    moved = files_move(source=source, to=to, **{"ahead": False, "remove": False, **how}, now=NOW)
    return moved.copied, moved.there, moved.removed, moved.left


def test_all_goes_there_as_it_lies_and_stays_here(
    folder: Folder, there: Shelf, bucket: Bucket, settings: Any
) -> None:
    before = lying(folder)
    assert moves(folder, there) == (5, 0, 0, 0)
    assert lying(there) == lying(folder) == before
    assert store_tie() is Tie.FOREIGN, "nothing starts where they were"
    keep_in(settings, bucket)
    store_turn(now=NOW)
    for stored in StoredFile.objects.all():
        with open_content(stored) as content:
            assert content.read(4) == b"%PDF"
        assert there.written_at(stored.path) == folder.written_at(stored.path)


def test_it_comes_back(folder: Folder, there: Shelf, tmp_path: Path, settings: Any) -> None:
    before = lying(folder)
    moves(folder, there)
    home = Folder(tmp_path / "home")
    assert moves(there, home, remove=True) == (5, 0, 5, 0)
    assert lying(home) == before
    assert lying(there) == {}


def test_what_is_there_is_compared_and_not_copied_again(folder: Folder, there: Shelf) -> None:
    assert moves(folder, there, ahead=True) == (5, 0, 0, 0)
    assert store_tie() is Tie.OURS, "the portal runs on"
    (path, *_others) = [one.path for one in folder.below() if one.path != IDENTITY]
    there.put(path, [b"x" * len(lying(there)[path])])
    there.put("ab/extra", [b"deleted since from the folder"])
    assert moves(folder, there) == (1, 4, 0, 0)
    assert lying(there) == lying(folder)


def test_what_is_removed_was_asked_for_and_is_the_same_there(folder: Folder, there: Shelf) -> None:
    moves(folder, there)
    folder.put("ab/late", [b"nobody names it"])
    there.put("imports/a", [b"other"])
    assert moves(folder, there, remove=True) == (0, 0, 4, 2)
    assert lying(folder) == {"ab/late": b"nobody names it", "imports/a": b"aside"}


def test_one_written_by_who_had_not_been_stopped_is_brought_after(folder: Folder, there: Shelf) -> None:
    moves(folder, there)
    late = file_make(actor=SYSTEM, content=b"%PDF late", name="a.pdf", pages=1, now=NOW)
    assert moves(folder, there) == (1, 0, 0, 0)
    assert there.holds(late.path)


def test_nothing_starts_on_a_place_that_is_not_full_yet(
    folder: Folder, there: Shelf, bucket: Bucket, settings: Any
) -> None:
    moves(folder, there, ahead=True)
    keep_in(settings, bucket)
    for adopt in (False, True):
        with pytest.raises(StoreRefused, match="are not all there yet"):
            store_turn(now=NOW, adopt=adopt)


def test_a_place_that_is_anothers_is_left_alone(folder: Folder, there: Shelf) -> None:
    there.put("ab/other", [b"x"])
    with pytest.raises(MoveRefused, match="n’est pas vide"):
        moves(folder, there)
    identity_write(there, ["another"])
    with pytest.raises(MoveRefused, match="n’est pas vide"):
        moves(folder, there)
    assert lying(there) == {"ab/other": b"x"}


def test_nor_is_anothers_folder_moved(folder: Folder, there: Shelf) -> None:
    identity_write(folder, ["another"])
    with pytest.raises(MoveRefused, match="n’est pas à cette base"):
        moves(folder, there)
    assert lying(there) == {}


def test_a_store_that_fails_is_told_and_nothing_is_lost(folder: Folder, settings: Any) -> None:
    before = lying(folder)
    settings.FILES_DIR = folder.root
    with failing(lists=True) as away:
        settings.STORAGE = away
        with pytest.raises(CommandError, match="ne répond pas"):
            call_command("files", "move", "--to", "bucket", "--remove")
    assert lying(folder) == before
    assert store_tie() is Tie.OURS
    settings.STORAGE = None
    with pytest.raises(CommandError, match="STORAGE_URL manque"):
        call_command("files", "move", "--to", "bucket")


def command(s3: Server, bucket: Bucket, folder: Folder, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "marelle", "files", "move", "--to", "bucket", *more],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            **PRODUCTION,
            "DATA_DIR": str(folder.root.parent),
            "FILES_DIR": str(folder.root),
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "STORAGE_URL": s3.address(f"{bucket.name}/portail"),
        },
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.parametrize("removing", [False, pytest.param(True, marks=pytest.mark.prove)])
def test_killed_in_the_middle_it_is_run_again(
    folder: Folder, there: Shelf, bucket: Bucket, s3: Server, settings: Any, *, removing: bool
) -> None:
    """Once while it copies, once while it takes away what it has copied."""
    for number in range(FILES):
        folder.put(f"imports/{number:03}", [b"x" * 1000, bytes([number])])
    before = lying(folder)
    how = ["--remove"] if removing else []
    process = command(s3, bucket, folder, *how)
    until = monotonic() + 60
    while not (len(list(folder.below())) < FILES if removing else len(list(there.below())) > 5):
        assert process.poll() is None, process.communicate()[0]
        assert monotonic() < until
        sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert {**lying(there), **lying(folder)} == before, "each is in one of the two, or in both"
    if not removing:
        assert len(lying(there)) < len(before), "it was killed too late to show anything"
        assert lying(folder) == before
        assert store_tie() is Tie.OURS
    said = command(s3, bucket, folder, *how).communicate()[0]
    assert "Relancez le portail avec STORAGE_URL" in said, said
    assert lying(there) == before
    assert lying(folder) == ({} if removing else before)
    keep_in(settings, bucket)
    assert store_tie() is Tie.OURS
