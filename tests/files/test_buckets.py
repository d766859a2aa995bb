"""Files in a bucket of a store that speaks S3: sealed there, swept, resealed; and a store that fails."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command

from marelle.core.actor import SYSTEM
from marelle.core.buckets import Bucket, StoreAway, bucket_read
from marelle.core.environment import WrongSetting
from marelle.core.resealing import Resealing
from marelle.files.checks import check_bucket, check_sealed_files, check_store
from marelle.files.models import StoredFile
from marelle.files.resealing import files_reseal
from marelle.files.rules import Tie
from marelle.files.sealing import MARK, PIECE, Damaged
from marelle.files.services import file_make, files_delete, open_content, shelf
from marelle.files.store import IDENTITY, StoreRefused, store_start, store_tie, store_turn
from marelle.files.sweeping import TRASH, aside_sweep, orphans_sweep, trash_empty, trash_put_back
from tests.backups.machines import on_sqlite
from tests.buckets import Server, failing, keep_in

pytestmark = [pytest.mark.django_db(transaction=True), on_sqlite]

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BODY = b"%PDF" + b"arachide" * 40_000


def kept(content: bytes = BODY) -> StoredFile:
    return file_make(actor=SYSTEM, content=content, name="a.pdf", pages=1, now=NOW)


def read(stored: StoredFile) -> bytes:
    with open_content(stored) as content:
        return content.read()


def lying() -> dict[str, bytes]:
    """What is in the bucket, as it lies."""
    return {one.path: shelf().start_of(one.path, one.size) for one in shelf().below()}


def test_a_file_lies_sealed_in_a_folder_of_the_bucket(files_bucket: Bucket, s3: Server) -> None:
    stored = kept()
    (path,) = lying()
    assert path == stored.path
    assert lying()[path].startswith(MARK)
    assert b"arachide" not in lying()[path]
    assert read(stored) == BODY
    with open_content(stored) as content:
        content.seek(PIECE + 5)
        assert content.read(9) == BODY[PIECE + 5 :][:9]
    (there,) = s3.client().list_objects_v2(Bucket=files_bucket.name)["Contents"]
    assert there["Key"] == f"portail/{stored.path}"


def test_a_file_that_goes_is_gone(files_bucket: Bucket) -> None:
    stored = kept()
    files_delete(ids=[stored.pk])
    assert lying() == {}
    with pytest.raises(FileNotFoundError):
        storages["private"].open(stored.path)


def test_one_that_was_changed_there_is_as_good_as_lost(files_bucket: Bucket) -> None:
    stored = kept()
    shelf().put(stored.path, [lying()[stored.path][:-1] + b"x"])
    with pytest.raises(Damaged):
        read(stored)


def test_a_long_list_has_pages(files_bucket: Bucket, monkeypatch: Any) -> None:
    paths = [f"imports/{number:04}" for number in range(7)]
    for path in paths:
        shelf().put(path, [b"x"])
    place: Any = shelf()
    listed = place._listed
    monkeypatch.setattr(place, "_listed", lambda **asked: listed(**asked, MaxKeys=3))
    assert [one.path for one in place.below("imports")] == paths


def test_the_bucket_belongs_to_one_database(files_bucket: Bucket) -> None:
    stored = kept()
    store_turn(now=NOW)
    assert store_tie() is Tie.OURS
    store_turn(now=NOW)
    shelf().put(IDENTITY, [b"another"])
    with pytest.raises(StoreRefused, match=f"the files in {files_bucket} are those of another"):
        store_start(now=NOW)
    assert read(stored) == BODY


def test_what_nobody_names_goes_to_the_trash_and_comes_back(files_bucket: Bucket) -> None:
    store_turn(now=NOW)
    stored, lost = kept(), kept(b"%PDF lost")
    StoredFile.objects.filter(pk=lost.pk).delete()
    folder = lost.path[:2]
    soon, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=2)
    assert orphans_sweep(folder=folder, now=soon) == 0, "its row may be on its way"
    assert orphans_sweep(folder=folder, now=later) == 1
    assert orphans_sweep(folder=stored.path[:2], now=later) == 0
    (trashed,) = [path for path in lying() if path.startswith(TRASH)]
    lost.save(force_insert=True)
    assert trash_put_back() == 1
    assert read(lost) == b"%PDF lost"
    assert trashed not in lying()
    StoredFile.objects.filter(pk=lost.pk).delete()
    assert orphans_sweep(folder=folder, now=later) == 1
    assert trash_empty(now=later) == 0
    assert trash_empty(now=later + timedelta(days=40)) == 1
    assert set(lying()) == {stored.path, IDENTITY}


def test_what_is_kept_aside_goes_without_a_trash(files_bucket: Bucket) -> None:
    store_turn(now=NOW)
    storages["private"].save("imports/a", ContentFile(b"a"))
    storages["private"].save("imports/b", ContentFile(b"b"))
    later = datetime.now(UTC) + timedelta(days=2)
    assert aside_sweep(folder="imports", named=lambda _keys: {"b"}, now=later) == 1
    assert set(lying()) == {"imports/b", IDENTITY}


def test_all_is_written_again_under_the_first_key(files_bucket: Bucket, settings: Any) -> None:
    old, new = settings.SEALING_KEYS[0], Fernet.generate_key().decode()
    stored = kept()
    shelf().put("imports/a", [b"in the clear"])
    before = shelf().written_at(stored.path)
    settings.SEALING_KEYS = (new, old)
    assert files_reseal() == Resealing(done=2)
    assert files_reseal() == Resealing()
    settings.SEALING_KEYS = (new,)
    assert read(stored) == BODY
    assert shelf().written_at(stored.path) == before, "the sweeps go by it"
    settings.SEALING_KEYS = (old,)
    assert files_reseal().lost == 2


def test_one_deleted_while_it_is_written_again_does_not_come_back(files_bucket: Bucket) -> None:
    stored = kept()

    def deleted(file: Any) -> Any:
        storages["private"].delete(stored.path)
        return [b"anew"]

    assert not shelf().rewritten(stored.path, deleted)
    assert lying() == {}


def test_one_replaced_while_it_is_written_again_stays(files_bucket: Bucket) -> None:
    stored = kept()

    def replaced(file: Any) -> Any:
        shelf().put(stored.path, [b"the other's"])
        return [b"anew"]

    assert not shelf().rewritten(stored.path, replaced)
    assert lying() == {stored.path: b"the other's"}


def troubles() -> list[tuple[str, str]]:
    found = [*check_bucket(databases=["default"]), *check_store(databases=["default"])]
    return [(str(one.id), str(one.msg)) for one in (*found, *check_sealed_files(databases=["default"]))]


def test_a_private_bucket_that_answers_is_well(files_bucket: Bucket) -> None:
    kept()
    store_turn(now=NOW)
    assert troubles() == []


def test_one_that_anybody_reads_is_told(files_bucket: Bucket, s3: Server) -> None:
    kept()
    store_turn(now=NOW)
    place: Any = shelf()
    with s3.asking_nobody():
        assert place.open_to_all() == ["list"], "moto lists to anybody then"
        s3.opens_to_all(files_bucket.name)
        assert place.open_to_all() == ["list", "content"]
        ((code, said),) = troubles()
    assert (code, "est public" in said) == ("marelle.E010", True)
    assert files_bucket.secret not in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "AKIANOBODY"}, "ne connaît pas cette clé"),
        ({"secret": "wrong"}, "refuse le secret"),
        ({"port": 9}, "ne répond pas"),
        ({"name": "not-there"}, "n’existe pas"),
    ],
)
def test_a_store_that_refuses_is_told_in_one_sentence(
    wrong: dict[str, Any], said: str, bucket: Bucket, s3: Server, settings: Any
) -> None:
    named = {"name": bucket.name, **wrong}
    keep_in(settings, bucket_read("STORAGE_URL", s3.address(**named)))
    ((code, told),) = troubles()
    assert code == "marelle.E009"
    assert said in told
    assert s3.secret not in told
    with pytest.raises(StoreAway, match=said):
        kept()
    assert not StoredFile.objects.exists()
    store_start(now=NOW)  # who starts meanwhile is not kept from it


def test_one_that_fails_is_told_by_what_it_answers(settings: Any) -> None:
    with failing() as away:
        keep_in(settings, away)
        ((code, told),) = troubles()
    assert (code, "ne répond pas comme il faut (500)" in told) == ("marelle.E009", True)


def test_the_store_command_tells_of_it(files_bucket: Bucket) -> None:
    kept()
    store_turn(now=NOW)
    call_command("store", stdout=(said := io.StringIO()))
    assert f"{files_bucket} is this database’s." in said.getvalue()
    assert "Files kept: 1. Without a row: 0." in said.getvalue()


@pytest.mark.parametrize(
    "value",
    [
        "s3://k:topsecret@h",
        "s3://k@h/bucket",
        "s3://h/bucket",
        "https://k:topsecret@h/bucket",
        "s3://k:topsecret@h/b",
        "s3://k:topsecret@h/Bucket",
        "s3://k:topsecret@h/bucket/../x",
        "s3://k:topsecret@h/bucket?encryption=none",
        "s3://k:topsecret@h/bucket?encryption=rot13",
        "s3://k:topsecret@h/bucket?colour=red",
        "s3://k:topsecret@h:x/bucket",
    ],
)
def test_a_wrong_address_is_refused_without_showing_its_secret(value: str) -> None:
    with pytest.raises(WrongSetting, match="STORAGE_URL") as refused:
        bucket_read("STORAGE_URL", value)
    assert "topsecret" not in str(refused.value)


def test_an_address_says_where_and_with_what() -> None:
    found = bucket_read("S", "s3://key:se%2Fcret@s3.fr-par.scw.cloud/famille/portail/?region=fr-par")
    assert found == Bucket("https://s3.fr-par.scw.cloud", "famille", "portail/", "fr-par", "key", "se/cret")
    assert str(found) == "s3://s3.fr-par.scw.cloud/famille/portail/"
    assert "se/cret" not in repr(found)
    assert bucket_read("S", "s3://k:s@s3.fr-par.scw.cloud/famille").holds(found)
    assert not found.holds(bucket_read("S", "s3://k:s@s3.fr-par.scw.cloud/famille"))
