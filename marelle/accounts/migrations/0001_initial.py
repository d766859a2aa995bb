"""The tables of `accounts`, as they were when migrations were frozen."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "identifier",
                    models.CharField(
                        max_length=150,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9][A-Za-z0-9._-]{2,}\\Z",
                                "L’identifiant compte au moins 3 signes\xa0: des lettres sans accent, des chiffres, un point ou un tiret, sans espace ni «\xa0@\xa0».",
                            )
                        ],
                        verbose_name="identifiant",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="adresse de courriel")),
                ("display_name", models.CharField(max_length=150, verbose_name="nom affiché")),
                ("is_active", models.BooleanField(default=True, verbose_name="actif")),
                ("is_staff", models.BooleanField(default=False, verbose_name="accès à l’administration")),
                ("is_demo", models.BooleanField(default=False, verbose_name="compte de démonstration")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="créé le"),
                ),
                ("notices", models.JSONField(blank=True, default=dict, verbose_name="courriels choisis")),
                (
                    "calendar_serial",
                    models.PositiveIntegerField(default=0, verbose_name="numéro de l’adresse du calendrier"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="réuni au compte",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte",
                "verbose_name_plural": "comptes",
                "ordering": ["identifier"],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
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
                        choices=[("login", "connexion"), ("password", "mot de passe oublié")],
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, verbose_name="date")),
                ("name_hash", models.CharField(max_length=64, verbose_name="empreinte du nom")),
                ("user_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                (
                    "address",
                    models.GenericIPAddressField(blank=True, null=True, verbose_name="adresse réseau"),
                ),
            ],
            options={
                "verbose_name": "essai de connexion",
                "verbose_name_plural": "essais de connexion",
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(fields=["kind", "name_hash", "at"], name="attempt_name"),
                    models.Index(fields=["kind", "user_id", "at"], name="attempt_account"),
                    models.Index(fields=["kind", "address", "at"], name="attempt_address"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session_key", models.CharField(max_length=40, unique=True, verbose_name="session")),
                ("label", models.CharField(blank=True, max_length=100, verbose_name="appareil")),
                ("first_seen", models.DateTimeField(verbose_name="connecté le")),
                ("last_seen", models.DateTimeField(verbose_name="vu le")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="devices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "appareil connecté",
                "verbose_name_plural": "appareils connectés",
                "ordering": ["-last_seen", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token_hash",
                    models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien"),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="adresse de courriel")),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "courriel"), ("letter", "lettre")],
                        max_length=8,
                        verbose_name="voie",
                    ),
                ),
                (
                    "message_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="courriel ou lettre"),
                ),
                ("created_at", models.DateTimeField(verbose_name="envoyée le")),
                ("created_by_label", models.CharField(max_length=200, verbose_name="envoyée par")),
                ("expires_at", models.DateTimeField(verbose_name="valable jusqu’au")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="utilisée le")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="remplacée le")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SecretLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("password", "nouveau mot de passe"),
                            ("email", "nouvelle adresse de courriel"),
                        ],
                        max_length=10,
                        verbose_name="usage",
                    ),
                ),
                (
                    "token_hash",
                    models.CharField(max_length=64, unique=True, verbose_name="empreinte du lien"),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="adresse de courriel")),
                ("created_at", models.DateTimeField(verbose_name="envoyé le")),
                ("expires_at", models.DateTimeField(verbose_name="valable jusqu’au")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="utilisé le")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "lien secret",
                "verbose_name_plural": "liens secrets",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(django.db.models.functions.text.Lower("email"), name="account_email_any_case"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("identifier"),
                name="account_identifier_any_case",
                violation_error_message="Cet identifiant est déjà pris\xa0: choisissez-en un autre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("identifier__contains", "@"), _negated=True),
                name="account_identifier_no_at",
                violation_error_message="L’identifiant ne contient pas de «\xa0@\xa0».",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True), ("used_at__isnull", True)),
                fields=("user",),
                name="account_one_pending_invitation",
                violation_error_message="Ce compte a déjà une invitation en cours.",
            ),
        ),
    ]
