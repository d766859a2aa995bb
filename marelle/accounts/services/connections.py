"""Coming in and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth import authenticate
from django.db import transaction

from marelle.accounts.held import has_second
from marelle.accounts.models import Attempt, AttemptKind, User
from marelle.accounts.refusals import SecondWanted, TooManyAttempts, WrongCredentials
from marelle.accounts.services.attempts import attempt_begin, attempts_forget, uncounted_if_busy
from marelle.accounts.services.remembered import is_remembered
from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.origin import Origin
from marelle.journal.services import record
from marelle.journal.verbs import Verb

TYPED = 150


def connection_open(
    *, name: str, password: str, mark: str = "", remembered: str = "", origin: Origin, now: datetime
) -> User:
    """The account that `name` and `password` open; the caller starts its session.

    `mark` is what the browser carries of accounts that it has opened before (see `known`), `remembered` the
    secret of one that is not asked for the second factor. Raises
    `WrongCredentials`, `TooManyAttempts` or `TooManyHashes`, and `SecondWanted` of an account that has a
    second factor: its former failures stay counted until that one is shown too. Never call it in a
    transaction: failures must stay counted, and written in the journal, whatever follows.
    """
    try:
        attempt, closed = attempt_begin(kind=AttemptKind.LOGIN, name=name, mark=mark, origin=origin, now=now)
    except TooManyAttempts as refusal:
        _failed(Verb.CONNECTION_LIMITED, name, refusal.user_id, origin, now)
        raise
    # A closed account costs the same hash as an open one: an empty name stands for nobody.
    with uncounted_if_busy(attempt):
        user = authenticate(None, username="" if closed else name, password=password)
    if not isinstance(user, User):
        _failed(Verb.CONNECTION_FAILED, name, attempt.user_id, origin, now)
        raise WrongCredentials
    asks = has_second(user.pk)
    if asks and not is_remembered(user_id=user.pk, token=remembered, now=now):
        Attempt.objects.filter(pk=attempt.pk).delete()
        raise SecondWanted(user)
    with transaction.atomic():
        open_account_locked(user)
        attempts_forget(user_id=user.pk)
        by = ("password", "remembered") if asks else ("password",)
        connection_noted(Verb.CONNECTION_OPENED, user, origin, now, by=by)
    return user


def connection_noted(
    verb: Verb, user: User, origin: Origin, now: datetime, *, by: Sequence[str] = ()
) -> None:
    """Write what became of a connection of an account whose password was right, or of nobody's (`User(pk=0)`)
    by a passkey; `by` which factors, in the order in which they were shown."""
    user_id, label = user.pk or None, str(user)
    record(
        actor=Actor(user_id=user_id, label=label),
        verb=verb,
        subject=Subject("account", user_id, label),
        data={"by": list(by)} if by else None,
        origin=origin,
        now=now,
    )


def open_account_locked(user: User) -> None:
    """Lock an account that was recognised, for who writes about it, in the caller's transaction. Raises
    `WrongCredentials` once it was closed meanwhile: nothing of it is written again."""
    rows = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).order_by("pk")
    if not rows.values_list("pk", flat=True).first():
        raise WrongCredentials


def connection_close(*, actor: Actor, origin: Origin, now: datetime) -> None:
    """Note that somebody left; the caller ends the session."""
    subject = Subject("account", actor.user_id, actor.label)
    record(actor=actor, verb=Verb.CONNECTION_CLOSED, subject=subject, origin=origin, now=now)


def actor_of(user: User) -> Actor:
    """An account on its own, before anybody knows its person or its posts."""
    return Actor(user_id=user.pk, label=str(user))


def subject_of(user: User) -> Subject:
    return Subject("account", user.pk, str(user))


def name_told(name: str, user_id: int | None) -> str:
    """What was typed as a name, for the journal: only where it is an account's, since people type their
    password in that field."""
    return name.strip()[:TYPED] if user_id is not None else ""


def _failed(verb: Verb, name: str, user_id: int | None, origin: Origin, now: datetime) -> None:
    typed = name_told(name, user_id)
    record(
        actor=Actor(user_id=None, label=typed),
        verb=verb,
        subject=Subject("account", user_id, typed),
        origin=origin,
        now=now,
    )
