"""The whole, exported and read again by an empty portal: every table comes back the same, byte for byte."""

from __future__ import annotations

import csv
import json
import stat
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from hypothesis import example, given
from hypothesis import strategies as st

from marelle.backups.whole.cells import WholeRefused, cells_of
from marelle.backups.whole.reading import whole_read
from marelle.backups.whole.tables import LEFT_OUT, TABLES
from marelle.backups.whole.writing import MANIFEST, whole_write
from marelle.billing.models import InvoiceCounter
from marelle.core.actor import SYSTEM
from marelle.core.personal import declared
from marelle.core.tabular import csv_safe, rows_read, rows_write
from marelle.families.models import Family, Member, Person, Residence
from marelle.files.models import StoredFile
from marelle.files.services import file_check, file_store, open_content
from tests.files import samples
from tests.full_house import FullHouse
from tests.roles.world import NOW
from tests.scenario import Scenario


def contents(folder: Path) -> dict[str, bytes]:
    """All of a folder but the day of the export."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


@pytest.mark.django_db(transaction=True)
def test_what_is_exported_comes_in_again_the_same(tmp_path: Path, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    world = FullHouse()
    InvoiceCounter.objects.create(authority=world.the_authority, exercise=2026, last=41)
    empty = [table.name for table in TABLES if not table.model._default_manager.exists()]
    assert empty == []
    written = whole_write(tmp_path / "one", health=True, now=NOW)
    assert all(written.rows.values())
    call_command("flush", interactive=False, verbosity=0)
    counts = whole_read(tmp_path / "one", now=NOW + timedelta(hours=1))
    assert counts == written.rows
    whole_write(tmp_path / "two", health=True, now=NOW + timedelta(hours=2))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


@pytest.mark.django_db
def test_what_is_not_whole_or_not_empty_is_not_read(tmp_path: Path) -> None:
    home = Scenario().home("Durand", "Camille")
    folder = tmp_path / "one"
    whole_write(folder, health=False, now=NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.csv")} == {0o600}
    assert not (folder / "fiches-sanitaires.csv").exists()
    assert refused(lambda: whole_read(folder, now=NOW)) == "not_empty"
    assert refused(lambda: whole_write(folder, health=False, now=NOW)) == "there"
    assert refused(lambda: whole_read(tmp_path, now=NOW)) == "no_manifest"
    Member.objects.all().delete()
    Residence.objects.all().delete()
    Person.objects.all().delete()
    Family.objects.filter(pk=home.family.pk).delete()
    homes = folder / "foyers.csv"
    content = homes.read_bytes()
    homes.write_bytes(content.replace(b"Durand", b"Durant"))
    assert refused(lambda: whole_read(folder, now=NOW)) == "changed"
    _signed(folder, "foyers.csv", content.replace(b";Durand;", b";"))
    assert refused(lambda: whole_read(folder, now=NOW)) == "line"
    _signed(folder, "foyers.csv", content.replace(b"Durand", b"=Durand"))
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"format": 99}))
    assert refused(lambda: whole_read(folder, now=NOW)) == "other_format"
    assert not Family.objects.exists()


@pytest.mark.django_db
def test_what_was_killed_is_begun_again_and_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    Scenario().home("Durand", "Camille")
    left = tmp_path / ".one.unfinished"
    left.mkdir()
    (left / "foyers.csv").write_text("half")
    call_command("export", "all", str(tmp_path / "one"), stdout=StringIO())
    assert not left.exists()
    with pytest.raises(CommandError, match="contient déjà quelque chose"):
        call_command("export", "all", str(tmp_path / "one"))
    with pytest.raises(CommandError, match="sont déjà là"):
        call_command("import", "all", str(tmp_path / "one"))
    with pytest.raises(CommandError, match="dans quel dossier"):
        call_command("export", "all")


@pytest.mark.django_db
def test_a_row_leads_to_no_file_of_the_machine(tmp_path: Path) -> None:
    """An export may come from others: of the disk, what its manifest names is read and nothing else."""
    sent = file_check(upload=SimpleUploadedFile("Plan.png", samples.picture()))
    digest = file_store(actor=SYSTEM, upload=sent, now=NOW).sha256
    folder = tmp_path / "one"
    whole_write(folder, health=False, now=NOW)
    StoredFile.objects.all().delete()
    (tmp_path / "secret").write_bytes(b"a key of the machine")
    rows = (folder / "fichiers.csv").read_bytes()
    _signed(folder, "fichiers.csv", rows.replace(digest.encode(), b"../../secret"))
    assert whole_read(folder, now=NOW)["fichiers"] == 1
    with pytest.raises(FileNotFoundError):
        open_content(StoredFile.objects.get())


def test_every_personal_table_is_exported_or_its_absence_explained() -> None:
    exported = {table.model for table in TABLES}
    assert {one.model for one in declared()} - exported == LEFT_OUT.keys()
    assert not exported & LEFT_OUT.keys()
    for table in TABLES:
        names = {one.name for one in table.model._meta.get_fields()}
        assert table.omits.keys() <= names
        titles = [cell.title for cell in cells_of(table)]
        assert len(set(titles)) == len(titles)


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
)
@example([["=1", "'=1", "''-a", "-12,5", "'-12", "\r", "a\r\nb", '"', ""]])
def test_rows_come_back_as_they_were_and_no_cell_is_live(rows: list[list[str]]) -> None:
    out = StringIO(newline="")
    rows_write(out, rows)
    kept = out.getvalue()
    assert [row or [""] for row in rows_read(StringIO(kept, newline=""))] == rows
    cells = [cell for row in csv.reader(StringIO(kept, newline=""), delimiter=";") for cell in row]
    assert not [cell for cell in cells if csv_safe(cell) != cell]


def refused(call: Any) -> str:
    with pytest.raises(WholeRefused) as found:
        call()
    return str(found.value.code)


def _signed(folder: Path, name: str, content: bytes) -> None:
    """Write a file, and its digest in the manifest."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name]["sha256"] = sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
