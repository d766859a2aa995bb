"""A family's file as the office opens it: who lives there, who has an account, and inviting who has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from marelle.accounts.held import identity_of, second_of
from marelle.accounts.models import Invitation, User
from marelle.accounts.selectors import last_invitation, last_invitations
from marelle.accounts.services import InvitationSent, invitation_revoke, let_in_give
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.invitations import adult_locked_invite
from marelle.families.locks import home_locked
from marelle.families.models import Family, Member, Person, Residence
from marelle.families.selectors import ELDEST_FIRST, current
from marelle.families.telephones import Way, ways_to_call
from marelle.flows.actor.acting import OwnHome, may_act, own_homes
from marelle.flows.office.search import readable_families
from marelle.journal.services import record
from marelle.journal.verbs import Verb
from marelle.places.posts.services import posts_check_all


class Access(StrEnum):
    """What became of an adult's account."""

    NEVER_INVITED = "never_invited"
    INVITED = "invited"
    EXPIRED = "expired"
    REVOKED = "revoked"
    IN_USE = "in_use"
    CLOSED = "closed"


CAN_BE_INVITED = (Access.NEVER_INVITED, Access.INVITED, Access.EXPIRED, Access.REVOKED)


class AlreadyInvited(Refusal):
    """Another invitation left since the page was read: one more would kill its link. `until` ends it."""

    def __init__(self, until: datetime) -> None:
        super().__init__("already_invited", until=until)


class NoInvitation(Refusal):
    """The invitation that the page showed waits no more: used, replaced or taken back since."""

    def __init__(self) -> None:
        super().__init__("no_invitation")


@dataclass(frozen=True, slots=True)
class AdultLine:
    """`invitation_id` is the last invitation, 0 for none; `until` is when its link ends."""

    id: int
    name: str
    first_name: str
    email: str
    ways: tuple[Way, ...]
    access: Access
    invitation_id: int
    until: datetime | None
    has_second: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """`is_own`: the actor's own home, or another home of its own child."""

    family: Family
    residence: Residence | None
    adults: tuple[AdultLine, ...]
    children: tuple[Person, ...]
    is_own: bool

    @property
    def kinds(self) -> dict[int, str]:
        """Those who live there, by id, with what they are."""
        adults = dict.fromkeys((adult.id for adult in self.adults), Member.Kind.ADULT.value)
        return adults | dict.fromkeys((child.pk for child in self.children), Member.Kind.CHILD.value)

    @property
    def first_names(self) -> dict[int, str]:
        return {adult.id: adult.first_name for adult in self.adults} | {
            child.pk: child.first_name for child in self.children
        }


def dossier(actor: Actor, family_id: int, *, now: datetime) -> Dossier | None:
    """The file of a family that the actor may read (`readable_families`), None for another; five queries."""
    day = local(now).date()
    family = next(iter(_readable(actor, family_id, day)), None)
    if family is None:
        return None
    rows = _members(family.pk, day)
    adults = [row for row in rows if row.kind == Member.Kind.ADULT]
    invitations = last_invitations([row.person.account_id for row in adults if row.person.account_id])
    return Dossier(
        family=family,
        residence=next(iter(_residence(family.pk, day)), None),
        adults=tuple(_adult(row, invitations, now) for row in adults),
        children=tuple(row.person for row in rows if row.kind == Member.Kind.CHILD),
        is_own=own_homes(actor, day).filter(family=family).exists(),
    )


@prepared
def _readable(actor: Actor, family_id: int, day: date) -> QuerySet[Family]:
    return readable_families(actor, day=day).filter(pk=family_id)


@prepared
def _members(family_id: int, day: date) -> QuerySet[Member]:
    rows = Member.objects.filter(current(day), family_id=family_id).select_related("person__account")
    rows = rows.annotate(
        of_second=second_of("person__account_id"), of_identity=identity_of("person__account_id")
    )
    return rows.order_by("kind", ELDEST_FIRST, "pk")


