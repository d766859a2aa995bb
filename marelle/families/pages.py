"""What « Ma famille » reads. Each account sees the coordinates of its own home alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import Guardianship, Member
from marelle.families.rules import Custody
from marelle.families.selectors import (
    CHILD,
    ELDEST_FIRST,
    Child,
    ChildRow,
    children_of,
    current,
    custody_rows,
    members,
    of_home,
    rights,
)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Someone of the actor's home. `is_me`: the account's own person."""

    id: int
    first_name: str
    last_name: str
    is_adult: bool
    birth_date: date | None
    expected_on: date | None
    is_me: bool


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """A guardian of a child. Of one who lives in another home: first name and link alone."""

    first_name: str
    last_name: str
    link: str
    is_here: bool
    has_authority: bool | None
    may_book: bool | None
    may_fetch: bool | None


@dataclass(frozen=True, slots=True)
class AdultPage:
    person: PersonLine
    has_account: bool
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildPage:
    """`custody` is the pattern that holds in the actor's home, None when the child is always there."""

    person: PersonLine
    guardians: tuple[GuardianLine, ...]
    custody: Custody | None


@dataclass(frozen=True, slots=True)
class Household:
    """Those of the actor's home whom it sees; `people` are adults, then the children, from the eldest."""

    people: tuple[PersonLine, ...] = ()
    children: tuple[Child, ...] = ()


class _Row(NamedTuple):
    kind: str
    expected_on: date | None
    row: ChildRow


ROW = columns(_Row, "kind", expected_on="person__expected_on", row=CHILD)


def household(actor: Actor, *, day: date) -> Household:
    """One query."""
    if actor.family_id is None:
        return Household()
    found = _household(actor, day)
    kids = children_of(actor, [one.row for one in found if one.kind == Member.Kind.CHILD], day)
    seen = {kid.id for kid in kids}
    people = {
        row.person_id: PersonLine(
            id=row.person_id,
            first_name=row.first_name,
            last_name=row.last_name,
            is_adult=kind == Member.Kind.ADULT,
            birth_date=row.birth_date,
            expected_on=expected_on,
            is_me=row.person_id == actor.person_id,
        )
        for kind, expected_on, row in found
        if kind == Member.Kind.ADULT or row.person_id in seen
    }
    return Household(tuple(people.values()), kids)


@prepared
def _household(actor: Actor, day: date) -> QuerySet[Member, _Row]:
    return ROW.of(of_home(actor, day).order_by("kind", ELDEST_FIRST, "person_id"))


def person_page(actor: Actor, *, person_id: int, day: date) -> AdultPage | ChildPage | None:
    """One person of the actor's home; None for anybody else. At most four queries."""
    row = next(iter(_member(actor, person_id, day)), None)
    if row is None:
        return None
    if row.kind == Member.Kind.ADULT:
        return _adult_page(actor, row, day)
    return ChildPage(
        person=_line(actor, row),
        guardians=_guardians(row, day),
        custody=_last_begun(custody_rows([row.pk]).get(row.pk, ()), day),
    )


@prepared
def _member(actor: Actor, person_id: int, day: date) -> QuerySet[Member]:
    return members(actor, day=day).filter(person_id=person_id).select_related("person")[:1]


def _last_begun(rows: tuple[Custody, ...], day: date) -> Custody | None:
    return max((row for row in rows if row.holds(day)), key=lambda row: row.since, default=None)


def _adult_page(actor: Actor, row: Member, day: date) -> AdultPage:
    return AdultPage(
        person=_line(actor, row),
        has_account=row.person.account_id is not None,
        children=tuple(_names_of_children(actor, row.person_id, day)),
    )


@prepared
def _names_of_children(actor: Actor, adult_id: int, day: date) -> QuerySet[Member, str]:
    """First names of those over whom an adult has authority, among the members whom the actor sees."""
    wards = rights(day).filter(adult_id=adult_id, child_id=OuterRef("person_id"), has_authority=True)
    children = members(actor, day=day).filter(Exists(wards), kind=Member.Kind.CHILD)
    return children.order_by(ELDEST_FIRST, "person_id").values_list("person__first_name", flat=True)


@prepared
def _guardians_of(child_id: int, family_id: int, day: date) -> QuerySet[Any]:
    """Its guardians, those of this home first: `is_here`."""
    here = Member.objects.filter(
        current(day),
        family_id=family_id,
        kind=Member.Kind.ADULT,
        person_id=OuterRef("adult_id"),
    )
    return (
        Guardianship.objects.filter(current(day), child_id=child_id)
        .annotate(is_here=Exists(here))
        .select_related("adult")
        .order_by("-is_here", "pk")
    )


def _guardians(member: Member, day: date) -> tuple[GuardianLine, ...]:
    return tuple(
        GuardianLine(
            first_name=row.adult.first_name,
            last_name=row.adult.last_name if row.is_here else "",
            link=row.get_link_display(),
            is_here=row.is_here,
            has_authority=row.has_authority if row.is_here else None,
            may_book=row.may_book if row.is_here else None,
            may_fetch=row.may_fetch if row.is_here else None,
        )
        for row in _guardians_of(member.person_id, member.family_id, day)
    )


def _line(actor: Actor, row: Member) -> PersonLine:
    return PersonLine(
        id=row.person_id,
        first_name=row.person.first_name,
        last_name=row.person.last_name,
        is_adult=row.kind == Member.Kind.ADULT,
        birth_date=row.person.birth_date,
        expected_on=row.person.expected_on,
        is_me=row.person_id == actor.person_id,
    )
