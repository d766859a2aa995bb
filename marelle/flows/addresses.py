"""One address for an account and its person: mails about a home go where its owner says that it reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.accounts.models import User
from marelle.accounts.services import email_change, email_confirm
from marelle.core.actor import Actor
from marelle.families.models import Person
from marelle.journal.origin import Origin


def address_change(*, actor: Actor, email: str, password: str, origin: Origin, now: datetime) -> bool:
    """Ask for another address, or for none, which counts at once. Raises what `email_change` does.

    Not in one transaction: a wrong password is counted even so.
    """
    link_sent = email_change(actor=actor, email=email, password=password, origin=origin, now=now)
    if not email:
        Person.objects.filter(account_id=actor.user_id).update(email="")
    return link_sent


@transaction.atomic
def address_confirm(*, token: str, origin: Origin, now: datetime) -> User:
    """Confirm the new address of an account, for its person too. Raises what `email_confirm` does."""
    user = email_confirm(token=token, origin=origin, now=now)
    Person.objects.filter(account=user).update(email=user.email)
    return user
