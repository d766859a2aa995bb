"""What screens read of homes and people, always through the actor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import CustodyPeriod, Guardianship, Member, Person
from marelle.families.rules import Custody, CustodyHolidays, CustodyWeeks

ELDEST_FIRST = F("person__birth_date").asc(nulls_last=True)
"""A child to come is the youngest, on every database."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the actor's home, and whether the actor may book for it."""

    id: int
    first_name: str
    last_name: str
    birth_date: date | None
    member_id: int
    is_shared: bool
    may_book: bool


def current(day: date, prefix: str = "") -> Q:
    """Rows with `since` and `until` that hold on `day`."""
    return Q(**{f"{prefix}since__lte": day}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gte": day})
    )


def still_there(day: date, prefix: str = "") -> Q:
    """Homes that have not left on `day`, as a condition on the family reached by `prefix`."""
    return Q(**{f"{prefix}left_on__isnull": True}) | Q(**{f"{prefix}left_on__gt": day})


def at_school(day: date | F | OuterRef, prefix: str = "") -> Q:
    """Rows of `Schooling` of a child who has not left the school before `day`; of which year is another
    condition."""
    return Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gte": day})


def members(actor: Actor, *, day: date) -> QuerySet[Member]:
    """Members of the actor's home on `day` whom the actor may see.

    A child is seen by its guardians who may see, and by an agent who acts in the family's name; adults of
    one home see each other.
    """
    if actor.family_id is None:
        return Member.objects.none()
    rows = Member.objects.filter(current(day), family_id=actor.family_id)
    if actor.on_behalf_of:
        return rows
    return rows.filter(
        Q(kind=Member.Kind.ADULT)
        | Exists(
            Guardianship.objects.filter(
                current(day), adult_id=actor.person_id, child_id=OuterRef("person_id"), may_see=True
            )
        )
    )


@prepared
def people_seen(actor: Actor, day: date) -> QuerySet[Member]:
    """`members` with their people: adults, then children from the eldest; one query."""
    return members(actor, day=day).select_related("person").order_by("kind", ELDEST_FIRST, "person_id")


class ChildRow(NamedTuple):
    """A child of the home, once for each way in which the actor is its guardian."""

    person_id: int
    first_name: str
    last_name: str
    birth_date: date | None
    member_id: int
    is_shared: bool
    may_see: bool | None
    may_book: bool | None
    left_on: date | None


CHILD = columns(
    ChildRow,
    "person_id",
    "is_shared",
    first_name="person__first_name",
    last_name="person__last_name",
    birth_date="person__birth_date",
    member_id="pk",
    may_see="mine__may_see",
    may_book="mine__may_book",
    left_on="family__left_on",
)


@prepared
def _children_of_home(actor: Actor, day: date) -> QuerySet[Member, ChildRow]:
    rows = of_home(actor, day).filter(kind=Member.Kind.CHILD)
    return CHILD.of(rows.order_by(ELDEST_FIRST, "person_id"))


def of_home(actor: Actor, day: date) -> QuerySet[Member]:
    """Members of the home with what `CHILD` reads, once for each way in which the actor is their guardian."""
    shared = Member.objects.filter(current(day), person_id=OuterRef("person_id"), kind=Member.Kind.CHILD)
    return Member.objects.filter(current(day), family_id=actor.home_id).annotate(
        mine=FilteredRelation(
            "person__guardians",
            condition=Q(person__guardians__adult_id=actor.person_id) & current(day, "person__guardians__"),
        ),
        is_shared=Exists(shared.exclude(family_id=OuterRef("family_id"))),
    )


def children(actor: Actor, *, day: date) -> tuple[Child, ...]:
    """The children of the actor's home whom it may see on `day`, eldest first; one query."""
    if actor.family_id is None:
        return ()
    return children_of(actor, _children_of_home(actor, day), day)


def children_of(actor: Actor, rows: Iterable[ChildRow], day: date) -> tuple[Child, ...]:
    """Those whom the actor may see, in the order of the rows."""
    found: dict[int, Child] = {}
    for row in rows:
        if actor.on_behalf_of or row.may_see:
            known = found.get(row.person_id)
            may = actor.on_behalf_of or bool(row.may_book) or (known is not None and known.may_book)
            found[row.person_id] = Child(
                id=row.person_id,
                first_name=row.first_name,
                last_name=row.last_name,
                birth_date=row.birth_date,
                member_id=row.member_id,
                is_shared=row.is_shared,
                may_book=may and (row.left_on is None or row.left_on > day),
            )
    return tuple(found.values())


def bookable_people(actor: Actor, *, day: date) -> QuerySet[Person]:
    """The people for whom the actor may book on `day`: what a service locks before it writes.

    Nobody once the home has left, nor for who has left it while its page was open.
    """
    inside = Q(
        memberships__in=members(actor, day=day).filter(still_there(day, "family__"), kind=Member.Kind.CHILD)
    )
    if actor.on_behalf_of:
        return Person.objects.filter(inside)
    lives_there = Member.objects.filter(
        person_id=actor.person_id or 0, family_id=actor.family_id or 0, kind=Member.Kind.ADULT, until=None
    )
    return Person.objects.filter(
        inside,
        Exists(lives_there),
        Exists(
            Guardianship.objects.filter(
                current(day), adult_id=actor.person_id, child_id=OuterRef("pk"), may_see=True, may_book=True
            )
        ),
    )


def custody_rows(member_ids: list[int]) -> dict[int, tuple[Custody, ...]]:
    """Custody patterns by member id; one query, none when no child is shared."""
    found: dict[int, tuple[Custody, ...]] = {}
    if not member_ids:
        return found
    for row in _custody(member_ids):
        custody = Custody(
            weeks=CustodyWeeks(row.weeks),
            holidays=CustodyHolidays(row.holidays),
            since=row.since,
            until=row.until,
        )
        found[row.member_id] = (*found.get(row.member_id, ()), custody)
    return found


@prepared
def _custody(member_ids: Collection[int]) -> QuerySet[CustodyPeriod]:
    return CustodyPeriod.objects.filter(member_id__in=member_ids)
