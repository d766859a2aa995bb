"""The tables of `families`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marelle.families.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("files", "0001_initial"),
        ("places", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Family",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=12, unique=True, verbose_name="numéro de dossier")),
                ("name", models.CharField(max_length=120, verbose_name="nom du foyer")),
                ("created_at", models.DateTimeField(verbose_name="créé le")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="partie le")),
                ("erased_at", models.DateTimeField(blank=True, null=True, verbose_name="effacé le")),
                (
                    "regime",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("general", "régime général (CAF)"),
                            ("farming", "régime agricole (MSA)"),
                            ("other", "autre régime"),
                        ],
                        max_length=10,
                        verbose_name="régime",
                    ),
                ),
                (
                    "caf_number",
                    models.CharField(blank=True, max_length=15, verbose_name="numéro d’allocataire"),
                ),
            ],
            options={
                "verbose_name": "foyer",
                "ordering": ("name", "number"),
            },
        ),
        migrations.CreateModel(
            name="FamilyImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=120, verbose_name="fichier")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte")),
                ("key", models.CharField(blank=True, max_length=60, verbose_name="emplacement")),
                ("heading", models.PositiveSmallIntegerField(default=0, verbose_name="place des titres")),
                ("headings", models.JSONField(default=list, verbose_name="titres des colonnes")),
                ("columns", models.JSONField(blank=True, default=dict, verbose_name="colonnes reconnues")),
                ("words", models.JSONField(blank=True, default=dict, verbose_name="mots expliqués")),
                ("lines", models.PositiveIntegerField(verbose_name="lignes")),
                ("prepared_at", models.DateTimeField(verbose_name="lu le")),
                ("prepared_by", models.CharField(max_length=200, verbose_name="lu par")),
                ("account_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="terminé le")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("prepared", "à vérifier"),
                            ("queued", "en cours"),
                            ("done", "terminé"),
                            ("refused", "rien n’est importé"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("schools", models.JSONField(blank=True, default=dict, verbose_name="écoles reconnues")),
                ("all_or_none", models.BooleanField(default=False, verbose_name="tout ou rien")),
                ("homes", models.PositiveIntegerField(default=0, verbose_name="foyers à traiter")),
                ("done_homes", models.PositiveIntegerField(default=0, verbose_name="foyers traités")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="décompte")),
                ("problems", models.JSONField(blank=True, default=list, verbose_name="lignes à corriger")),
                ("queued_at", models.DateTimeField(blank=True, null=True, verbose_name="lancé le")),
            ],
            options={
                "verbose_name": "import de familles",
                "verbose_name_plural": "imports de familles",
                "ordering": ("-prepared_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="FieldPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="champ")),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("free", "free"),
                            ("moderated", "moderated"),
                            ("read_only", "read_only"),
                            ("hidden", "hidden"),
                        ],
                        max_length=10,
                        verbose_name="règle",
                    ),
                ),
            ],
            options={
                "verbose_name": "règle d’un champ",
                "verbose_name_plural": "règles des champs",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(db_index=True, max_length=80, verbose_name="clé")),
                ("word", models.CharField(db_index=True, max_length=80, verbose_name="mot")),
            ],
            options={
                "verbose_name": "clé de recherche",
                "verbose_name_plural": "clés de recherche",
            },
        ),
        migrations.CreateModel(
            name="ConsentType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("label", models.CharField(max_length=160, verbose_name="autorisation")),
                ("explanation", models.CharField(blank=True, max_length=500, verbose_name="explication")),
                ("needs_hour", models.BooleanField(default=False, verbose_name="demande une heure")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="ordre")),
                ("active", models.BooleanField(default=True, verbose_name="demandée")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consent_types",
                        to="places.authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "autorisation demandée",
                "verbose_name_plural": "autorisations demandées",
                "ordering": ("authority", "order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ExternalReference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=60, unique=True, verbose_name="référence")),
                ("noted_at", models.DateTimeField(verbose_name="notée le")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "référence d’un autre logiciel",
                "verbose_name_plural": "références d’autres logiciels",
                "ordering": ("reference",),
            },
        ),
        migrations.CreateModel(
            name="FamilyNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shared", models.BooleanField(default=False, verbose_name="pour toutes les collectivités")),
                ("text", models.TextField(max_length=1000, verbose_name="note")),
                ("pinned", models.BooleanField(default=False, verbose_name="épinglée")),
                ("at", models.DateTimeField(verbose_name="écrite le")),
                ("by", models.CharField(max_length=150, verbose_name="écrite par")),
                ("account_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.authority",
                        verbose_name="collectivité",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "note d’un agent",
                "verbose_name_plural": "notes des agents",
                "ordering": ("-pinned", "-at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="FileConfirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année scolaire")),
                ("at", models.DateTimeField(verbose_name="confirmé le")),
                ("by", models.CharField(max_length=200, verbose_name="confirmé par")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation du dossier",
                "verbose_name_plural": "confirmations des dossiers",
                "ordering": ("-school_year",),
            },
        ),
        migrations.CreateModel(
            name="FormerFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("old_id", models.BigIntegerField(unique=True, verbose_name="ancienne clé")),
                ("number", models.CharField(max_length=12, unique=True, verbose_name="numéro de dossier")),
                ("name", models.CharField(max_length=120, verbose_name="nom du foyer")),
                ("merged_at", models.DateTimeField(verbose_name="réuni le")),
                ("merged_by", models.CharField(max_length=200, verbose_name="réuni par")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_files",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "ancien dossier",
                "verbose_name_plural": "anciens dossiers",
                "ordering": ("-merged_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="ImportWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12, verbose_name="de quoi")),
                ("word", models.CharField(max_length=80, verbose_name="mot")),
                ("meaning", models.CharField(blank=True, max_length=20, verbose_name="ce que c’est")),
            ],
            options={
                "verbose_name": "mot des fichiers importés",
                "verbose_name_plural": "mots des fichiers importés",
                "ordering": ("kind", "word"),
                "constraints": [models.UniqueConstraint(fields=("kind", "word"), name="import_word_once")],
            },
        ),
        migrations.CreateModel(
            name="Member",
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
                        choices=[("adult", "adulte"), ("child", "enfant")],
                        max_length=10,
                        verbose_name="qualité",
                    ),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "membre du foyer",
                "verbose_name_plural": "membres des foyers",
                "ordering": ("kind", "pk"),
            },
        ),
        migrations.CreateModel(
            name="CustodyPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weeks",
                    models.CharField(
                        choices=[("all", "all"), ("even", "even"), ("odd", "odd")],
                        default=marelle.families.rules.CustodyWeeks["ALL"],
                        max_length=10,
                        verbose_name="semaines",
                    ),
                ),
                (
                    "holidays",
                    models.CharField(
                        choices=[
                            ("same_as_weeks", "same_as_weeks"),
                            ("first_half", "first_half"),
                            ("second_half", "second_half"),
                            ("first_half_even_years", "first_half_even_years"),
                            ("first_half_odd_years", "first_half_odd_years"),
                        ],
                        default=marelle.families.rules.CustodyHolidays["SAME_AS_WEEKS"],
                        max_length=30,
                        verbose_name="vacances",
                    ),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="custody",
                        to="families.member",
                    ),
                ),
            ],
            options={
                "verbose_name": "garde alternée",
                "verbose_name_plural": "gardes alternées",
                "ordering": ("since",),
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_name", models.CharField(max_length=80, verbose_name="prénom")),
                ("last_name", models.CharField(max_length=80, verbose_name="nom")),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="date de naissance")),
                ("expected_on", models.DateField(blank=True, null=True, verbose_name="naissance prévue le")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                (
                    "work_phone",
                    models.CharField(blank=True, max_length=30, verbose_name="téléphone au travail"),
                ),
                (
                    "situation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("married", "marié ou mariée"),
                            ("pacs", "pacsé ou pacsée"),
                            ("couple", "en couple"),
                            ("separated", "séparé ou séparée"),
                            ("alone", "célibataire"),
                            ("widowed", "veuf ou veuve"),
                        ],
                        max_length=12,
                        verbose_name="situation familiale",
                    ),
                ),
                ("profession", models.CharField(blank=True, max_length=80, verbose_name="profession")),
                ("employer", models.CharField(blank=True, max_length=120, verbose_name="employeur")),
                (
                    "diet",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("standard", "repas habituel"),
                            ("no_pork", "sans porc"),
                            ("vegetarian", "végétarien"),
                            ("gluten_free", "sans gluten"),
                        ],
                        max_length=12,
                        verbose_name="régime alimentaire",
                    ),
                ),
                (
                    "account",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "personne",
                "ordering": ("last_name", "first_name", "pk"),
            },
        ),
        migrations.AddField(
            model_name="member",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="families.person"
            ),
        ),
        migrations.CreateModel(
            name="HealthSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("allergies", models.CharField(blank=True, max_length=1000, verbose_name="allergies")),
                ("is_severe", models.BooleanField(default=False, verbose_name="allergie grave")),
                ("pai", models.BooleanField(blank=True, null=True, verbose_name="PAI")),
                ("pai_until", models.DateField(blank=True, null=True, verbose_name="PAI valable jusqu’au")),
                (
                    "pai_meal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("family", "la famille apporte le repas"),
                            ("structure", "la structure le prépare"),
                        ],
                        max_length=10,
                        verbose_name="repas du PAI",
                    ),
                ),
                ("treatments", models.CharField(blank=True, max_length=1000, verbose_name="traitements")),
                ("remarks", models.CharField(blank=True, max_length=1000, verbose_name="remarques")),
                ("doctor_name", models.CharField(blank=True, max_length=120, verbose_name="médecin")),
                (
                    "doctor_phone",
                    models.CharField(blank=True, max_length=30, verbose_name="téléphone du médecin"),
                ),
                ("updated_at", models.DateTimeField(verbose_name="modifiée le")),
                ("updated_by", models.CharField(max_length=150, verbose_name="modifiée par")),
                (
                    "pai_file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "child",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="health_sheet",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "fiche sanitaire",
                "verbose_name_plural": "fiches sanitaires",
            },
        ),
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "link",
                    models.CharField(
                        choices=[
                            ("mother", "mère"),
                            ("father", "père"),
                            ("guardian", "tuteur ou tutrice"),
                            ("step_parent", "beau-parent"),
                            ("foster", "famille d’accueil"),
                        ],
                        max_length=20,
                        verbose_name="lien",
                    ),
                ),
                ("has_authority", models.BooleanField(default=True, verbose_name="autorité parentale")),
                ("may_see", models.BooleanField(default=True, verbose_name="peut voir le dossier")),
                ("may_book", models.BooleanField(default=True, verbose_name="peut réserver")),
                ("may_fetch", models.BooleanField(default=True, verbose_name="peut venir chercher")),
                ("is_told", models.BooleanField(default=True, verbose_name="reçoit les courriels")),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "adult",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wards",
                        to="families.person",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guardians",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "responsabilité légale",
                "verbose_name_plural": "responsabilités légales",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année scolaire")),
                ("given", models.BooleanField(verbose_name="accordée")),
                ("from_hour", models.TimeField(blank=True, null=True, verbose_name="à partir de")),
                ("answered_by", models.CharField(max_length=150, verbose_name="répondu par")),
                ("answered_at", models.DateTimeField(verbose_name="répondu le")),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="families.consenttype",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="families.family",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="families.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "autorisation",
                "ordering": ("type", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ChangeRequest",
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
                            ("field", "donnée à modifier"),
                            ("add", "personne à ajouter"),
                            ("remove", "personne à retirer"),
                        ],
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=40, verbose_name="champ")),
                ("old", models.JSONField(blank=True, default=dict, verbose_name="ancienne valeur")),
                ("new", models.JSONField(blank=True, default=dict, verbose_name="valeur proposée")),
                ("replaced", models.JSONField(blank=True, null=True, verbose_name="valeur remplacée")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "en attente"),
                            ("accepted", "acceptée"),
                            ("refused", "refusée"),
                            ("withdrawn", "reprise"),
                            ("replaced", "remplacée"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="proposée le")),
                ("asked_by", models.CharField(max_length=200, verbose_name="proposée par")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="décidée le")),
                ("decided_by", models.CharField(blank=True, max_length=200, verbose_name="décidée par")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="raison")),
                (
                    "proof",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="families.family",
                    ),
                ),
                (
                    "asker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="families.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande de modification",
                "verbose_name_plural": "demandes de modification",
                "ordering": ("-asked_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="PickupBan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="prénom et nom")),
                ("reason", models.CharField(max_length=300, verbose_name="jugement")),
                ("since", models.DateField(verbose_name="depuis le")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("set_at", models.DateTimeField(verbose_name="notée le")),
                ("set_by", models.CharField(max_length=150, verbose_name="notée par")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pickup_bans",
                        to="families.person",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pickup_bans",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "interdiction de venir chercher",
                "verbose_name_plural": "interdictions de venir chercher",
                "ordering": ("since", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PickupContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="prénom et nom")),
                ("link", models.CharField(max_length=60, verbose_name="lien avec l’enfant")),
                ("phone", models.CharField(max_length=30, verbose_name="téléphone")),
                ("may_fetch", models.BooleanField(verbose_name="peut venir chercher")),
                ("may_be_called", models.BooleanField(verbose_name="peut être appelée")),
                ("order", models.PositiveSmallIntegerField(verbose_name="ordre")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pickup_contacts",
                        to="families.person",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pickup_contacts",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "personne autorisée à venir chercher",
                "verbose_name_plural": "personnes autorisées à venir chercher",
                "ordering": ("order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PickupPermission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="jour")),
                ("name", models.CharField(max_length=120, verbose_name="prénom et nom")),
                ("phone", models.CharField(max_length=30, verbose_name="téléphone")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="précision")),
                ("given_at", models.DateTimeField(verbose_name="donnée le")),
                ("given_by", models.CharField(max_length=150, verbose_name="donnée par")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="reprise le")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pickup_permissions",
                        to="families.person",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pickup_permissions",
                        to="families.family",
                    ),
                ),
                (
                    "giver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "permission d’un jour",
                "verbose_name_plural": "permissions d’un jour",
                "ordering": ("day", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Promotion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année scolaire")),
                ("children", models.PositiveSmallIntegerField(verbose_name="enfants")),
                ("made_at", models.DateTimeField(verbose_name="fait le")),
                ("made_by", models.CharField(max_length=200, verbose_name="fait par")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
                ("undone_by", models.CharField(blank=True, max_length=200, verbose_name="annulé par")),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promotions",
                        to="places.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "passage de classe",
                "verbose_name_plural": "passages de classe",
                "ordering": ("-made_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="ProposedQuotient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="quotient familial"),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                (
                    "seen",
                    models.DecimalField(
                        decimal_places=2, max_digits=8, null=True, verbose_name="quotient connu alors"
                    ),
                ),
                ("seen_since", models.DateField(null=True, verbose_name="connu depuis le")),
                ("written_since", models.DateField(blank=True, null=True, verbose_name="compte depuis le")),
                (
                    "former_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=8,
                        null=True,
                        verbose_name="quotient remplacé",
                    ),
                ),
                (
                    "former_source",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="quotient remplacé justifié par"
                    ),
                ),
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotient",
                        to="families.changerequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "quotient proposé",
                "verbose_name_plural": "quotients proposés",
            },
        ),
        migrations.CreateModel(
            name="PupilList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=120, verbose_name="fichier")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte")),
                ("key", models.CharField(blank=True, max_length=60, verbose_name="emplacement")),
                ("heading", models.PositiveSmallIntegerField(default=0, verbose_name="place des titres")),
                ("headings", models.JSONField(default=list, verbose_name="titres des colonnes")),
                ("columns", models.JSONField(blank=True, default=dict, verbose_name="colonnes reconnues")),
                ("words", models.JSONField(blank=True, default=dict, verbose_name="mots expliqués")),
                ("lines", models.PositiveIntegerField(verbose_name="lignes")),
                ("prepared_at", models.DateTimeField(verbose_name="lu le")),
                ("prepared_by", models.CharField(max_length=200, verbose_name="lu par")),
                ("account_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="terminé le")),
                (
                    "state",
                    models.CharField(
                        choices=[("prepared", "à vérifier"), ("done", "terminé")],
                        default="prepared",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année scolaire")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="réponses")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="décompte")),
                ("aside", models.JSONField(blank=True, default=list, verbose_name="lignes mises de côté")),
                (
                    "school",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pupil_lists",
                        to="places.school",
                    ),
                ),
            ],
            options={
                "verbose_name": "liste des élèves",
                "verbose_name_plural": "listes des élèves",
                "ordering": ("-prepared_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Quotient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="quotient familial"),
                ),
                ("since", models.DateField(verbose_name="depuis le")),
                ("source", models.CharField(max_length=80, verbose_name="justifié par")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotients",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "quotient familial",
                "verbose_name_plural": "quotients familiaux",
                "ordering": ("-since", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Residence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("street", models.CharField(max_length=120, verbose_name="rue")),
                ("postal_code", models.CharField(max_length=10, verbose_name="code postal")),
                ("city", models.CharField(max_length=80, verbose_name="ville")),
                ("since", models.DateField(verbose_name="depuis le")),
                ("source", models.CharField(max_length=80, verbose_name="justifié par")),
                (
                    "commune",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residents",
                        to="places.commune",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="residences",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "adresse",
                "ordering": ("-since", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Schooling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année scolaire")),
                ("level", models.CharField(max_length=10, verbose_name="niveau")),
                ("teacher", models.CharField(blank=True, max_length=80, verbose_name="classe de")),
                ("corrected", models.BooleanField(default=False, verbose_name="notée à la main")),
                (
                    "until",
                    models.DateField(blank=True, null=True, verbose_name="dernier jour dans cette école"),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="schooling",
                        to="families.person",
                    ),
                ),
                (
                    "promotion",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rows",
                        to="families.promotion",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pupils", to="places.school"
                    ),
                ),
            ],
            options={
                "verbose_name": "scolarité",
                "ordering": ("-school_year",),
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(db_index=True, max_length=80, verbose_name="mot")),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_words",
                        to="families.family",
                    ),
                ),
            ],
            options={
                "verbose_name": "mot de recherche",
                "verbose_name_plural": "mots de recherche",
            },
        ),
        migrations.CreateModel(
            name="Vaccination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("vaccine", models.CharField(max_length=80, verbose_name="vaccin")),
                ("on", models.DateField(verbose_name="fait le")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vaccinations",
                        to="families.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "vaccination",
                "ordering": ("vaccine", "on"),
            },
        ),
        migrations.AddConstraint(
            model_name="consenttype",
            constraint=models.UniqueConstraint(fields=("authority", "code"), name="consent_type_once"),
        ),
        migrations.AddIndex(
            model_name="familynote",
            index=models.Index(fields=["family", "-pinned", "-at"], name="note_of_family"),
        ),
        migrations.AddConstraint(
            model_name="familynote",
            constraint=models.CheckConstraint(
                condition=models.Q(("authority__isnull", False), ("shared", True), _connector="OR"),
                name="note_has_readers",
                violation_error_message="Une note appartient à une collectivité, ou à toutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="fileconfirmation",
            constraint=models.UniqueConstraint(
                fields=("family", "school_year"), name="confirmed_once_a_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("family", "person"),
                name="member_once",
                violation_error_message="Cette personne fait déjà partie du foyer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "adult"), ("until__isnull", True)),
                fields=("person",),
                name="adult_in_one_family",
                violation_error_message="Un adulte appartient à un seul foyer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianship",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("adult", "child"),
                name="guardianship_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianship",
            constraint=models.CheckConstraint(
                condition=models.Q(("adult", models.F("child")), _negated=True),
                name="nobody_is_its_own_guardian",
                violation_error_message="Une personne ne peut pas être responsable d’elle-même.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                fields=("child", "family", "type", "school_year"), name="consent_once_a_year_and_home"
            ),
        ),
        migrations.AddIndex(
            model_name="changerequest",
            index=models.Index(fields=["family", "state", "-asked_at"], name="change_family"),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "field"), ("person__isnull", False), ("state", "open")),
                fields=("family", "person", "field"),
                name="change_open_once_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "field"), ("person__isnull", True), ("state", "open")),
                fields=("family", "field"),
                name="change_open_once_home",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "remove"), ("state", "open")),
                fields=("family", "person"),
                name="change_removal_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickupban",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="pickup_ban_in_order",
                violation_error_message="La fin vient avant le début.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickupcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(("may_fetch", True), ("may_be_called", True), _connector="OR"),
                name="pickup_contact_for_something",
                violation_error_message="Cette personne vient chercher l’enfant, ou peut être appelée.",
            ),
        ),
        migrations.AddIndex(
            model_name="pickuppermission",
            index=models.Index(fields=["day", "child"], name="pickup_permission_of_day"),
        ),
        migrations.AddConstraint(
            model_name="promotion",
            constraint=models.CheckConstraint(
                condition=models.Q(("children__gt", 0)),
                name="promotion_of_somebody",
                violation_error_message="Un passage de classe concerne au moins un enfant.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quotient",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)), name="quotient_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="quotient",
            constraint=models.UniqueConstraint(fields=("family", "since"), name="quotient_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="residence",
            constraint=models.UniqueConstraint(fields=("family", "since"), name="residence_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="schooling",
            constraint=models.UniqueConstraint(fields=("child", "school_year"), name="schooling_once_a_year"),
        ),
        migrations.AddConstraint(
            model_name="searchword",
            constraint=models.UniqueConstraint(fields=("family", "word"), name="search_word_once"),
        ),
        migrations.AddConstraint(
            model_name="vaccination",
            constraint=models.UniqueConstraint(
                fields=("child", "vaccine", "on"),
                name="vaccination_once",
                violation_error_message="Ce vaccin est déjà noté à cette date.",
            ),
        ),
    ]
