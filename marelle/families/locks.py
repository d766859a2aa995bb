"""The lock of a home: whoever writes in its name or about it takes it first, and looks again under it.

Erasing, merging and separating take it as well, with that of all its people (`files_locked`). So of a write
and one of those three, who came first is seen by the other, and who comes after is told that the home is no
more what it was: `HomeGone`, which one page answers for all. A save of the planning takes it before its
children. What else is about the place of one child alone (enrolments, absences, ticks) takes the lock of that
child instead, and looks again likewise.

The order, for everybody: homes, then people, then quotas, then any other row, each in the order of its keys.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.refusals import NotYours
from marelle.families.models import Family, FormerFile, Member, Person
from marelle.families.refusals import HomeGone


def home_locked(family_id: int) -> Family:
    """The home, locked until the transaction ends: for who writes about it. Raises HomeGone, or
    NotYours for one that never was."""
    homes = Family.objects.select_for_update(no_key=True).filter(pk=family_id, erased_at=None).order_by("pk")
    home = homes.first()
    if home is None:
        raise _gone(family_id)
    return home


def own_home_locked(actor: Actor) -> Family:
    """The actor's home, locked: for who writes in its name, and who must live there still unless it is an
    agent, or a child who asks for itself, which is looked at with what it may book. One query. Raises
    HomeGone, and NotYours for who has no home open."""
    if actor.family_id is None:
        raise NotYours
    if actor.on_behalf_of or actor.child_id is not None:
        return home_locked(actor.family_id)
    found = _own_memberships(actor)
    if not found:
        raise _gone(actor.family_id)
    return found[0].family


@prepared
def _own_memberships(actor: Actor) -> QuerySet[Member]:
    """The home before the membership, each read anew once it is locked, whatever was waited for."""
    rows = Member.objects.select_for_update(no_key=True, of=("family", "self")).select_related("family")
    return rows.filter(
        family_id=actor.home_id,
        family__erased_at=None,
        person_id=actor.person_id or 0,
        kind=Member.Kind.ADULT,
        until=None,
    ).order_by("pk")


def homes_locked(family_ids: Collection[int] | QuerySet[Any, Any]) -> list[Family]:
    """Those of these homes that are there, locked in the order of their keys; one query. An erased one says
    so by its `erased_at`."""
    return list(Family.objects.select_for_update(no_key=True).filter(pk__in=family_ids).order_by("pk"))


def people_locked(person_ids: Collection[int] | QuerySet[Any, Any]) -> list[Person]:
    """Those of these people who are there, locked in the order of their keys; one query."""
    return list(Person.objects.select_for_update(no_key=True).filter(pk__in=person_ids).order_by("pk"))


def files_locked(*family_ids: int) -> None:
    """Whole files: the homes, as by who writes about them; all their people, as by who books; then the homes
    against any row that would point at them. What was written before is read from then on."""
    homes = Family.objects.filter(pk__in=family_ids).order_by("pk")
    list(homes.select_for_update(no_key=True))
    people_locked(Member.objects.filter(family__in=family_ids).values("person_id"))
    list(homes.select_for_update())


def why_gone(actor: Actor) -> str | None:
    """Why the home that the actor's request began with is not its own any more, as `HomeGone` says it; None
    when it still is."""
    there = Member.objects.filter(family_id=actor.family_id or 0, family__erased_at=None)
    if not actor.on_behalf_of:
        there = there.filter(person_id=actor.person_id or 0, kind=Member.Kind.ADULT, until=None)
    if actor.family_id is None or there.exists():
        return None
    found = _gone(actor.family_id)
    return found.why if isinstance(found, HomeGone) else None


def _gone(family_id: int) -> HomeGone | NotYours:
    home = Family.objects.filter(pk=family_id).first()
    if home is not None:
        return HomeGone("apart" if home.erased_at is None else "erased")
    merged = FormerFile.objects.filter(old_id=family_id).exists()
    return HomeGone("merged") if merged else NotYours()
