"""A backup made while the portal runs, put back elsewhere: nothing lost, nothing half done."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from marelle.backups.making import JOB, backup_make
from marelle.backups.places import NAME, UNFINISHED, name_of
from marelle.backups.restoring import RESTORING, backup_restore
from marelle.bookings.models import Booking
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.files.models import StoredFile
from marelle.files.rules import Tie
from marelle.files.services import file_make, open_content
from marelle.files.store import store_tie
from marelle.files.sweeping import TRASH
from marelle.flows.models import JobRound
from marelle.journal.models import Entry
from tests.backups.machines import (
    Portal,
    committing,
    elsewhere,
    on_sqlite,
    rows,
)
from tests.full_house import FullHouse
from tests.races.crowd import NOW


@committing
def test_all_of_it_comes_back_and_goes_on(settings, tmp_path, files_folder, place):
    portal = Portal(files_folder, FullHouse())
    before, files = rows(), portal.files()
    call_command("backup", to=str(place.path), stdout=io.StringIO())
    with elsewhere(settings, tmp_path / "there") as there:
        call_command("restore", place.path, stdout=(said := io.StringIO()))
        assert f"{sum(map(len, before.values()))} lignes et {len(files)} fichiers" in said.getvalue()
        assert rows() == before
        portal.folder = there
        assert portal.files() == files
        assert store_tie() is Tie.OURS
        with open_content(StoredFile.objects.get(pk=portal.kept.pk)) as content:
            assert content.read() == b"%PDF" + b"x" * 200_000
        change = Change(portal.parent.child.pk, portal.opening.pk, False, True)
        bookings_save(actor=portal.parent.actor, changes=[change], now=NOW)
        assert Booking.objects.holding().filter(opening=portal.opening).count() == 1
        assert Entry.objects.order_by("-pk")[0].pk > max(0, *(1 for _one in before["journal_entry"]))
        assert not list(there.glob(f"{RESTORING}*"))
    assert rows().keys() == before.keys(), "what was kept is as it was"
    noted = JobRound.objects.get(job=JOB)
    assert noted.well_at is not None
    assert not noted.failure


@pytest.mark.prove
def test_it_is_of_one_instant_while_others_write(settings, tmp_path, portal, place):
    """Each entry comes with its file: a backup has both or none."""
    stop = threading.Event()
    wrong: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                file_make(actor=SYSTEM, content=os.urandom(2_000), name="b.pdf", pages=1, now=NOW)
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _rank in range(2)]
    for writer in writers:
        writer.start()
    made = backup_make(place=place, recipient="", now=NOW)
    stop.set()
    for writer in writers:
        writer.join()
    assert not wrong
    assert made.end.missing == []
    with elsewhere(settings, tmp_path / "there"):
        backup_restore(path=place.path / made.name, identity=None)
        for one in StoredFile.objects.all():
            with open_content(one) as content:
                assert len(content.read()) == one.size


@on_sqlite
def test_what_was_swept_meanwhile_is_in_it(settings, tmp_path, portal, place):
    trash = portal.folder / TRASH / "2026-11-25"
    trash.mkdir(parents=True)
    (portal.folder / portal.kept.path).rename(trash / portal.kept.key)
    made = backup_make(place=place, recipient="", now=NOW)
    assert made.end.missing == []
    with elsewhere(settings, tmp_path / "there") as there:
        backup_restore(path=place.path / made.name, identity=None)
        assert (there / portal.kept.path).exists()
        assert not (there / TRASH).exists()


@on_sqlite
def test_what_is_nowhere_is_told(portal, place):
    (portal.folder / portal.kept.path).unlink()
    call_command("backup", to=str(place.path), stdout=io.StringIO(), stderr=(said := io.StringIO()))
    assert "1 fichier(s) que la base nomme ne sont nulle part" in said.getvalue()


@on_sqlite
def test_so_many_of_the_last_are_kept(portal, place):
    for hour in range(3):
        backup_make(place=place, recipient="", now=NOW + timedelta(hours=hour))
    (place.path / "other.tar").write_text("not ours")
    last = place.names()[-1]
    assert len(place.forget(but=1)) == 2
    assert sorted(os.listdir(place.path)) == sorted([last, "other.tar"])


@on_sqlite
def test_nobody_else_reads_it(portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    assert (place.path / made.name).stat().st_mode & 0o777 == 0o600
    assert place.path.stat().st_mode & 0o777 == 0o700


@on_sqlite
def test_the_key_is_not_in_it(settings, portal, place):
    made = backup_make(place=place, recipient="", now=NOW)
    content = (place.path / made.name).read_bytes()
    assert settings.SEALING_KEYS[0].encode() not in content
    assert settings.SECRET_KEY.encode() not in content


BACKUP = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from django.db import connection
import sys
connection.settings_dict["NAME"] = sys.argv[1]
from pathlib import Path
from django.utils import timezone
from marelle.backups import archive
from marelle.backups.making import backup_make
from marelle.backups.restoring import backup_restore
from marelle.backups.places import Folder
print("ready", flush=True)
stop = int(sys.argv[3])
class Stopped(archive.Digest):
    seen = 0
    def begin(self, name, size):
        Stopped.seen += 1
        if Stopped.seen == stop:
            print("there", flush=True)
            input()
        super().begin(name, size)
archive.Digest = Stopped
if sys.argv[4] == "backup":
    backup_make(place=Folder(Path(sys.argv[2])), recipient="", now=timezone.now())
else:
    backup_restore(path=Path(sys.argv[2]), identity=None)
"""


