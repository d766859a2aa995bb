"""The tables of `bookings`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("enrolments", "0001_initial"),
        ("families", "0001_initial"),
        ("files", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AbsenceProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="envoyé le")),
                ("sent_by", models.CharField(max_length=150, verbose_name="envoyé par")),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "received"), ("accepted", "accepted"), ("refused", "refused")],
                        default="received",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=300, verbose_name="motif du refus")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="décidé le")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="décidé par")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absence_proofs",
                        to="families.person",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absence_proofs",
                        to="families.family",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absence_proofs",
                        to="files.storedfile",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absence_proofs",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "justificatif d’absence",
                "verbose_name_plural": "justificatifs d’absence",
                "ordering": ("sent_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("starts_at", models.DateTimeField(verbose_name="début")),
                ("ends_at", models.DateTimeField(verbose_name="fin")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("booked", "booked"),
                            ("offered", "offered"),
                            ("waiting", "waiting"),
                            ("cancelled", "cancelled"),
                            ("refused", "refused"),
                        ],
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0, verbose_name="priorité")),
                (
                    "priority_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="raison de la priorité"),
                ),
                (
                    "priority_by",
                    models.CharField(blank=True, max_length=150, verbose_name="priorité donnée par"),
                ),
                ("queued_at", models.DateTimeField(blank=True, null=True, verbose_name="en attente depuis")),
                (
                    "offered_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="proposée jusqu’à"),
                ),
                ("late", models.BooleanField(default=False, verbose_name="hors délai")),
                ("derogation", models.CharField(blank=True, max_length=300, verbose_name="dérogation")),
                (
                    "derogation_before",
                    models.CharField(blank=True, max_length=300, verbose_name="dérogation d’avant"),
                ),
                ("created_at", models.DateTimeField(verbose_name="réservée le")),
                ("created_by", models.CharField(max_length=150, verbose_name="réservée par")),
                ("by_family", models.BooleanField(default=True, verbose_name="réservée par la famille")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="terminée le")),
                ("ended_by", models.CharField(blank=True, max_length=150, verbose_name="terminée par")),
                (
                    "ended_state",
                    models.CharField(blank=True, max_length=10, verbose_name="état avant la fin"),
                ),
                (
                    "end_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("family", "family"),
                            ("structure", "structure"),
                            ("changed", "changed"),
                            ("expired", "expired"),
                            ("enrolment_ended", "enrolment_ended"),
                        ],
                        max_length=20,
                        verbose_name="cause",
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=300, verbose_name="motif du refus")),
                ("changed_at", models.DateTimeField(blank=True, null=True, verbose_name="modifiée le")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="families.person",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="enrolments.enrolment",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="families.family",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="activities.opening",
                    ),
                ),
            ],
            options={
                "verbose_name": "réservation",
                "ordering": ("day", "starts_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("declared_at", models.DateTimeField(verbose_name="déclarée le")),
                ("declared_by", models.CharField(max_length=150, verbose_name="déclarée par")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[("illness", "illness"), ("family", "family"), ("other", "other")],
                        max_length=10,
                        verbose_name="raison",
                    ),
                ),
                ("justified", models.BooleanField(default=False, verbose_name="justifiée")),
                (
                    "proof",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="absences",
                        to="bookings.absenceproof",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absence",
                        to="bookings.booking",
                    ),
                ),
            ],
            options={
                "verbose_name": "absence",
            },
        ),
        migrations.CreateModel(
            name="BookingRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="demandées le")),
                ("asked_by", models.CharField(max_length=150, verbose_name="demandées par")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booking_requests",
                        to="activities.activity",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booking_requests",
                        to="families.person",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="booking_requests",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande de réservations",
                "verbose_name_plural": "demandes de réservations",
                "ordering": ("asked_at", "pk"),
            },
        ),
        migrations.AddField(
            model_name="booking",
            name="request",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="bookings.bookingrequest",
            ),
        ),
        migrations.CreateModel(
            name="ClosedBooking",
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
                            ("requested", "requested"),
                            ("booked", "booked"),
                            ("offered", "offered"),
                            ("waiting", "waiting"),
                            ("cancelled", "cancelled"),
                            ("refused", "refused"),
                        ],
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("priority", models.SmallIntegerField(default=0, verbose_name="priorité")),
                (
                    "priority_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="raison de la priorité"),
                ),
                (
                    "priority_by",
                    models.CharField(blank=True, max_length=150, verbose_name="priorité donnée par"),
                ),
                ("why", models.CharField(blank=True, max_length=20, verbose_name="raison du non-retour")),
                (
                    "back",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="bookings.booking",
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closed",
                        to="bookings.booking",
                    ),
                ),
                (
                    "closure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookings",
                        to="places.closure",
                    ),
                ),
            ],
            options={
                "verbose_name": "réservation touchée par une fermeture",
                "verbose_name_plural": "réservations touchées par une fermeture",
                "ordering": ("closure", "booking"),
            },
        ),
        migrations.CreateModel(
            name="DeadlineTold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.DateField(verbose_name="semaine du")),
                ("told_at", models.DateTimeField(verbose_name="rappelé le")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deadlines_told",
                        to="enrolments.enrolment",
                    ),
                ),
            ],
            options={
                "verbose_name": "rappel de délai",
                "verbose_name_plural": "rappels de délai",
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("present", models.BooleanField(verbose_name="présent")),
                ("arrived_at", models.DateTimeField(blank=True, null=True, verbose_name="arrivée")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="départ")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[("illness", "illness"), ("family", "family"), ("other", "other")],
                        max_length=10,
                        verbose_name="motif",
                    ),
                ),
                ("reason_text", models.CharField(blank=True, max_length=120, verbose_name="précision")),
                ("handed_to", models.CharField(blank=True, max_length=120, verbose_name="remis à")),
                ("is_late", models.BooleanField(default=False, verbose_name="retard")),
                ("in_conflict", models.BooleanField(default=False, verbose_name="tablettes en désaccord")),
                ("last_tick", models.UUIDField(blank=True, null=True, verbose_name="dernier pointage")),
                ("noted_at", models.DateTimeField(verbose_name="noté le")),
                ("noted_by", models.CharField(max_length=150, verbose_name="noté par")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="families.person",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="activities.opening",
                    ),
                ),
            ],
            options={
                "verbose_name": "présence",
                "indexes": [
                    models.Index(fields=["child", "day"], name="attendance_of_child"),
                    models.Index(fields=["opening", "present", "child"], name="attendance_on_opening"),
                ],
                "constraints": [models.UniqueConstraint(fields=("opening", "child"), name="attendance_once")],
            },
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["child", "day"], name="booking_of_child"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["enrolment", "day"], name="booking_of_enrolment"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                fields=["opening", "state", "child", "starts_at", "ends_at", "by_family", "id"],
                name="booking_on_opening",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["opening", "queued_at"],
                name="booking_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["opening"], name="booking_offered"
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("requested", "booked", "offered", "waiting"))),
                fields=("child", "opening"),
                name="booking_once",
                violation_error_message="Ce créneau est déjà réservé.",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="booking_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="closedbooking",
            constraint=models.UniqueConstraint(fields=("closure", "booking"), name="booking_closed_once"),
        ),
        migrations.AddConstraint(
            model_name="deadlinetold",
            constraint=models.UniqueConstraint(fields=("enrolment", "week"), name="deadline_told_once"),
        ),
    ]
