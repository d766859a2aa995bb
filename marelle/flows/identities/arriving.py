"""Who somebody is whom a provider has recognised, and whom no identity linked here tells: what the office
holds says it, or nobody does."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from marelle.accounts.models import User
from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.providers import Provider
from marelle.accounts.refusals import ClosedAccount, IdentityTaken, OtherIdentity
from marelle.accounts.services import (
    account_begin,
    account_wake,
    identity_link,
    is_linked,
    is_sleeping,
    was_taken_away,
)
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.finding.selectors import families_matching
from marelle.families.locks import home_locked, people_locked
from marelle.families.models import Family, Member, Person
from marelle.families.refusals import HomeGone
from marelle.flows.identities.linking import held_of
from marelle.flows.identities.over import arrival_over
from marelle.flows.identities.rules import Alike, alike
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.places.models import Post

HOMES_AT_MOST: Final = 20


class InDoubt(Refusal):
    """Nobody is linked: none is the same, or several are, or something else opens, or closed, the account."""

    def __init__(self) -> None:
        super().__init__("in_doubt")


class WorksHere(Refusal):
    """The account has a post: its owner alone links it, once it is in."""

    def __init__(self) -> None:
        super().__init__("works_here")


class ClosedByOffice(Refusal):
    """The account was closed, or its invitation taken back: nobody opens it again by coming."""

    def __init__(self) -> None:
        super().__init__("closed_by_office")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An adult of a home here who may be who was recognised."""

    person: Person
    family: Family
    alike: Alike


def candidates(told: Told) -> tuple[Candidate, ...]:
    """Adults of homes who are likely to be somebody, the likeliest first; one query, and two for each name.

    Whoever is the same is among them, since the day of birth is then known.
    """
    first_name = told.given_names.partition(" ")[0]
    names = dict.fromkeys(name for name in (told.birth_name, told.usage_name) if name and first_name)
    homes = {
        match.id for name in names for match in families_matching(f"{first_name} {name}", limit=HOMES_AT_MOST)
    }
    reached = Q(family__in=homes)
    if told.birth_date is not None:
        reached |= Q(person__birth_date=told.birth_date)
    if told.email:
        reached |= Q(email_lower=told.email)
    rows = adults().alias(email_lower=Lower("person__email")).filter(reached)
    return tuple(one for one in compared(told, rows) if one.alike.is_likely)


def adults() -> QuerySet[Member]:
    """Those of homes that are there, whether they have left or not: their bills are still read."""
    rows = Member.objects.filter(kind=Member.Kind.ADULT, until=None, family__erased_at=None)
    return rows.select_related("person__account", "family").order_by("pk")


def compared(told: Told, rows: Iterable[Member]) -> tuple[Candidate, ...]:
    found = [Candidate(row.person, row.family, alike(told, held_of(row.person))) for row in rows]
    return tuple(sorted(found, key=lambda one: (not one.alike.is_same, -one.alike.weight)))


@transaction.atomic
def family_arrive(*, told: Told, provider: Provider, origin: Origin, now: datetime) -> User:
    """Link the account of the one adult whom the office holds under the very identity that was recognised,
    and open it where it never was. Its address is told. Raises `WorksHere`, and `InDoubt`: always of
    a provider to which everybody tells itself what it is called, of an identity that was taken away from an
    account, and where somebody comes in by the account already."""
    if not provider.tells_civil_status or was_taken_away(told):
        raise InDoubt
    same = [one for one in candidates(told) if one.alike.is_same]
    if len(same) != 1:
        raise InDoubt
    family_id, person_id = same[0].family.pk, same[0].person.pk
    family = None
    with suppress(HomeGone, NotYours):
        family = home_locked(family_id)
    if family is None:
        raise InDoubt
    people_locked([person_id])
    held = adults().filter(family=family, person_id=person_id).first()
    has_left = family.left_on is not None and family.left_on <= local(now).date()
    if held is None or has_left or not alike(told, held_of(held.person)).is_same:
        raise InDoubt
    who = Actor(user_id=held.person.account_id, label=str(held.person))
    arrival_over(actor=who, told=told, family_id=family_id, now=now)
    before = held.person.account
    was_open = before is not None and before.is_active
    try:
        user = account_of(held.person, family_id=family_id, origin=origin, now=now)
        # By another browser of the same person, a moment ago.
        if was_open and not is_linked(user, told):
            raise InDoubt
        identity_link(
            user=user,
            told=told,
            provider=provider.name,
            family_id=family_id,
            email=held.person.email,
            begins=True,
            origin=origin,
            now=now,
        )
    except (OtherIdentity, IdentityTaken, ClosedAccount, ClosedByOffice) as error:
        raise InDoubt from error
    return user


def account_of(person: Person, *, family_id: int, origin: Origin = NOWHERE, now: datetime) -> User:
    """The account of a person who is locked, made or woken where nobody has come in by it yet; in the
    transaction of the caller. Raises `WorksHere`, `ClosedByOffice`."""
    user = person.account
    if user is not None and Post.objects.filter(user=user).exists():
        raise WorksHere
    if user is not None and user.is_active:
        return user
    if user is None:
        user = account_begin(label=str(person), email=person.email, now=now)
        person.account = user
        person.save(update_fields=["account"])
    elif is_sleeping(user):
        account_wake(user=user, now=now)
    else:
        raise ClosedByOffice
    record(
        actor=Actor(user_id=user.pk, label=str(person)),
        verb=Verb.ACCOUNT_ACTIVATED,
        subject=Subject("account", user.pk, str(person)),
        family_id=family_id,
        origin=origin,
        now=now,
    )
    return user
