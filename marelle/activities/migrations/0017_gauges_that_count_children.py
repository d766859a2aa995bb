from django.db import migrations, models


def not_counted_yet(apps, _schema_editor):
    """Places taken until now may be bookings: `marelle recount` counts children, and says so."""
    taken = apps.get_model("activities", "Quota").objects.filter(taken__gt=0)
    gauges = apps.get_model("activities", "Gauge").objects
    gauges.filter(pk__in=taken.order_by().values("gauge_id")).update(counts_children=False)


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0016_words_on_screen"),
    ]

    operations = [
        migrations.AddField(
            model_name="gauge",
            name="counts_children",
            field=models.BooleanField(
                default=True, editable=False, verbose_name="compte chaque enfant une fois"
            ),
        ),
        migrations.RunPython(not_counted_yet, migrations.RunPython.noop),
    ]
