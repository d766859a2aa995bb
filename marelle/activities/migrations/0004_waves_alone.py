"""The instants that waves have taken over. Apart: PostgreSQL alters no table with rows just written to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("activities", "0003_waves")]

    operations = [
        migrations.RemoveField(model_name="bookingrule", name="opens_others_at"),
        migrations.RemoveField(model_name="bookingrule", name="opens_residents_at"),
    ]
