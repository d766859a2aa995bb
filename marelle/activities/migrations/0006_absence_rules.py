"""What an absence is, in dated rows of its own, where a booking rule had the hours in which a proof came."""

import django.db.models.deletion
from django.db import migrations, models

import marelle.activities.absences
import marelle.activities.rules


def absences_of_rules(apps, _editor):
    """One row beside each rule of an activity that said anything: what one slot or date did not take, it
    still does not."""
    rule, absence = apps.get_model("activities", "BookingRule"), apps.get_model("activities", "AbsenceRule")
    delay = apps.get_model("activities", "ProofDelay")
    said = rule.objects.exclude(absence_proof_hours=None).values("activity_id")
    for row in rule.objects.filter(activity_id__in=said).order_by("pk").iterator():
        made = absence.objects.create(
            activity_id=row.activity_id,
            slot_id=row.slot_id,
            since=row.since,
            until=row.until,
            weekdays=row.weekdays,
        )
        if row.absence_proof_hours is not None:
            delay.objects.create(rule=made, n=row.absence_proof_hours, unit="hours", origin="start")


def rules_of_absences(apps, _editor):
    """The last delay in hours; what else an absence rule says has no place there."""
    rule, absence = apps.get_model("activities", "BookingRule"), apps.get_model("activities", "AbsenceRule")
    for row in absence.objects.order_by("pk"):
        last = row.delays.filter(unit="hours").order_by("-pk").first()
        rule.objects.filter(
            activity_id=row.activity_id, slot_id=row.slot_id, since=row.since, weekdays=row.weekdays
        ).update(absence_proof_hours=last.n if last else None)


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0005_bounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="AbsenceRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="pour les jours depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "weekdays",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="vide : tous ; 0 pour lundi",
                        verbose_name="jours de la semaine",
                    ),
                ),
                (
                    "told_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("days_before", "days_before"),
                            ("hours_before", "hours_before"),
                            ("start", "start"),
                        ],
                        max_length=20,
                        verbose_name="prévenir jusqu’à",
                    ),
                ),
                ("told_n", models.PositiveSmallIntegerField(default=0)),
                (
                    "told_counting",
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
                ("told_time", models.TimeField(blank=True, null=True)),
                ("told_strict", models.BooleanField(default=False)),
                (
                    "waiting_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="jours de carence"),
                ),
                (
                    "waiting_opened",
                    models.BooleanField(default=False, verbose_name="carence en jours d’ouverture"),
                ),
                (
                    "unannounced",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="absences sans prévenir"
                    ),
                ),
                (
                    "within",
                    models.CharField(
                        choices=[("month", "month"), ("period", "period"), ("year", "year")],
                        default=marelle.activities.absences.Within["MONTH"],
                        max_length=10,
                        verbose_name="comptées sur",
                    ),
                ),
                ("suspends", models.BooleanField(default=False, verbose_name="l’agent peut suspendre")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absence_rules",
                        to="activities.activity",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absence_rules",
                        to="activities.slot",
                    ),
                ),
            ],
            options={
                "verbose_name": "règle d’absence",
                "verbose_name_plural": "règles d’absence",
                "ordering": ("activity", "since", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ProofDelay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("n", models.PositiveSmallIntegerField(verbose_name="combien")),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("hours", "hours"),
                            ("calendar", "calendar"),
                            ("working", "working"),
                            ("opened", "opened"),
                        ],
                        max_length=10,
                        verbose_name="de quoi",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("start", "start"), ("day_end", "day_end"), ("first", "first")],
                        default=marelle.activities.absences.Origin["START"],
                        max_length=10,
                        verbose_name="à compter de",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delays",
                        to="activities.absencerule",
                    ),
                ),
            ],
            options={
                "verbose_name": "délai de justificatif",
                "verbose_name_plural": "délais de justificatif",
                "ordering": ("pk",),
            },
        ),
        migrations.RunPython(absences_of_rules, rules_of_absences),
    ]
