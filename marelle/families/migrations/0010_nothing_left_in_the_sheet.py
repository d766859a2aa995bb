from django.db import migrations

import marelle.families.models.care


class Migration(migrations.Migration):
    dependencies = [("families", "0009_seal_health")]

    operations = [
        *(
            migrations.RemoveField(model_name="healthsheet", name=name)
            for name in (
                "allergies",
                "doctor_name",
                "doctor_phone",
                "is_severe",
                "pai",
                "pai_meal",
                "pai_until",
                "remarks",
                "treatments",
            )
        ),
        migrations.AlterField(
            model_name="healthsheet",
            name="said",
            field=marelle.families.models.care.SheetField(verbose_name="ce que dit la fiche"),
        ),
    ]
