"""The schema is the same for all: landed migrations stay as they are, later ones pass over rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RunPython

from marelle.files.apart import alone
from tests.at_size import watched
from tests.database import copied, made, move_to
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


# Later ones, on a filled database: back to those proven (to the first, by `make prove`), then forth again


Rows = dict[str, int]
Since = Mapping[str, str]
"""By app, the last migration that stays; the first of each that is not named."""

PROVEN: Since = {
    "accounts": "0015_guest_childminder",
    "activities": "0016_slot_before",
    "attendance": "0004_seal_reasons",
    "billing": "0022_payer_access",
    "bookings": "0008_seal_reasons",
    "cases": "0003_seal_texts",
    "enrolments": "0009_teen_access",
    "families": "0017_caf_agreements",
    "files": "0004_scan",
    "flows": "0003_reading_bound",
    "journal": "0002_chain",
    "mail": "0006_about",
    "messaging": "0003_seal_texts",
    "places": "0010_teen_age",
    "pricing": "0003_subscriptions",
    "papers": "0003_seal_reasons",
    "relay": "0004_childminder_access",
}
"""Up to where `make prove` went back and forth: they have landed, so that nothing changes of it. To be moved
on now and then: of a plan, Django makes all models again from its first migration on."""


def rows() -> Rows:
    """How many there are in each table of ours."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_models() if model.__module__[:8] == "marelle."]
        counts = {}
        for table in sorted(tables):
            cursor.execute(f'select count(*) from "{table}"')  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def later(since: Since) -> dict[tuple[str, str], Migration]:
    """Those of ours that come after."""
    ours = {path.partition("/")[0] for path in fingerprints()}
    return {
        (app, name): migration
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in ours and name > since.get(app, FIRST)
    }


@pytest.fixture
def filled(transactional_db: None) -> Iterator[Rows]:
    """A database of the test's own, with a home that has a row of everything; the schema is moved freely."""
    name = connection.settings_dict["NAME"]
    with copied(f"{name}_moved"):
        with alone(), transaction.atomic():
            FullHouse()
        yield rows()


def back_and_forth(names: Iterable[str], since: Since) -> list[str]:
    """Returns what would keep a département waiting on the way forth, as PostgreSQL tells."""
    gone = begun_later(since)
    move_to(*((app, since.get(app, FIRST)) for app in sorted(names) if f"{app}_" not in gone))
    if connection.vendor != "postgresql":
        move_to()
        return []
    with watched() as watch:
        move_to(progress=watch.progress)
    return watch.faults


def of_the_first(since: Since) -> set[str]:
    """Tables whose rows those that stay can hold: not those that a later one only adds, where going back
    leaves nowhere to keep them, nor those of an app that began on a later one of another, and goes with it.
    One that moves rows (by code of its own) must move them back."""
    added = {
        f"{app}_{one.name.lower()}"
        for (app, _name), migration in later(since).items()
        if not any(isinstance(one, RunPython) for one in migration.operations)
        for one in migration.operations
        if isinstance(one, CreateModel)
    }
    gone = begun_later(since)
    return {table for table in set(rows()) - added if not table.startswith(gone)}


def begun_later(since: Since) -> tuple[str, ...]:
    """What the tables begin with of the apps whose first migration stands on one that comes after."""
    loader, after = MigrationLoader(None), later(since)
    return tuple(
        f"{app}_"
        for app, name in loader.disk_migrations
        if name == FIRST and not after.keys().isdisjoint(loader.graph.forwards_plan((app, name)))
    )


def kept(found: Rows, since: Since) -> Rows:
    there = of_the_first(since)
    return {table: count for table, count in found.items() if table in there}


@pytest.mark.parametrize(
    "since", [PROVEN, pytest.param({}, marks=pytest.mark.prove)], ids=["proven", "first"]
)
def test_later_migrations_keep_every_row(filled: Rows, since: Since) -> None:
    assert sum(filled.values()) > 200
    slow = back_and_forth({app for app, _name in later(since)}, since)
    assert kept(rows(), since) == kept(filled, since)
    assert since != PROVEN or slow == [], "docs/architecture.md, « Migrations », tells how to do it otherwise"


@pytest.mark.django_db
def test_it_is_known_which_tables_those_that_stay_can_hold() -> None:
    assert "activities_bookingwave" in of_the_first({})
    assert not {"activities_bookingbound", "activities_spanjudged"} & of_the_first({})
    assert set(begun_later({})) == {"pricing_", "campaigns_"}
    assert begun_later(PROVEN) == ()
    assert set(PROVEN.items()) <= MigrationLoader(None).disk_migrations.keys()


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


@pytest.mark.once
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
        move_to()
        back_and_forth(["cases"], {})
        assert kept(rows(), {}) == kept(filled, {})
    else:
        with pytest.raises(IntegrityError):
            move_to()
