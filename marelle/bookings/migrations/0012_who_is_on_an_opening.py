"""Who is on an opening is read from an index alone, on both tables.

The index of the foreign key is dropped by its name: SQLite would write the whole table again.
"""

import django.db.models.deletion
from django.db import migrations, models

OF_THE_KEY = "bookings_attendance_opening_id_051edfd5"


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0012_times_asked_at_the_door"),
        ("bookings", "0011_offered_found_by_opening"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                fields=["opening", "state", "child", "starts_at", "ends_at", "id"], name="booking_on_opening"
            ),
        ),
        migrations.RemoveIndex(model_name="booking", name="booking_standing"),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(fields=["opening", "present", "child"], name="attendance_on_opening"),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="attendance",
                    name="opening",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="activities.opening",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX IF EXISTS "{OF_THE_KEY}"',
                    f'CREATE INDEX "{OF_THE_KEY}" ON "bookings_attendance" ("opening_id")',
                ),
            ],
        ),
    ]
