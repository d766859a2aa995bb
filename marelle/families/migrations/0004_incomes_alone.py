"""The tables that held incomes in the clear go, with what was in them."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("families", "0003_incomes_sealed")]

    operations = [
        migrations.DeleteModel(name="ProposedQuotient"),
        migrations.DeleteModel(name="Quotient"),
    ]