@prepared
def _residence(family_id: int, day: date) -> QuerySet[Residence]:
    return Residence.objects.filter(family_id=family_id, since__lte=day)[:1]


@transaction.atomic
def adult_invite(*, actor: Actor, family_id: int, person_id: int, seen: int, now: datetime) -> InvitationSent:
    """Invite an adult of the family, or invite again.

    `seen` is the id of the last invitation that the page showed, 0 for none: a second click sends nothing.
    Raises `NotYours`, `OwnHome`, `AlreadyInvited`, accounts' `AlreadyActive`.
    """
    person = _adult_locked(actor, family_id, person_id, now)
    last = last_invitation(person.account_id) if person.account_id else None
    if last is not None and last.pk != seen and last.used_at is None:
        raise AlreadyInvited(last.expires_at)
    return adult_locked_invite(actor=actor, family_id=family_id, person=person, now=now)


@transaction.atomic
def adult_uninvite(*, actor: Actor, family_id: int, person_id: int, seen: int, now: datetime) -> Person:
    """Take back an invitation that waits: its link opens nothing more, its mail or letter leaves no more.

    `seen` is the id of the invitation that the page showed. Raises `NotYours`, `OwnHome`, `NoInvitation`.
    """
    person = _adult_locked(actor, family_id, person_id, now)
    last = last_invitation(person.account_id) if person.account_id else None
    if last is None or last.pk != seen or last.used_at is not None or last.revoked_at is not None:
        raise NoInvitation
    invitation_revoke(user_id=last.user_id, now=now)
    record(
        actor=actor,
        verb=Verb.INVITATION_REVOKED,
        subject=Subject("account", last.user_id, str(person)),
        family_id=family_id,
        now=now,
    )
    return person


@transaction.atomic
def adult_let_in(*, actor: Actor, family_id: int, person_id: int, reason: str, now: datetime) -> Person:
    """Let in once an adult who lost its second factor. Raises `NotYours`, `OwnHome`, accounts' NoSecond, and
    PostRefused of who has a post that the actor does not give."""
    person = _adult_locked(actor, family_id, person_id, now)
    user = User.objects.select_for_update(no_key=True).filter(pk=person.account_id or 0).first()
    if user is None:
        raise NotYours
    posts_check_all(actor, user.pk)
    let_in_give(actor=actor, user=user, reason=reason, family_id=family_id, now=now)
    return person


def _adult_locked(actor: Actor, family_id: int, person_id: int, now: datetime) -> Person:
    """An adult of a home that is not the actor's own. Raises `NotYours` or `OwnHome`."""
    if not may_act(actor):
        raise NotYours
    home_locked(family_id)
    adults = Member.objects.filter(family_id=family_id, kind=Member.Kind.ADULT, until=None)
    person = (
        Person.objects.select_for_update(of=("self",))
        .filter(pk=person_id, pk__in=adults.values("person_id"))
        .first()
    )
    if person is None:
        raise NotYours
    if own_homes(actor, local(now).date()).filter(family_id=family_id).exists():
        raise OwnHome
    return person


def _adult(row: Any, invitations: Mapping[int, Invitation], now: datetime) -> AdultLine:
    person = row.person
    last = invitations.get(person.account_id or 0)
    return AdultLine(
        id=person.pk,
        name=str(person),
        first_name=person.first_name,
        email=person.email,
        ways=ways_to_call(person),
        access=_access(person.account, last, now, has_identity=row.of_identity),
        invitation_id=last.pk if last else 0,
        until=last.expires_at if last else None,
        has_second=row.of_second,
    )


def _access(
    account: User | None, last: Invitation | None, now: datetime, *, has_identity: bool = False
) -> Access:
    if account is not None and account.is_active:
        return Access.IN_USE
    # One that identities alone opened has no password.
    if account is not None and (account.has_usable_password() or has_identity):
        return Access.CLOSED
    if account is None or last is None:
        return Access.NEVER_INVITED
    if last.revoked_at is not None:
        return Access.REVOKED
    return Access.INVITED if last.expires_at > now else Access.EXPIRED
