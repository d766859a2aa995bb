from django.db import migrations, models


def erased_before(apps, _schema_editor):
    """Homes that were erased before the column was there: the journal says when."""
    erased = apps.get_model("journal", "Entry").objects.filter(verb="family.erased", subject_kind="family")
    homes = apps.get_model("families", "Family").objects
    for family_id, at in erased.order_by("at").values_list("subject_id", "at"):
        homes.filter(pk=family_id).update(erased_at=at)


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0017_meanings_of_imported_words"),
        ("journal", "0001_the_journal"),
    ]

    operations = [
        migrations.AddField(
            model_name="family",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="effacé le"),
        ),
        migrations.RunPython(erased_before, migrations.RunPython.noop, elidable=True),
    ]
