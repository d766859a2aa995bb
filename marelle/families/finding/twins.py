"""Homes that may be the one about to be created: asked before, so that nobody is written twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q
from django.db.models.functions import Lower

from marelle.core.spelling import plain
from marelle.families.finding.selectors import families_matching
from marelle.families.finding.words import distance, mistakes_allowed
from marelle.families.models import Family, Member, Person
from marelle.families.selectors import current
from marelle.families.services import NewAdult, NewChild
from marelle.families.telephones import has_own_phone, own_phones

HOMES_AT_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class SameChild:
    """A child of another home, of the same birth date, whose first name is that of `rank` or nearly so."""

    rank: int
    person: Person
    family: Family


@dataclass(frozen=True, slots=True)
class Likely:
    """`children` are there already, it seems; `homes` have an adult of the same name, mail or telephone."""

    children: tuple[SameChild, ...]
    homes: tuple[Family, ...]

    @property
    def known(self) -> tuple[SameChild, ...]:
        """Each child there once, be it near to two of those described: twins bear names alike."""
        return tuple({(one.person.pk, one.family.pk): one for one in self.children}.values())

    @property
    def seen(self) -> str:
        """What was shown, to know when the answer no longer is about it."""
        found = {home.pk for home in self.homes} | {child.family.pk for child in self.children}
        return "-".join(str(pk) for pk in sorted(found))


def likely_homes(adults: Sequence[NewAdult], children: Sequence[NewChild], *, day: date) -> Likely:
    """Homes like the one described; two queries, and two for each adult."""
    same = _same_children(children, day)
    ids: set[int] = set()
    for adult in adults:
        name = f"{adult.first_name} {adult.last_name}"
        ids.update(match.id for match in families_matching(name, limit=HOMES_AT_MOST))
    # An address is the same whatever its capitals.
    reached = Q(email_lower__in=[adult.email.lower() for adult in adults if adult.email])
    reached |= has_own_phone("person", {one for adult in adults for one in own_phones(adult)})
    adults_there = Member.objects.filter(current(day), kind=Member.Kind.ADULT)
    rows = adults_there.alias(email_lower=Lower("person__email")).filter(reached)
    ids.update(rows.order_by("pk").values_list("family_id", flat=True)[:HOMES_AT_MOST])
    ids -= {child.family.pk for child in same}
    return Likely(same, tuple(Family.objects.filter(pk__in=ids)[:HOMES_AT_MOST]))


def _same_children(children: Sequence[NewChild], day: date) -> tuple[SameChild, ...]:
    births = {child.birth_date for child in children if child.birth_date is not None}
    if not births:
        return ()
    rows = Member.objects.filter(current(day), kind=Member.Kind.CHILD, person__birth_date__in=births)
    known = list(rows.select_related("person", "family").order_by("pk"))
    return tuple(
        SameChild(rank, row.person, row.family)
        for rank, child in enumerate(children)
        for row in known
        if row.person.birth_date == child.birth_date and is_near(row.person.first_name, child.first_name)
    )


def is_near(first: str, second: str) -> bool:
    """Whether a first name may be a mistake for the other, accents and capitals apart."""
    one, other = sorted(("".join(_letters(first)), "".join(_letters(second))), key=len)
    allowed = mistakes_allowed(one)
    return distance(one, other, allowed) <= allowed


def _letters(name: str) -> list[str]:
    return [sign for sign in plain(name) if sign.isalpha()]
