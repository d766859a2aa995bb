"""The tables of `demo`, as they were when migrations were frozen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="World",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="construit pour le")),
                ("seed", models.PositiveIntegerField(verbose_name="graine")),
                ("families", models.PositiveIntegerField(verbose_name="foyers")),
            ],
            options={
                "verbose_name": "monde de démonstration",
            },
        ),
    ]
