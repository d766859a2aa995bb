from collections import defaultdict

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce


def give_to_their_authors(apps, _schema_editor):
    """To the authority where its author works, the only one there is, or else to all, as it was until now."""
    only = list(apps.get_model("places", "Authority").objects.values_list("pk", flat=True)[:2])
    works_for = defaultdict(set)
    posts = apps.get_model("places", "Post").objects.annotate(
        of=Coalesce("authority_id", "structure__authority_id")
    )
    for user_id, authority_id in posts.filter(of__isnull=False).values_list("user_id", "of"):
        works_for[user_id].add(authority_id)
    notes = apps.get_model("families", "FamilyNote").objects
    for author in notes.order_by().values_list("account_id", flat=True).distinct():
        own = only if len(only) == 1 else list(works_for[author])
        mine = notes.filter(account_id=author)
        if len(own) == 1:
            mine.update(authority_id=own[0])
        else:
            mine.update(shared=True)


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0014_words_of_imports"),
        ("places", "0007_spans_typed_and_schools_named_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="familynote",
            name="authority",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="places.authority",
                verbose_name="collectivité",
            ),
        ),
        migrations.AddField(
            model_name="familynote",
            name="shared",
            field=models.BooleanField(default=False, verbose_name="pour toutes les collectivités"),
        ),
        migrations.RunPython(give_to_their_authors, migrations.RunPython.noop),
    ]
