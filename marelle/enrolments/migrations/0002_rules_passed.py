"""Which limits a derogation passes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrolments", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="passed",
            field=models.CharField(blank=True, max_length=100, verbose_name="règles passées"),
        ),
    ]
