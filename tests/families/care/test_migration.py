"""Health, judgments, notes and names of files that were in the clear are sealed, and leave nothing behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection

from marelle.core import sealing
from marelle.core.clock import PARIS
from marelle.families.care.rules import SheetData
from marelle.families.models.care import sheet_said
from tests.database import former, moved_to

pytestmark = pytest.mark.prove  # they have landed, and are never edited

BEFORE = (("families", "0007_civility"), ("files", "0001_initial"))
AFTER = (("families", "0011_nothing_left_on_the_disk"), ("files", "0003_seal_names"))
NOW = datetime(2026, 11, 24, 21, 14, tzinfo=PARIS)
SAID = SheetData(
    allergies="Arachidonax",
    is_severe=True,
    pai=True,
    pai_until=date(2027, 8, 31),
    pai_meal="family",
    treatments="Ventolinax",
    remarks="Lunettax",
    doctor_name="Docteurax",
    doctor_phone="+33399981099",
)
WORDS = (SAID.allergies, SAID.treatments, SAID.remarks, SAID.doctor_name, SAID.doctor_phone)
OTHERS = ("Gontranax", "Tribunalax", "Vaccinax", "Notarax", "Ordonnançax.pdf")


@pytest.fixture
def clear(transactional_db: None) -> Iterator[Any]:
    """A database of the tables before, with all of it in the clear."""
    with former(*BEFORE) as apps:
        models = {one: apps.get_model("families", one) for one in ("Family", "Person", "HealthSheet")}
        family = models["Family"].objects.create(number="1", name="Durand", created_at=NOW)
        zoe, tom = (models["Person"].objects.create(first_name=one, last_name="Durand") for one in "ZT")
        written = {"updated_at": NOW, "updated_by": "Camille"}
        models["HealthSheet"].objects.create(
            child=zoe, **{name: getattr(SAID, name) for name in SAID.__slots__}, **written
        )
        models["HealthSheet"].objects.create(child=tom, **written)
        apps.get_model("families", "PickupBan").objects.create(
            child=zoe, name=OTHERS[0], reason=OTHERS[1], since=NOW.date(), set_at=NOW, set_by="Guichet"
        )
        apps.get_model("families", "Vaccination").objects.create(child=zoe, vaccine=OTHERS[2], on=NOW.date())
        apps.get_model("families", "FamilyNote").objects.create(
            family=family, text=OTHERS[3], shared=True, at=NOW, by="Guichet"
        )
        apps.get_model("files", "StoredFile").objects.create(
            name=OTHERS[4], kind="application/pdf", size=1, sha256="0" * 64, stored_at=NOW, stored_by="x"
        )
        yield apps


def in_the_file() -> list[str]:
    name = connection.settings_dict["NAME"]
    connection.close()
    held = b"".join(path.read_bytes() for path in map(Path, (name, f"{name}-wal")) if path.exists())
    return [word for word in (*WORDS, *OTHERS) if word.encode() in held]


def texts(apps: Any) -> list[str]:
    (ban,) = apps.get_model("families", "PickupBan").objects.all()
    (vaccination,) = apps.get_model("families", "Vaccination").objects.all()
    (note,) = apps.get_model("families", "FamilyNote").objects.all()
    (file,) = apps.get_model("files", "StoredFile").objects.all()
    return [ban.name, ban.reason, vaccination.vaccine, note.text, file.name]


def test_what_was_in_the_clear_is_sealed_and_gone_from_the_file(clear: Any) -> None:
    sqlite = connection.vendor == "sqlite"
    assert not sqlite or len(in_the_file()) == len(WORDS) + len(OTHERS)
    apps = moved_to(*AFTER)
    first, second = apps.get_model("families", "HealthSheet").objects.order_by("pk")
    assert (sheet_said(first.said), sheet_said(second.said)) == (SAID, SheetData())
    assert len(first.said.token) == len(second.said.token), "how long it is tells nothing"
    assert texts(apps) == list(OTHERS)
    assert not sqlite or not in_the_file()


def test_it_can_be_undone(clear: Any) -> None:
    moved_to(*AFTER)
    back = moved_to(*BEFORE)
    first, second = back.get_model("families", "HealthSheet").objects.order_by("pk")
    for sheet, said in ((first, SAID), (second, SheetData())):
        assert {name: getattr(sheet, name) for name in SAID.__slots__} == {
            name: getattr(said, name) for name in SAID.__slots__
        }
    assert texts(back) == list(OTHERS)


def test_without_a_key_it_stops_with_a_line_and_nothing_is_lost(clear: Any, settings: Any) -> None:
    keys, settings.SEALING_KEYS = settings.SEALING_KEYS, ()
    with pytest.raises(CommandError, match="SEALING_KEYS is missing"):
        moved_to(*AFTER)
    settings.SEALING_KEYS = keys
    apps = moved_to(*AFTER)
    assert sheet_said(apps.get_model("families", "HealthSheet").objects.earliest("pk").said) == SAID
    assert texts(apps) == list(OTHERS)


def test_stopped_in_the_middle_it_goes_on(clear: Any, monkeypatch: Any) -> None:
    real, calls = sealing.seal, []

    def stopping(text: str) -> Any:
        calls.append(text)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(text)

    monkeypatch.setattr(sealing, "seal", stopping)
    with pytest.raises(KeyboardInterrupt):
        moved_to(*AFTER)
    monkeypatch.setattr(sealing, "seal", real)
    apps = moved_to(*AFTER)
    assert sheet_said(apps.get_model("families", "HealthSheet").objects.earliest("pk").said) == SAID
    assert texts(apps) == list(OTHERS)
    assert connection.vendor != "sqlite" or not in_the_file()


def test_an_empty_database_needs_no_key(transactional_db: None, settings: Any) -> None:
    settings.SEALING_KEYS = ()
    with former(*BEFORE):
        moved_to(*AFTER)


def test_what_is_written_meanwhile_is_sealed_and_not_overwritten(clear: Any, monkeypatch: Any) -> None:
    real, later = sealing.seal, "Notarax, plus tard"

    def meanwhile(text: str) -> Any:
        if text == OTHERS[3]:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE families_familynote SET text = %s", (later,))
        return real(text)

    monkeypatch.setattr(sealing, "seal", meanwhile)
    apps = moved_to(*AFTER)
    (note,) = apps.get_model("families", "FamilyNote").objects.all()
    assert note.text == later
    assert connection.vendor != "sqlite" or not in_the_file()


def test_undone_by_halves_it_can_be_undone_again(clear: Any) -> None:
    apps = moved_to(*AFTER)
    step = sealing.columns_sealed("families", {"FamilyNote": ("text",)})
    editor = connection.schema_editor(atomic=False)
    step.reverse_code(apps, editor)
    apps.get_model("families", "FamilyNote").objects.create(
        family=apps.get_model("families", "Family").objects.get(), text="Encorax", shared=True, at=NOW, by="x"
    )
    step.reverse_code(apps, editor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM families_familynote ORDER BY id")
        assert [text for (text,) in cursor.fetchall()] == [OTHERS[3], "Encorax"]


def test_what_could_not_be_emptied_is_said(clear: Any, caplog: Any) -> None:
    """And PostgreSQL knows again how full its tables are."""
    if connection.vendor == "postgresql":
        sealing.space_forget(connection, "families_familynote")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'families_familynote'")
            assert cursor.fetchone()[0]
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(connection.settings_dict["NAME"])
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM families_familynote").fetchone()
    sealing.space_forget(connection)
    assert "may still hold texts in the clear" in caplog.text
    other.close()
    caplog.clear()
    sealing.space_forget(connection)
    assert not caplog.text
