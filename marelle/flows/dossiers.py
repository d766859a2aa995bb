"""A family's file as the office opens it: who lives there, who has an account, and inviting who has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from marelle.accounts.models import Invitation, User
from marelle.accounts.selectors import last_invitation, last_invitations
from marelle.accounts.services import InvitationSent
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.families.invitations import member_invite
from marelle.families.models import Family, Member, Person, Residence
from marelle.families.refusals import NoSuchRow
from marelle.families.selectors import ELDEST_FIRST, current
from marelle.flows.acting import MayNotAct, OwnHome, may_act, own_homes


class Access(StrEnum):
    """What became of an adult's account."""

    NEVER_INVITED = "never_invited"
    INVITED = "invited"
    EXPIRED = "expired"
    IN_USE = "in_use"
    CLOSED = "closed"


CAN_BE_INVITED = (Access.NEVER_INVITED, Access.INVITED, Access.EXPIRED)


class AlreadyInvited(Refusal):
    """Another invitation left since the page was read: one more would kill its link. `until` ends it."""

    def __init__(self, until: datetime) -> None:
        super().__init__("already_invited", until=until)


@dataclass(frozen=True, slots=True)
class AdultLine:
    """`invitation_id` is the last invitation, 0 for none; `until` is when its link ends."""

    id: int
    name: str
    email: str
    phone: str
    access: Access
    invitation_id: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """`is_own`: the actor's own home, or another home of its own child."""

    family: Family
    residence: Residence | None
    adults: tuple[AdultLine, ...]
    children: tuple[Person, ...]
    is_own: bool


def dossier(actor: Actor, family_id: int, *, now: datetime) -> Dossier | None:
    """The file of any family, for who keeps files; five queries."""
    day = local(now).date()
    family = Family.objects.filter(pk=family_id).first()
    if family is None or not may_act(actor):
        return None
    rows = list(
        Member.objects.filter(current(day), family=family)
        .select_related("person__account")
        .order_by("kind", ELDEST_FIRST, "pk")
    )
    adults = [row.person for row in rows if row.kind == Member.Kind.ADULT]
    invitations = last_invitations([person.account_id for person in adults if person.account_id])
    return Dossier(
        family=family,
        residence=Residence.objects.filter(family=family, since__lte=day).first(),
        adults=tuple(_adult(person, invitations, now) for person in adults),
        children=tuple(row.person for row in rows if row.kind == Member.Kind.CHILD),
        is_own=own_homes(actor, day).filter(family=family).exists(),
    )


@transaction.atomic
def adult_invite(*, actor: Actor, family_id: int, person_id: int, seen: int, now: datetime) -> InvitationSent:
    """Invite an adult of the family, or invite again.

    `seen` is the id of the last invitation that the page showed, 0 for none: a second click sends nothing.
    Raises `MayNotAct`, `OwnHome`, `AlreadyInvited`, families' `NoSuchRow`, accounts' `AlreadyActive`.
    """
    if not may_act(actor):
        raise MayNotAct
    adults = Member.objects.filter(family_id=family_id, kind=Member.Kind.ADULT, until=None)
    person = (
        Person.objects.select_for_update(of=("self",))
        .filter(pk=person_id, pk__in=adults.values("person_id"))
        .first()
    )
    if person is None:
        raise NoSuchRow("no_such_adult")
    if own_homes(actor, local(now).date()).filter(family_id=family_id).exists():
        raise OwnHome
    last = last_invitation(person.account_id) if person.account_id else None
    if last is not None and last.pk != seen and last.used_at is None:
        raise AlreadyInvited(last.expires_at)
    return member_invite(actor=actor, person_id=person_id, now=now)


def _adult(person: Person, invitations: Mapping[int, Invitation], now: datetime) -> AdultLine:
    last = invitations.get(person.account_id or 0)
    return AdultLine(
        id=person.pk,
        name=str(person),
        email=person.email,
        phone=person.phone,
        access=_access(person.account, last, now),
        invitation_id=last.pk if last else 0,
        until=last.expires_at if last else None,
    )


def _access(account: User | None, last: Invitation | None, now: datetime) -> Access:
    if account is not None and account.is_active:
        return Access.IN_USE
    if account is not None and account.has_usable_password():
        return Access.CLOSED
    if account is None or last is None:
        return Access.NEVER_INVITED
    return Access.INVITED if last.expires_at > now else Access.EXPIRED
