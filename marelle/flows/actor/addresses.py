"""One address for an account and its person: mails about a home go where its owner says that it reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.accounts.models import LinkPurpose, User
from marelle.accounts.services import email_change, email_confirm, link_owner
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.finding.index import person_index
from marelle.families.locks import homes_locked, people_locked
from marelle.families.models import Member, Person
from marelle.journal.origin import Origin


def address_change(*, actor: Actor, email: str, password: str, origin: Origin, now: datetime) -> bool:
    """Ask for another address, or for none, which counts at once. Raises what `email_change` does.

    Not in one transaction: a wrong password is counted even so.
    """
    link_sent = email_change(actor=actor, email=email, password=password, origin=origin, now=now)
    if not email:
        with transaction.atomic():
            _write(_owner_locked(actor.user_id), "", now)
    return link_sent


@transaction.atomic
def address_confirm(*, token: str, origin: Origin, now: datetime) -> User:
    """Confirm the new address of an account, for its person too. Raises what `email_confirm` does."""
    owner = _owner_locked(link_owner(token=token, purpose=LinkPurpose.EMAIL))
    user = email_confirm(token=token, origin=origin, now=now)
    _write(owner, user.email, now)
    return user


def _owner_locked(user_id: int | None) -> Person | None:
    """Whose account it is, if anybody's, locked after its homes and before the account."""
    mine = Person.objects.filter(account_id=user_id or 0)
    homes_locked(Member.objects.filter(person__in=mine).values("family_id"))
    return next(iter(people_locked(mine.values("pk"))), None)


def _write(owner: Person | None, email: str, now: datetime) -> None:
    if owner is not None:
        Person.objects.filter(pk=owner.pk).update(email=email)
        person_index(owner.pk, day=local(now).date())
