"""The tables of `attendance`, as they were when migrations were frozen."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("bookings", "0001_initial"),
        ("cases", "0001_initial"),
        ("families", "0001_initial"),
        ("places", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
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
                        choices=[("open", "ouvert"), ("closed", "clos")], max_length=6, verbose_name="état"
                    ),
                ),
                ("closed_at", models.DateTimeField(verbose_name="clos le")),
                ("closed_by", models.CharField(max_length=150, verbose_name="clos par")),
                (
                    "opening",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call",
                        to="activities.opening",
                    ),
                ),
            ],
            options={
                "verbose_name": "appel",
                "verbose_name_plural": "appels",
            },
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=128, verbose_name="empreinte")),
                ("set_at", models.DateTimeField(verbose_name="choisi le")),
                ("wrong", models.PositiveSmallIntegerField(default=0, verbose_name="essais manqués")),
                ("locked_until", models.DateTimeField(blank=True, null=True, verbose_name="bloqué jusqu’à")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pin",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "code à 4 chiffres",
                "verbose_name_plural": "codes à 4 chiffres",
            },
        ),
        migrations.CreateModel(
            name="Tablet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                (
                    "secret_digest",
                    models.CharField(max_length=64, unique=True, verbose_name="empreinte du secret"),
                ),
                ("enrolled_at", models.DateTimeField(verbose_name="autorisée le")),
                ("enrolled_by", models.CharField(max_length=150, verbose_name="autorisée par")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="retirée le")),
                ("revoked_by", models.CharField(blank=True, max_length=150, verbose_name="retirée par")),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="vue le")),
                (
                    "code_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="empreinte du code"),
                ),
                (
                    "code_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="code valable jusqu’à"),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tablets",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "tablette",
                "ordering": ("structure", "name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="identifiant",
                    ),
                ),
                ("by", models.CharField(max_length=150, verbose_name="par")),
                ("day", models.DateField(verbose_name="jour")),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="nom noté")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("present", "present"),
                            ("absent", "absent"),
                            ("absent_excused", "absent_excused"),
                            ("arrived", "arrived"),
                            ("left", "left"),
                            ("late", "late"),
                            ("undone", "undone"),
                            ("call_closed", "call_closed"),
                            ("call_reopened", "call_reopened"),
                            ("noted", "noted"),
                        ],
                        max_length=16,
                        verbose_name="nature",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="à")),
                (
                    "at_tablet",
                    models.DateTimeField(blank=True, null=True, verbose_name="à, selon la tablette"),
                ),
                ("received_at", models.DateTimeField(verbose_name="reçu le")),
                ("after", models.UUIDField(blank=True, null=True, verbose_name="après")),
                ("value", models.JSONField(blank=True, default=dict, verbose_name="précision")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "applied"),
                            ("conflict", "conflict"),
                            ("left_before_arrived", "left_before_arrived"),
                            ("unbooked", "unbooked"),
                            ("booking_cancelled", "booking_cancelled"),
                            ("moved", "moved"),
                            ("not_listed", "not_listed"),
                            ("banned", "banned"),
                            ("noted", "noted"),
                            ("not_enrolled", "not_enrolled"),
                            ("unknown_child", "unknown_child"),
                            ("unknown_opening", "unknown_opening"),
                            ("day_closed", "day_closed"),
                            ("revoked", "revoked"),
                            ("suspended", "suspended"),
                            ("too_old", "too_old"),
                            ("too_late", "too_late"),
                            ("wrong_clock", "wrong_clock"),
                            ("future", "future"),
                            ("id_taken", "id_taken"),
                            ("malformed", "malformed"),
                        ],
                        max_length=20,
                        verbose_name="suite",
                    ),
                ),
                (
                    "settled",
                    models.CharField(
                        blank=True,
                        choices=[("kept", "retenu"), ("set_aside", "écarté")],
                        max_length=10,
                        verbose_name="décision",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="décidé le")),
                ("settled_by", models.CharField(blank=True, max_length=150, verbose_name="décidé par")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ticks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticks",
                        to="families.person",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ticks",
                        to="activities.opening",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticks",
                        to="places.structure",
                    ),
                ),
                (
                    "tablet",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticks",
                        to="attendance.tablet",
                    ),
                ),
            ],
            options={
                "verbose_name": "pointage",
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="UnsettledDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unsettled_days",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "pointages à régler",
                "verbose_name_plural": "pointages à régler",
            },
        ),
        migrations.CreateModel(
            name="Mismatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                (
                    "kind",
                    models.CharField(
                        choices=[("absent", "absent"), ("unbooked", "unbooked")],
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                ("told_at", models.DateTimeField(verbose_name="dit le")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="levé le")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("error", "error"),
                            ("forgotten", "forgotten"),
                            ("regularise", "regularise"),
                        ],
                        max_length=10,
                        verbose_name="réponse",
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="répondu le")),
                ("answered_by", models.CharField(blank=True, max_length=150, verbose_name="répondu par")),
                (
                    "settled",
                    models.CharField(
                        blank=True,
                        choices=[("corrected", "corrigé"), ("left", "laissé")],
                        max_length=10,
                        verbose_name="décision",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="décidé le")),
                ("settled_by", models.CharField(blank=True, max_length=150, verbose_name="décidé par")),
                (
                    "words",
                    models.CharField(blank=True, max_length=300, verbose_name="un mot pour la famille"),
                ),
                (
                    "correction",
                    models.UUIDField(blank=True, null=True, verbose_name="pointage de correction"),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mismatches",
                        to="bookings.booking",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mismatches",
                        to="cases.case",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mismatches",
                        to="families.person",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mismatches",
                        to="families.family",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mismatches",
                        to="activities.opening",
                    ),
                ),
            ],
            options={
                "verbose_name": "écart de pointage",
                "verbose_name_plural": "écarts de pointage",
                "ordering": ("-day", "opening__starts_at", "pk"),
                "indexes": [
                    models.Index(fields=["family", "day"], name="mismatch_of_home"),
                    models.Index(fields=["day"], name="mismatch_of_day"),
                ],
                "constraints": [models.UniqueConstraint(fields=("opening", "child"), name="mismatch_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="tablet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("structure", "name"),
                name="tablet_once",
                violation_error_message="Une tablette de ce nom existe déjà.",
            ),
        ),
        migrations.AddIndex(
            model_name="tick",
            index=models.Index(fields=["opening", "child"], name="tick_of_child"),
        ),
        migrations.AddIndex(
            model_name="tick",
            index=models.Index(fields=["structure", "day"], name="tick_of_day"),
        ),
        migrations.AddIndex(
            model_name="tick",
            index=models.Index(fields=["received_at"], name="tick_received"),
        ),
        migrations.AddConstraint(
            model_name="unsettledday",
            constraint=models.UniqueConstraint(fields=("structure", "day"), name="unsettled_day_once"),
        ),
    ]
