"""The tables of `places`, as they were when migrations were frozen."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="nom")),
                (
                    "zone",
                    models.CharField(
                        choices=[("A", "zone A"), ("B", "zone B"), ("C", "zone C")],
                        max_length=1,
                        verbose_name="zone",
                    ),
                ),
                (
                    "school_weekdays",
                    models.JSONField(
                        default=list,
                        help_text="0 pour lundi\xa0; semaine de 4 jours\xa0: 0, 1, 3, 4",
                        verbose_name="jours d’école",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendrier",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Delay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="ce qui est gardé")),
                ("months", models.PositiveSmallIntegerField(verbose_name="mois")),
            ],
            options={
                "verbose_name": "délai de conservation",
                "verbose_name_plural": "délais de conservation",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Authority",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                ("short_name", models.CharField(max_length=40, verbose_name="nom court")),
                ("siret", models.CharField(blank=True, max_length=14, verbose_name="SIRET")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="adresse")),
                (
                    "publication_director",
                    models.CharField(blank=True, max_length=120, verbose_name="direction de la publication"),
                ),
                ("host_name", models.CharField(blank=True, max_length=120, verbose_name="hébergeur")),
                (
                    "host_address",
                    models.CharField(blank=True, max_length=200, verbose_name="adresse de l’hébergeur"),
                ),
                (
                    "host_phone",
                    models.CharField(blank=True, max_length=30, verbose_name="téléphone de l’hébergeur"),
                ),
                (
                    "dpo_name",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="délégué à la protection des données"
                    ),
                ),
                (
                    "dpo_email",
                    models.EmailField(blank=True, max_length=254, verbose_name="courriel du délégué"),
                ),
                (
                    "accessibility_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="courriel pour l’accessibilité"
                    ),
                ),
                (
                    "accessibility_rate",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="taux de conformité au RGAA"
                    ),
                ),
                (
                    "accessibility_audited_on",
                    models.DateField(blank=True, null=True, verbose_name="date de l’audit"),
                ),
            ],
            options={
                "verbose_name": "collectivité",
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accessibility_audited_on__isnull", True),
                                ("accessibility_rate__isnull", True),
                            ),
                            models.Q(
                                ("accessibility_audited_on__isnull", False),
                                ("accessibility_rate__isnull", False),
                                ("accessibility_rate__lte", 100),
                            ),
                            _connector="OR",
                        ),
                        name="accessibility_rate_is_dated",
                        violation_error_message="Le taux, de 0 à 100, va avec la date de l’audit.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Commune",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                ("postal_code", models.CharField(max_length=5, verbose_name="code postal")),
                (
                    "authorities",
                    models.ManyToManyField(
                        blank=True,
                        related_name="communes",
                        to="places.authority",
                        verbose_name="collectivités",
                    ),
                ),
            ],
            options={
                "verbose_name": "commune",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("main", models.CharField(blank=True, max_length=7, verbose_name="couleur principale")),
                ("accent", models.CharField(blank=True, max_length=7, verbose_name="couleur d’accent")),
                ("logo", models.BinaryField(blank=True, default=b"", verbose_name="logo")),
                ("logo_kind", models.CharField(blank=True, max_length=20, verbose_name="nature du logo")),
                ("logo_width", models.PositiveSmallIntegerField(default=0, verbose_name="largeur du logo")),
                ("logo_height", models.PositiveSmallIntegerField(default=0, verbose_name="hauteur du logo")),
                ("texts", models.JSONField(blank=True, default=dict, verbose_name="textes")),
                ("revision", models.PositiveIntegerField(default=0, verbose_name="version")),
                (
                    "authority",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="look",
                        to="places.authority",
                        verbose_name="collectivité",
                    ),
                ),
            ],
            options={
                "verbose_name": "apparence",
            },
        ),
        migrations.CreateModel(
            name="School",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schools",
                        to="places.calendar",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schools",
                        to="places.commune",
                    ),
                ),
            ],
            options={
                "verbose_name": "école",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Structure",
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
                            ("relay", "relais petite enfance"),
                            ("leisure", "accueil de loisirs"),
                            ("after_school", "périscolaire"),
                            ("canteen", "restauration scolaire"),
                            ("youth", "espace jeunes"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("street", models.CharField(blank=True, max_length=120, verbose_name="rue")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="structures",
                        to="places.authority",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="structures",
                        to="places.commune",
                    ),
                ),
            ],
            options={
                "verbose_name": "structure",
                "ordering": ("order", "name"),
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("administrator", "administrateur"),
                            ("office", "guichet"),
                            ("director", "direction"),
                            ("animator", "animation"),
                        ],
                        max_length=20,
                        verbose_name="rôle",
                    ),
                ),
                ("suspended_at", models.DateTimeField(blank=True, null=True, verbose_name="suspendu le")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="places.authority",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "poste",
            },
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=120, verbose_name="raison")),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="mot aux familles")),
                ("part", models.CharField(blank=True, max_length=200, verbose_name="ce qui ferme")),
                ("fewer", models.BooleanField(default=False, verbose_name="moins de places")),
                ("first_day", models.DateField(verbose_name="premier jour")),
                ("last_day", models.DateField(verbose_name="dernier jour")),
                ("made_at", models.DateTimeField(blank=True, null=True, verbose_name="décidée le")),
                ("made_by", models.CharField(blank=True, max_length=150, verbose_name="décidée par")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="annulée le")),
                ("undone_by", models.CharField(blank=True, max_length=150, verbose_name="annulée par")),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "fermeture",
                "ordering": ("first_day",),
            },
        ),
        migrations.CreateModel(
            name="StructureContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="pour")),
                ("ages", models.CharField(blank=True, max_length=60, verbose_name="âges")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "ordering": ("structure", "order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="CalendarSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("school_holiday", "school_holiday"),
                            ("public_holiday", "public_holiday"),
                            ("closure", "closure"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                ("first_day", models.DateField(verbose_name="premier jour")),
                ("last_day", models.DateField(verbose_name="dernier jour")),
                ("corrected", models.BooleanField(default=False, verbose_name="corrigée par un agent")),
                ("typed", models.BooleanField(default=False, verbose_name="saisie par un agent")),
                ("active", models.BooleanField(default=True, verbose_name="en vigueur")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spans",
                        to="places.calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "période du calendrier",
                "verbose_name_plural": "périodes des calendriers",
                "ordering": ("first_day", "kind"),
                "indexes": [models.Index(fields=["calendar", "first_day"], name="calendar_span_days")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="calendar_span_in_order",
                        violation_error_message="Le dernier jour vient avant le premier.",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="commune",
            constraint=models.UniqueConstraint(fields=("name", "postal_code"), name="commune_once"),
        ),
        migrations.AddConstraint(
            model_name="school",
            constraint=models.UniqueConstraint(
                fields=("name", "commune"),
                name="school_once_a_commune",
                violation_error_message="Une école de cette commune porte déjà ce nom.",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("authority__isnull", True), ("role", "administrator"), ("structure__isnull", True)
                    ),
                    models.Q(("authority__isnull", False), ("role", "office"), ("structure__isnull", True)),
                    models.Q(
                        ("authority__isnull", True),
                        ("role__in", ("director", "animator")),
                        ("structure__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="post_scope_fits_role",
                violation_error_message="Le guichet est rattaché à une collectivité, la direction et l’animation à une structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                models.F("user"),
                models.F("role"),
                django.db.models.functions.comparison.Coalesce("authority", 0),
                django.db.models.functions.comparison.Coalesce("structure", 0),
                name="post_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="closure_in_order",
                violation_error_message="Le dernier jour vient avant le premier.",
            ),
        ),
    ]
