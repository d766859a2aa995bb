"""Who pays and is no home reads its own bills: people of its are invited, and their access ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from marelle.accounts.models import User
from marelle.accounts.services import (
    InvitationSent,
    account_close,
    account_invite,
    account_sign_out,
    account_sleep,
    invitation_resend,
)
from marelle.billing.models import Invoice, Payer, PayerAccess
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import SYSTEM, Actor, Guest
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import Act, record, record_many
from marelle.mail.services import queue
from marelle.places.models import Authority

INVITATION: Final = "accounts/payer_invitation"
TOLD: Final = "billing/payer_access"


class AccessRefused(Refusal):
    """`code`: "account_exists" (the address is that of a home's or an agent's account), "already" (this
    person reads the bills of this payer, or is invited to), "ended" (it has ended before), "stays" (what is
    held of who still reads bills is not erased)."""


@dataclass(frozen=True, slots=True)
class AccessGiven:
    """`sent`: the invitation; None for who had an account, which reads these bills from now on."""

    access: PayerAccess
    sent: InvitationSent | None = None


@transaction.atomic
def payer_invite(*, actor: Actor, payer_id: int, name: str, email: str, now: datetime) -> AccessGiven:
    """Let a person read the bills of a payer. Who reads those of another one already has an account: it is
    told by mail that it reads these too. Raises NotYours, or AccessRefused."""
    payer = _payer_locked(actor, payer_id)
    if User.objects.filter(email__iexact=email, guest="").exists():
        raise AccessRefused("account_exists")
    guests = User.objects.select_for_update(no_key=True).filter(email__iexact=email, guest=Guest.PAYER)
    user = guests.order_by("-is_active", "-pk").first()
    if user is None:
        sent = account_invite(
            actor=actor, label=name, email=email, kind=INVITATION, told=_told(payer), guest=Guest.PAYER,
            now=now,
        )  # fmt: skip
        return AccessGiven(_give(actor, payer, User.objects.get(pk=sent.user_id), now), sent)
    live = PayerAccess.objects.live().filter(account=user)
    if live.filter(payer=payer).exists():
        raise AccessRefused("already")
    if user.is_active:
        access = _give(actor, payer, user, now)
        _tell(access, "given", now)
        return AccessGiven(access)
    if not live.exists():
        user.display_name = name[:150]
        user.save(update_fields=["display_name"])
    access = _give(actor, payer, user, now)
    return AccessGiven(access, _invite_again(actor, access, now))


@transaction.atomic
def payer_invite_again(*, actor: Actor, payer_id: int, access_id: int, now: datetime) -> InvitationSent:
    """Another link to who has not come in yet; the one before opens nothing more. Raises NotYours,
    AccessRefused, or accounts' AlreadyActive."""
    access = _access_locked(actor, payer_id, access_id)
    if access.ended_at is not None:
        raise AccessRefused("ended")
    return _invite_again(actor, access, now)


@transaction.atomic
def payer_access_end(*, actor: Actor, payer_id: int, access_id: int, reason: str, now: datetime) -> None:
    """From now on the account reads these bills no more. Its sessions end at once; without another payer it
    opens nothing until it is invited anew. Its owner is told by mail, not why. Raises NotYours, or
    AccessRefused."""
    access = _access_locked(actor, payer_id, access_id)
    if access.ended_at is not None:
        raise AccessRefused("ended")
    access.ended_at, access.ended_by, access.reason = now, actor.label[:150], reason
    access.save(update_fields=["ended_at", "ended_by", "reason"])
    if PayerAccess.objects.live().filter(account=access.account_id).exists():
        account_sign_out(user_id=access.account_id)
    else:
        account_sleep(user_id=access.account_id, now=now)
    _tell(access, "ended", now)
    _record(actor, "payer_access.ended", access, now)


@transaction.atomic
def payer_access_erase(*, actor: Actor, payer_id: int, access_id: int, now: datetime) -> None:
    """Empty the account of who asks for it, or left for good: neither its name nor its address is kept. The
    days of its access stay. Raises NotYours, or AccessRefused."""
    access = _access_locked(actor, payer_id, access_id)
    if PayerAccess.objects.live().filter(account=access.account_id).exists():
        raise AccessRefused("stays")
    _record(actor, "payer_access.erased", access, now)
    _empty([access.account_id])


@transaction.atomic
def guests_purge(*, before: datetime, now: datetime) -> int:
    """Empty the accounts of which the last access ended before an instant. Returns how many."""
    since = PayerAccess.objects.exclude(ended_at__lt=before).values("account")
    guests = User.objects.filter(guest=Guest.PAYER, payer_accesses__ended_at__lt=before).exclude(pk__in=since)
    gone = list(guests.exclude(display_name="").order_by("pk").values_list("pk", flat=True).distinct())
    _empty(gone)
    acts = [Act("payer_access.purged", Subject("account", pk)) for pk in gone]
    record_many(actor=SYSTEM, acts=acts, now=now)
    return len(gone)


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
    access = rows.filter(pk=access_id, payer=payer).first()
    if access is None:
        raise NotYours
    access.payer = payer
    return access


def _give(actor: Actor, payer: Payer, user: User, now: datetime) -> PayerAccess:
    access = PayerAccess.objects.create(payer=payer, account=user, given_at=now, given_by=actor.label[:150])
    _record(actor, "payer_access.given", access, now)
    return access


def _invite_again(actor: Actor, access: PayerAccess, now: datetime) -> InvitationSent:
    told = _told(access.payer)
    return invitation_resend(actor=actor, user_id=access.account_id, kind=INVITATION, told=told, now=now)


def _tell(access: PayerAccess, what: str, now: datetime) -> None:
    """That it reads the bills of a payer from now on ("given"), or no more ("ended")."""
    user = access.account
    if user.email:
        context = {**_told(access.payer), "name": str(user), "told": what}
        queue(kind=TOLD, to=user.email, context=context, now=now)


def _told(payer: Payer) -> dict[str, Any]:
    authority = payer.authority
    return {
        "payer": str(payer),
        "authority": authority.name,
        "authority_id": authority.pk,
        "phone": authority.phone,
        "email": authority.email,
    }


def _empty(user_ids: list[int]) -> None:
    PayerAccess.objects.filter(account__in=user_ids).update(reason="")
    for user_id in user_ids:
        account_close(user_id=user_id)


def _record(actor: Actor, verb: str, access: PayerAccess, now: datetime) -> None:
    subject = Subject("payer_access", access.pk, str(access)[:200])
    record(actor=actor, verb=verb, subject=subject, now=now)
