"""The names of files are sealed where they are, by batches: stopped, it goes on where it was. Their contents are
sealed by `python -m marelle reseal`, while the portal runs."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from marelle.core.resealing import tokens
from marelle.core.sealed import Sealed, opened
from marelle.core.sealing import key_needed, space_forget, texts_seal


def forwards(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("files", "StoredFile")
    key_needed([model.objects.all()])
    texts_seal(model, "name")
    if model.objects.exists():
        space_forget(schema_editor.connection, model._meta.db_table)


def backwards(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("files", "StoredFile")
    table = schema_editor.quote_name(model._meta.db_table)
    for pk, token in list(tokens(model.objects.order_by("pk"), "name")):
        sql = f"UPDATE {table} SET name = %s WHERE id = %s"  # noqa: S608  # nosec B608
        schema_editor.execute(sql, (opened(Sealed(token)), pk))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("files", "0002_name_sealed")]

    operations = [migrations.RunPython(forwards, backwards)]
