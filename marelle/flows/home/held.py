"""All that is held of homes, as one value: another one whenever anything was written on them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Max, Q

from marelle.cases.models import Case
from marelle.families.models import Family, Guardianship, Member, Person
from marelle.flows.home.personal_rows import counts_of
from marelle.journal.models import Entry


def held_of(homes: Collection[int], people: Collection[int]) -> tuple[Any, ...]:
    """Each act on a home is in the journal, and what is held of its people is here as it is."""
    return (
        list(Family.objects.filter(pk__in=homes).order_by("pk").values_list()),
        list(Person.objects.filter(pk__in=people).order_by("pk").values_list()),
        list(Member.objects.filter(Q(family__in=homes) | Q(person__in=people)).order_by("pk").values_list()),
        list(
            Guardianship.objects.filter(Q(adult__in=people) | Q(child__in=people))
            .order_by("pk")
            .values_list()
        ),
        Entry.objects.filter(family_id__in=homes).aggregate(last=Max("pk")),
        Case.objects.filter(family_id__in=homes).aggregate(last=Max("pk")),
        [(part.declaration.model._meta.label, part.count) for pk in homes for part in counts_of(pk, people)],
    )
