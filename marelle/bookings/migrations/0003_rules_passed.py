"""Which rules a derogation passes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0002_absences_of_a_proof"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="passed",
            field=models.CharField(blank=True, max_length=100, verbose_name="règles passées"),
        ),
        migrations.AddField(
            model_name="booking",
            name="passed_before",
            field=models.CharField(blank=True, max_length=100, verbose_name="règles passées d’avant"),
        ),
    ]
