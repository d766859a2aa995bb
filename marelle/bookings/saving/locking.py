"""What a save locks: its home, the children whose places may change, the quotas that these draw on.

Nobody is locked whom nobody knows of: what may change is looked up first (`Reach`), and read again by `facts`
once it is held.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from marelle.bookings.saving.ledger import Change, Quota
from marelle.bookings.saving.locks import lock, quotas_of_openings, with_parts
from marelle.bookings.saving.queue import Queued, queue_on
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.listed import Listed
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.families.locks import own_home_locked
from marelle.families.models import Member, Person
from marelle.families.nearby import lived_by
from marelle.families.selectors import bookable_people, current, kept_away, members

BIGGEST_ID: Final = 2**63 - 1
"""Ids that a database can hold; a browser may send any number."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may change, as known before the locks: the places of `children` on `openings`; where `serve`,
    those of who waits there (`queue`) too."""

    children: frozenset[int]
    openings: frozenset[int]
    queue: Sequence[Queued]
    serve: bool

    @property
    def waiting(self) -> frozenset[int]:
        """The children who wait."""
        return frozenset(row.child_id for row in self.queue)

    @property
    def drawn(self) -> frozenset[int]:
        """The openings, and those that others wait for: what draws on a quota that may change."""
        return self.openings | {row.opening_id for row in self.queue}


@dataclass(frozen=True, slots=True)
class Mine:
    """A child for whom the actor may book. Of its home: where it lives, as `families.nearby` lists it, and
    all of its children, listed."""

    id: int
    first_name: str
    member_id: int
    is_shared: bool
    lived: str | None
    siblings: str


@dataclass(frozen=True, slots=True)
class Locked:
    """What is held: those of the children for whom the actor may book, and the quotas; both by id."""

    children: dict[int, Mine]
    quotas: dict[int, Quota]


def reach_of(changes: Sequence[Change], opening_ids: Collection[int], *, serve: bool, now: datetime) -> Reach:
    """What these changes, and whatever else is done on these openings, may reach; one or two queries."""
    openings = frozenset(pk for pk in opening_ids if 0 < pk <= BIGGEST_ID)
    children = frozenset(change.child_id for change in changes if 0 < change.child_id <= BIGGEST_ID)
    return Reach(children, openings, queue_on(openings, now), serve)


def reach_locked(actor: Actor, reach: Reach, *, now: datetime) -> Locked:
    """Lock it, in the order of `locks`; three queries, two for who has no home. Joins the caller's
    transaction. Raises HomeGone.

    Of who waits, of whatever home, the children alone are held: to give a place adds no booking to a home, so
    that what was decided under its lock when it asked, counting what waits, holds still.
    """
    if actor.family_id is not None:
        own_home_locked(actor)
    return _read(actor, reach, now, locked=True)


def reach_seen(actor: Actor, reach: Reach, *, now: datetime) -> Locked:
    """The same as it stands, without a lock: another may change it the next moment."""
    return _read(actor, reach, now, locked=False)


def _read(actor: Actor, reach: Reach, now: datetime, *, locked: bool) -> Locked:
    wanted = reach.children | (reach.waiting if reach.serve else frozenset())
    rows = _people(actor, wanted, local(now).date(), locked=locked)
    quotas = quotas_of_openings(reach.drawn, locked=locked)
    return Locked({row.child.id: row.child for row in rows if row.is_mine}, with_parts(quotas))


class _Person(NamedTuple):
    child: Mine
    is_mine: bool


MINE = columns(Mine, "first_name", "member_id", "is_shared", "lived", "siblings", id="pk")
PERSON = columns(_Person, "is_mine", child=MINE)


@prepared
def _people(actor: Actor, ids: Collection[int], today: date, *, locked: bool) -> QuerySet[Person, _Person]:
    """The children whose places may change, locked in the order of their keys, with what the save needs."""
    family_id = actor.family_id or 0
    mine = members(actor, day=today).filter(person_id=OuterRef("pk"), kind=Member.Kind.CHILD)
    elsewhere = Member.objects.filter(
        current(today),
        ~kept_away(today, "person_id", home="family_id"),
        person_id=OuterRef("pk"),
        kind=Member.Kind.CHILD,
    ).exclude(family_id=family_id)
    home = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD).order_by().values("family_id")
    siblings = home.annotate(listed=Listed("person_id"))
    rows = PERSON.of(
        Person.objects.filter(pk__in=ids)
        .annotate(
            is_mine=Exists(bookable_people(actor, day=today).filter(pk=OuterRef("pk"))),
            member_id=Subquery(mine.values("pk")[:1]),
            is_shared=Exists(elsewhere),
            lived=Subquery(lived_by(family_id)),
            siblings=Subquery(siblings.values("listed")),
        )
        .order_by("pk")
    )
    return lock(rows) if locked else rows
