"""The tables of `papers`, as they were when migrations were frozen."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("cases", "0001_initial"),
        ("families", "0001_initial"),
        ("files", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Paper",
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
                            ("received", "reçu, à vérifier"),
                            ("accepted", "accepté"),
                            ("refused", "refusé"),
                            ("replaced", "remplacé"),
                            ("withdrawn", "retiré"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="envoyé le")),
                ("sent_by", models.CharField(max_length=200, verbose_name="envoyé par")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="vérifié le")),
                ("decided_by", models.CharField(blank=True, max_length=200, verbose_name="vérifié par")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="raison")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="valable jusqu’au")),
                (
                    "last_reminder",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="dernier rappel"),
                ),
                (
                    "files_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="pages gardées jusqu’au"),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="families.family",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "ordering": ("-sent_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="PaperPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_page",
                        to="files.storedfile",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pages", to="papers.paper"
                    ),
                ),
            ],
            options={
                "verbose_name": "page d’un document",
                "verbose_name_plural": "pages des documents",
                "ordering": ("order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PaperReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("homes", models.PositiveIntegerField(verbose_name="familles")),
                ("asked_at", models.DateTimeField(verbose_name="demandé le")),
                ("asked_by", models.CharField(max_length=200, verbose_name="demandé par")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_reminders",
                        to="activities.activity",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_reminders",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "rappel de documents",
                "verbose_name_plural": "rappels de documents",
                "ordering": ("-asked_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="PaperType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="nom")),
                ("why", models.CharField(max_length=500, verbose_name="pourquoi")),
                ("stake", models.CharField(blank=True, max_length=300, verbose_name="s’il manque")),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("family", "du foyer"),
                            ("adult", "de chaque responsable"),
                            ("child", "de l’enfant"),
                        ],
                        max_length=10,
                        verbose_name="document",
                    ),
                ),
                ("asked_of_all", models.BooleanField(default=False, verbose_name="demandé à tous")),
                ("mandatory", models.BooleanField(default=True, verbose_name="obligatoire")),
                (
                    "validity",
                    models.CharField(
                        choices=[
                            ("none", "sans limite"),
                            ("months", "un nombre de mois après son acceptation"),
                            ("school_year", "jusqu’à la fin de l’année scolaire"),
                            ("dated", "jusqu’à la date écrite sur le document"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="valable",
                    ),
                ),
                (
                    "validity_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="nombre de mois"),
                ),
                ("is_health", models.BooleanField(default=False, verbose_name="document de santé")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                ("active", models.BooleanField(default=True, verbose_name="demandé en ce moment")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_types",
                        to="places.authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "document demandé",
                "verbose_name_plural": "documents demandés",
                "ordering": ("order", "title", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PaperNeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("nothing", "rien"),
                            ("warn", "un rappel à la famille"),
                            ("blocks_request", "la demande d’inscription n’est pas possible"),
                            ("blocks_bookings", "les réservations ne sont plus possibles"),
                        ],
                        default="warn",
                        max_length=20,
                        verbose_name="s’il manque",
                    ),
                ),
                ("bookings_from", models.DateField(blank=True, null=True, verbose_name="à partir du")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paper_needs",
                        to="activities.activity",
                    ),
                ),
                (
                    "paper_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="needs",
                        to="papers.papertype",
                    ),
                ),
            ],
            options={
                "verbose_name": "document demandé par une activité",
                "verbose_name_plural": "documents demandés par les activités",
                "ordering": ("paper_type__order", "paper_type__title", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PaperAsked",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="demandé le")),
                ("asked_by", models.CharField(blank=True, max_length=200, verbose_name="demandé par")),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="message")),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="papers_asked",
                        to="cases.case",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers_asked",
                        to="families.family",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers_asked",
                        to="families.person",
                    ),
                ),
                (
                    "paper_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked",
                        to="papers.papertype",
                    ),
                ),
            ],
            options={
                "verbose_name": "document réclamé",
                "verbose_name_plural": "documents réclamés",
            },
        ),
        migrations.AddField(
            model_name="paper",
            name="paper_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="papers.papertype"
            ),
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[
                            ("rules", "Règlements"),
                            ("programmes", "Programmes et menus"),
                            ("forms", "Formulaires"),
                            ("prices", "Tarifs"),
                            ("information", "Informations pratiques"),
                        ],
                        max_length=12,
                        verbose_name="thème",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="titre")),
                ("version", models.CharField(blank=True, max_length=40, verbose_name="version")),
                ("published_on", models.DateField(verbose_name="visible à partir du")),
                ("until", models.DateField(blank=True, null=True, verbose_name="visible jusqu’au")),
                ("must_accept", models.BooleanField(default=False, verbose_name="à lire et accepter")),
                ("published_by", models.CharField(max_length=200, verbose_name="publié par")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retiré le")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="activities.activity",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publication",
                        to="files.storedfile",
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="papers.publication",
                    ),
                ),
                (
                    "returns",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="papers.papertype",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "document publié",
                "verbose_name_plural": "documents publiés",
                "ordering": ("structure__order", "structure__name", "theme", "title", "-published_on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("accepted_at", models.DateTimeField(verbose_name="accepté le")),
                ("accepted_by", models.CharField(max_length=200, verbose_name="accepté par")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="families.family",
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="papers.publication",
                    ),
                ),
            ],
            options={
                "verbose_name": "acceptation",
                "ordering": ("-accepted_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="PaperReminded",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="demandé le")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="prévenue le")),
                ("papers", models.PositiveSmallIntegerField(default=0, verbose_name="documents manquants")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers_reminded",
                        to="families.family",
                    ),
                ),
                (
                    "reminder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminded",
                        to="papers.paperreminder",
                    ),
                ),
            ],
            options={
                "verbose_name": "famille relancée",
                "verbose_name_plural": "familles relancées",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at", None)), fields=["id"], name="papers_to_remind"
                    ),
                    models.Index(fields=["family", "-asked_at"], name="paper_reminded_latest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("reminder", "family"), name="paper_reminded_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="papertype",
            constraint=models.UniqueConstraint(
                fields=("authority", "title"),
                name="paper_type_once",
                violation_error_message="Un document de ce nom existe déjà.",
            ),
        ),
        migrations.AddConstraint(
            model_name="papertype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("validity", "months"), ("validity_months__gt", 0)),
                    models.Q(
                        models.Q(("validity", "months"), _negated=True), ("validity_months__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="paper_type_months_with_months",
                violation_error_message="Donnez le nombre de mois, pour cette durée seulement.",
            ),
        ),
        migrations.AddConstraint(
            model_name="papertype",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_of_all", True), ("is_health", True), _negated=True),
                name="paper_type_health_for_activities",
                violation_error_message="Un document de santé est demandé par des activités, jamais à tout le monde.",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperneed",
            constraint=models.UniqueConstraint(fields=("activity", "paper_type"), name="paper_need_once"),
        ),
        migrations.AddConstraint(
            model_name="paperneed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bookings_from__isnull", False), ("effect", "blocks_bookings")),
                    models.Q(
                        models.Q(("effect", "blocks_bookings"), _negated=True),
                        ("bookings_from__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="paper_need_from_a_date",
                violation_error_message="Donnez le premier jour concerné, pour cet effet seulement.",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperasked",
            constraint=models.UniqueConstraint(
                models.F("paper_type"),
                models.F("family"),
                django.db.models.functions.comparison.Coalesce("person", 0),
                name="paper_asked_once",
            ),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(fields=["person", "paper_type", "state"], name="paper_of_person"),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(fields=["family", "paper_type", "state"], name="paper_of_family"),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(fields=["state", "expires_on"], name="paper_expires"),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(
                condition=models.Q(("files_until__isnull", False)),
                fields=["files_until"],
                name="paper_files_to_drop",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                models.F("paper_type"),
                models.F("family"),
                django.db.models.functions.comparison.Coalesce("person", 0),
                condition=models.Q(("state", "received")),
                name="paper_waits_once",
                violation_error_message="Ce document est déjà envoyé\xa0: il attend sa vérification.",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["structure", "published_on"], name="publication_of_structure"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("published_on")), _connector="OR"
                ),
                name="publication_in_order",
                violation_error_message="La fin vient avant le début.",
            ),
        ),
        migrations.AddConstraint(
            model_name="acceptance",
            constraint=models.UniqueConstraint(
                fields=("publication", "family"),
                name="acceptance_once",
                violation_error_message="Vous avez déjà accepté cette version.",
            ),
        ),
    ]
