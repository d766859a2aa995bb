"""One address for an account and its person: mails about a home go where its owner says that it reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.accounts.models import User
from marelle.accounts.services import email_change, email_confirm
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.finding.index import person_index
from marelle.families.models import Person
from marelle.journal.origin import Origin


def address_change(*, actor: Actor, email: str, password: str, origin: Origin, now: datetime) -> bool:
    """Ask for another address, or for none, which counts at once. Raises what `email_change` does.

    Not in one transaction: a wrong password is counted even so.
    """
    link_sent = email_change(actor=actor, email=email, password=password, origin=origin, now=now)
    if not email:
        _write(Person.objects.filter(account_id=actor.user_id), "", now)
    return link_sent


@transaction.atomic
def address_confirm(*, token: str, origin: Origin, now: datetime) -> User:
    """Confirm the new address of an account, for its person too. Raises what `email_confirm` does."""
    user = email_confirm(token=token, origin=origin, now=now)
    _write(Person.objects.filter(account=user), user.email, now)
    return user


def _write(people: QuerySet[Person], email: str, now: datetime) -> None:
    for person_id in people.values_list("pk", flat=True):
        people.update(email=email)
        person_index(person_id, day=local(now).date())
