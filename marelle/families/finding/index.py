"""Keeping the index of words as the files change: called by whatever writes a home or its people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.rows import columns
from marelle.families.finding.words import keys, mail_words, name_words, number_words, phone_words
from marelle.families.models import ExternalReference, Family, FormerFile, Member, SearchKey, SearchWord
from marelle.families.telephones import WAYS, Way

BATCH = 2_000
FAMILIES_AT_ONCE = 500


class _Person(NamedTuple):
    family_id: int
    first_name: str
    last_name: str
    email: str
    ways: tuple[Way, ...]


PERSON = columns(
    _Person,
    "family_id",
    first_name="person__first_name",
    last_name="person__last_name",
    email="person__email",
    ways=WAYS.through("person"),
)


@transaction.atomic
def families_index(family_ids: Collection[int], *, day: date) -> None:
    """Write what each home is found by as of `day`: its own words, and those of who lives there or will."""
    wanted = _words(family_ids, day)
    held: dict[int, set[str]] = {family_id: set() for family_id in wanted}
    gone: list[int] = []
    lost: set[str] = set()
    for pk, family_id, word in SearchWord.objects.filter(family_id__in=family_ids).values_list(
        "pk", "family_id", "word"
    ):
        held.setdefault(family_id, set()).add(word)
        if word not in wanted.get(family_id, ()):
            gone.append(pk)
            lost.add(word)
    new = [
        (family_id, word) for family_id, words in wanted.items() for word in sorted(words - held[family_id])
    ]
    if gone:
        SearchWord.objects.filter(pk__in=gone).delete()
        unheld_keys().filter(word__in=lost).delete()
    if new:
        SearchWord.objects.bulk_create(
            (SearchWord(family_id=family_id, word=word) for family_id, word in new), batch_size=BATCH
        )
        _add_keys({word for _family_id, word in new})


def person_index(person_id: int, *, day: date) -> None:
    """The same for every home of a person."""
    homes = Member.objects.filter(person_id=person_id).values_list("family_id", flat=True)
    families_index(sorted(set(homes)), day=day)


def unheld_keys() -> QuerySet[SearchKey]:
    """Keys of words that no home holds any more: no name stays once its home is gone.

    A home that takes such a word at the very instant when they are deleted is found by it without mistakes
    only, until the index is written again.
    """
    return SearchKey.objects.filter(~Exists(SearchWord.objects.filter(word=OuterRef("word"))))


@transaction.atomic
def index_rebuild(*, day: date) -> int:
    """Write the whole index again; returns how many homes it holds."""
    SearchKey.objects.all().delete()
    SearchWord.objects.all().delete()
    ids = list(Family.objects.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), FAMILIES_AT_ONCE):
        families_index(ids[first : first + FAMILIES_AT_ONCE], day=day)
    return len(ids)


def _words(family_ids: Collection[int], day: date) -> Mapping[int, set[str]]:
    found = {
        pk: name_words(name) | number_words(number)
        for pk, name, number in Family.objects.filter(pk__in=family_ids).values_list("pk", "name", "number")
    }
    for other_names in (
        FormerFile.objects.filter(family_id__in=family_ids).values_list("family_id", "number"),
        ExternalReference.objects.filter(family_id__in=family_ids).values_list("family_id", "reference"),
    ):
        for family_id, number in other_names:
            found[family_id] |= number_words(number)
    people = Member.objects.filter(Q(until=None) | Q(until__gte=day), family_id__in=family_ids)
    for one in PERSON.of(people):
        found[one.family_id] |= name_words(one.first_name) | name_words(one.last_name) | mail_words(one.email)
        found[one.family_id].update(*(phone_words(way.number) for way in one.ways))
    return found


def _add_keys(words: Iterable[str]) -> None:
    wanted = {word for word in words if word.isalpha()}
    known = set(
        SearchKey.objects.filter(word__in=wanted).order_by().values_list("word", flat=True).distinct()
    )
    rows = [SearchKey(key=key, word=word) for word in sorted(wanted - known) for key in sorted(keys(word))]
    SearchKey.objects.bulk_create(rows, batch_size=BATCH)
