"""A parent opens its planning of a child to the child itself, says what it books there, and closes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.accounts.models import User
from marelle.accounts.services import (
    InvitationSent,
    account_close,
    account_invite,
    invitation_resend,
    invitation_revoke,
)
from marelle.core.actor import SYSTEM, Actor, Guest, Role
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.enrolments.models import TeenAccess, TeenPermission
from marelle.enrolments.teens import ADULT_AGE, ages_asked, is_over, living, manages, to_allow, why_not_opened
from marelle.families.locks import home_locked, homes_locked, own_home_locked
from marelle.families.models import Member, Person
from marelle.families.scope import is_own_file
from marelle.families.selectors import current, still_there
from marelle.families.telling import service_contacts
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue

A_DAY: Final = 5
"""Invitations of one parent: each is a mail to whatever address was typed."""

INVITATION: Final = "accounts/teen_invitation"
ENDED: Final = "enrolments/teen_ended"


class TeenRefused(Refusal):
    """`code`: "not_enrolled" (the child is in no activity), "too_young" (`age`: from which it may), "of_age",
    "adult_address" (the address is that of an adult of the home), "already" (it has an account here), "ended"
    (it has ended before), "own_file" (of the agent's own home), "changed" (permissions, since they were
    shown), "enough" (the actor has sent all the invitations that it may in a day)."""


@transaction.atomic
def teen_invite(*, actor: Actor, child_id: int, email: str, now: datetime) -> InvitationSent:
    """Open its planning to a child of the actor's home, by an account that it makes from a link. It sees, and
    books nothing until it is allowed to. Raises NotYours, HomeGone, or TeenRefused."""
    day = local(now).date()
    member = _managed(actor, child_id, day)
    if not Member.objects.filter(still_there(day, "family__"), pk=member.pk).exists():
        raise NotYours
    child = member.person
    ages = ages_asked(to_allow(member.family_id, child_id, day=day))
    why = why_not_opened(child.birth_date, ages, day)
    if why is not None:
        raise TeenRefused(why, age=min(ages, default=ADULT_AGE))
    if TeenAccess.objects.live().filter(family_id=member.family_id, child_id=child_id).exists():
        raise TeenRefused("already")
    adults = Member.objects.filter(current(day), family_id=member.family_id, kind=Member.Kind.ADULT)
    people = Person.objects.filter(pk__in=adults.values("person_id"))
    if people.filter(email__iexact=email).exists() or people.filter(account__email__iexact=email).exists():
        raise TeenRefused("adult_address")
    _enough_check(actor, member.family_id, now)
    sent = account_invite(
        actor=actor,
        label=str(child),
        email=email,
        family_id=member.family_id,
        kind=INVITATION,
        told=_told(actor),
        guest=Guest.TEEN,
        now=now,
    )
    access = TeenAccess.objects.create(
        family_id=member.family_id,
        child=child,
        account_id=sent.user_id,
        given_at=now,
        given_by=actor.label[:150],
    )
    _record(actor, "teen_access.given", access, now)
    return sent


@transaction.atomic
def teen_invite_again(*, actor: Actor, child_id: int, access_id: int, now: datetime) -> InvitationSent:
    """Another link to a child who has not come in yet; the one before opens nothing more. Raises NotYours,
    HomeGone, TeenRefused, or accounts' AlreadyActive."""
    access = _own_live(actor, child_id, access_id, now)
    _enough_check(actor, access.family_id, now)
    return invitation_resend(
        actor=actor,
        user_id=access.account_id,
        family_id=access.family_id,
        kind=INVITATION,
        told=_told(actor),
        now=now,
    )


@transaction.atomic
def teen_allow(
    *,
    actor: Actor,
    child_id: int,
    access_id: int,
    activity_ids: Collection[int],
    seen: Collection[int],
    now: datetime,
) -> bool:
    """In which activities the child books and cancels for itself from now on: those, and no other of those
    that go on. `seen` are those that the page showed as allowed. Returns whether anything changed. Raises
    NotYours, HomeGone, or TeenRefused."""
    access = _own_live(actor, child_id, access_id, now)
    known = {
        row.activity_id: row.activity.name
        for row in to_allow(access.family_id, child_id, day=local(now).date())
    }
    held = {
        row.activity_id: row
        for row in TeenPermission.objects.filter(access=access, ended_at=None, activity_id__in=known)
    }
    if set(held) != set(seen) & set(known):
        raise TeenRefused("changed")
    wanted = set(activity_ids)
    if not wanted <= set(known):
        raise NotYours
    by = actor.label[:150]
    taken = [pk for pk in held if pk not in wanted]
    TeenPermission.objects.filter(pk__in=[held[pk].pk for pk in taken]).update(ended_at=now, ended_by=by)
    given = [pk for pk in known if pk in wanted and pk not in held]
    TeenPermission.objects.bulk_create(
        TeenPermission(access=access, activity_id=pk, given_at=now, given_by=by) for pk in given
    )
    if taken or given:
        data = {"given": [known[pk] for pk in given], "taken": [known[pk] for pk in taken]}
        _record(actor, "teen_access.allowed", access, now, data)
    return bool(taken or given)


