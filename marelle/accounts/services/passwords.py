"""Forgotten passwords."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from marelle.accounts.models import AttemptKind, Identity, LinkPurpose, SecretLink, User
from marelle.accounts.refusals import DeadLink
from marelle.accounts.rules import PASSWORD_LINK_LIFE
from marelle.accounts.services.attempts import attempt_begin, password_attempts_forget
from marelle.accounts.services.connections import actor_of, name_told, subject_of
from marelle.accounts.services.devices import devices_end
from marelle.accounts.services.remembered import browsers_forget
from marelle.accounts.tokens import hash_of, new_token
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue

MOST_ACCOUNTS = 10
"""How many accounts of one mail address are listed at most."""


def password_ask(*, name: str, mark: str = "", origin: Origin, now: datetime) -> None:
    """Send a link to choose a new password to each active account that `name` means and that has a mail
    address; accounts that share the address are in one mail.

    A name for which it was asked too often gets no more for a while: what was sent holds for longer than
    that, so that nobody keeps an owner from a new password. Raises `TooManyAttempts`, of a network and of
    a browser that the account knows by its `mark`. Nothing tells whether an account exists: for nobody the
    same statements run, on an invented account, and are rolled back before the journal's entry is written.
    """
    attempt, closed = attempt_begin(kind=AttemptKind.PASSWORD, name=name, mark=mark, origin=origin, now=now)
    reached = User.objects.filter(pk__in=User.objects.opened_by(name), is_active=True).exclude(email="")
    with transaction.atomic():
        locked = reached.select_for_update(no_key=True).order_by("pk")[:MOST_ACCOUNTS]
        users = sorted(locked, key=attrgetter("identifier"))
        with transaction.atomic():
            decoy = User(pk=0, identifier="personne", email="personne@example.org")
            _send_links(users if users and not closed else [decoy], now)
            if not users or closed:
                transaction.set_rollback(True)
        typed = name_told(name, attempt.user_id)
        record(
            actor=Actor(user_id=None, label=typed),
            verb=Verb.PASSWORD_ASKED,
            subject=Subject("account", attempt.user_id, typed),
            origin=origin,
            now=now,
        )


@transaction.atomic
def password_choose(*, token: str, password: str, origin: Origin = NOWHERE, now: datetime) -> User:
    """Use a link of `password_ask`. Raises `DeadLink`. All other links and sessions of the account die."""
    _link, user = link_use(token=token, purpose=LinkPurpose.PASSWORD, now=now)
    password_set(actor=actor_of(user), user=user, password=password, origin=origin, now=now)
    return user


def password_set(
    *,
    actor: Actor,
    user: User,
    password: str,
    kept_device: int | None = None,
    origin: Origin,
    now: datetime,
) -> None:
    """Store a new password, in the caller's transaction, and tell the account's address.

    Sessions hold a hash of the password: with it they all end, but the one that the caller renews, which is
    that of `kept_device`.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    SecretLink.objects.filter(user=user, used_at__isnull=True).update(used_at=now)
    password_attempts_forget(user_id=user.pk)
    browsers_forget(user_id=user.pk)
    devices_end(user_id=user.pk, kept=kept_device)
    record(actor=actor, verb=Verb.PASSWORD_CHANGED, subject=subject_of(user), origin=origin, now=now)
    if user.email:
        queue(
            kind="accounts/password_changed",
            to=user.email,
            context={
                "name": str(user),
                "identifier": user.identifier,
                "is_linked": Identity.objects.filter(user=user).exists(),
            },
            now=now,
        )


def link_use(*, token: str, purpose: LinkPurpose, now: datetime) -> tuple[SecretLink, User]:
    """Use a link, in the caller's transaction, once its account is locked, as by who closes it. Raises
    `DeadLink`."""
    mine = SecretLink.objects.filter(purpose=purpose, token_hash=hash_of(token))
    link = mine.first()
    if link is None:
        raise DeadLink(why_dead(None))
    user = User.objects.select_for_update(no_key=True).get(pk=link.user_id)
    # No join here: PostgreSQL would not look again at a subquery after having waited for the row.
    if not mine.filter(used_at__isnull=True, expires_at__gt=now).update(used_at=now):
        raise DeadLink(why_dead(mine.first()))
    if not user.is_active:
        raise DeadLink("expired")
    return link, user


def link_owner(*, token: str, purpose: LinkPurpose) -> int | None:
    """The id of the account that a link is for, live or not; None for a link that is none."""
    mine = SecretLink.objects.filter(purpose=purpose, token_hash=hash_of(token))
    return mine.values_list("user_id", flat=True).first()


def why_dead(link: SecretLink | None) -> str:
    """Why a link that is not live opens nothing."""
    if link is None:
        return "unknown"
    return "used" if link.used_at is not None else "expired"


def _send_links(users: Sequence[User], now: datetime) -> None:
    tokens = [new_token() for _user in users]
    SecretLink.objects.bulk_create(
        [
            SecretLink(
                user_id=user.pk,
                purpose=LinkPurpose.PASSWORD,
                token_hash=hash_of(token),
                created_at=now,
                expires_at=now + PASSWORD_LINK_LIFE,
            )
            for user, token in zip(users, tokens, strict=True)
        ]
    )
    accounts = [
        {
            "name": str(user),
            "identifier": user.identifier,
            "url": settings.PUBLIC_URL + reverse("access:new_password", args=[token]),
        }
        for user, token in zip(users, tokens, strict=True)
    ]
    hours = int(PASSWORD_LINK_LIFE.total_seconds() // 3600)
    context = {"accounts": accounts, "hours": hours}
    queue(kind="accounts/new_password", to=users[0].email, context=context, secret=True, now=now)
