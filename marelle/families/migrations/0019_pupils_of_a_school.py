import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0018_when_a_home_was_erased"),
        ("places", "0007_spans_typed_and_schools_named_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="schooling",
            name="until",
            field=models.DateField(blank=True, null=True, verbose_name="dernier jour dans cette école"),
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
    ]
