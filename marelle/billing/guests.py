"""Who pays and is no home reads its own bills: people of its are invited, and their access ends."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.accounts.services import AccessGiven, Door, access_give, accesses_purge
from marelle.billing.models import Invoice, Payer, PayerAccess
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor, Guest
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.locks import portal_locked


def _payer_locked(actor: Actor, payer_id: int) -> Payer:
    """Of the actor's office. Of two invitations at once to one address, by whatever office, the second finds
    the first."""
    portal_locked()
    payer = Payer.objects.filter(pk=payer_id).first()
    if payer is None:
        raise NotYours
    payer.authority = authority_locked(actor, payer.authority_id)
    return payer


DOOR: Final = Door(
    guest=Guest.PAYER,
    model=PayerAccess,
    opens="payer",
    lock=_payer_locked,
    invitation="accounts/payer_invitation",
    told="billing/payer_access",
    subject="payer_access",
)


@transaction.atomic
def payer_invite(*, actor: Actor, payer_id: int, name: str, email: str, now: datetime) -> AccessGiven:
    """Let a person read the bills of a payer. Who reads those of another one already has an account: it is
    told by mail that it reads these too. Raises NotYours, or AccessRefused."""
    payer = _payer_locked(actor, payer_id)
    return access_give(DOOR, actor=actor, opened=payer, name=name, email=email, now=now)


@transaction.atomic
def guests_purge(*, before: datetime, now: datetime) -> int:
    """Empty the accounts of which the last access ended before an instant. Returns how many."""
    return accesses_purge(DOOR, before=before, now=now)


@transaction.atomic
def bill_read(*, actor: Actor, invoice: Invoice, now: datetime) -> None:
    """Write down that a guest has opened a bill of its payer: the office can say that it was read."""
    subject = Subject("invoice", invoice.pk, invoice.number)
    record(actor=actor, verb="payer_access.read", subject=subject, now=now)
