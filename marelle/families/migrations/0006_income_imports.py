import django.db.models.deletion
from django.db import migrations, models

import marelle.core.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0005_nothing_left_in_the_file"),
        ("places", "0003_incomes_read"),
    ]

    operations = [
        migrations.CreateModel(
            name="IncomeImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=120, verbose_name="fichier")),
                ("lines", marelle.core.sealed.SealedField(blank=True, null=True, verbose_name="lignes")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proved", "justifié"),
                            ("declared", "déclaré"),
                            ("refused", "non communiqué"),
                            ("none", "sans revenu"),
                            ("unknown", "inconnu"),
                        ],
                        max_length=10,
                        verbose_name="connu comme",
                    ),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("source", models.CharField(max_length=80, verbose_name="justifié par")),
                (
                    "state",
                    models.CharField(
                        choices=[("prepared", "à vérifier"), ("done", "terminé")],
                        default="prepared",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="décompte")),
                ("prepared_at", models.DateTimeField(verbose_name="lu le")),
                ("prepared_by", models.CharField(max_length=200, verbose_name="lu par")),
                ("account_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="terminé le")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="income_imports",
                        to="places.authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "import de revenus",
                "verbose_name_plural": "imports de revenus",
                "ordering": ("-prepared_at", "-pk"),
            },
        ),
    ]
