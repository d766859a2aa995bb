"""What people change of their own account. Each asks for the password again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from marelle.accounts.models import Attempt, AttemptKind, LinkPurpose, SecretLink, User
from marelle.accounts.notices import Notice, wants
from marelle.accounts.recognised import Recognised
from marelle.accounts.refusals import IdentifierTaken, TooManyAttempts, WrongCredentials
from marelle.accounts.rules import EMAIL_LINK_LIFE
from marelle.accounts.services.attempts import attempt_begin_own, attempt_end, uncounted_if_busy
from marelle.accounts.services.connections import open_account_locked, subject_of
from marelle.accounts.services.passwords import link_use, password_set
from marelle.accounts.tokens import hash_of, new_token
from marelle.core.actor import Actor
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue

A_DAY: Final = timedelta(days=1)
LINKS_A_DAY: Final = 5
"""To other addresses, of one account: each is a mail to whatever address was typed."""


def password_change(
    *,
    actor: Actor,
    old: str,
    new: str,
    kept_device: int | None = None,
    origin: Origin = NOWHERE,
    now: datetime,
) -> User:
    """Change the actor's own password. Raises `WrongCredentials`, `TooManyAttempts`.

    The caller has checked the new one's strength, and renews its own session, that of `kept_device`: all
    others end.
    """
    user = _recognise(actor, old, now)
    with transaction.atomic():
        open_account_locked(user)
        password_set(actor=actor, user=user, password=new, kept_device=kept_device, origin=origin, now=now)
    return user


@transaction.atomic
def password_first(
    *, actor: Actor, new: str, kept_device: int | None = None, origin: Origin = NOWHERE, now: datetime
) -> User:
    """Give the actor's own account the password that it never had; as `password_change`. Raises
    `WrongCredentials` of one that has one. The caller has had the actor recognised."""
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0, is_active=True)
    if user.has_usable_password():
        raise WrongCredentials
    password_set(actor=actor, user=user, password=new, kept_device=kept_device, origin=origin, now=now)
    return user


def identifier_change(
    *, actor: Actor, identifier: str, password: str, origin: Origin = NOWHERE, now: datetime
) -> User:
    """Change the actor's own identifier; nothing is written for the one that it has.

    Raises `WrongCredentials`, `TooManyAttempts`, `IdentifierTaken`: those that are taken are counted too.
    """
    user = _recognise(actor, password, now)
    identifier = identifier.strip().lower()
    if user.identifier == identifier:
        return user
    user.identifier = identifier
    attempt = attempt_begin_own(user_id=user.pk, kind=AttemptKind.LINK, now=now)
    try:
        with transaction.atomic():
            open_account_locked(user)
            user.save(update_fields=["identifier"])
            attempt_end(attempt)
            record(
                actor=actor,
                verb=Verb.IDENTIFIER_CHANGED,
                subject=subject_of(user),
                origin=origin,
                now=now,
            )
    except IntegrityError as error:
        raise IdentifierTaken from error
    return user


def email_change(*, actor: Actor, email: str, password: str, origin: Origin = NOWHERE, now: datetime) -> bool:
    """Ask for another mail address: a link goes to it, and nothing changes until it is opened.

    An empty `email` removes the address at once: the old one is told. Returns whether a link was sent.
    Raises `WrongCredentials`, and `TooManyAttempts`: of wrong passwords, or of links sent to whatever address
    was typed.
    """
    user = _recognise(actor, password, now)
    with transaction.atomic():
        open_account_locked(user)
        if email:
            _links_check(user, now)
        SecretLink.objects.filter(user=user, purpose=LinkPurpose.EMAIL, used_at__isnull=True).update(
            used_at=now
        )
        if not email:
            _set_email(actor, user, "", origin, now)
            return False
        token = new_token()
        SecretLink.objects.create(
            user=user,
            purpose=LinkPurpose.EMAIL,
            token_hash=hash_of(token),
            email=email,
            created_at=now,
            expires_at=now + EMAIL_LINK_LIFE,
        )
        url = settings.PUBLIC_URL + reverse("account:confirm_email", args=[token])
        context = {"name": str(user), "url": url, "days": EMAIL_LINK_LIFE.days}
        queue(kind="accounts/confirm_email", to=email, context=context, secret=True, now=now)
        record(actor=actor, verb=Verb.EMAIL_ASKED, subject=subject_of(user), origin=origin, now=now)
    return True


def _links_check(user: User, now: datetime) -> None:
    """Raises `TooManyAttempts`. By those that were sent within a day, whatever became of them."""
    sent = SecretLink.objects.filter(user=user, purpose=LinkPurpose.EMAIL, created_at__gt=now - A_DAY)
    times = sent.order_by("-created_at").values_list("created_at", flat=True)[:LINKS_A_DAY]
    if len(times) == LINKS_A_DAY:
        raise TooManyAttempts(min(times) + A_DAY, user.pk)


@transaction.atomic
def email_confirm(*, token: str, origin: Origin = NOWHERE, now: datetime) -> User:
    """Use a link of `email_change`. Raises `DeadLink`. The former address is told."""
    link, user = link_use(token=token, purpose=LinkPurpose.EMAIL, now=now)
    _set_email(Actor(user_id=user.pk, label=str(user)), user, link.email, origin, now)
    return user


@transaction.atomic
def notices_choose(*, actor: Actor, wanted: Collection[Notice], now: datetime) -> None:
    """Keep which mails the actor's account wants. Nothing is written when nothing changes, nor for an account
    that was closed meanwhile."""
    rows = User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0, is_active=True)
    user = rows.order_by("pk").first()
    if user is None:
        return
    chosen = {notice.value: notice in wanted for notice in Notice}
    if chosen == {notice.value: wants(user.notices, notice) for notice in Notice}:
        return
    user.notices = chosen
    user.save(update_fields=["notices"])
    record(actor=actor, verb=Verb.NOTICES_CHOSEN, subject=subject_of(user), now=now)


@transaction.atomic
def notice_stop(*, actor: Actor, notice: Notice, now: datetime) -> None:
    """Stop one kind of mail and leave the others as they are; as `notices_choose`."""
    rows = User.objects.select_for_update(no_key=True).filter(pk=actor.user_id or 0, is_active=True)
    for user in rows.order_by("pk"):
        wanted = [one for one in Notice if one != notice and wants(user.notices, one)]
        notices_choose(actor=actor, wanted=wanted, now=now)


def _set_email(actor: Actor, user: User, email: str, origin: Origin, now: datetime) -> None:
    former, user.email = user.email, email
    user.save(update_fields=["email"])
    # A link sent to the former address must not open the account of who no longer reads it.
    SecretLink.objects.filter(user=user, used_at__isnull=True).update(used_at=now)
    record(actor=actor, verb=Verb.EMAIL_CHANGED, subject=subject_of(user), origin=origin, now=now)
    if former and former != email:
        queue(kind="accounts/email_changed", to=former, context={"name": str(user)}, now=now)


def account_recognise(*, actor: Actor, password: str, now: datetime) -> Recognised:
    """Have who is logged in show again who it is, for what binds it. Raises `WrongCredentials`,
    `TooManyAttempts`: tries are counted as those of a changed password."""
    return Recognised(_recognise(actor, password, now).pk, now)


def _recognise(actor: Actor, password: str, now: datetime) -> User:
    """The actor's account, if this is its password. Failures are counted, apart from those of logins."""
    user = User.objects.get(pk=actor.user_id or 0, is_active=True)
    attempt = attempt_begin_own(user_id=user.pk, now=now)
    with uncounted_if_busy(attempt):
        is_right = user.check_password(password)
    if not is_right:
        raise WrongCredentials
    Attempt.objects.filter(pk=attempt.pk).delete()
    return user
