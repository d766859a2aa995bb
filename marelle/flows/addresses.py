"""One address for an account and its person: mails about a home go where its owner says that it reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.accounts.models import User
from marelle.accounts.services import email_confirm
from marelle.families.models import Person
from marelle.journal.origin import Origin


@transaction.atomic
def address_confirm(*, token: str, origin: Origin, now: datetime) -> User:
    """Confirm the new address of an account, for its person too. Raises what `email_confirm` does."""
    user = email_confirm(token=token, origin=origin, now=now)
    Person.objects.filter(account=user).update(email=user.email)
    return user
