"""Identities that open an account: linked, used, taken away. Who they are is said by `accounts.oidc`."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from marelle.accounts.held import has_second, ways_in
from marelle.accounts.models import Identity, Invitation, SecretLink, User
from marelle.accounts.oidc.claims import Told
from marelle.accounts.refusals import (
    ClosedAccount,
    IdentityTaken,
    LastWayIn,
    OtherIdentity,
    SecondWanted,
    UnknownIdentity,
    WrongCredentials,
)
from marelle.accounts.services.connections import (
    actor_of,
    connection_noted,
    open_account_locked,
    subject_of,
)
from marelle.accounts.services.devices import account_sign_out, devices_end
from marelle.accounts.services.invitations import invitation_revoke
from marelle.accounts.services.remembered import browsers_forget, is_remembered
from marelle.accounts.services.second import second_forget
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue


def identity_owner(told: Told) -> User:
    """The account that an identity opens. Raises `UnknownIdentity`; `ClosedAccount` of one that is closed."""
    held = Identity.objects.filter(issuer=told.issuer, subject=told.subject).select_related("user").first()
    if held is None:
        raise UnknownIdentity
    if not held.user.is_active:
        raise ClosedAccount
    return held.user


def opens_account_of(told: Told, user_id: int | None) -> bool:
    """Whether the identity opens this very account, now."""
    try:
        return identity_owner(told).pk == user_id
    except (UnknownIdentity, ClosedAccount):
        return False


def connection_by_identity(
    *, told: Told, remembered: str = "", shows_second: bool = False, origin: Origin, now: datetime
) -> User:
    """The account that somebody opens whom a provider has recognised; the caller starts its session.

    It counts as its password does: an account with a second factor is asked for it (`SecondWanted`), unless
    this browser is remembered (`remembered`), or the provider has seen one (`shows_second`). Raises
    `UnknownIdentity`, `ClosedAccount`.
    """
    user = identity_owner(told)
    asks = has_second(user.pk) and not shows_second
    if asks and not is_remembered(user_id=user.pk, token=remembered, now=now):
        raise SecondWanted(user)
    with transaction.atomic():
        _open_locked(user)
        identity_used(told=told, now=now)
        by = ("identity", "remembered") if asks else ("identity",)
        connection_noted(Verb.CONNECTION_OPENED, user, origin, now, by=by)
    return user


def identity_used(*, told: Told, now: datetime) -> None:
    """Note that an identity opens its account."""
    Identity.objects.filter(issuer=told.issuer, subject=told.subject).update(used_at=now)


@transaction.atomic
def identity_link(
    *,
    actor: Actor | None = None,
    user: User,
    told: Told,
    provider: str,
    family_id: int | None = None,
    email: str = "",
    replaces: bool = False,
    begins: bool = False,
    origin: Origin = NOWHERE,
    now: datetime,
) -> Identity:
    """From now on an identity opens an account, whose owner is told by mail. `provider` is its name.

    `actor` is who says so, None for the owner; `email` is where an account without an address is told.
    `begins`: nobody came in by the account before.
    Linked already, nothing is written. `replaces`: whatever other identity of this issuer the account had
    opens it no more, and whoever came in by it is out: its sessions end, and where an identity began the
    account, all that was chosen in it since goes. Raises `IdentityTaken`, `OtherIdentity`, `ClosedAccount`.
    """
    _open_locked(user)
    held = Identity.objects.filter(issuer=told.issuer, subject=told.subject).first()
    if held is not None:
        if held.user_id != user.pk:
            raise IdentityTaken
        return held
    others = Identity.objects.filter(user=user, issuer=told.issuer)
    if others.exists():
        if not replaces:
            raise OtherIdentity
        begins = began_by_identity(user.pk)
        others.update(ended_at=now)
        account_sign_out(user_id=user.pk)
        if begins:
            _emptied(user, email)
    Identity.all_ever.filter(user=user, issuer=told.issuer, subject=told.subject).delete()
    try:
        with transaction.atomic():
            made = Identity.objects.create(
                user=user, issuer=told.issuer, subject=told.subject, since=now, began=begins
            )
    except IntegrityError as error:
        raise IdentityTaken from error  # another account, at the same moment
    _told(actor or actor_of(user), user, Verb.IDENTITY_LINKED, provider, family_id, email, origin, now)
    return made


@transaction.atomic
def identity_unlink(
    *,
    actor: Actor,
    identity_id: int,
    provider: str,
    kept_device: int | None = None,
    origin: Origin = NOWHERE,
    now: datetime,
) -> None:
    """An identity of the actor's own account opens it no more, and all sessions end but that of
    `kept_device`: any may be of whoever came in by it. Raises `NotYours`, and `LastWayIn` where nothing else
    opens it. The caller has had the actor recognised."""
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0, is_active=True)
    held = Identity.objects.filter(user=user)
    if not held.filter(pk=identity_id).exists():
        raise NotYours
    if not ways_in(user, without_identity=identity_id):
        raise LastWayIn
    held.filter(pk=identity_id).update(ended_at=now)
    devices_end(user_id=user.pk, kept=kept_device)
    browsers_forget(user_id=user.pk)
    _told(actor, user, Verb.IDENTITY_UNLINKED, provider, None, "", origin, now)


def identities_forget(*, user_id: int, issuers: Collection[str]) -> None:
    """Nothing is kept of what these issuers opened, in the caller's transaction."""
    Identity.all_ever.filter(user_id=user_id, issuer__in=issuers).delete()


