"""Whom a mail about a home or a child goes to: the one place that says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef

from marelle.accounts.notices import Notice, wants
from marelle.core.clock import local
from marelle.families.models import Guardianship, Member, Person
from marelle.families.selectors import current
from marelle.mail.models import Message
from marelle.mail.services import Draft, queue_many


@dataclass(frozen=True, slots=True)
class Addressee:
    """An adult to write to; without an `email` it is a letter that the office prints."""

    person_id: int
    name: str
    email: str


def addressees(
    *, family_id: int, child_id: int | None = None, notice: Notice | None = None, now: datetime
) -> tuple[Addressee, ...]:
    """The adults of the home who are told; one query.

    With `child_id`, those among them who are its guardians, may see it and are told. With `notice`, those
    whose account wants that kind of mail, and nobody gets a letter for it. An address that two share comes
    once. Where nobody has an address, one letter goes to the first adult.
    """
    day = local(now).date()
    adults = Member.objects.filter(current(day), family_id=family_id, kind=Member.Kind.ADULT)
    if child_id is not None:
        adults = adults.filter(
            Exists(
                Guardianship.objects.filter(
                    current(day),
                    adult_id=OuterRef("person_id"),
                    child_id=child_id,
                    may_see=True,
                    is_told=True,
                )
            )
        )
    return _told([row.person for row in adults.select_related("person__account").order_by("pk")], notice)


def addressees_of_children(
    pairs: Collection[tuple[int, int]], *, notice: Notice | None = None, now: datetime
) -> dict[tuple[int, int], tuple[Addressee, ...]]:
    """The same for many (home, child) at once; one query whatever their number."""
    day = local(now).date()
    rows = (
        Guardianship.objects.filter(
            current(day),
            current(day, "adult__memberships__"),
            child_id__in={child_id for _family, child_id in pairs},
            adult__memberships__kind=Member.Kind.ADULT,
            adult__memberships__family_id__in={family_id for family_id, _child in pairs},
            may_see=True,
            is_told=True,
        )
        .annotate(home_id=F("adult__memberships__family_id"))
        .select_related("adult__account")
        .order_by("adult__memberships__pk")
    )
    adults: dict[tuple[int, int], list[Person]] = {}
    for row in rows:
        adults.setdefault((row.home_id, row.child_id), []).append(row.adult)
    return {pair: _told(adults.get(pair, []), notice) for pair in pairs}


def tell_home(
    *,
    kind: str,
    context: Mapping[str, Any],
    family_id: int,
    child_id: int | None = None,
    notice: Notice | None = None,
    now: datetime,
) -> list[Message]:
    """Write the mail `kind` to the `addressees`; `to_name` in the context is each one's name."""
    told = addressees(family_id=family_id, child_id=child_id, notice=notice, now=now)
    drafts = [Draft(one.email, {**context, "to_name": one.name}, family_id) for one in told]
    return queue_many(kind=kind, drafts=drafts, now=now) if drafts else []


def tell_homes(
    *,
    kind: str,
    context: Mapping[str, Any],
    family_ids: Collection[int],
    notice: Notice,
    now: datetime,
) -> list[Message]:
    """Write the same mail to many homes: those of its adults who want that kind of mail; no letter."""
    adults = Member.objects.filter(
        current(local(now).date()), family_id__in=family_ids, kind=Member.Kind.ADULT
    )
    by_home: dict[int, list[Member]] = {}
    for row in adults.select_related("person__account").order_by("family_id", "pk"):
        by_home.setdefault(row.family_id, []).append(row)
    drafts = [
        Draft(one.email, {**context, "to_name": one.name}, family_id)
        for family_id, rows in by_home.items()
        for one in _told([row.person for row in rows], notice)
    ]
    return queue_many(kind=kind, drafts=drafts, now=now) if drafts else []


def _told(adults: Sequence[Person], notice: Notice | None) -> tuple[Addressee, ...]:
    """Of the adults of one home, those to write to."""
    found: dict[str, Addressee] = {}
    for person in adults:
        notices = person.account.notices if person.account is not None else {}
        if person.email and (notice is None or wants(notices, notice)):
            found.setdefault(person.email.lower(), Addressee(person.pk, str(person), person.email))
    if found or notice is not None or not adults or any(person.email for person in adults):
        return tuple(found.values())
    return (Addressee(adults[0].pk, str(adults[0]), ""),)
