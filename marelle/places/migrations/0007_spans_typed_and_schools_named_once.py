from collections import Counter

from django.db import migrations, models


def number_schools_of_one_name(apps, _schema_editor):
    """The second of one name in one commune becomes « … (2) »: none is taken away, each can be told."""
    seen = Counter()
    for school in apps.get_model("places", "School").objects.order_by("pk"):
        seen[school.name, school.commune_id] += 1
        number = seen[school.name, school.commune_id]
        if number > 1:
            school.name = f"{school.name[:70]} ({number})"
            school.save(update_fields=["name"])


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0006_delays_of_keeping"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarspan",
            name="typed",
            field=models.BooleanField(default=False, verbose_name="saisie par un agent"),
        ),
        migrations.RunPython(number_schools_of_one_name, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="school",
            constraint=models.UniqueConstraint(
                fields=("name", "commune"),
                name="school_once_a_commune",
                violation_error_message="Une école de cette commune porte déjà ce nom.",
            ),
        ),
    ]
