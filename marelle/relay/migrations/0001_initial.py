"""The tables of `relay`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("families", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CareRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asker_name", models.CharField(max_length=80, verbose_name="demandée par")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                (
                    "child_first_name",
                    models.CharField(blank=True, max_length=80, verbose_name="prénom de l’enfant"),
                ),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="date de naissance")),
                ("expected_on", models.DateField(blank=True, null=True, verbose_name="naissance prévue le")),
                (
                    "care",
                    models.CharField(
                        choices=[
                            ("collective", "une crèche (multi-accueil)"),
                            ("childminder", "une assistante maternelle"),
                            ("any", "l’un ou l’autre"),
                        ],
                        max_length=12,
                        verbose_name="accueil souhaité",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                (
                    "weekly",
                    models.JSONField(blank=True, default=dict, verbose_name="jours et heures souhaités"),
                ),
                ("remarks", models.CharField(blank=True, max_length=1000, verbose_name="précisions")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "reçue"),
                            ("in_contact", "en cours"),
                            ("found", "solution trouvée"),
                            ("closed", "close sans solution"),
                            ("withdrawn", "retirée"),
                        ],
                        default="received",
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="reçue le")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="close le")),
                ("closed_by", models.CharField(blank=True, max_length=200, verbose_name="close par")),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="réponse")),
                (
                    "commune",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_requests",
                        to="places.commune",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="care_requests",
                        to="families.family",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_requests",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande de mode de garde",
                "verbose_name_plural": "demandes de mode de garde",
                "ordering": ("-received_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="CareContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="le")),
                (
                    "means",
                    models.CharField(
                        choices=[("phone", "téléphone"), ("mail", "courriel"), ("visit", "rendez-vous")],
                        max_length=10,
                        verbose_name="par",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                ("noted_at", models.DateTimeField(verbose_name="noté le")),
                ("noted_by", models.CharField(max_length=200, verbose_name="noté par")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="relay.carerequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact du relais",
                "verbose_name_plural": "contacts du relais",
                "ordering": ("-on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Childminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="prénom et nom")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("active", models.BooleanField(default=True, verbose_name="en activité")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="childminders",
                        to="places.authority",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="childminders",
                        to="places.commune",
                    ),
                ),
            ],
            options={
                "verbose_name": "assistante maternelle",
                "verbose_name_plural": "assistantes maternelles",
                "ordering": ("name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("adult_name", models.CharField(max_length=80, verbose_name="adulte qui vient")),
                ("seats", models.PositiveSmallIntegerField(verbose_name="places")),
                ("booked_at", models.DateTimeField(verbose_name="réservée le")),
                ("booked_by", models.CharField(max_length=200, verbose_name="réservée par")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="annulée le")),
                ("cancelled_by", models.CharField(blank=True, max_length=200, verbose_name="annulée par")),
                (
                    "childminder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="relay.childminder",
                    ),
                ),
                (
                    "closure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="visits",
                        to="places.closure",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="families.family",
                    ),
                ),
                (
                    "opening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="activities.opening",
                    ),
                ),
            ],
            options={
                "verbose_name": "venue à une matinée",
                "verbose_name_plural": "venues aux matinées",
                "ordering": ("opening__day", "adult_name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="VisitChild",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.CharField(max_length=80, verbose_name="prénom")),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="families.person",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="children", to="relay.visit"
                    ),
                ),
            ],
            options={
                "verbose_name": "enfant d’une venue",
                "verbose_name_plural": "enfants des venues",
                "ordering": ("first_name", "pk"),
            },
        ),
        migrations.AddIndex(
            model_name="carerequest",
            index=models.Index(fields=["structure", "state", "received_at"], name="care_waiting"),
        ),
        migrations.AddConstraint(
            model_name="carerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("birth_date__isnull", True), ("expected_on__isnull", True), _connector="XOR"
                ),
                name="care_child_born_or_expected",
                violation_error_message="L’enfant est né, ou attendu\xa0: donnez une seule des deux dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("email", ""), _negated=True),
                    models.Q(("phone", ""), _negated=True),
                    _connector="OR",
                ),
                name="care_asker_can_be_reached",
                violation_error_message="Donnez un téléphone ou une adresse de courriel.",
            ),
        ),
        migrations.AddConstraint(
            model_name="childminder",
            constraint=models.UniqueConstraint(
                fields=("authority", "name"),
                name="childminder_once",
                violation_error_message="Cette personne est déjà dans la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("family__isnull", True), ("childminder__isnull", True), _connector="XOR"),
                name="visit_of_a_home_or_a_childminder",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats__gt", 0)), name="visit_takes_a_seat"
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                fields=("opening", "family"),
                name="visit_of_home_once",
                violation_error_message="Votre foyer vient déjà à cette matinée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                fields=("opening", "childminder"),
                name="visit_of_childminder_once",
                violation_error_message="Cette personne vient déjà à cette matinée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitchild",
            constraint=models.UniqueConstraint(
                condition=models.Q(("child__isnull", False)),
                fields=("visit", "child"),
                name="visit_child_once",
            ),
        ),
    ]
