"""What a child waits for together gets a number of its own: until now a child's, it is a home's from here on."""

from django.db import migrations


def renumbered(apps, _schema_editor):
    """Few rows, found by the partial indexes of what is waited for and offered; done again without harm."""
    bookings = apps.get_model("bookings", "Booking").objects
    rows = bookings.filter(state__in=("waiting", "offered"), waits_with__isnull=False).order_by("pk")
    units = {}
    for pk, child_id, number in rows.values_list("pk", "child_id", "waits_with"):
        units.setdefault((child_id, number), []).append(pk)
    for ids in units.values():
        bookings.filter(pk__in=ids).update(waits_with=ids[0])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("bookings", "0010_waiting_together")]

    operations = [migrations.RunPython(renumbered, migrations.RunPython.noop)]
