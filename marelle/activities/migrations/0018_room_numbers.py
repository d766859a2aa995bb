"""Numbers of the waiting room, for the machines that share a PostgreSQL; SQLite has one machine."""

from django.db import migrations


def made(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE SEQUENCE IF NOT EXISTS room_number")


def unmade(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP SEQUENCE IF EXISTS room_number")


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0017_awaited_openings"),
    ]

    operations = [migrations.RunPython(made, unmade)]
