"""Whose file is whose, for who decides."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from marelle.core.actor import Actor
from marelle.families.models import Member, Person
from marelle.families.selectors import current, own_child
from marelle.places.selectors import keeps_portal


def keeps_files(actor: Actor) -> bool:
    """An administrator, or the office of the authority whose portal it is: it keeps the families' files."""
    return keeps_portal(actor)


def other_homes(actor: Actor, day: date) -> frozenset[int]:
    """The homes where a child of the actor's lives without it; one query, none for who is no parent."""
    if actor.person_id is None:
        return frozenset()
    own = Member.objects.filter(current(day), person_id=actor.person_id).values("family_id")
    wards = own_child(actor.person_id, day, "person_id")
    there = Member.objects.filter(wards, current(day), kind=Member.Kind.CHILD)
    return frozenset(there.exclude(family_id__in=own).values_list("family_id", flat=True))


def is_own_file(actor: Actor, *, family_id: int, person_id: int | None, day: date) -> bool:
    """Whether the file is of the actor's own home or of its own child, whoever the actor works for now.

    `person_id` is the person that the decision is about, None when it is about the home: then a home where a
    child of the actor's lives is its own too.
    """
    if actor.person_id is None:
        return False
    if actor.family_id == family_id and not actor.on_behalf_of:
        return True
    there = Member.objects.filter(current(day), family_id=family_id)
    if there.filter(person_id=actor.person_id).exists():
        return True
    if person_id is None:
        return there.filter(own_child(actor.person_id, day, "person_id")).exists()
    return Person.objects.filter(own_child(actor.person_id, day), pk=person_id).exists()


def own_files(actor: Actor, day: date) -> frozenset[int]:
    """The homes that are the actor's own, as `is_own_file` says of one; one query, none for who is no
    parent."""
    if actor.person_id is None:
        return frozenset()
    mine = Q(person_id=actor.person_id) | own_child(actor.person_id, day, "person_id")
    own = Member.objects.filter(mine, current(day))
    return frozenset(own.values_list("family_id", flat=True))