@transaction.atomic
def teen_access_end(*, actor: Actor, child_id: int, access_id: int, now: datetime) -> None:
    """Close the account, by a parent of the home. Raises NotYours, HomeGone, or TeenRefused."""
    _end(actor, _own_live(actor, child_id, access_id, now), now)


@transaction.atomic
def teen_access_stop(*, actor: Actor, access_id: int, reason: str, now: datetime) -> None:
    """Close the account, by an office or an administrator; the reason stays among agents. Raises NotYours,
    HomeGone, or TeenRefused."""
    family_id = TeenAccess.objects.filter(pk=access_id).values_list("family_id", flat=True).first()
    if family_id is None or not (actor.is_administrator or actor.authorities(Role.OFFICE)):
        raise NotYours
    home_locked(family_id)
    access = TeenAccess.objects.select_related("account", "child").get(pk=access_id)
    day = local(now).date()
    if is_own_file(actor, family_id=access.family_id, person_id=access.child_id, day=day):
        raise TeenRefused("own_file")
    _still_live(access)
    _end(actor, access, now, reason)


def teens_end_over(*, now: datetime) -> int:
    """Close the accounts of which the child lives in the home no more, or is of age and enrolled no more; of
    a home that has left too. Returns how many."""
    day = local(now).date()
    rows = TeenAccess.objects.live().order_by()
    gone = rows.exclude(living(day)).values_list("pk", "family_id")
    aged = rows.filter(child__birth_date__lte=_born_before(day)).values_list("pk", "family_id")
    return sum(_end_if_over(pk, family_id, now) for pk, family_id in gone.union(aged).order_by("pk"))


def _born_before(day: date) -> date:
    """Who is born that day or before may be of age on `day`."""
    return date(day.year - ADULT_AGE, 12, 31)


@transaction.atomic
def _end_if_over(access_id: int, family_id: int, now: datetime) -> bool:
    homes_locked([family_id])
    day = local(now).date()
    access = (
        TeenAccess.objects.live()
        .filter(pk=access_id, family_id=family_id)
        .select_related("account", "child")
        .annotate(lives=living(day))
        .first()
    )
    if access is None:
        return False
    enrolled = to_allow(access.family_id, access.child_id, day=day).exists()
    lives: bool = access.lives
    if lives and not is_over(access.child.birth_date, enrolled=enrolled, day=day):
        return False
    _end(SYSTEM, access, now)
    return True


def teen_accesses_close(*, actor: Actor, family_id: int, now: datetime) -> list[int]:
    """Close all those of a home that is erased, which the caller holds. Returns the ids of their accounts, of
    those that ended before too."""
    rows = TeenAccess.objects.filter(family_id=family_id).order_by("pk").select_related("account", "child")
    for access in rows:
        if access.ended_at is None:
            _end(actor, access, now)
    return [access.account_id for access in rows]


def _enough_check(actor: Actor, family_id: int, now: datetime) -> None:
    """By those that the actor has sent within a day, whatever became of them."""
    sent = Entry.objects.of_family(family_id).filter(
        verb=Verb.ACCOUNT_INVITED, actor_user_id=actor.user_id, at__gt=now - timedelta(days=1)
    )
    if sent.count() >= A_DAY:
        raise TeenRefused("enough")


def _managed(actor: Actor, child_id: int, day: date) -> Member:
    own_home_locked(actor)
    member = manages(actor, child_id, day=day)
    if member is None:
        raise NotYours
    return member


def _own_live(actor: Actor, child_id: int, access_id: int, now: datetime) -> TeenAccess:
    member = _managed(actor, child_id, local(now).date())
    rows = TeenAccess.objects.select_related("account", "child")
    access: TeenAccess | None = rows.filter(
        pk=access_id, family_id=member.family_id, child_id=child_id
    ).first()
    if access is None:
        raise NotYours
    _still_live(access)
    return access


def _still_live(access: TeenAccess) -> None:
    if access.ended_at is not None:
        raise TeenRefused("ended")


def _end(actor: Actor, access: TeenAccess, now: datetime, reason: str = "") -> None:
    """At once: sessions, password, second factor, links, what the account was called and its address. Who had
    come in is told by mail, whoever closed it and why."""
    user: User = access.account
    was_in, address, name = user.is_active, user.email, str(user)
    invitation_revoke(user_id=user.pk, now=now)
    account_close(user_id=user.pk)
    by = actor.label[:150]
    TeenPermission.objects.filter(access=access, ended_at=None).update(ended_at=now, ended_by=by)
    access.ended_at, access.ended_by, access.reason = now, by, reason
    access.save(update_fields=["ended_at", "ended_by", "reason"])
    if was_in and address:
        queue(kind=ENDED, to=address, context={**service_contacts(), "name": name}, now=now)
    _record(actor, "teen_access.ended", access, now)


def _told(actor: Actor) -> dict[str, str]:
    return {"by": actor.label}


def _record(
    actor: Actor, verb: str, access: TeenAccess, now: datetime, data: dict[str, list[str]] | None = None
) -> None:
    subject = Subject("teen_access", access.pk, str(access.child)[:200])
    record(actor=actor, verb=verb, subject=subject, family_id=access.family_id, data=data, now=now)
