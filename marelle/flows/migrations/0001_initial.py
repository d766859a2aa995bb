"""The tables of `flows`, as they were when migrations were frozen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JobRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job", models.CharField(max_length=40, unique=True, verbose_name="travail")),
                ("began_at", models.DateTimeField(verbose_name="commencé le")),
                ("took", models.DurationField(verbose_name="durée")),
                ("failure", models.CharField(blank=True, max_length=100, verbose_name="erreur")),
                ("well_at", models.DateTimeField(blank=True, null=True, verbose_name="réussi le")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="fait")),
                ("did_at", models.DateTimeField(blank=True, null=True, verbose_name="fait le")),
            ],
            options={
                "verbose_name": "tour de travail",
                "verbose_name_plural": "tours de travail",
                "ordering": ["job"],
            },
        ),
    ]
