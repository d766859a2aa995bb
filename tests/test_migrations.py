"""The schema is the same for all: landed migrations stay as they are, later ones pass over rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RunPython

from marelle.files.apart import alone
from tests.database import copied, made, moved_to
from tests.full_house import FullHouse
from tests.migrations import fingerprints, landed

FIRST = "0001_initial"


def test_landed_migrations_are_as_they_landed() -> None:
    """One that is new is added by `python -m tests.migrations`; one that has landed is never edited."""
    assert fingerprints() == landed()


def test_each_app_begins_with_one_migration() -> None:
    apps_of_ours = {path.partition("/")[0] for path in fingerprints()}
    assert {path for path in fingerprints() if path.endswith(f"/{FIRST}.py")} == {
        f"{app}/migrations/{FIRST}.py" for app in apps_of_ours
    }


@pytest.mark.django_db
def test_the_schema_is_read_by_sqlite_alone() -> None:
    """No check nor index calls a function that only Django gives: a backup is verified without it."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite is given functions by Django")
    with closing(sqlite3.connect(made())) as plain:
        assert plain.execute("pragma integrity_check").fetchall() == [("ok",)]


# Later ones, on a filled database: back to the first of each app, then forth again


Rows = dict[str, int]


def rows() -> Rows:
    """How many there are in each table of ours."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_models() if model.__module__[:8] == "marelle."]
        counts = {}
        for table in sorted(tables):
            cursor.execute(f'select count(*) from "{table}"')  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def later() -> list[str]:
    """Apps of ours with more than their first migration."""
    loader = MigrationLoader(None)
    names = {app for app, name in loader.disk_migrations if name != FIRST}
    return sorted(names & {path.partition("/")[0] for path in fingerprints()})


@pytest.fixture
def filled(transactional_db: None) -> Iterator[Rows]:
    """A database of the test's own, with a home that has a row of everything; the schema is moved freely."""
    name = connection.settings_dict["NAME"]
    with copied(f"{name}_moved"):
        with alone(), transaction.atomic():
            FullHouse()
        yield rows()


def back_and_forth(names: list[str]) -> None:
    moved_to(*((app, FIRST) for app in names if f"{app}_" not in begun_later()))
    moved_to()


def of_the_first() -> set[str]:
    """Tables whose rows the first migrations can hold: not those that a later one only adds, where going back
    leaves nowhere to keep them, nor those of an app that began on a later one of another, and goes with it.
    One that moves rows (by code of its own) must move them back."""
    added = {
        f"{app}_{one.name.lower()}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if name != FIRST and not any(isinstance(one, RunPython) for one in migration.operations)
        for one in migration.operations
        if isinstance(one, CreateModel)
    }
    gone = begun_later()
    return {table for table in set(rows()) - added if not table.startswith(gone)}


def begun_later() -> tuple[str, ...]:
    """What the tables begin with of the apps whose first migration stands on a later one of ours."""
    loader, ours = MigrationLoader(None), later()
    return tuple(
        f"{app}_"
        for app, name in loader.disk_migrations
        if name == FIRST
        and any(other in ours and at != FIRST for other, at in loader.graph.forwards_plan((app, name)))
    )


def kept(found: Rows) -> Rows:
    there = of_the_first()
    return {table: count for table, count in found.items() if table in there}


def test_later_migrations_keep_every_row(filled: Rows) -> None:
    assert sum(filled.values()) > 200
    assert "activities_bookingwave" in of_the_first()
    assert not {"activities_bookingbound", "activities_spanjudged"} & of_the_first()
    assert begun_later() == ("pricing_",)
    back_and_forth(later())
    assert kept(rows()) == kept(filled)


BEGINS = """
from importlib import import_module
Migration = import_module("marelle.cases.migrations.0001_initial").Migration
"""
ADDS = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.AddField("case", "note", models.CharField(max_length=9{more}))]
"""


@pytest.mark.parametrize(
    ("more", "passes"), [(', default=""', True), (", null=True, unique=True", True), ("", False)]
)
def test_a_migration_that_forgets_the_rows_is_found_out(
    filled: Rows, more: str, passes: bool, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = tmp_path / f"planted_{abs(hash(more))}"
    planted.mkdir()
    (planted / "__init__.py").touch()
    (planted / "0001_initial.py").write_text(BEGINS)
    (planted / "0002_note.py").write_text(ADDS.format(more=more))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"cases": planted.name}
    assert filled["cases_case"], "the table is filled"
    if passes:
        moved_to()
        back_and_forth(["cases"])
        assert kept(rows()) == kept(filled)
    else:
        with pytest.raises(IntegrityError):
            moved_to()
