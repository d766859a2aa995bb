"""Who pays and is no home reads its own bills: people of its are invited, and their access ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from marelle.accounts.services import (
    AccessGiven,
    Door,
    InvitationSent,
    access_end,
    access_erase,
    access_give,
    access_invite_again,
    accesses_purge,
)
from marelle.billing.models import Invoice, Payer, PayerAccess
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor, Guest
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.models import Authority


def _says(payer: Payer) -> dict[str, Any]:
    authority = payer.authority
    return {
        "payer": str(payer),
        "authority": authority.name,
        "authority_id": authority.pk,
        "phone": authority.phone,
        "email": authority.email,
    }


DOOR: Final = Door(
    guest=Guest.PAYER,
    model=PayerAccess,
    opens="payer",
    invitation="accounts/payer_invitation",
    told="billing/payer_access",
    says=_says,
    subject="payer_access",
    given="payer_access.given",
    ended="payer_access.ended",
    erased="payer_access.erased",
    purged="payer_access.purged",
)


@transaction.atomic
def payer_invite(*, actor: Actor, payer_id: int, name: str, email: str, now: datetime) -> AccessGiven:
    """Let a person read the bills of a payer. Who reads those of another one already has an account: it is
    told by mail that it reads these too. Raises NotYours, or AccessRefused."""
    payer = _payer_locked(actor, payer_id)
    return access_give(DOOR, actor=actor, opened=payer, name=name, email=email, now=now)


@transaction.atomic
def payer_invite_again(*, actor: Actor, payer_id: int, access_id: int, now: datetime) -> InvitationSent:
    """Another link to who has not come in yet; the one before opens nothing more. Raises NotYours,
    AccessRefused, or accounts' AlreadyActive."""
    access = _access_locked(actor, payer_id, access_id)
    return access_invite_again(DOOR, actor=actor, access=access, now=now)


@transaction.atomic
def payer_access_end(*, actor: Actor, payer_id: int, access_id: int, reason: str, now: datetime) -> None:
    """From now on the account reads these bills no more. Raises NotYours, or AccessRefused."""
    access = _access_locked(actor, payer_id, access_id)
    access_end(DOOR, actor=actor, access=access, reason=reason, now=now)


@transaction.atomic
def payer_access_erase(*, actor: Actor, payer_id: int, access_id: int, now: datetime) -> None:
    """Empty the account of who reads no bill any more. Raises NotYours, or AccessRefused."""
    access_erase(DOOR, actor=actor, access=_access_locked(actor, payer_id, access_id), now=now)


@transaction.atomic
def guests_purge(*, before: datetime, now: datetime) -> int:
    """Empty the accounts of which the last access ended before an instant. Returns how many."""
    return accesses_purge(DOOR, before=before, now=now)


@transaction.atomic
def bill_read(*, actor: Actor, invoice: Invoice, now: datetime) -> None:
    """Write down that a guest has opened a bill of its payer: the office can say that it was read."""
    subject = Subject("invoice", invoice.pk, invoice.number)
    record(actor=actor, verb="payer_access.read", subject=subject, now=now)


def _payer_locked(actor: Actor, payer_id: int) -> Payer:
    """Of the actor's office. Of two invitations at once to one address, by whatever office, the second finds
    the first."""
    Authority.objects.select_for_update(no_key=True).order_by("pk").first()
    payer = Payer.objects.filter(pk=payer_id).first()
    if payer is None:
        raise NotYours
    payer.authority = authority_locked(actor, payer.authority_id)
    return payer


def _access_locked(actor: Actor, payer_id: int, access_id: int) -> PayerAccess:
    payer = _payer_locked(actor, payer_id)
    rows = PayerAccess.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    access: PayerAccess | None = rows.filter(pk=access_id, payer=payer).first()
    if access is None:
        raise NotYours
    access.payer = payer
    return access