def account_begin(*, label: str, email: str, now: datetime) -> User:
    """A new account without a password, for who comes in by an identity, in the caller's transaction."""
    user = User(
        identifier=f"acces-{secrets.token_hex(6)}", email=email, display_name=label[:150], created_at=now
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def is_sleeping(user: User) -> bool:
    """Whether an account waits for its first connection: invited, and the invitation was not taken back."""
    return not user.is_active and Invitation.objects.pending().filter(user=user).exists()


def account_wake(*, user: User, now: datetime) -> None:
    """Open an account that was invited, without its link, in the caller's transaction: its owner was
    recognised otherwise. The invitation opens nothing any more."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    invitation_revoke(user_id=user.pk, now=now)
    user.is_active = True
    user.save(update_fields=["is_active"])


def began_by_identity(user_id: int) -> bool:
    """Whether whoever came in first by an account was recognised by a provider: all that was chosen in it is
    of somebody who came so."""
    return Identity.all_ever.filter(user_id=user_id, began=True).exists()


def is_linked(user: User, told: Told) -> bool:
    return Identity.objects.filter(user=user, issuer=told.issuer, subject=told.subject).exists()


def was_taken_away(told: Told) -> bool:
    """Whether an identity opened an account once, and was taken away from it."""
    rows = Identity.all_ever.filter(issuer=told.issuer, subject=told.subject)
    return rows.exclude(ended_at=None).exists()


def _emptied(user: User, email: str) -> None:
    """Of what whoever had it has chosen: the address is again that of the file, `email`."""
    second_forget(user_id=user.pk)
    SecretLink.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.email = email
    user.save(update_fields=["password", "email"])


def _open_locked(user: User) -> None:
    try:
        open_account_locked(user)
    except WrongCredentials as error:
        raise ClosedAccount from error


def _told(
    actor: Actor,
    user: User,
    verb: Verb,
    provider: str,
    family_id: int | None,
    email: str,
    origin: Origin,
    now: datetime,
) -> None:
    subject = Subject(subject_of(user).kind, user.pk, provider)
    record(actor=actor, verb=verb, subject=subject, family_id=family_id, origin=origin, now=now)
    if address := user.email or email:
        kind = "accounts/identity_linked" if verb is Verb.IDENTITY_LINKED else "accounts/identity_unlinked"
        context: dict[str, object] = {"name": str(user), "provider": provider}
        if verb is Verb.IDENTITY_LINKED:
            context["has_password"] = user.has_usable_password()
        queue(kind=kind, to=address, context=context, now=now)
