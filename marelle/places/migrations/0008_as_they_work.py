"""Who has a post works there since before any was noted: so were the days priced that are billed."""

import datetime as dt

from django.db import migrations
from django.utils import timezone


def as_they_work(apps, _schema_editor):
    ends = {}
    posts = apps.get_model("places", "Post").objects.order_by("pk")
    rows = posts.values_list("user_id", "authority_id", "structure__authority_id", "suspended_at")
    for user_id, authority_id, of_structure, suspended_at in rows:
        where = authority_id or of_structure
        if where is None:
            continue
        until = suspended_at and timezone.localdate(suspended_at) - dt.timedelta(days=1)
        known = ends.get((user_id, where), until)
        ends[user_id, where] = None if None in (known, until) else max(known, until)
    found = apps.get_model("places", "Employment").objects
    found.bulk_create(
        found.model(user_id=user_id, authority_id=authority_id, until=until)
        for (user_id, authority_id), until in ends.items()
    )


class Migration(migrations.Migration):
    dependencies = [("places", "0007_employment")]

    operations = [migrations.RunPython(as_they_work, migrations.RunPython.noop)]
