"""The tables of `files`, as they were when migrations were frozen."""

from django.db import migrations, models

import marelle.files.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default=marelle.files.models.new_key,
                        editable=False,
                        max_length=40,
                        unique=True,
                        verbose_name="emplacement",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("application/pdf", "application/pdf"),
                            ("image/jpeg", "image/jpeg"),
                            ("image/png", "image/png"),
                        ],
                        max_length=40,
                        verbose_name="nature",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="taille, en octets")),
                ("pages", models.PositiveSmallIntegerField(default=1, verbose_name="pages")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte")),
                (
                    "family_id",
                    models.BigIntegerField(
                        blank=True, db_index=True, null=True, verbose_name="dossier famille"
                    ),
                ),
                ("stored_at", models.DateTimeField(verbose_name="reçu le")),
                ("stored_by", models.CharField(max_length=200, verbose_name="envoyé par")),
            ],
            options={
                "verbose_name": "fichier",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "identity",
                    models.CharField(
                        default=marelle.files.models.new_identity, max_length=32, verbose_name="identité"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="depuis le")),
            ],
            options={
                "verbose_name": "dossier des fichiers",
                "verbose_name_plural": "dossiers des fichiers",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)),
                        name="files_one_store",
                        violation_error_message="Une base de données a un seul dossier de fichiers.",
                    )
                ],
            },
        ),
    ]