def killed_at(step: int, what: str, path: Path, folder: Path) -> None:
    """A process of its own, killed before it writes or reads that member."""
    process = subprocess.Popen(
        [sys.executable, "-c", BACKUP, connection.settings_dict["NAME"], path, str(step), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd(), "FILES_DIR": str(folder)},
    )
    assert process.stdout is not None
    assert [process.stdout.readline().strip() for _line in range(2)] == ["ready", "there"]
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.prove
@on_sqlite
def test_killed_it_leaves_nothing_that_looks_whole_and_the_next_tidies(settings, tmp_path, portal, place):
    killed_at(4, "backup", place.path, portal.folder)
    (left,) = os.listdir(place.path)
    assert left.endswith(UNFINISHED)
    assert place.names() == []
    made = backup_make(place=place, recipient="", now=NOW)
    assert os.listdir(place.path) == [made.name]
    assert NAME.fullmatch(made.name)


@pytest.mark.prove
def test_killed_while_it_is_put_back_it_is_done_again(settings, tmp_path, portal, place):
    before = rows()
    made = backup_make(place=place, recipient="", now=NOW)
    path = place.path / made.name
    with elsewhere(settings, tmp_path / "there") as there:
        connection.close()
        killed_at(2, "restore", path, there)
        assert not connection.introspection.table_names()
        assert (there / RESTORING).exists()
        backup_restore(path=path, identity=None)
        assert rows() == before
        assert not list(there.glob(f"{RESTORING}*"))


def test_the_names_are_in_the_order_of_their_instants():
    """Over the change of clocks too."""
    hours = [datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold) for fold in (0, 1)]
    names = [name_of(hour, "") for hour in hours]
    assert names == sorted(names)
    assert len(set(names)) == 2
    assert all(NAME.fullmatch(name) for name in names)


def test_what_others_leave_among_our_files_keeps_nothing_from_coming_back(settings, tmp_path, portal, place):
    """A network disk's own files, a NAS's folders: they are not in it."""
    there = (portal.folder / portal.kept.path).parent
    (there / ".nfs000001").write_bytes(b"of a disk")
    (there / "@eaDir").mkdir()
    made = backup_make(place=place, recipient="", now=NOW)
    with elsewhere(settings, tmp_path / "there"):
        backup_restore(path=place.path / made.name, identity=None)
