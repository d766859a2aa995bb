"""Waves: any number, each to an audience, where a rule had one instant for residents and one for the others."""

import django.db.models.deletion
from django.db import migrations, models

import marelle.activities.rules


def waves_of_rules(apps, _editor):
    rule, wave = apps.get_model("activities", "BookingRule"), apps.get_model("activities", "BookingWave")
    opening = rule.objects.exclude(opens_residents_at=None, opens_others_at=None)
    made = []
    for row in opening.order_by("pk").iterator():
        if row.opens_others_at is None:
            made.append(_wave(wave, row, "all", row.opens_residents_at))
        else:
            made.append(_wave(wave, row, "residents", row.opens_residents_at))
            made.append(_wave(wave, row, "all", row.opens_others_at))
    wave.objects.bulk_create(made)


def _wave(wave, row, audience, at):
    return wave(rule_id=row.pk, audience=audience, kind="fixed" if at else "", at=at)


def rules_of_waves(apps, _editor):
    rule, wave = apps.get_model("activities", "BookingRule"), apps.get_model("activities", "BookingWave")
    for row in rule.objects.filter(waves__isnull=False).distinct():
        opens = dict(wave.objects.filter(rule=row).order_by("-pk").values_list("audience", "at"))
        row.opens_residents_at = opens.get("residents", opens.get("all"))
        row.opens_others_at = opens.get("all") if "residents" in opens else None
        row.save(update_fields=["opens_residents_at", "opens_others_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0002_limits_of_published_rules"),
        ("places", "0002_commune_agreements"),
    ]

    operations = [
        migrations.CreateModel(
            name="BookingWave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("all", "all"),
                            ("residents", "residents"),
                            ("agreement", "agreement"),
                            ("communes", "communes"),
                            ("returning", "returning"),
                            ("siblings", "siblings"),
                            ("schools", "schools"),
                            ("staff", "staff"),
                        ],
                        max_length=12,
                        verbose_name="pour qui",
                    ),
                ),
                (
                    "judged",
                    models.CharField(
                        choices=[("day", "day"), ("wave", "wave")],
                        default=marelle.activities.rules.Judged["ON_THE_DAY"],
                        max_length=5,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("start", "start"),
                            ("week_before", "week_before"),
                            ("days_before", "days_before"),
                            ("hours_before", "hours_before"),
                            ("month_before", "month_before"),
                            ("fixed", "fixed"),
                            ("never", "never"),
                        ],
                        max_length=20,
                        verbose_name="ouvre",
                    ),
                ),
                ("n", models.PositiveSmallIntegerField(default=0)),
                ("weekday", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("time", models.TimeField(blank=True, null=True)),
                (
                    "counting",
                    models.CharField(
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
                ("at", models.DateTimeField(blank=True, null=True)),
                (
                    "anchor",
                    models.CharField(
                        choices=[("day", "day"), ("week", "week"), ("month", "month"), ("period", "period")],
                        default=marelle.activities.rules.Anchor["DAY"],
                        max_length=10,
                    ),
                ),
                (
                    "off_day",
                    models.CharField(
                        choices=[("kept", "kept"), ("before", "before")],
                        default=marelle.activities.rules.OffDay["KEPT"],
                        max_length=10,
                    ),
                ),
                ("communes", models.ManyToManyField(blank=True, related_name="+", to="places.commune")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waves",
                        to="activities.bookingrule",
                    ),
                ),
                ("schools", models.ManyToManyField(blank=True, related_name="+", to="places.school")),
            ],
            options={
                "verbose_name": "vague d’ouverture",
                "verbose_name_plural": "vagues d’ouverture",
                "ordering": ("pk",),
            },
        ),
        migrations.RunPython(waves_of_rules, rules_of_waves),
    ]
