"""Who is asking: builds the `Actor` of a request from the account, its person, its home and its posts."""

from __future__ import annotations

from django.db.models import FilteredRelation, Q

from marelle.accounts.models import User
from marelle.core.actor import Actor, Power, Role
from marelle.families.models import Family, Member

ACTING_FOR = "acting_for"
"""Session key: the id of the family in whose name an agent works."""

MAY_ACT = (Role.ADMINISTRATOR, Role.OFFICE)
"""Roles that may open a family's screens in its name."""


def actor_for(user: User, *, acting_for: int | None = None) -> Actor:
    """The actor of an account, in one query (two when an agent acts in a family's name).

    `acting_for` is the family that an agent asked to act for. It is ignored unless the account may act, for
    that family, and is not one of its members: an agent never decides its own file.
    """
    rows = list(
        User.objects.filter(pk=user.pk)
        .annotate(
            home=FilteredRelation(
                "person__memberships",
                condition=Q(person__memberships__until__isnull=True, person__memberships__kind=Member.Kind.ADULT),
            )
        )
        .values_list(
            "person__id",
            "person__first_name",
            "person__last_name",
            "home__family_id",
            "posts__role",
            "posts__authority_id",
            "posts__structure_id",
        )
    )
    person_id, first_name, last_name, family_id = rows[0][:4]
    powers = frozenset(
        Power(Role(role), authority_id, structure_id)
        for *_person, role, authority_id, structure_id in rows
        if role is not None
    )
    label = f"{first_name} {last_name}" if person_id else user.display_name or user.identifier
    if (
        acting_for is not None
        and acting_for != family_id
        and any(power.role in MAY_ACT for power in powers)
        and Family.objects.filter(pk=acting_for).exists()
    ):
        return Actor(
            user_id=user.pk, label=label, person_id=person_id, family_id=acting_for, on_behalf_of=True, powers=powers
        )
    return Actor(user_id=user.pk, label=label, person_id=person_id, family_id=family_id, powers=powers)
