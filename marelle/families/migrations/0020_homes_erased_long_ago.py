from django.db import migrations
from django.utils import timezone


def erased_long_ago(apps, _schema_editor):
    """Of homes whose line the journal no longer holds, the name that an erasure leaves says that it was."""
    homes = apps.get_model("families", "Family").objects
    homes.filter(name="Foyer effacé", erased_at=None).update(erased_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0019_pupils_of_a_school"),
    ]

    operations = [
        migrations.RunPython(erased_long_ago, migrations.RunPython.noop, elidable=True),
    ]
