from collections import defaultdict

from django.db import migrations

AT_ONCE = 500


def give_to_who_knows_the_home(apps, _schema_editor):
    """A note of which nobody knows for whom it was written goes to the only authority where its home ever asked
    for an enrolment; of a home known to several, or to none, it stays for all to read."""
    notes = apps.get_model("families", "FamilyNote").objects.filter(authority=None)
    known = defaultdict(set)
    asked = apps.get_model("enrolments", "Enrolment").objects.filter(family_id__in=notes.values("family_id"))
    by_home = asked.order_by().values_list("family_id", "activity__structure__authority_id").distinct()
    for family_id, authority_id in by_home:
        known[family_id].add(authority_id)
    homes = defaultdict(list)
    for family_id, authorities in known.items():
        if len(authorities) == 1:
            homes[next(iter(authorities))].append(family_id)
    for authority_id, family_ids in homes.items():
        for start in range(0, len(family_ids), AT_ONCE):
            mine = notes.filter(family_id__in=family_ids[start : start + AT_ONCE])
            mine.update(authority_id=authority_id, shared=False)


class Migration(migrations.Migration):
    dependencies = [
        ("enrolments", "0007_answers"),
        ("families", "0016_a_note_has_readers"),
    ]

    operations = [
        migrations.RunPython(give_to_who_knows_the_home, migrations.RunPython.noop),
    ]
