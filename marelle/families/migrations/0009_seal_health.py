"""Health, judgments and notes that are in the clear are sealed where they are, by batches: stopped, it goes on
where it was. It can be undone, but for two vaccinations that would be the same."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import migrations

from marelle.core.resealing import tokens
from marelle.core.sealed import Sealed, opened, seal
from marelle.core.sealing import key_needed, rows_seal, texts_seal

FIELDS: Final = (
    "allergies",
    "is_severe",
    "pai",
    "pai_until",
    "pai_meal",
    "treatments",
    "remarks",
    "doctor_name",
    "doctor_phone",
)
TEXTS: Final = {"PickupBan": ("name", "reason"), "Vaccination": ("vaccine",), "FamilyNote": ("text",)}
WHOLE: Final = 512


def _said(row: Any) -> Sealed:
    """As `models.care.sealed_sheet` wrote it then."""
    said = {name: getattr(row, name) for name in FIELDS}
    text = json.dumps(
        {**said, "pai_until": row.pai_until and row.pai_until.isoformat()}, separators=(",", ":")
    )
    return seal(text.ljust(-(-len(text) // WHOLE) * WHOLE))


def forwards(apps: Any, _schema_editor: Any) -> None:
    sheets = apps.get_model("families", "HealthSheet").objects.all()
    models = {apps.get_model("families", name): columns for name, columns in TEXTS.items()}
    key_needed([sheets, *(model.objects.all() for model in models)])
    rows_seal(sheets, "said", _said)
    for model, columns in models.items():
        texts_seal(model, *columns)


def backwards(apps: Any, schema_editor: Any) -> None:
    sheets = apps.get_model("families", "HealthSheet").objects
    for row in sheets.exclude(said=None).iterator():
        for name, value in json.loads(opened(row.said)).items():
            setattr(row, name, value)
        row.save()
    sheets.update(said=None)
    quoted = schema_editor.quote_name
    for name, columns in TEXTS.items():
        model = apps.get_model("families", name)
        for column in columns:
            for pk, token in list(tokens(model.objects.order_by("pk"), column)):
                table = quoted(model._meta.db_table)
                sql = f"UPDATE {table} SET {quoted(column)} = %s WHERE id = %s"  # noqa: S608  # nosec B608
                schema_editor.execute(sql, (opened(Sealed(token)), pk))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("families", "0008_health_sealed")]

    operations = [migrations.RunPython(forwards, backwards)]
