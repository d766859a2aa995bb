"""`migrate`, killed where it stands, leaves nothing half done: the next one goes on, to the same tables."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, Final

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.database import copied, empty

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.prove,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's are tried by its own journal"),
]

MIGRATE: Final = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
from django.core.management import call_command
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
call_command("migrate", interactive=False)
"""

SCHEMA: Final = (
    (
        "select table_name, column_name, data_type, is_nullable, column_default, ordinal_position "
        "from information_schema.columns where table_schema = 'public'"
    ),
    "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "select conname, pg_get_constraintdef(oid), convalidated from pg_constraint where conrelid > 0",
)


def migrating() -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", MIGRATE, connection.settings_dict["NAME"]]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def schema() -> list[set[tuple[Any, ...]]]:
    found = []
    with connection.cursor() as cursor:
        for sql in SCHEMA:
            cursor.execute(sql)
            found.append(set(cursor.fetchall()))
    return found


def applied() -> int:
    recorder = MigrationRecorder(connection)
    return len(recorder.applied_migrations()) if recorder.has_table() else 0


def test_killed_again_and_again_it_comes_to_the_same_tables(transactional_db: None) -> None:
    with copied(f"{connection.settings_dict['NAME']}_whole"):
        whole, count = schema(), applied()
    with empty():
        done = 0
        for steps in (1, 12, 40, 25):
            connection.close()
            process = migrating()
            assert process.stdout is not None
            seen = 0
            for line in process.stdout:
                seen += "Applying" in line
                if seen == steps:
                    break
            process.kill()
            process.communicate()
            assert process.returncode < 0, "killed while it was at it"
            assert done <= applied() < count
            done = applied()
        connection.close()
        last = migrating()
        last.communicate()
        assert last.returncode == 0
        assert applied() == count
        assert schema() == whole
