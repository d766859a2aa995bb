from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0002_commune_agreements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="authority",
            name="incomes_count",
            field=models.CharField(
                choices=[
                    ("next_month", "du mois suivant, sans rien refaire"),
                    ("its_date", "de sa date, avec régularisation"),
                ],
                default="next_month",
                max_length=10,
                verbose_name="un revenu qui change compte",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="reads_incomes",
            field=models.BooleanField(default=False, verbose_name="lit les revenus"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("reads_incomes", False), ("role", "director"), _connector="OR"),
                name="post_of_a_director_reads_incomes",
                violation_error_message="La lecture des revenus se donne à une direction.",
            ),
        ),
    ]
