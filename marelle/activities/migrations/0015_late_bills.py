from django.db import migrations, models


def as_levels(apps, _schema_editor):
    apps.get_model("activities", "Activity").objects.filter(unpaid_blocks=True).update(unpaid="requests")


def as_boxes(apps, _schema_editor):
    rows = apps.get_model("activities", "Activity").objects
    rows.filter(unpaid__in=("requests", "bookings")).update(unpaid_blocks=True)


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0014_kept_places"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="unpaid",
            field=models.CharField(
                choices=[
                    ("nothing", "rien"),
                    ("warn", "un rappel à la famille"),
                    ("requests", "la demande d’inscription n’est pas possible"),
                    (
                        "bookings",
                        "ni la demande d’inscription ni de nouvelles réservations ne sont possibles",
                    ),
                ],
                default="nothing",
                max_length=10,
                verbose_name="facture en retard de paiement",
            ),
        ),
        migrations.RunPython(as_levels, as_boxes),
        migrations.RemoveConstraint(model_name="activity", name="activity_canteen_feeds_all"),
        migrations.RemoveField(model_name="activity", name="unpaid_blocks"),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(unpaid__in=("nothing", "warn")) | ~models.Q(kind="canteen"),
                name="activity_canteen_feeds_all",
                violation_error_message="Une facture impayée ne ferme jamais la cantine.",
            ),
        ),
    ]
