from django.db import migrations

import marelle.core.sealed
import marelle.families.models.care


class Migration(migrations.Migration):
    dependencies = [("families", "0007_civility")]

    operations = [
        migrations.AddField(
            model_name="healthsheet",
            name="said",
            field=marelle.families.models.care.SheetField(null=True, verbose_name="ce que dit la fiche"),
        ),
        migrations.RemoveConstraint(model_name="vaccination", name="vaccination_once"),
        migrations.AlterModelOptions(
            name="vaccination", options={"ordering": ("on", "pk"), "verbose_name": "vaccination"}
        ),
        migrations.AlterField(
            model_name="vaccination",
            name="vaccine",
            field=marelle.core.sealed.SealedTextField(max_length=80, verbose_name="vaccin"),
        ),
        migrations.AlterField(
            model_name="pickupban",
            name="name",
            field=marelle.core.sealed.SealedTextField(max_length=120, verbose_name="prénom et nom"),
        ),
        migrations.AlterField(
            model_name="pickupban",
            name="reason",
            field=marelle.core.sealed.SealedTextField(max_length=300, verbose_name="jugement"),
        ),
        migrations.AlterField(
            model_name="familynote",
            name="text",
            field=marelle.core.sealed.SealedTextField(max_length=1000, verbose_name="note"),
        ),
    ]
