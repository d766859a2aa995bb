"""The tables of `mail`, as they were when migrations were frozen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=80, verbose_name="modèle")),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "courriel"), ("letter", "lettre")],
                        default="mail",
                        max_length=8,
                        verbose_name="voie",
                    ),
                ),
                ("to", models.CharField(blank=True, max_length=254, verbose_name="destinataire")),
                ("subject", models.CharField(max_length=250, verbose_name="objet")),
                ("text", models.TextField(verbose_name="texte")),
                ("html", models.TextField(blank=True, verbose_name="texte mis en forme")),
                ("authority_id", models.BigIntegerField(blank=True, null=True, verbose_name="collectivité")),
                ("family_id", models.BigIntegerField(blank=True, null=True, verbose_name="dossier famille")),
                ("case_id", models.BigIntegerField(blank=True, null=True, verbose_name="dossier à décider")),
                (
                    "stop_url",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="adresse qui arrête ces envois"
                    ),
                ),
                ("secret", models.BooleanField(default=False, verbose_name="contient un lien secret")),
                ("message_id", models.CharField(max_length=200, unique=True, verbose_name="numéro d’envoi")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "à envoyer"),
                            ("sending", "en cours d’envoi"),
                            ("sent", "envoyé"),
                            ("revoked", "annulé"),
                            ("failed", "échec"),
                            ("to_print", "à imprimer"),
                            ("printed", "imprimé"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="écrit le")),
                ("not_before", models.DateTimeField(verbose_name="pas avant")),
                ("next_attempt_at", models.DateTimeField(verbose_name="prochain essai")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="dernière erreur")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="envoyé le")),
            ],
            options={
                "verbose_name": "courriel ou lettre",
                "verbose_name_plural": "courriels et lettres",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "sending"])),
                        fields=["next_attempt_at", "id"],
                        name="mail_due",
                    ),
                    models.Index(fields=["family_id", "-created_at"], name="mail_family"),
                    models.Index(
                        condition=models.Q(("case_id__isnull", False)), fields=["case_id"], name="mail_case"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", "letter"), ("to", "")),
                            models.Q(("channel", "mail"), models.Q(("to", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="mail_has_address",
                        violation_error_message="Un courriel a une adresse, une lettre n’en a pas.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Wording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("authority_id", models.BigIntegerField(verbose_name="collectivité")),
                ("kind", models.CharField(blank=True, max_length=80, verbose_name="modèle")),
                ("subject", models.CharField(blank=True, max_length=120, verbose_name="objet")),
                ("before", models.TextField(blank=True, max_length=1500, verbose_name="au début")),
                ("after", models.TextField(blank=True, max_length=1500, verbose_name="à la fin")),
            ],
            options={
                "verbose_name": "mots de la collectivité",
                "verbose_name_plural": "mots de la collectivité",
                "ordering": ["authority_id", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority_id", "kind"),
                        name="mail_worded_once",
                        violation_error_message="Ce courriel a déjà les mots de cette collectivité.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("after", ""), ("before", ""), ("subject", ""), _negated=True),
                        name="mail_wording_says_something",
                        violation_error_message="Écrivez au moins un texte.",
                    ),
                ],
            },
        ),
    ]
