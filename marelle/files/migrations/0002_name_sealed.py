from django.db import migrations

import marelle.core.sealed


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="storedfile",
            name="name",
            field=marelle.core.sealed.SealedTextField(max_length=120, verbose_name="nom"),
        ),
    ]
