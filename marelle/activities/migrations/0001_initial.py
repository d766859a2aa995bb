"""The tables of `activities`, as they were when migrations were frozen."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models

import marelle.activities.generation
import marelle.activities.models.offer
import marelle.activities.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("childcare", "multi-accueil"),
                            ("relay", "matinées du relais"),
                            ("wednesday", "mercredis"),
                            ("holidays", "vacances"),
                            ("after_school", "périscolaire"),
                            ("canteen", "restauration"),
                            ("youth", "espace jeunes"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("description", models.TextField(blank=True, max_length=2000, verbose_name="description")),
                (
                    "cost_text",
                    models.TextField(blank=True, max_length=1000, verbose_name="ce que cela coûte"),
                ),
                ("first_day", models.DateField(verbose_name="premier jour")),
                ("last_day", models.DateField(verbose_name="dernier jour")),
                ("min_age_months", models.PositiveSmallIntegerField(verbose_name="âge minimum, en mois")),
                (
                    "max_age_months",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="âge maximum, en mois"
                    ),
                ),
                ("age_day", models.DateField(blank=True, null=True, verbose_name="âge compté au")),
                (
                    "enrolment_mode",
                    models.CharField(
                        choices=[
                            ("asked", "la famille demande, le service décide"),
                            ("by_structure", "la structure inscrit elle-même"),
                            ("none", "sans inscription"),
                        ],
                        max_length=20,
                        verbose_name="inscription",
                    ),
                ),
                (
                    "booking_mode",
                    models.CharField(
                        choices=[
                            ("parent", "la famille réserve"),
                            ("validated", "la famille demande, un agent valide"),
                            ("structure", "la structure réserve"),
                            ("free", "accès libre, sans réservation"),
                            ("accompanied", "un adulte vient avec l’enfant et réserve des places"),
                        ],
                        max_length=20,
                        verbose_name="réservation",
                    ),
                ),
                (
                    "supervision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("holidays", "extrascolaire\xa0: 1 pour 8 avant 6 ans, 1 pour 12 ensuite"),
                            ("term", "périscolaire, sans PEdT"),
                            ("term_pedt", "périscolaire, avec un PEdT"),
                            ("six", "multi-accueil\xa0: 1 pour 6"),
                            ("walking", "multi-accueil\xa0: 1 pour 5 sans la marche, 1 pour 8 avec"),
                            ("none", "aucun taux"),
                        ],
                        help_text="Vide\xa0: celui de la nature de l’activité.",
                        max_length=10,
                        verbose_name="taux d’encadrement",
                    ),
                ),
                (
                    "decided_by",
                    models.CharField(
                        choices=[
                            ("structure", "la direction de la structure, ou le guichet unique"),
                            ("office", "le guichet unique seul"),
                        ],
                        default="structure",
                        max_length=10,
                        verbose_name="qui décide",
                    ),
                ),
                (
                    "requests_open_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="demandes ouvertes le"),
                ),
                (
                    "requests_close_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="demandes closes le"),
                ),
                (
                    "unpaid_blocks",
                    models.BooleanField(default=False, verbose_name="une facture impayée empêche la demande"),
                ),
                (
                    "closes_when_full",
                    models.BooleanField(default=False, verbose_name="complet, ne prend plus de demande"),
                ),
                (
                    "asks_times",
                    models.BooleanField(default=False, verbose_name="heures d’arrivée et de départ"),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "revision",
                    models.BigIntegerField(
                        default=marelle.activities.models.offer.new_revision, editable=False
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="places.calendar",
                    ),
                ),
                (
                    "copied_from",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        error_messages={"unique": "Cette activité est déjà copiée."},
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="copied_to",
                        to="activities.activity",
                        verbose_name="copie de",
                    ),
                ),
                (
                    "schools",
                    models.ManyToManyField(
                        blank=True,
                        related_name="activities",
                        to="places.school",
                        verbose_name="écoles desservies",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "activité",
                "ordering": ("order", "name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="AgeGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="nom")),
                ("min_age_months", models.PositiveSmallIntegerField(verbose_name="âge minimum, en mois")),
                (
                    "max_age_months",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="âge maximum, en mois"
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="activities.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "groupe d’âge",
                "verbose_name_plural": "groupes d’âge",
                "ordering": ("activity", "min_age_months", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bundles",
                        to="activities.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "lot",
                "ordering": ("activity", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Gauge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "unit",
                    models.CharField(
                        choices=[("day", "par jour"), ("half_hour", "par demi-heure")],
                        default="day",
                        max_length=10,
                        verbose_name="comptée",
                    ),
                ),
                (
                    "counts_children",
                    models.BooleanField(
                        default=True, editable=False, verbose_name="compte chaque enfant une fois"
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gauges",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "jauge",
                "ordering": ("structure", "name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="GaugeCut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="premier jour")),
                ("last_day", models.DateField(verbose_name="dernier jour")),
                ("capacity", models.PositiveSmallIntegerField(verbose_name="places")),
                (
                    "closure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cuts", to="places.closure"
                    ),
                ),
                (
                    "gauge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cuts",
                        to="activities.gauge",
                    ),
                ),
            ],
            options={
                "verbose_name": "capacité réduite",
                "verbose_name_plural": "capacités réduites",
                "ordering": ("gauge", "first_day", "pk"),
            },
        ),
        migrations.CreateModel(
            name="GaugeLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                ("capacity", models.PositiveSmallIntegerField(verbose_name="places")),
                (
                    "gauge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="levels",
                        to="activities.gauge",
                    ),
                ),
            ],
            options={
                "verbose_name": "capacité",
                "ordering": ("gauge", "-since"),
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="question")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "quelques mots"),
                            ("yes_no", "oui ou non"),
                            ("choice", "un choix dans une liste"),
                        ],
                        default="text",
                        max_length=10,
                        verbose_name="réponse",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="réponses possibles")),
                ("required", models.BooleanField(default=False, verbose_name="réponse obligatoire")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="activities.activity",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "ordering": ("activity", "order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("part", models.SmallIntegerField(default=-1, verbose_name="demi-heure")),
                ("capacity", models.PositiveSmallIntegerField(verbose_name="places")),
                ("taken", models.PositiveSmallIntegerField(default=0, verbose_name="prises")),
                ("overdraft", models.PositiveSmallIntegerField(default=0, verbose_name="en dérogation")),
                ("withheld", models.PositiveSmallIntegerField(default=0, verbose_name="retenues")),
                (
                    "gauge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotas",
                        to="activities.gauge",
                    ),
                ),
            ],
            options={
                "verbose_name": "places d’un jour",
                "verbose_name_plural": "places par jour",
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="nom")),
                ("starts", models.TimeField(verbose_name="début")),
                ("ends", models.TimeField(verbose_name="fin")),
                (
                    "weekdays",
                    models.JSONField(
                        default=list, help_text="0 pour lundi", verbose_name="jours de la semaine"
                    ),
                ),
                (
                    "days",
                    models.CharField(
                        choices=[("term", "term"), ("holidays", "holidays"), ("both", "both")],
                        default=marelle.activities.generation.DayScope["TERM"],
                        max_length=20,
                        verbose_name="jours",
                    ),
                ),
                ("has_meal", models.BooleanField(default=False, verbose_name="repas compris")),
                ("by_hour", models.BooleanField(default=False, verbose_name="à l’heure")),
                ("one_off", models.BooleanField(default=False, verbose_name="dates choisies à la main")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slots",
                        to="activities.activity",
                    ),
                ),
                ("excludes", models.ManyToManyField(blank=True, to="activities.slot", verbose_name="exclut")),
                (
                    "includes",
                    models.ManyToManyField(
                        blank=True, related_name="included_in", to="activities.slot", verbose_name="comprend"
                    ),
                ),
                (
                    "requires",
                    models.ManyToManyField(
                        blank=True,
                        related_name="required_by",
                        to="activities.slot",
                        verbose_name="demande l’un de",
                    ),
                ),
            ],
            options={
                "verbose_name": "créneau",
                "verbose_name_plural": "créneaux",
                "ordering": ("activity", "order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Opening",
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
                        choices=[("open", "ouverte"), ("closed", "fermée")],
                        default="open",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=120, verbose_name="raison")),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="titre")),
                ("hand_edited", models.BooleanField(default=False, verbose_name="corrigée à la main")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="activities.activity",
                    ),
                ),
                (
                    "bundle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="activities.bundle",
                    ),
                ),
                (
                    "closure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="openings",
                        to="places.closure",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="activities.agegroup",
                    ),
                ),
                (
                    "quotas",
                    models.ManyToManyField(blank=True, related_name="openings", to="activities.quota"),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="activities.slot",
                    ),
                ),
            ],
            options={
                "verbose_name": "ouverture",
                "ordering": ("day", "starts_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="BookingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "book_kind",
                    models.CharField(
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
                        verbose_name="réserver jusqu’à",
                    ),
                ),
                ("book_n", models.PositiveSmallIntegerField(default=0)),
                ("book_weekday", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("book_time", models.TimeField(blank=True, null=True)),
                (
                    "book_counting",
                    models.CharField(
                        choices=[("calendar", "calendar"), ("weekdays", "weekdays"), ("school", "school")],
                        default=marelle.activities.rules.Counting["CALENDAR"],
                        max_length=10,
                    ),
                ),
                ("book_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cancel_kind",
                    models.CharField(
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
                        verbose_name="annuler jusqu’à",
                    ),
                ),
                ("cancel_n", models.PositiveSmallIntegerField(default=0)),
                ("cancel_weekday", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("cancel_time", models.TimeField(blank=True, null=True)),
                (
                    "cancel_counting",
                    models.CharField(
                        choices=[("calendar", "calendar"), ("weekdays", "weekdays"), ("school", "school")],
                        default=marelle.activities.rules.Counting["CALENDAR"],
                        max_length=10,
                    ),
                ),
                ("cancel_at", models.DateTimeField(blank=True, null=True)),
                ("since", models.DateField(verbose_name="pour les jours depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "opens_residents_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ouvre aux habitants le"),
                ),
                (
                    "opens_others_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ouvre aux autres le"),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[("refuse", "refuse"), ("late", "late")],
                        default=marelle.activities.rules.After["REFUSE"],
                        max_length=10,
                        verbose_name="passé le délai",
                    ),
                ),
                (
                    "absence_proof_hours",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="justificatif d’absence, en heures après le début"
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="booking_rules",
                        to="activities.activity",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="booking_rules",
                        to="activities.slot",
                    ),
                ),
            ],
            options={
                "verbose_name": "délai de réservation",
                "verbose_name_plural": "délais de réservation",
                "ordering": ("activity", "since", "pk"),
            },
        ),
        migrations.CreateModel(
            name="SlotGauge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "gauge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="activities.gauge",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draws",
                        to="activities.agegroup",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draws",
                        to="activities.slot",
                    ),
                ),
            ],
            options={
                "verbose_name": "créneau qui y compte ses places",
                "verbose_name_plural": "créneaux qui y comptent leurs places",
            },
        ),
        migrations.CreateModel(
            name="StaffMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.CharField(max_length=60, verbose_name="prénom")),
                ("last_name", models.CharField(max_length=60, verbose_name="nom")),
                (
                    "qualification",
                    models.CharField(
                        choices=[
                            ("directs", "BAFD ou équivalent"),
                            ("leads", "BAFA ou équivalent"),
                            ("childcare", "diplôme de la petite enfance"),
                            ("trainee", "stagiaire"),
                            ("none", "sans qualification"),
                        ],
                        max_length=12,
                        verbose_name="qualification",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="premier jour")),
                ("last_day", models.DateField(verbose_name="dernier jour")),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_members",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "personne du registre du personnel",
                "verbose_name_plural": "personnes du registre du personnel",
                "ordering": ("structure", "last_name", "first_name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="StaffPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("number", models.PositiveSmallIntegerField(verbose_name="adultes prévus")),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True,
                        related_name="plans",
                        to="activities.staffmember",
                        verbose_name="personnes nommées",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_plans",
                        to="activities.slot",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_plans",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "personnel prévu",
                "verbose_name_plural": "personnels prévus",
                "ordering": ("day", "pk"),
            },
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="activity_in_order",
                violation_error_message="Le dernier jour vient avant le premier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_age_months__isnull", True),
                    ("max_age_months__gte", models.F("min_age_months")),
                    _connector="OR",
                ),
                name="activity_ages_in_order",
                violation_error_message="L’âge maximum est plus petit que l’âge minimum.",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unpaid_blocks", False), models.Q(("kind", "canteen"), _negated=True), _connector="OR"
                ),
                name="activity_canteen_feeds_all",
                violation_error_message="Une facture impayée n’empêche jamais de demander la cantine.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agegroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_age_months__isnull", True),
                    ("max_age_months__gte", models.F("min_age_months")),
                    _connector="OR",
                ),
                name="group_ages_in_order",
                violation_error_message="L’âge maximum est plus petit que l’âge minimum.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gaugecut",
            constraint=models.UniqueConstraint(fields=("gauge", "closure"), name="gauge_cut_once"),
        ),
        migrations.AddConstraint(
            model_name="gaugecut",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="gauge_cut_in_order",
                violation_error_message="Le dernier jour vient avant le premier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gaugelevel",
            constraint=models.UniqueConstraint(fields=("gauge", "since"), name="gauge_level_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.UniqueConstraint(fields=("gauge", "day", "part"), name="quota_once"),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "taken__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("capacity"), "+", models.F("overdraft")
                        ),
                    )
                ),
                name="quota_not_overdrawn",
                violation_error_message="Il n’y a plus de place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__gte", -1), ("part__lte", 47)), name="quota_part_is_a_half_hour"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("starts"))),
                name="slot_in_order",
                violation_error_message="La fin vient avant le début.",
            ),
        ),
        migrations.AddIndex(
            model_name="opening",
            index=models.Index(fields=["activity", "day"], name="opening_by_day"),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.UniqueConstraint(
                models.F("slot"),
                django.db.models.functions.comparison.Coalesce("group", 0),
                models.F("day"),
                models.F("title"),
                name="opening_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="opening_in_order",
                violation_error_message="La fin vient avant le début.",
            ),
        ),
        migrations.AddConstraint(
            model_name="slotgauge",
            constraint=models.UniqueConstraint(
                models.F("slot"),
                django.db.models.functions.comparison.Coalesce("group", 0),
                models.F("gauge"),
                name="slot_gauge_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="staff_member_in_order",
                violation_error_message="Le dernier jour vient avant le premier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffplan",
            constraint=models.UniqueConstraint(
                models.F("structure"),
                models.F("day"),
                django.db.models.functions.comparison.Coalesce("slot", 0),
                name="staff_plan_once",
            ),
        ),
    ]
