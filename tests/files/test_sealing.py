"""Contents on disk: sealed by pieces, read from any place, written again under a new key meanwhile."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import CommandError, call_command

from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.resealing import Resealing
from marelle.core.sealed import CannotOpen, CannotSeal
from marelle.files import shelves
from marelle.files.models import StoredFile
from marelle.files.resealing import files_reseal
from marelle.files.sealing import HEAD_LENGTH, MARK, PIECE, TAG_LENGTH, Damaged
from marelle.files.services import file_make, open_content
from marelle.files.serving import file_response
from marelle.files.shelves import ANEW
from marelle.files.store import store_turn

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7)


@pytest.fixture(autouse=True)
def folder(files_folder: Path, settings: Any) -> Path:
    settings.SEALING_KEYS = (OLD,)
    return files_folder


def put(content: bytes, name: str = "imports/a") -> Path:
    return Path(storages["private"].path(storages["private"].save(name, ContentFile(content))))


def content_of(name: str = "imports/a") -> bytes:
    with storages["private"].open(name) as content:
        return bytes(content.read())


def words(size: int) -> bytes:
    return (b"arachide " * (size // 9 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_is_read_back_and_is_not_on_the_disk(size: int) -> None:
    path = put(words(size))
    assert content_of() == words(size)
    held = path.read_bytes()
    assert held.startswith(MARK)
    assert b"arachide" not in held
    assert len(held) == HEAD_LENGTH + size + max(1, -(-size // PIECE)) * TAG_LENGTH
    assert storages["private"].size("imports/a") == size


@pytest.mark.parametrize("at", [0, 1, PIECE - 2, PIECE, 2 * PIECE + 5, 3 * PIECE + 6, 4 * PIECE])
def test_any_place_of_it_is_read_without_the_rest(at: int) -> None:
    told = os.urandom(3 * PIECE + 7)
    put(told)
    with storages["private"].open("imports/a") as content:
        content.seek(at)
        assert content.read(9) == told[at : at + 9]
        content.seek(-4, os.SEEK_END)
        assert content.read() == told[-4:]
        assert content.tell() == len(told)


def test_two_of_one_content_differ() -> None:
    assert put(b"x" * 100, "imports/a").read_bytes() != put(b"x" * 100, "imports/b").read_bytes()


def test_a_file_that_lay_in_the_clear_for_a_moment_is_not_moved_as_it_is() -> None:
    sent = TemporaryUploadedFile("a.pdf", "application/pdf", 8, None)
    sent.write(b"arachide")
    sent.seek(0)
    storages["private"].save("imports/a", File(sent))
    assert b"arachide" not in Path(storages["private"].path("imports/a")).read_bytes()
    assert content_of() == b"arachide"


def changed(held: bytes, how: str) -> bytes:
    piece = PIECE + TAG_LENGTH
    first, second = held[HEAD_LENGTH:][:piece], held[HEAD_LENGTH + piece :][:piece]
    return {
        "a sign": held[:-1] + bytes([held[-1] ^ 1]),
        "cut": held[: HEAD_LENGTH + piece],
        "cut in a piece": held[:-5],
        "swapped": held[:HEAD_LENGTH] + second + first + held[HEAD_LENGTH + 2 * piece :],
        "another salt": held[: HEAD_LENGTH - 1] + bytes([held[HEAD_LENGTH - 1] ^ 1]) + held[HEAD_LENGTH:],
        "its head alone": held[:HEAD_LENGTH],
    }[how]


@pytest.mark.parametrize(
    "how", ["a sign", "cut", "cut in a piece", "swapped", "another salt", "its head alone"]
)
def test_what_was_changed_on_the_disk_is_as_good_as_lost(how: str) -> None:
    path = put(os.urandom(3 * PIECE))
    path.write_bytes(changed(path.read_bytes(), how))
    with pytest.raises(Damaged):
        storages["private"].open("imports/a")


def test_without_a_key_nothing_is_kept_in_the_clear_and_nothing_is_guessed(
    folder: Path, settings: Any
) -> None:
    put(b"arachide")
    for keys in ((), (OTHER,)):
        settings.SEALING_KEYS = keys
        with pytest.raises(CannotOpen):
            storages["private"].open("imports/a")
    settings.SEALING_KEYS = ()
    with pytest.raises(CannotSeal):
        put(b"arachide", "imports/b")
    assert not [path for path in folder.rglob("*") if path.is_file() and b"arachide" in path.read_bytes()]
    assert not storages["private"].exists("imports/b"), "nor an empty one"


@pytest.mark.django_db
def test_a_file_is_sent_by_its_own_length_in_pieces() -> None:
    told = os.urandom(PIECE * 2 + 3)
    stored = file_make(actor=SYSTEM, content=told, name="a.pdf", pages=1, now=NOW)
    answer = file_response(stored)
    assert answer["Content-Length"] == str(len(told))
    assert b"".join(answer.streaming_content) == told  # type: ignore[arg-type]
    answer.file_to_stream.close()  # type: ignore[union-attr]


def row_of(stored: StoredFile, content: bytes) -> None:
    stored.size, stored.sha256 = len(content), hashlib.sha256(content).hexdigest()
    stored.save()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["another plain one", "of its length", "the mark", "cut in the mark"])
def test_what_is_not_sealed_is_read_only_as_it_was_kept(folder: Path, how: str) -> None:
    stored = file_make(actor=SYSTEM, content=b"arachide", name="a.pdf", pages=1, now=NOW)
    path = folder / stored.path
    held = path.read_bytes()
    path.write_bytes(
        {
            "another plain one": b"%PDF of somebody else",
            "of its length": b"arachidf",
            "the mark": bytes([held[0] ^ 1]) + held[1:],
            "cut in the mark": held[:5],
        }[how]
    )
    with pytest.raises(Damaged):
        open_content(stored)
    path.write_bytes(b"arachide")
    with open_content(stored) as content:
        assert content.read() == b"arachide"


@pytest.mark.django_db
def test_old_ones_are_sealed_and_read_all_the_while(folder: Path, settings: Any) -> None:
    stored = file_make(actor=SYSTEM, content=b"arachide" * 9, name="a.pdf", pages=1, now=NOW)
    store_turn(now=NOW)
    path = folder / stored.path
    path.write_bytes(b"%PDF arachide")
    row_of(stored, b"%PDF arachide")
    path.chmod(0o600)
    os.utime(path, (1_000, 1_000))
    with open_content(stored) as before:
        assert before.read(4) == b"%PDF"
        assert files_reseal() == Resealing(done=1)
        assert before.read() == b" arachide"
    assert (path.stat().st_mtime, path.stat().st_mode & 0o777) == (1_000, 0o600)
    assert b"arachide" not in path.read_bytes()
    with open_content(stored) as content:
        assert content.read() == b"%PDF arachide"
    assert files_reseal() == Resealing()


def test_a_new_key_takes_over_and_the_old_one_is_taken_out(folder: Path, settings: Any) -> None:
    names = [f"{number:02x}/{number:040x}" for number in range(5)] + ["imports/b", "tresor/c"]
    for name in names:
        put(name.encode() * 1000, name)
    settings.SEALING_KEYS = (NEW, OLD)
    put(b"later", "imports/later")
    assert [content_of(name) for name in names] == [name.encode() * 1000 for name in names]
    assert files_reseal() == Resealing(done=7)
    settings.SEALING_KEYS = (NEW,)
    assert [content_of(name) for name in names] == [name.encode() * 1000 for name in names]
    assert not list(folder.rglob(f"*{ANEW}"))


def test_killed_in_the_middle_it_begins_again(folder: Path, settings: Any, monkeypatch: Any) -> None:
    for number in range(6):
        put(b"arachide" * number, f"imports/{number}")
    settings.SEALING_KEYS = (NEW, OLD)

    class Killed(BaseException):
        pass

    flushed = []
    real = os.fsync

    def fsync(number: int) -> None:
        flushed.append(number)
        if len(flushed) == 3:
            raise Killed
        real(number)

    monkeypatch.setattr(shelves.os, "fsync", fsync)
    with pytest.raises(Killed):
        files_reseal()
    monkeypatch.setattr(shelves.os, "fsync", real)
    assert [content_of(f"imports/{number}") for number in range(6)] == [b"arachide" * n for n in range(6)]
    assert files_reseal() == Resealing(done=4)
    settings.SEALING_KEYS = (NEW,)
    assert [content_of(f"imports/{number}") for number in range(6)] == [b"arachide" * n for n in range(6)]


def test_what_a_killed_run_left_behind_goes_an_hour_later(folder: Path, time_machine: Any) -> None:
    time_machine.move_to(datetime.now(PARIS))
    left = put(b"arachide").with_name(f"a.0000{ANEW}")
    left.write_bytes(b"half")
    assert files_reseal() == Resealing()
    assert left.exists()
    time_machine.shift(3601)
    files_reseal()
    assert not left.exists()


def test_one_deleted_while_it_is_written_again_does_not_come_back(
    folder: Path, settings: Any, monkeypatch: Any
) -> None:
    put(b"arachide")
    settings.SEALING_KEYS = (NEW, OLD)
    real = os.fsync

    def deleted(number: int) -> None:
        real(number)
        storages["private"].delete("imports/a")

    monkeypatch.setattr(shelves.os, "fsync", deleted)
    assert files_reseal() == Resealing()
    assert not [path for path in folder.rglob("*") if path.is_file() and path.name != shelves.LOCK]


def test_one_that_could_not_be_put_in_place_is_told(folder: Path, settings: Any, monkeypatch: Any) -> None:
    put(b"arachide")
    settings.SEALING_KEYS = (NEW, OLD)
    real = os.fsync

    def swept(number: int) -> None:
        real(number)
        for path in folder.rglob(f"*{ANEW}"):
            path.unlink()

    monkeypatch.setattr(shelves.os, "fsync", swept)
    assert files_reseal() == Resealing(busy=1)
    assert content_of() == b"arachide"


def test_it_is_as_old_as_it_was_once_it_is_in_place_and_not_before(
    folder: Path, settings: Any, monkeypatch: Any
) -> None:
    path = put(b"arachide")
    os.utime(path, (1_000, 1_000))
    settings.SEALING_KEYS = (NEW, OLD)
    real, seen = os.utime, []

    def utime(which: Path, **kwargs: Any) -> None:
        seen.append(which)
        real(which, **kwargs)

    monkeypatch.setattr(shelves.os, "utime", utime)
    assert files_reseal() == Resealing(done=1)
    assert seen == [path]
    assert path.stat().st_mtime == 1_000


@pytest.mark.django_db
def test_the_command_tells_of_files_that_no_key_opens(settings: Any) -> None:
    settings.SEALING_KEYS = (OTHER,)
    put(b"lost", "imports/lost")
    settings.SEALING_KEYS = (OLD,)
    put(b"mine", "imports/mine")
    settings.SEALING_KEYS = (NEW, OLD)
    told = io.StringIO()
    with pytest.raises(CommandError, match=r"1 fichier\(s\) qu’aucune clé n’ouvre"):
        call_command("reseal", stdout=told)
    assert "1 fichier(s) rechiffré(s)." in told.getvalue()
    settings.SEALING_KEYS = (NEW, OTHER)
    assert content_of("imports/lost") == b"lost"
