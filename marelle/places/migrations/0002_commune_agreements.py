"""The communes that have an agreement with an authority."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="commune",
            name="agreements",
            field=models.ManyToManyField(
                blank=True,
                related_name="agreement_communes",
                to="places.authority",
                verbose_name="collectivités conventionnées",
            ),
        ),
    ]
