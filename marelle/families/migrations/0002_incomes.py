"""Where incomes are sealed; the next ones move there what was in the clear."""

import django.db.models.deletion
from django.db import migrations, models

import marelle.core.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0001_initial"),
        ("places", "0002_commune_agreements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Income",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("quotient", "quotient familial"),
                            ("resources", "ressources mensuelles"),
                            ("dependants", "enfants à charge"),
                            ("aeeh", "enfants qui ouvrent droit à l’AEEH"),
                        ],
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("status", marelle.core.sealed.SealedField(verbose_name="connu comme")),
                ("amount", marelle.core.sealed.SealedField(verbose_name="montant ou nombre")),
                ("source", models.CharField(max_length=80, verbose_name="justifié par")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incomes",
                        to="places.authority",
                        verbose_name="pour la collectivité",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incomes",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "revenu",
                "verbose_name_plural": "revenus et enfants à charge",
                "ordering": ("-since", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="ProposedIncome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", marelle.core.sealed.SealedField(verbose_name="quotient familial")),
                ("since", models.DateField(verbose_name="depuis le")),
                ("seen", marelle.core.sealed.SealedField(null=True, verbose_name="quotient connu alors")),
                ("seen_since", models.DateField(null=True, verbose_name="connu depuis le")),
                ("written_since", models.DateField(blank=True, null=True, verbose_name="compte depuis le")),
                (
                    "former_amount",
                    marelle.core.sealed.SealedField(blank=True, null=True, verbose_name="quotient remplacé"),
                ),
                (
                    "former_status",
                    marelle.core.sealed.SealedField(blank=True, null=True, verbose_name="connu alors comme"),
                ),
                (
                    "former_source",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="quotient remplacé justifié par"
                    ),
                ),
                (
                    "former_until",
                    models.DateField(blank=True, null=True, verbose_name="quotient remplacé, jusqu’au"),
                ),
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="income",
                        to="families.changerequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "quotient proposé",
                "verbose_name_plural": "quotients proposés",
            },
        ),
        migrations.AddConstraint(
            model_name="income",
            constraint=models.UniqueConstraint(
                condition=models.Q(("authority__isnull", True)),
                fields=("family", "kind", "since"),
                name="income_once_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="income",
            constraint=models.UniqueConstraint(
                condition=models.Q(("authority__isnull", False)),
                fields=("family", "authority", "kind", "since"),
                name="income_once_a_day_for_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="income",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="income_ends_after_it_begins",
                violation_error_message="Le dernier jour vient après le premier.",
            ),
        ),
    ]
