"""What `tests/at_size.py` sees of migrations that were planted: of those that would keep a département
waiting, and of those that come to the same otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.db import connection, migrations, models, transaction
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import CheckConstraint, Index, Q
from django.db.models.functions import Random
from django.utils import timezone

from marelle.core.migrating import AddCheckBeside, AddIndexBeside
from tests.at_size import FEW, as_many, watched
from tests.database import empty

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="what PostgreSQL locks and reads, it alone can tell"
)

TABLE: Final = "planted_row"


def planted(*operations: Operation, atomic: bool = True) -> Migration:
    migration = Migration("planted", "planted")
    migration.operations, migration.atomic = list(operations), atomic
    return migration


def applied(migration: Migration, state: ProjectState) -> ProjectState:
    with connection.schema_editor(atomic=migration.atomic) as editor:
        return migration.apply(state, editor)


FIRST: Final = planted(
    migrations.CreateModel("Place", [("id", models.BigAutoField(primary_key=True))]),
    migrations.CreateModel(
        "Row",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("note", models.CharField(max_length=9, default="")),
            ("by", models.CharField(max_length=9, default="")),
            ("late", models.BooleanField(default=False)),
            ("number", models.SmallIntegerField(default=0)),
            ("at", models.DateTimeField(default=timezone.now, null=True)),
        ],
    ),
)


@pytest.fixture
def filled(transactional_db: None) -> Iterator[ProjectState]:
    """A database with a few rows of a table, which stand for ten million."""
    with empty():
        state = applied(FIRST, ProjectState())
        state.apps.get_model("planted", "Row").objects.bulk_create(rows(state.apps).model() for _n in "12345")
        yield state


def column(name: str, field: models.Field[Any, Any]) -> Operation:
    return migrations.AddField("row", name, field)


def run(code: Any) -> Operation:
    return migrations.RunPython(code, migrations.RunPython.noop)


def rows(apps: Any) -> Any:
    return apps.get_model("planted", "Row").objects


def noted(apps: Any, _editor: Any) -> None:
    rows(apps).filter(note="").update(note="-")


def one_noted(apps: Any, _editor: Any) -> None:
    rows(apps).filter(pk=3).update(note="-")


def noted_by_batches(apps: Any, _editor: Any) -> None:
    last = 0
    while keys := list(rows(apps).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:2]):
        rows(apps).filter(pk__in=keys).update(named="-")
        last = keys[-1]


def looked_for(apps: Any, _editor: Any) -> None:
    list(rows(apps).filter(note="no such").values_list("pk", flat=True))


BY: Final = Index(fields=["by"], name="planted_by")
KNOWN: Final = CheckConstraint(condition=Q(number__gte=-9), name="planted_known")
NAMED: Final = CheckConstraint(condition=Q(named__isnull=False), name="planted_named")
KEY: Final[dict[str, Any]] = {"to": "planted.Place", "on_delete": models.CASCADE, "null": True}
FLAG: Final = models.BooleanField(default=False)

SLOW: Final[dict[str, Migration]] = {
    "a value that each row computes": planted(column("a", models.FloatField(db_default=Random()))),
    "no two alike": planted(column("a", models.IntegerField(null=True, unique=True))),
    "a key with its index": planted(column("a", models.ForeignKey(**KEY))),
    "an index": planted(migrations.AddIndex("row", BY)),
    "a check": planted(migrations.AddConstraint("row", KNOWN)),
    "a column of another kind": planted(migrations.AlterField("row", "number", models.IntegerField())),
    "a column that must be filled": planted(migrations.AlterField("row", "at", models.DateTimeField())),
    "all rows by one statement": planted(run(noted), atomic=False),
    "a row while the table is locked": planted(column("a", FLAG), run(one_noted)),
    "a table read while it is locked": planted(column("a", FLAG), run(looked_for)),
    "rows in the one transaction": planted(run(one_noted)),
    "in SQL": planted(migrations.RunSQL(f'alter table "{TABLE}" alter "late" type text')),
}

QUICK: Final[tuple[Migration, ...]] = (
    planted(column("named", models.CharField(max_length=9, null=True)), column("flag", FLAG)),
    planted(run(noted_by_batches), atomic=False),
    planted(AddCheckBeside("row", NAMED), atomic=False),
    planted(migrations.AlterField("row", "named", models.CharField(max_length=9))),
    planted(AddIndexBeside("row", BY), atomic=False),
    planted(column("place", models.ForeignKey(**KEY, db_index=False))),
    planted(run(looked_for)),
    planted(migrations.RemoveField("row", "flag")),
)
"""A column that must be filled, in four migrations, one after the other; an index, a key, a column less."""


@on_postgresql
def test_what_would_keep_a_departement_waiting_is_found(filled: ProjectState) -> None:
    unseen = []
    for name, migration in SLOW.items():
        with watched([TABLE]) as watch, transaction.atomic():
            watch.begins(migration)
            applied(migration, filled.clone())
            transaction.set_rollback(True)
        if not any(TABLE in fault for fault in watch.faults):
            unseen.append(name)
    assert unseen == []


def test_the_same_is_done_while_families_book(filled: ProjectState) -> None:
    state, faults = filled, []
    for migration in QUICK:
        if connection.vendor == "postgresql":
            with watched([TABLE]) as watch:
                watch.begins(migration)
                state = applied(migration, state)
            faults += watch.faults
        else:
            state = applied(migration, state)
    assert faults == []
    assert set(rows(state.apps).values_list("named", flat=True)) == {"-"}
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, TABLE)
    assert {"planted_by", "planted_named"} <= constraints.keys()


@on_postgresql
def test_what_was_stopped_half_way_is_begun_again(filled: ProjectState) -> None:
    """An index that was being built when the machine stopped stays, and serves nobody."""
    with connection.cursor() as cursor:
        cursor.execute(f"create index planted_by on {TABLE} (number)")
        cursor.execute("update pg_index set indisvalid = false where indexrelid = 'planted_by'::regclass")
        cursor.execute(f"alter table {TABLE} add constraint planted_known check (number > 99) not valid")
    applied(planted(AddIndexBeside("row", BY), AddCheckBeside("row", KNOWN), atomic=False), filled)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, TABLE)
        cursor.execute("select indisvalid from pg_index where indexrelid = 'planted_by'::regclass")
        assert cursor.fetchone() == (True,)
        cursor.execute("select convalidated from pg_constraint where conname = 'planted_known'")
        assert cursor.fetchone() == (True,)
    assert found["planted_by"]["columns"] == ["by"]


@pytest.mark.once
def test_a_table_that_grows_like_a_large_one_is_large_or_said_not_to_be() -> None:
    assert as_many() == FEW.keys()
