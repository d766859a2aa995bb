"""First connection: an agent invites, the adult chooses an identifier and a password."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from marelle.accounts.models import Channel, Invitation, User
from marelle.accounts.refusals import AlreadyActive, DeadLink, IdentifierTaken
from marelle.accounts.rules import INVITATION_LIFE
from marelle.accounts.services.attempts import attempt_begin_link, attempt_end
from marelle.accounts.services.connections import actor_of, subject_of
from marelle.accounts.tokens import hash_of, new_token
from marelle.core.actor import Actor, Guest
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue, revoke

FOR_A_PARENT: Final = "accounts/invitation"
FOR_AN_AGENT: Final = "accounts/agent_invitation"
"""Kinds of the mail that carries the link."""
NOTHING_MORE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class InvitationSent:
    """`token` is known here and in the mail (or letter) only. `message_id` is its row in the outbox."""

    user_id: int
    token: str
    path: str
    channel: Channel
    expires_at: datetime
    message_id: int


@transaction.atomic
def account_invite(
    *,
    actor: Actor,
    label: str,
    email: str = "",
    family_id: int | None = None,
    kind: str = FOR_A_PARENT,
    told: Mapping[str, Any] = NOTHING_MORE,
    guest: Guest | None = None,
    now: datetime,
) -> InvitationSent:
    """Create a sleeping account called `label` and invite it, by mail or, without address, by letter.

    `kind` is the mail that says what for, `told` what it says besides. The caller links the account to its
    person, or gives it its posts, or what it opens as a `guest`, in the same transaction.
    """
    user = User(
        identifier=f"invite-{secrets.token_hex(8)}",
        email=email,
        display_name=label[:150],
        is_active=False,
        guest=guest or "",
    )
    user.set_unusable_password()
    user.created_at = now
    user.save(force_insert=True)
    return _invite(actor, user, family_id, kind, told, now)


@transaction.atomic
def invitation_resend(
    *,
    actor: Actor,
    user_id: int,
    email: str | None = None,
    family_id: int | None = None,
    kind: str = FOR_A_PARENT,
    told: Mapping[str, Any] = NOTHING_MORE,
    now: datetime,
) -> InvitationSent:
    """Invite again, to another address if `email` is given; the former link dies, with its mail or letter.

    Raises `AlreadyActive`, or `User.DoesNotExist`.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.is_active or user.has_usable_password():
        raise AlreadyActive
    if email is not None and email != user.email:
        user.email = email
        user.save(update_fields=["email"])
    invitation_revoke(user_id=user.pk, now=now)
    return _invite(actor, user, family_id, kind, told, now)


def invitation_revoke(*, user_id: int, now: datetime) -> None:
    """Take back an account's pending invitation, with its mail or letter, in the caller's transaction."""
    former = Invitation.objects.pending().filter(user_id=user_id)
    revoke(ids=[row.message_id for row in former if row.message_id])
    former.update(revoked_at=now)


def account_activate(
    *, token: str, identifier: str, password: str, origin: Origin = NOWHERE, now: datetime
) -> User:
    """Use an invitation: the account wakes up with this identifier and password.

    Raises `DeadLink` or `IdentifierTaken` (the invitation then stays valid), and `TooManyAttempts`: who holds
    an invitation does not learn by it who else has an account. Of two posts at once one wins: the invitation
    is marked used by one conditional update. The caller has checked the password's strength and starts the
    session. Never call it in a transaction: failures must stay counted.
    """
    attempt = attempt_begin_link(token=token, origin=origin, now=now)
    try:
        with transaction.atomic():
            user = _activate(token, identifier, password, origin, now)
            attempt_end(attempt)
    except IntegrityError as error:
        raise IdentifierTaken from error
    return user


def _activate(token: str, identifier: str, password: str, origin: Origin, now: datetime) -> User:
    mine = Invitation.objects.filter(token_hash=hash_of(token))
    invitation = mine.first()
    if invitation is None:
        raise DeadLink(why_dead(None))
    # Before its invitation, as by who closes it.
    user = User.objects.select_for_update(no_key=True).get(pk=invitation.user_id)
    # No join here: PostgreSQL would not look again at a subquery after having waited for the row.
    if not mine.live(now).update(used_at=now):
        raise DeadLink(why_dead(mine.first()))
    if user.is_active:
        raise DeadLink("used")
    user.identifier = identifier.strip().lower()
    user.is_active = True
    user.set_password(password)
    user.save(update_fields=["identifier", "is_active", "password"])
    record(
        actor=actor_of(user), verb=Verb.ACCOUNT_ACTIVATED, subject=subject_of(user), origin=origin, now=now
    )
    return user


def why_dead(invitation: Invitation | None) -> str:
    """Why an invitation that is not live opens nothing."""
    if invitation is None:
        return "unknown"
    if invitation.used_at is not None:
        return "used"
    return "replaced" if invitation.revoked_at is not None else "expired"


def _invite(
    actor: Actor, user: User, family_id: int | None, kind: str, told: Mapping[str, Any], now: datetime
) -> InvitationSent:
    token = new_token()
    path = reverse("access:activation", args=[token])
    channel = Channel.MAIL if user.email else Channel.LETTER
    invitation = Invitation.objects.create(
        user=user,
        token_hash=hash_of(token),
        email=user.email,
        channel=channel,
        created_at=now,
        created_by_label=actor.label[:200],
        expires_at=now + INVITATION_LIFE,
    )
    message = queue(
        kind=kind,
        to=user.email,
        context={
            **told,
            "name": user.display_name,
            "url": f"{settings.PUBLIC_URL}{path}",
            "days": INVITATION_LIFE.days,
        },
        family_id=family_id,
        secret=True,
        now=now,
    )
    invitation.message_id = message.pk
    invitation.save(update_fields=["message_id"])
    record(
        actor=actor,
        verb=Verb.ACCOUNT_INVITED,
        subject=subject_of(user),
        family_id=family_id,
        data={"channel": channel.value},
        now=now,
    )
    return InvitationSent(user.pk, token, path, channel, invitation.expires_at, message.pk)
