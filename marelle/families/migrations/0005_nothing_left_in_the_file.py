"""SQLite leaves what was deleted in free pages of its file, and in the one of its log: both are written anew."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def forwards(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Migration(migrations.Migration):
    atomic = False  # VACUUM is refused in a transaction

    dependencies = [("families", "0004_incomes_alone")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
