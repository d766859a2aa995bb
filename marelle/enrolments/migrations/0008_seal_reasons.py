"""Texts that are in the clear are sealed where they are, by batches: stopped, it goes on where it was."""

from __future__ import annotations

from django.db import migrations

from marelle.core.sealing import columns_sealed


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("enrolments", "0007_reasons_sealed")]

    operations = [columns_sealed("enrolments", {"Enrolment": ("reason",), "EndRequest": ("reason",)})]
