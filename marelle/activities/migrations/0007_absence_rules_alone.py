"""The hours that absence rules have taken over. Apart: PostgreSQL alters no table with rows just written to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("activities", "0006_absence_rules")]

    operations = [migrations.RemoveField(model_name="bookingrule", name="absence_proof_hours")]
