"""A folder of files belongs to one database: another one, or an older state of it, deletes nothing there."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.files.checks import check_store
from marelle.files.models import Store, StoredFile
from marelle.files.rules import Tie, tie
from marelle.files.services import file_make
from marelle.files.store import IDENTITY, StoreRefused, store_start, store_tie, store_turn
from marelle.files.sweeping import TRASH, orphans_sweep, trash_empty, trash_put_back
from marelle.flows.upkeep.file_sweep import files_swept
from tests.races.together import alone, together

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
LATER = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def folder(files_folder: Path) -> Path:
    return files_folder


def keep(folder: Path, at: datetime = NOW) -> StoredFile:
    stored = file_make(actor=SYSTEM, content=b"%PDF", name="a.pdf", pages=1, now=at)
    os.utime(folder / stored.path, (at.timestamp(),) * 2)
    return stored


def swept(now: datetime = LATER) -> int:
    return sum(orphans_sweep(folder=f"{number:02x}", now=now) for number in range(256))


def there(folder: Path) -> set[str]:
    """The keys in their place."""
    return {path.name for path in folder.glob("??/*")}


class Past:
    """What the database held, put back as from a backup."""

    def __init__(self) -> None:
        self.identity = Store.objects.get().identity
        self.known = set(StoredFile.objects.values_list("pk", flat=True))

    def comes_back(self) -> None:
        Store.objects.update(identity=self.identity)
        StoredFile.objects.exclude(pk__in=self.known).delete()


WORDS = st.sampled_from(["a", "b", "c"])


@given(WORDS, st.sets(WORDS, max_size=2), st.booleans(), st.booleans(), st.booleans())
def test_a_folder_that_says_another_name_is_never_taken(
    held: str, written: set[str], empty: bool, rows: bool, some: bool
) -> None:
    found = tie(held=held, written=written, is_empty=empty, has_rows=rows, knows_some=some)
    assert (found is Tie.OURS) is (held in written)
    if written and held not in written:
        assert found is Tie.FOREIGN
    if found is Tie.FREE:
        assert (empty and not rows) or some
    if found is Tie.LOST:
        assert empty
        assert rows


@pytest.mark.django_db
def test_the_first_who_starts_takes_a_free_folder_and_each_turn_renews_the_name_of_both(folder: Path) -> None:
    assert store_tie() is Tie.FREE
    first = store_turn(now=NOW).identity
    assert (folder / IDENTITY).read_text() == first == Store.objects.get().identity
    second = store_turn(now=LATER)
    assert second.identity != first
    assert second.since == NOW
    assert (folder / IDENTITY).read_text() == second.identity == Store.objects.get().identity


@pytest.mark.django_db
def test_files_kept_before_stores_had_a_name_are_taken_over_and_what_no_row_names_stays(folder: Path) -> None:
    stored = keep(folder)
    strange = folder / "00" / ("0" * 40)
    strange.parent.mkdir(exist_ok=True)
    strange.write_bytes(b"another's")
    assert store_turn(now=NOW).since == NOW
    os.utime(strange, ((NOW - timedelta(days=9)).timestamp(),) * 2)
    assert swept() == 0
    assert there(folder) == {stored.key, strange.name}


@pytest.mark.django_db
@pytest.mark.parametrize("marked", [True, False])
def test_another_database_sweeps_nothing_and_does_not_start(
    folder: Path, marked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if marked:
        store_turn(now=NOW)
    mine = [keep(folder).key for _file in range(40)]
    Store.objects.all().delete()
    StoredFile.objects.all().delete()
    before = (folder / IDENTITY).read_text() if marked else ""
    assert store_tie() is Tie.FOREIGN
    with pytest.raises(StoreRefused, match="another database"):
        store_start(now=LATER)
    with pytest.raises(StoreRefused):
        swept()
    assert files_swept(now=LATER) == 0
    assert "Nothing is swept" in caplog.text
    assert there(folder) == set(mine)
    assert ((folder / IDENTITY).read_text() if marked else "") == before
    (problem,) = check_store(databases=["default"])
    assert problem.id == "marelle.E005"
    with pytest.raises(CommandError, match="another database"):
        call_command("worker", "--once")


@pytest.mark.django_db
def test_a_folder_that_is_not_there_is_told_from_an_empty_one(folder: Path) -> None:
    store_turn(now=NOW)
    keep(folder)
    shutil.rmtree(folder)
    with pytest.raises(StoreRefused, match="the folder is empty"):
        store_start(now=LATER)
    store_turn(now=LATER, adopt=True)
    store_start(now=LATER)


@pytest.mark.django_db
def test_a_database_put_back_deletes_nothing_of_what_came_since(folder: Path) -> None:
    store_turn(now=NOW)
    known = keep(folder)
    past = Past()
    store_turn(now=NOW)
    since = keep(folder, NOW + timedelta(hours=1))
    past.comes_back()
    with pytest.raises(StoreRefused):
        swept()
    call_command("store", "--adopt")
    Store.objects.update(since=LATER)
    later = LATER + timedelta(days=40)
    lost = keep(folder, LATER)
    StoredFile.objects.filter(pk=lost.pk).delete()
    assert swept(later) == 1
    assert there(folder) == {known.key, since.key}
    assert trash_empty(now=later) == 0


@pytest.mark.django_db
def test_the_one_that_was_left_is_refused_once_another_has_adopted(folder: Path) -> None:
    store_turn(now=NOW)
    keep(folder)
    past = Past()
    store_turn(now=NOW, adopt=True)
    past.comes_back()
    assert store_tie() is Tie.FOREIGN


@pytest.mark.django_db
def test_what_is_swept_stays_thirty_days_in_the_trash_and_can_be_brought_back(folder: Path) -> None:
    store_turn(now=NOW - timedelta(days=1))
    rows = [keep(folder), keep(folder)]
    StoredFile.objects.all().delete()
    assert swept(LATER) == 2
    assert there(folder) == set()
    assert {path.name for path in (folder / TRASH).glob("*/*")} == {row.key for row in rows}
    assert trash_empty(now=LATER + timedelta(days=30)) == 0
    rows[0].save(force_insert=True)
    assert trash_put_back() == 1
    assert there(folder) == {rows[0].key}
    assert trash_empty(now=LATER + timedelta(days=31)) == 1
    assert not list((folder / TRASH).iterdir())
    assert there(folder) == {rows[0].key}


@pytest.mark.django_db
def test_the_command_says_what_has_no_match(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_turn(now=NOW - timedelta(days=1))
    gone, lost, _kept = keep(folder), keep(folder), keep(folder)
    StoredFile.objects.filter(pk=gone.pk).delete()
    (folder / lost.path).unlink()
    call_command("store")
    said = capsys.readouterr().out
    assert "Files kept: 1. Without a row: 1. In the trash: 0." in said
    assert "Rows whose file is missing: 1." in said
    swept()
    gone.save(force_insert=True)
    call_command("store", "--put-back")
    assert "Brought back from the trash: 1." in capsys.readouterr().out
    (folder / IDENTITY).write_text("another")
    with pytest.raises(CommandError):
        call_command("store", "--put-back")


@pytest.mark.django_db
@pytest.mark.parametrize("reached", [False, True])
def test_killed_while_both_change_the_database_and_the_folder_still_know_each_other(
    folder: Path, reached: bool
) -> None:
    """The folder was written; the database ended its transaction, or did not."""
    before = store_turn(now=NOW).identity
    (folder / IDENTITY).write_text(f"{before}\nnext")
    if reached:
        Store.objects.update(identity="next")
    assert store_tie() is Tie.OURS
    store_turn(now=LATER)
    assert "next" not in (folder / IDENTITY).read_text()


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_the_database_did_not_end_is_taken_again(folder: Path) -> None:
    """The folder was written first: it still holds the name that the database went back to."""
    store_turn(now=NOW)

    def lost(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("away")
        return execute(sql, *rest)

    with connection.execute_wrapper(lost), pytest.raises(OperationalError):
        store_turn(now=LATER)
    assert store_tie() is Tie.OURS
    assert store_turn(now=LATER).since == NOW


@pytest.mark.django_db(transaction=True)
def test_workers_that_take_their_turn_at_once_all_stay_at_home(folder: Path) -> None:
    def turn() -> None:
        store_turn(now=NOW)

    for _round in range(10):
        together([lambda: alone(turn)] * 4)
        assert (folder / IDENTITY).read_text() == Store.objects.get().identity


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_keeps_nobody_from_starting(folder: Path) -> None:
    def away(*_statement: Any) -> Any:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        store_start(now=NOW)
    assert not (folder / IDENTITY).exists()
