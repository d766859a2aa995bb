"""The tables that held health in the clear are written again: what a database deletes stays in its file."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from marelle.core.sealing import space_forget

MODELS = ("HealthSheet", "PickupBan", "Vaccination", "FamilyNote")


def forwards(apps: Any, schema_editor: Any) -> None:
    models = [apps.get_model("families", name) for name in MODELS]
    if any(model.objects.exists() for model in models):
        space_forget(schema_editor.connection, *(model._meta.db_table for model in models))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("families", "0010_nothing_left_in_the_sheet")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
