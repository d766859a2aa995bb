"""What screens read of homes and people, always through the actor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.models import CustodyPeriod, Guardianship, Member, Person, Restriction
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


def current(day: date | OuterRef, prefix: str = "") -> Q:
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


def kept_away(day: date | OuterRef, child: str, *, home: str = "", adult: str = "") -> Exists:
    """Inside a query: whether a judge keeps the home, or the adult, from the child on `day`, each by the path
    to its key. Whoever lives with who is named is kept away too."""
    lives = current(day, "adult__memberships__") & Q(adult__memberships__kind=Member.Kind.ADULT)
    named = Restriction.objects.in_force(day).filter(child_id=OuterRef(child))
    if home:
        return Exists(named.filter(lives, adult__memberships__family_id=OuterRef(home)))
    homes = Member.objects.filter(
        current(day), kind=Member.Kind.ADULT, person_id=OuterRef(OuterRef(adult))
    ).values("family_id")
    with_it = lives & Q(adult__memberships__family_id__in=homes)
    return Exists(named.filter(Q(adult_id=OuterRef(adult)) | with_it))


def children_away(family_id: int, day: date) -> QuerySet[Member, int]:
    """Ids of the children of a home from whom a judge keeps it away, to be used in a query."""
    rows = Member.objects.filter(
        current(day), Q(kept_away(day, "person_id", home="family_id")), family_id=family_id
    )
    return rows.order_by().values_list("person_id", flat=True)


@dataclass(frozen=True, slots=True)
class Away:
    """For how long a judge keeps homes away, by child and home: first and last days, None for no end."""

    spans: Mapping[tuple[int, int], list[tuple[date, date | None]]]

    def of(self, child_id: int | None, home_id: int | None) -> Collection[tuple[date, date | None]]:
        return self.spans.get((child_id or 0, home_id or 0), ())

    def holds(self, child_id: int, home_id: int, day: date) -> bool:
        spans = self.of(child_id, home_id)
        return any(first <= day and (last is None or day <= last) for first, last in spans)


def homes_away(child_ids: Collection[int]) -> Away:
    """What `kept_away` says of these children on any day, of the homes where those named live now; one
    query."""
    rows = Restriction.objects.standing().filter(
        child_id__in=child_ids,
        adult__memberships__until=None,
        adult__memberships__kind=Member.Kind.ADULT,
    )
    found: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
    for child_id, home_id, since, until in rows.values_list(
        "child_id", "adult__memberships__family_id", "since", "until"
    ):
        found[child_id, home_id].append((since, until))
    return Away(found)


def rights(day: date) -> QuerySet[Guardianship]:
    """What adults may do for children on `day`: nothing for who is kept away from one."""
    return Guardianship.objects.filter(current(day), ~kept_away(day, "child_id", adult="adult_id"))


def own_child(person_id: int | None, day: date, path: str = "pk") -> Q:
    """That the child at `path` is the person's own, whatever it may do for it: who is kept away from a child
    decides nothing about it as an agent, and opens no other home of it."""
    wards = Guardianship.objects.filter(current(day), adult_id=person_id).values("child_id")
    barred = Restriction.objects.in_force(day).filter(adult_id=person_id).values("child_id")
    return Q(**{f"{path}__in": wards}) | Q(**{f"{path}__in": barred})


def members(actor: Actor, *, day: date) -> QuerySet[Member]:
    """Members of the actor's home on `day` whom the actor may see.

    A child is seen by its guardians who may see, and by an agent who acts in the family's name, unless the
    home is kept away from it; adults of one home see each other. A child who asks sees itself.
    """
    if actor.family_id is None:
        return Member.objects.none()
    rows = Member.objects.filter(_near(actor, day), current(day), family_id=actor.family_id)
    if actor.on_behalf_of:
        return rows
    if actor.child_id is not None:
        return rows.filter(person_id=actor.child_id, kind=Member.Kind.CHILD)
    mine = rights(day).filter(adult_id=actor.person_id, child_id=OuterRef("person_id"), may_see=True)
    return rows.filter(Q(kind=Member.Kind.ADULT) | Exists(mine))


def _near(actor: Actor, day: date) -> Q:
    """Of members, those from whom no judge keeps the home away, unless it is a desk that reads."""
    return Q() if actor.at_desk else ~Q(kept_away(day, "person_id", home="family_id"))


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
    shared = Member.objects.filter(
        current(day),
        ~kept_away(day, "person_id", home="family_id"),
        person_id=OuterRef("person_id"),
        kind=Member.Kind.CHILD,
    )
    rows = Member.objects.filter(_near(actor, day), current(day), family_id=actor.home_id)
    return rows.annotate(
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
        is_me = row.person_id == actor.child_id
        if actor.on_behalf_of or is_me or row.may_see:
            known = found.get(row.person_id)
            may = actor.on_behalf_of or is_me or bool(row.may_book)
            may = may or (known is not None and known.may_book)
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

    Nobody once the home has left, nor for who has left it while its page was open. What a child may book for
    itself is what the home allows it, which is another question (`flows/home/teens.py`).
    """
    inside = Q(
        memberships__in=members(actor, day=day).filter(still_there(day, "family__"), kind=Member.Kind.CHILD)
    )
    if actor.on_behalf_of or actor.child_id is not None:
        return Person.objects.filter(inside)
    lives_there = Member.objects.filter(
        person_id=actor.person_id or 0, family_id=actor.family_id or 0, kind=Member.Kind.ADULT, until=None
    )
    return Person.objects.filter(
        inside,
        Exists(lives_there),
        Exists(
            rights(day).filter(adult_id=actor.person_id, child_id=OuterRef("pk"), may_see=True, may_book=True)
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
