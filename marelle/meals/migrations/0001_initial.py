"""The tables of `meals`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MealExtra",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("adults", models.PositiveSmallIntegerField(default=0, verbose_name="adultes")),
                ("picnics", models.PositiveSmallIntegerField(default=0, verbose_name="pique-niques")),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meal_extras",
                        to="activities.slot",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meal_extras",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "adultes et pique-niques d’un repas",
                "verbose_name_plural": "adultes et pique-niques des repas",
                "ordering": ("day", "pk"),
                "constraints": [models.UniqueConstraint(fields=("slot", "day"), name="meal_extra_once")],
            },
        ),
        migrations.CreateModel(
            name="MealOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("number", models.PositiveSmallIntegerField(verbose_name="commande n°")),
                ("counts", models.JSONField(verbose_name="repas")),
                ("ordered_at", models.DateTimeField(verbose_name="commandée le")),
                ("ordered_by", models.CharField(max_length=150, verbose_name="commandée par")),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meal_orders",
                        to="activities.slot",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meal_orders",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "commande de repas",
                "verbose_name_plural": "commandes de repas",
                "ordering": ("day", "slot", "number"),
                "indexes": [models.Index(fields=["structure", "day"], name="meal_order_of_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slot", "day", "number"),
                        name="meal_order_once",
                        violation_error_message="Cette commande est déjà faite.",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="meal_order_counted"),
                ],
            },
        ),
    ]
