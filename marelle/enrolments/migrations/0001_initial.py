"""The tables of `enrolments`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("families", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "en attente"),
                            ("accepted", "acceptée"),
                            ("refused", "refusée"),
                            ("withdrawn", "retirée"),
                            ("ended", "terminée"),
                        ],
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="du")),
                ("ends_on", models.DateField(verbose_name="au")),
                ("wishes", models.JSONField(blank=True, default=dict, verbose_name="souhaits")),
                ("answers", models.JSONField(blank=True, default=list, verbose_name="réponses")),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="précision")),
                ("derogation", models.CharField(blank=True, max_length=300, verbose_name="dérogation")),
                ("requested_at", models.DateTimeField(verbose_name="reçue le")),
                ("requested_by", models.CharField(max_length=150, verbose_name="demandée par")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="décidée le")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="décidée par")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="raison")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="activities.activity",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="families.family",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "inscription",
                "ordering": ("-requested_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="EndRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_day", models.DateField(verbose_name="dernier jour")),
                (
                    "ended_before",
                    models.DateField(blank=True, null=True, verbose_name="fin avant la décision"),
                ),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="précision")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "en attente"),
                            ("accepted", "acceptée"),
                            ("refused", "refusée"),
                            ("withdrawn", "retirée"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="reçue le")),
                ("requested_by", models.CharField(max_length=150, verbose_name="demandée par")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="décidée le")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="décidée par")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="raison")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="end_requests",
                        to="enrolments.enrolment",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande de fin d’inscription",
                "verbose_name_plural": "demandes de fin d’inscription",
                "ordering": ("-requested_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="CallNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reached", models.BooleanField(verbose_name="famille jointe")),
                ("left_message", models.BooleanField(default=False, verbose_name="message laissé")),
                ("again_on", models.DateField(blank=True, null=True, verbose_name="rappeler le")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("at", models.DateTimeField(verbose_name="le")),
                ("by", models.CharField(max_length=150, verbose_name="par")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_notes",
                        to="enrolments.enrolment",
                    ),
                ),
            ],
            options={
                "verbose_name": "appel à une famille",
                "verbose_name_plural": "appels aux familles",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="GroupChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="enrolments.enrolment",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choices",
                        to="activities.agegroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "groupe d’une inscription",
                "verbose_name_plural": "groupes des inscriptions",
                "ordering": ("enrolment", "since"),
            },
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(fields=["person", "state"], name="enrolment_of_person"),
        ),
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(fields=["activity", "state"], name="enrolment_of_activity"),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("requested", "accepted"))),
                fields=("family", "person", "activity"),
                name="enrolment_once",
                violation_error_message="Une demande existe déjà pour cette activité.",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="enrolment_in_order",
                violation_error_message="La fin vient avant le début.",
            ),
        ),
        migrations.AddConstraint(
            model_name="endrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested")),
                fields=("enrolment",),
                name="end_request_once",
                violation_error_message="La fin de cette inscription est déjà demandée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupchoice",
            constraint=models.UniqueConstraint(fields=("enrolment", "since"), name="group_choice_once_a_day"),
        ),
    ]
