"""Who is asking: builds the `Actor` of a request from the account, its person, its home and its posts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marelle.accounts.backends import IdentifierOrMailBackend
from marelle.accounts.held import HAS_SECOND
from marelle.accounts.models import User
from marelle.core.actor import Actor, Guest, Power, Role
from marelle.core.kept import revision_read
from marelle.core.models import Revision
from marelle.core.prepared import prepared
from marelle.families.models import Family, Member
from marelle.messaging.selectors import unread_by

ACTING_FOR = "acting_for"
"""Session key: the id of the family in whose name an agent works."""

MAY_ACT = (Role.ADMINISTRATOR, Role.OFFICE)
"""Roles that may open a family's screens in its name."""


class AccountBackend(IdentifierOrMailBackend):
    """Reads the account of a session together with who it is: every page needs both, in one query."""

    def get_user(self, user_id: int) -> User | None:
        user = account_with_actor(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


def account_with_actor(user_id: int) -> User | None:
    """An account with its `actor` filled, in one query; None when there is no such account.

    The query reads the revision of what is kept (`core.kept`) along.
    """
    rows = _account_with_posts(user_id)
    if not rows:
        return None
    first = rows[0]
    revision_read(first.revision)
    user: User = first
    user.unread = first.unread_of_home
    user.has_second = first.of_second
    if user.guest:
        # Whatever person or post a row would lead it to.
        user.unread, user.actor = 0, Actor(user.pk, str(user), guest=Guest(user.guest))
        return user
    user.actor = Actor(
        user_id=user.pk,
        label=f"{first.first_name} {first.last_name}" if first.of_person else str(user),
        person_id=first.of_person,
        family_id=first.of_home,
        powers=frozenset(
            Power(Role(row.role), row.of_authority, row.of_structure, row.reads_incomes)
            for row in rows
            if row.role is not None and row.suspended_at is None
        ),
    )
    return user


@prepared
def _account_with_posts(user_id: int) -> QuerySet[Any]:
    """The account with its person and home, once for each of its posts."""
    return (
        User.objects.filter(pk=user_id)
        .annotate(
            home=FilteredRelation(
                "person__memberships",
                condition=Q(
                    person__memberships__until__isnull=True, person__memberships__kind=Member.Kind.ADULT
                ),
            )
        )
        .annotate(
            of_person=F("person__id"),
            of_home=F("home__family_id"),
            first_name=F("person__first_name"),
            last_name=F("person__last_name"),
            role=F("posts__role"),
            of_authority=F("posts__authority_id"),
            of_structure=F("posts__structure_id"),
            reads_incomes=F("posts__reads_incomes"),
            suspended_at=F("posts__suspended_at"),
            of_second=HAS_SECOND,
            unread_of_home=Coalesce(
                Subquery(unread_by(OuterRef("pk"), OuterRef("home__family_id")), output_field=IntegerField()),
                0,
            ),
            revision=Subquery(Revision.objects.values("number")[:1]),
        )
    )


def actor_for(user: User, *, acting_for: int | None = None) -> Actor:
    """The actor of an account; one query more when an agent acts in a family's name.

    `acting_for` is the family that an agent asked to act for. It is ignored unless the account may act, for
    that family, and is not one of its members: an agent never decides its own file. Raises LookupError for
    an account that is gone.
    """
    account = user if user.actor is not None else account_with_actor(user.pk)
    if account is None or account.actor is None:
        raise LookupError(user.pk)
    actor = account.actor
    if (
        acting_for is not None
        and acting_for != actor.family_id
        and any(power.role in MAY_ACT for power in actor.powers)
        and Family.objects.filter(pk=acting_for, erased_at=None).exists()
    ):
        return replace(actor, family_id=acting_for, on_behalf_of=True)
    return actor
