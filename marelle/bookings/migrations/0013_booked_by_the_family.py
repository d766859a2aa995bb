"""Whether the family booked is kept, where it was guessed from a name that changes and is erased.

What the name of no adult of the home with an account made was made by an agent.
"""

from typing import Any

from django.db import migrations, models


def names_read(apps: Any, schema_editor: Any) -> None:
    bookings = apps.get_model("bookings", "Booking").objects.using(schema_editor.connection.alias)
    members = apps.get_model("families", "Member").objects.using(schema_editor.connection.alias)
    named: dict[int, set[str]] = {}
    adults = members.filter(kind="adult", person__account__is_active=True)
    for family_id, first_name, last_name, shown in adults.values_list(
        "family_id", "person__first_name", "person__last_name", "person__account__display_name"
    ):
        named.setdefault(family_id, set()).update({f"{first_name} {last_name}", shown})
    made = bookings.exclude(created_by="").order_by().values_list("family_id", "created_by").distinct()
    for family_id, name in list(made):
        if name not in named.get(family_id, ()):
            bookings.filter(family_id=family_id, created_by=name).update(by_family=False)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_account_merged_into_another"),
        ("bookings", "0012_who_is_on_an_opening"),
        ("families", "0013_who_gave_a_permission"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="booking", name="booking_on_opening"),
        migrations.AddField(
            model_name="booking",
            name="by_family",
            field=models.BooleanField("réservée par la famille", default=True),
        ),
        migrations.RunPython(names_read, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                fields=["opening", "state", "child", "starts_at", "ends_at", "by_family", "id"],
                name="booking_on_opening",
            ),
        ),
    ]
