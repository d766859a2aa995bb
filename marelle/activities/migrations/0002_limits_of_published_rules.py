"""Limits as published rules say them: "avant", clear and working days, weekdays of their own."""

from django.db import migrations, models

import marelle.activities.rules


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="bookingrule",
            name="book_anchor",
            field=models.CharField(
                choices=[("day", "day"), ("week", "week"), ("month", "month"), ("period", "period")],
                default=marelle.activities.rules.Anchor["DAY"],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="bookingrule",
            name="book_off_day",
            field=models.CharField(
                choices=[("kept", "kept"), ("before", "before")],
                default=marelle.activities.rules.OffDay["KEPT"],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="bookingrule",
            name="book_strict",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="bookingrule",
            name="cancel_anchor",
            field=models.CharField(
                choices=[("day", "day"), ("week", "week"), ("month", "month"), ("period", "period")],
                default=marelle.activities.rules.Anchor["DAY"],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="bookingrule",
            name="cancel_off_day",
            field=models.CharField(
                choices=[("kept", "kept"), ("before", "before")],
                default=marelle.activities.rules.OffDay["KEPT"],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="bookingrule",
            name="cancel_strict",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="bookingrule",
            name="weekdays",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="vide : tous ; 0 pour lundi",
                verbose_name="jours de la semaine",
            ),
        ),
        migrations.AlterField(
            model_name="bookingrule",
            name="after",
            field=models.CharField(
                choices=[("refuse", "refuse"), ("late", "late"), ("wait", "wait")],
                default=marelle.activities.rules.After["REFUSE"],
                max_length=10,
                verbose_name="passé le délai",
            ),
        ),
        migrations.AlterField(
            model_name="bookingrule",
            name="book_counting",
            field=models.CharField(
                choices=[
                    ("calendar", "calendar"),
                    ("clear", "clear"),
                    ("weekdays", "weekdays"),
                    ("working", "working"),
                    ("school", "school"),
                ],
                default=marelle.activities.rules.Counting["CALENDAR"],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="bookingrule",
            name="cancel_counting",
            field=models.CharField(
                choices=[
                    ("calendar", "calendar"),
                    ("clear", "clear"),
                    ("weekdays", "weekdays"),
                    ("working", "working"),
                    ("school", "school"),
                ],
                default=marelle.activities.rules.Counting["CALENDAR"],
                max_length=10,
            ),
        ),
    ]
