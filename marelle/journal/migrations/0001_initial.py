"""The tables of `journal`, as they were when migrations were frozen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, verbose_name="date")),
                ("actor_user_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                ("actor_label", models.CharField(blank=True, max_length=200, verbose_name="auteur")),
                ("on_behalf", models.BooleanField(default=False, verbose_name="au nom de la famille")),
                ("verb", models.CharField(max_length=60, verbose_name="acte")),
                ("subject_kind", models.CharField(max_length=40, verbose_name="nature de l’objet")),
                (
                    "subject_id",
                    models.BigIntegerField(blank=True, null=True, verbose_name="numéro de l’objet"),
                ),
                ("subject_label", models.CharField(blank=True, max_length=200, verbose_name="objet")),
                ("family_id", models.BigIntegerField(blank=True, null=True, verbose_name="dossier famille")),
                ("data", models.JSONField(blank=True, default=dict, verbose_name="détails")),
                (
                    "address",
                    models.GenericIPAddressField(blank=True, null=True, verbose_name="adresse réseau"),
                ),
                ("device", models.CharField(blank=True, max_length=100, verbose_name="appareil")),
            ],
            options={
                "verbose_name": "acte",
                "verbose_name_plural": "historique",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["family_id", "-at", "-id"], name="journal_family"),
                    models.Index(fields=["actor_user_id", "-at", "-id"], name="journal_actor"),
                    models.Index(fields=["subject_kind", "subject_id", "-at"], name="journal_subject"),
                    models.Index(
                        condition=models.Q(("verb", "post.taken")),
                        fields=["subject_id"],
                        name="journal_posts_taken",
                    ),
                ],
            },
        ),
    ]
