"""A guest is invited, invited again, stopped and forgotten, whatever its kind opens.

What is opened is held, with the addresses of guests; a function that is handed what is `opened` joins the
transaction of who holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from marelle.accounts.guest_access import GuestAccess
from marelle.accounts.models import User
from marelle.accounts.services.closing import account_close, account_sleep
from marelle.accounts.services.devices import account_sign_out
from marelle.accounts.services.invitations import InvitationSent, account_invite, invitation_resend
from marelle.core.actor import SYSTEM, Actor, Guest
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.services import Act, record, record_many
from marelle.mail.services import queue


class AccessRefused(Refusal):
    """`code`: "account_exists" (the address is that of an account that is no guest of this kind), "already"
    (this person has this access, or is invited to), "ended" (it has ended before), "stays" (what is held of
    who still comes in is not erased)."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a kind of guest is given: rows of `model`, each to one of its field `opens`, an authority's.

    `lock` holds what is opened, by its id, with the addresses of guests, or raises NotYours. `invitation` and
    `told` are kinds of mails, `subject` is how the journal names an access.
    """

    guest: Guest
    model: type[GuestAccess]
    opens: str
    lock: Callable[[Actor, int], Any]
    invitation: str
    told: str
    subject: str


@dataclass(frozen=True, slots=True)
class AccessGiven:
    """`sent`: the invitation; None for who had an account, which opens this too from now on."""

    access: GuestAccess
    sent: InvitationSent | None = None


def access_give(
    door: Door, *, actor: Actor, opened: Any, name: str, email: str, now: datetime
) -> AccessGiven:
    """Let a person in. Who comes in already for another is told by mail that it opens this too. Raises
    AccessRefused."""
    if User.objects.filter(email__iexact=email).exclude(guest=door.guest).exists():
        raise AccessRefused("account_exists")
    guests = User.objects.select_for_update(no_key=True).filter(email__iexact=email, guest=door.guest)
    user = guests.order_by("-is_active", "-pk").first()
    if user is None:
        sent = account_invite(
            actor=actor, label=name, email=email, kind=door.invitation, told=_says(door, opened),
            guest=door.guest, now=now,
        )  # fmt: skip
        return AccessGiven(_given(door, actor, opened, User.objects.get(pk=sent.user_id), now), sent)
    live = door.model.objects.live().filter(account=user)
    if live.filter(**{door.opens: opened}).exists():
        raise AccessRefused("already")
    if user.is_active:
        access = _given(door, actor, opened, user, now)
        _tell(door, access, "given", now)
        return AccessGiven(access)
    if not live.exists():
        user.display_name = name[:150]
        user.save(update_fields=["display_name"])
    access = _given(door, actor, opened, user, now)
    return AccessGiven(access, _invite_again(door, actor, access, now))


@transaction.atomic
def access_invite_again(
    door: Door, *, actor: Actor, opened_id: int, access_id: int, now: datetime
) -> InvitationSent:
    """Another link to who has not come in yet; the one before opens nothing more. Raises NotYours,
    AccessRefused, or AlreadyActive."""
    access = _live_locked(door, actor, opened_id, access_id)
    return _invite_again(door, actor, access, now)


@transaction.atomic
def access_end(
    door: Door, *, actor: Actor, opened_id: int, access_id: int, reason: str, now: datetime
) -> None:
    """At once: its sessions end; without another access the account opens nothing until it is invited anew.
    Its owner is told by mail, not why. Raises NotYours, or AccessRefused."""
    _end(door, actor, _live_locked(door, actor, opened_id, access_id), reason, now)


def accesses_end(door: Door, *, actor: Actor, opened: Any, reason: str, now: datetime) -> None:
    """The same of all the live ones of what is opened."""
    live = door.model.objects.live().filter(**{door.opens: opened})
    for access in live.select_related("account"):
        _end(door, actor, access, reason, now)


def _end(door: Door, actor: Actor, access: GuestAccess, reason: str, now: datetime) -> None:
    access.ended_at, access.ended_by, access.reason = now, actor.label[:150], reason
    access.save(update_fields=["ended_at", "ended_by", "reason"])
    if door.model.objects.live().filter(account=access.account_id).exists():
        account_sign_out(user_id=access.account_id)
    else:
        account_sleep(user_id=access.account_id, now=now)
    _tell(door, access, "ended", now)
    _record(door, "ended", actor, access, now)


@transaction.atomic
def access_erase(door: Door, *, actor: Actor, opened_id: int, access_id: int, now: datetime) -> None:
    """Empty the account of who asks for it, or left for good: neither its name nor its address is kept. The
    days of its access stay. Raises NotYours, or AccessRefused."""
    access = _locked(door, actor, opened_id, access_id)
    if not _erase(door, actor, access, now):
        raise AccessRefused("stays")


def accesses_erase(door: Door, *, actor: Actor, opened: Any, now: datetime) -> set[str]:
    """The same of all to whom it was opened, but those whom something else lets in. Returns the names of
    all."""
    rows = door.model.objects.filter(**{door.opens: opened}).exclude(account__display_name="")
    accesses = {access.account_id: access for access in rows.select_related("account")}
    names = {str(access.account) for access in accesses.values()}
    for access in accesses.values():
        _erase(door, actor, access, now)
    return names


def accesses_rename(door: Door, *, opened: Any, former: str, name: str) -> list[int]:
    """The accounts that come in for what is opened, bear its `former` name and come in nowhere else bear
    another from now on. Returns their ids."""
    live = door.model.objects.live()
    elsewhere = live.exclude(**{door.opens: opened}).values("account")
    mine = live.filter(**{door.opens: opened, "account__display_name": former[:150]})
    found = list(mine.exclude(account__in=elsewhere).order_by().values_list("account_id", flat=True))
    User.objects.filter(pk__in=found).update(display_name=name[:150])
    return found


def _erase(door: Door, actor: Actor, access: GuestAccess, now: datetime) -> bool:
    if door.model.objects.live().filter(account=access.account_id).exists():
        return False
    if not access.account.display_name:
        return True
    _record(door, "erased", actor, access, now)
    _empty(door, access.account_id)
    return True


def accesses_purge(door: Door, *, before: datetime, now: datetime) -> int:
    """Empty the accounts of which the last access ended before an instant. Returns how many."""
    accesses = door.model.objects.order_by()
    since = accesses.exclude(ended_at__lt=before).values("account")
    over = accesses.filter(ended_at__lt=before).values("account")
    guests = User.objects.filter(guest=door.guest, pk__in=over).exclude(pk__in=since)
    gone = list(guests.exclude(display_name="").order_by("pk").values_list("pk", flat=True))
    for user_id in gone:
        _empty(door, user_id)
    record_many(
        actor=SYSTEM, acts=[Act(f"{door.subject}.purged", Subject("account", pk)) for pk in gone], now=now
    )
    return len(gone)


def _locked(door: Door, actor: Actor, opened_id: int, access_id: int) -> GuestAccess:
    opened = door.lock(actor, opened_id)
    rows = door.model.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    access: GuestAccess | None = rows.filter(pk=access_id, **{door.opens: opened}).first()
    if access is None:
        raise NotYours
    setattr(access, door.opens, opened)
    return access


def _live_locked(door: Door, actor: Actor, opened_id: int, access_id: int) -> GuestAccess:
    access = _locked(door, actor, opened_id, access_id)
    if access.ended_at is not None:
        raise AccessRefused("ended")
    return access


def _given(door: Door, actor: Actor, opened: Any, user: User, now: datetime) -> GuestAccess:
    access: GuestAccess = door.model.objects.create(
        account=user, given_at=now, given_by=actor.label[:150], **{door.opens: opened}
    )
    _record(door, "given", actor, access, now)
    return access


def _invite_again(door: Door, actor: Actor, access: GuestAccess, now: datetime) -> InvitationSent:
    told = _says(door, getattr(access, door.opens))
    return invitation_resend(actor=actor, user_id=access.account_id, kind=door.invitation, told=told, now=now)


def _says(door: Door, opened: Any) -> dict[str, Any]:
    """What every mail says of what is opened, and whom one may ask."""
    authority = opened.authority
    return {
        door.opens: str(opened),
        "authority": authority.name,
        "authority_id": authority.pk,
        "phone": authority.phone,
        "email": authority.email,
    }


def _tell(door: Door, access: GuestAccess, what: str, now: datetime) -> None:
    """That it opens something more from now on ("given"), or no more ("ended")."""
    user = access.account
    if user.email:
        context = {**_says(door, getattr(access, door.opens)), "name": str(user), "told": what}
        queue(kind=door.told, to=user.email, context=context, now=now)


def _empty(door: Door, user_id: int) -> None:
    door.model.objects.filter(account=user_id).update(reason="")
    account_close(user_id=user_id)


def _record(door: Door, act: str, actor: Actor, access: GuestAccess, now: datetime) -> None:
    subject = Subject(door.subject, access.pk, str(access)[:200])
    record(actor=actor, verb=f"{door.subject}.{act}", subject=subject, now=now)
