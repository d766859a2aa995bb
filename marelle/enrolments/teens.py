"""A child's own account: from which age, what it shows and what it may book; reads alone.

An account is of one child in one home. A child of two homes has one of each that wants it: what one shows is
what that home sees, and neither learns whether there is another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from marelle.core.actor import Actor, Guest
from marelle.enrolments.models import Enrolment, TeenAccess, TeenPermission
from marelle.families.models import Member, Person
from marelle.families.rules import age_on
from marelle.families.selectors import current, kept_away, members, rights, still_there
from marelle.places.rules import TEEN_AGES

ADULT_AGE: Final = 18
"""Code civil, article 414."""

SHOWN: Final = (Enrolment.State.ACCEPTED, Enrolment.State.ENDED)
"""What was accepted: an ended enrolment still counts for the days that it covered."""

AGE_ASKED: Final = "activity__structure__authority__teen_age"
"""Of an enrolment, from which age its authority opens an account."""


class AccountState(Enum):
    """What a parent reads of the account of its child."""

    NONE = "none"
    INVITED = "invited"
    OPEN = "open"


def why_not_opened(birth: date | None, ages: Collection[int], day: date) -> str | None:
    """Why a child may have no account of its own on `day`; None where it may. `ages`: from which, in whole
    years, of each authority where it is enrolled."""
    if not ages:
        return "not_enrolled"
    if birth is None or age_on(birth, day) < min(ages):
        return "too_young"
    return "of_age" if age_on(birth, day) >= ADULT_AGE else None


def is_over(birth: date | None, *, enrolled: bool, day: date) -> bool:
    """Whether an account ends by itself: once of age, with the last enrolment that was begun before."""
    return birth is not None and age_on(birth, day) >= ADULT_AGE and not enrolled


def living(day: date) -> Exists:
    """Inside a query of accesses: whether the child still lives in the home, which has not left."""
    return Exists(_there(day))


def opened(day: date) -> QuerySet[TeenAccess]:
    """Accesses that show something on `day`: nothing of a home that a judge keeps away from the child."""
    near = _there(day).filter(~Q(kept_away(day, "person_id", home="family_id")))
    return TeenAccess.objects.live().filter(Exists(near))


def _there(day: date) -> QuerySet[Member]:
    return Member.objects.filter(
        current(day),
        still_there(day, "family__"),
        family__erased_at=None,
        family_id=OuterRef("family_id"),
        person_id=OuterRef("child_id"),
        kind=Member.Kind.CHILD,
    )


def own_access(actor: Actor, *, day: date) -> TeenAccess | None:
    """What the actor's account opens, with its child; None for who is no such guest, or is shown nothing."""
    if actor.guest is not Guest.TEEN:
        return None
    return opened(day).filter(account_id=actor.user_id).select_related("child").first()


def activities_opened(access: TeenAccess, *, day: date) -> Mapping[int, bool]:
    """The activities that the account shows, by id, and whether the child books and cancels there itself; one
    query. An authority shows its own to who has the age that it chose."""
    birth = access.child.birth_date
    allowed = TeenPermission.objects.filter(access=access, ended_at=None, activity_id=OuterRef("activity_id"))
    rows = Enrolment.objects.filter(
        family_id=access.family_id, person_id=access.child_id, state__in=SHOWN
    ).annotate(allowed=Exists(allowed))
    found = rows.order_by().values_list("activity_id", AGE_ASKED, "allowed")
    age = age_on(birth, day) if birth is not None else -1
    return {activity_id: books for activity_id, least, books in found if age >= least}


def manages(actor: Actor, child_id: int, *, day: date) -> Member | None:
    """The child in the actor's home, where it may open an account to it."""
    return _managed(actor, child_id, day).select_related("person", "family").first()


def account_state(actor: Actor, child: Person, *, day: date) -> AccountState | None:
    """What the account of a child is to who manages it; None where there is none to open. One query, none for
    who has the age of no authority."""
    birth = child.birth_date
    if birth is None or age_on(birth, day) < TEEN_AGES[0]:
        return None
    home = OuterRef("family_id")
    live = TeenAccess.objects.live().filter(family_id=home, child_id=child.pk)
    ages = to_allow(home, child.pk, day=day).order_by(AGE_ASKED)
    row = (
        _managed(actor, child.pk, day)
        .annotate(
            opened=Subquery(live.values("account__is_active")[:1]), age=Subquery(ages.values(AGE_ASKED)[:1])
        )
        .first()
    )
    if row is None:
        return None
    if row.opened is not None:
        return AccountState.OPEN if row.opened else AccountState.INVITED
    ages_there = () if row.age is None else (row.age,)
    return AccountState.NONE if why_not_opened(birth, ages_there, day) is None else None


def _managed(actor: Actor, child_id: int, day: date) -> QuerySet[Member]:
    """A guardian with parental authority who books for the child manages its account. An agent in the
    family's name may not: it is a parent's to decide."""
    if actor.on_behalf_of:
        return Member.objects.none()
    able = rights(day).filter(
        adult_id=actor.person_id or 0, child_id=child_id, has_authority=True, may_see=True, may_book=True
    )
    return members(actor, day=day).filter(Exists(able), person_id=child_id, kind=Member.Kind.CHILD)


def to_allow(family_id: int | OuterRef, child_id: int, *, day: date) -> QuerySet[Enrolment]:
    """The enrolments of a child by a home that are not over, with their activities."""
    rows = Enrolment.objects.filter(
        family_id=family_id, person_id=child_id, state=Enrolment.State.ACCEPTED, ends_on__gte=day
    )
    return rows.select_related("activity__structure__authority").order_by("activity__name", "activity_id")


def ages_asked(rows: Iterable[Enrolment]) -> frozenset[int]:
    """From which age each authority opens an account, of those where these enrolments, read with it, are."""
    return frozenset(row.activity.structure.authority.teen_age for row in rows)


def accesses_of(family_id: int, child_id: int) -> QuerySet[TeenAccess]:
    """Those of a child in a home, the newest first, with their accounts and permissions."""
    rows = TeenAccess.objects.filter(family_id=family_id, child_id=child_id)
    return rows.select_related("account", "child").prefetch_related("permissions__activity")
