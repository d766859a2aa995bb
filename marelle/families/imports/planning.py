"""Which homes of a file are there already: by their reference, else by a child, a mail or a telephone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from django.db.models import Q
from django.db.models.functions import Lower

from marelle.core.rows import columns
from marelle.core.tabular import plain
from marelle.families.imports.drafts import Draft
from marelle.families.models import ExternalReference, Member
from marelle.families.selectors import current
from marelle.families.telephones import OWN, has_own_phone, own_phones
from marelle.places.models import School

AT_ONCE = 5_000

Value = TypeVar("Value")


class _Person(NamedTuple):
    family_id: int
    first_name: str
    last_name: str
    birth_date: date | None
    mail: str
    phones: tuple[str, ...]


PERSON = columns(
    _Person,
    "family_id",
    "mail",
    first_name="person__first_name",
    last_name="person__last_name",
    birth_date="person__birth_date",
    phones=OWN.through("person"),
)
"""Values in one condition: less than any database refuses."""


@dataclass(frozen=True, slots=True)
class Known:
    """A home of the file that is there already: `family_id`, and whether by its reference."""

    draft: Draft
    family_id: int
    by_reference: bool


def known_homes(drafts: Sequence[Draft], *, day: date) -> tuple[tuple[Draft, ...], tuple[Known, ...]]:
    """The homes to create, and those that are there; a number of queries that grows by the thousand."""
    references = _references([draft.reference for draft in drafts if draft.reference])
    children, reached = _people(drafts, day)
    new: list[Draft] = []
    known: list[Known] = []
    for draft in drafts:
        if draft.reference in references:
            known.append(Known(draft, references[draft.reference], by_reference=True))
            continue
        found = _found(draft, children, reached)
        if found is None:
            new.append(draft)
        else:
            known.append(Known(draft, found, by_reference=False))
    return tuple(new), tuple(known)


def schools_named() -> dict[str, int]:
    """Ids of the schools by their name, `plain`, and by their name with their commune; one query.

    Two schools of one name are told apart by their commune alone; what may mean two of them means none.
    """
    rows = School.objects.order_by("pk").values_list("pk", "name", "commune__name")
    meant: dict[str, set[int]] = {}
    for pk, name, commune in rows:
        for words in (plain(name), plain(f"{name} {commune}")):
            meant.setdefault(words, set()).add(pk)
    return {words: ids.pop() for words, ids in meant.items() if len(ids) == 1}


def _found(
    draft: Draft,
    children: dict[tuple[str, str, date], int],
    reached: dict[tuple[str, str, str], int],
) -> int | None:
    for child in draft.children:
        if child.birth_date is not None:
            key = (plain(child.first_name), plain(child.last_name), child.birth_date)
            if key in children:
                return children[key]
    for adult in draft.adults:
        for way in filter(None, (adult.email.lower(), *own_phones(adult))):
            found = reached.get((plain(adult.first_name), plain(adult.last_name), way))
            if found is not None:
                return found
    return None


def _references(wanted: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(wanted):
        rows = ExternalReference.objects.filter(reference__in=part)
        found.update(rows.order_by().values_list("reference", "family_id"))
    return found


def _people(
    drafts: Sequence[Draft], day: date
) -> tuple[dict[tuple[str, str, date], int], dict[tuple[str, str, str], int]]:
    """Homes by a child's names and birth, and by an adult's names with its mail or telephone."""
    births = {child.birth_date for draft in drafts for child in draft.children if child.birth_date}
    mails = {adult.email.lower() for draft in drafts for adult in draft.adults if adult.email}
    phones = {phone for draft in drafts for adult in draft.adults for phone in own_phones(adult)}
    children: dict[tuple[str, str, date], int] = {}
    reached: dict[tuple[str, str, str], int] = {}
    conditions = [
        *(Q(person__birth_date__in=part, kind=Member.Kind.CHILD) for part in _parts(sorted(births))),
        *(Q(mail__in=part, kind=Member.Kind.ADULT) for part in _parts(sorted(mails))),
        *(has_own_phone("person", part) & Q(kind=Member.Kind.ADULT) for part in _parts(sorted(phones))),
    ]
    for condition in conditions:
        rows = Member.objects.annotate(mail=Lower("person__email")).filter(condition, current(day))
        for one in PERSON.of(rows.order_by("pk")):
            names = (plain(one.first_name), plain(one.last_name))
            if one.birth_date is not None:
                children.setdefault((*names, one.birth_date), one.family_id)
            for way in filter(None, (one.mail, *one.phones)):
                reached.setdefault((*names, way), one.family_id)
    return children, reached


def _parts(values: Sequence[Value]) -> Iterable[Sequence[Value]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
