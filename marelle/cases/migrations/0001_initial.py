"""The tables of `cases`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="nature")),
                ("subject_kind", models.CharField(max_length=40, verbose_name="nature de l’objet")),
                ("subject_id", models.BigIntegerField(verbose_name="numéro de l’objet")),
                ("label", models.CharField(max_length=200, verbose_name="objet")),
                ("family_id", models.BigIntegerField(blank=True, null=True, verbose_name="dossier famille")),
                ("authority_id", models.BigIntegerField(blank=True, null=True, verbose_name="collectivité")),
                ("structure_id", models.BigIntegerField(blank=True, null=True, verbose_name="structure")),
                ("opened_at", models.DateTimeField(verbose_name="ouvert le")),
                ("opened_by", models.CharField(max_length=200, verbose_name="ouvert par")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="à décider avant")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "à décider"),
                            ("accepted", "accepté"),
                            ("refused", "refusé"),
                            ("withdrawn", "retiré"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="décidé le")),
                ("decided_by", models.CharField(blank=True, max_length=200, verbose_name="décidé par")),
                ("reason", models.TextField(blank=True, verbose_name="motif")),
            ],
            options={
                "verbose_name": "dossier à décider",
                "verbose_name_plural": "dossiers à décider",
                "ordering": ["opened_at", "id"],
                "indexes": [
                    models.Index(fields=["state", "structure_id", "opened_at"], name="case_structure"),
                    models.Index(fields=["state", "authority_id", "opened_at"], name="case_authority"),
                    models.Index(fields=["subject_kind", "subject_id"], name="case_subject"),
                    models.Index(fields=["family_id", "state"], name="case_family"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("kind", "subject_kind", "subject_id"),
                        name="case_open_once",
                        violation_error_message="Une demande est déjà en attente.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="case_decided_has_date",
                        violation_error_message="Une décision porte sa date.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="le")),
                ("by", models.CharField(max_length=200, verbose_name="par")),
                ("text", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("passed", models.BooleanField(default=False, verbose_name="passé à un autre service")),
                (
                    "from_structure_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="de la structure"),
                ),
                (
                    "to_structure_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="à la structure"),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="cases.case"
                    ),
                ),
            ],
            options={
                "verbose_name": "note sur une demande",
                "verbose_name_plural": "notes sur les demandes",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("authority_id", models.BigIntegerField(verbose_name="collectivité")),
                ("kind", models.CharField(max_length=40, verbose_name="nature")),
                ("text", models.CharField(max_length=200, verbose_name="motif")),
                ("position", models.PositiveSmallIntegerField(verbose_name="ordre")),
            ],
            options={
                "verbose_name": "motif de refus",
                "verbose_name_plural": "motifs de refus",
                "ordering": ["authority_id", "kind", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority_id", "kind", "position"),
                        name="reason_place",
                        violation_error_message="Deux motifs ne peuvent pas être à la même place.",
                    )
                ],
            },
        ),
    ]
