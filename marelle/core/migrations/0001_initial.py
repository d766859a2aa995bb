"""The table of `core`: the revision of what processes keep."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(verbose_name="numéro")),
            ],
            options={
                "verbose_name": "révision",
                "verbose_name_plural": "révisions",
            },
        ),
    ]
