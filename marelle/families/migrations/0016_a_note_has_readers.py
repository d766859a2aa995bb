from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from what wrote the rows: PostgreSQL alters no table with rows of the same transaction to check."""

    dependencies = [
        ("families", "0015_notes_of_an_authority"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="familynote",
            constraint=models.CheckConstraint(
                condition=models.Q(("authority__isnull", False), ("shared", True), _connector="OR"),
                name="note_has_readers",
                violation_error_message="Une note appartient à une collectivité, ou à toutes.",
            ),
        ),
    ]
