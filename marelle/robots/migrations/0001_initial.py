"""The tables of `robots`, as they were when migrations were frozen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="UsedProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True, verbose_name="empreinte")),
                ("until", models.DateTimeField(db_index=True, verbose_name="jusqu’au")),
            ],
            options={
                "verbose_name": "preuve utilisée",
                "verbose_name_plural": "preuves utilisées",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.CharField(max_length=40, verbose_name="formulaire")),
                ("sender", models.CharField(max_length=64, verbose_name="empreinte de l’expéditeur")),
                ("at", models.DateTimeField(db_index=True, verbose_name="date")),
            ],
            options={
                "verbose_name": "envoi compté",
                "verbose_name_plural": "envois comptés",
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["form", "sender", "at"], name="sending_counted")],
            },
        ),
    ]
