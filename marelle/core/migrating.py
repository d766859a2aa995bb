"""Operations of migrations for tables that hold millions of rows: nobody waits for them longer than a moment.

They go into a migration of their own that says `atomic = False`; each begins again where it was stopped. On
SQLite they are those of Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

POSTGRESQL = "postgresql"


@contextmanager
def lock_patience(connection: BaseDatabaseWrapper, patience: str) -> Iterator[None]:
    """How long PostgreSQL waits for a lock meanwhile; "0": as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        _told(cursor, patience)
    try:
        yield
    finally:
        # One that was lost has forgotten it.
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                _told(cursor, before)


def _told(cursor: Any, patience: str) -> None:
    cursor.execute("select set_config('lock_timeout', %s, false)", [patience])


class AddIndexBeside(migrations.AddIndex):
    """An index that PostgreSQL builds while rows are written; one that was left unfinished is built anew."""

    atomic = False

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != POSTGRESQL:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        editor: Any = schema_editor
        # It waits for who reads already, and nobody waits for it.
        with lock_patience(schema_editor.connection, "0"):
            editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {editor.quote_name(self.index.name)}")
            editor.add_index(model, self.index, concurrently=True)


class AddCheckBeside(migrations.AddConstraint):
    """A check that holds for new rows at once, and for those that are there once PostgreSQL has read them,
    which keeps nobody from writing."""

    atomic = False

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor != POSTGRESQL:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.constraint.name))
        added = self.constraint.create_sql(model, schema_editor)
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        schema_editor.execute(f"{added} NOT VALID", params=None)
        schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
