"""That a portal is a rehearsal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begun_at", models.DateTimeField(verbose_name="commencée le")),
            ],
            options={
                "verbose_name": "répétition",
                "verbose_name_plural": "répétitions",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)),
                        name="rehearsal_once",
                        violation_error_message="C’est déjà une répétition.",
                    )
                ],
            },
        ),
    ]
