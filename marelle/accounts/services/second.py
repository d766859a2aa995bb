"""The second factor of an account: added, taken away, shown."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from marelle.accounts.held import has_second
from marelle.accounts.labels import Second
from marelle.accounts.models import Attempt, AttemptKind, Authenticator, RecoveryCode, User
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.refusals import TooManyAttempts, WrongCode, WrongCredentials
from marelle.accounts.second import is_of_an_application, new_codes, step_of, typed
from marelle.accounts.services.attempts import attempt_begin_own, attempt_begin_second, attempts_forget
from marelle.accounts.services.connections import (
    actor_of,
    connection_noted,
    open_account_locked,
    subject_of,
)
from marelle.accounts.tokens import hash_of
from marelle.core.actor import Actor
from marelle.core.sealed import CannotOpen, opened, seal
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue


@transaction.atomic
def authenticator_add(
    *, actor: Actor, secret: str, code: str, origin: Origin = NOWHERE, now: datetime
) -> tuple[str, ...]:
    """Give the actor's account the application that holds `secret`, as its first `code` shows, in place of
    the one that it had.

    Returns the recovery codes, to be shown once, where the account has none yet. Raises `WrongCode`,
    `CannotSeal`. The caller has had the actor recognised.
    """
    user = _own_locked(actor)
    step = step_of(secret, typed(code), now)
    if step is None:
        raise WrongCode
    Authenticator.objects.update_or_create(
        user=user, defaults={"secret": seal(secret), "last_step": step, "added_at": now}
    )
    _told(actor, user, Verb.SECOND_ADDED, Second.APPLICATION, origin, now)
    return () if RecoveryCode.objects.filter(user=user).exists() else _codes_given(user)


@transaction.atomic
def authenticator_remove(*, actor: Actor, origin: Origin = NOWHERE, now: datetime) -> bool:
    """Take the application away from the actor's account. False when it has none any more.

    The caller has had the actor recognised.
    """
    user = _own_locked(actor)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        return False
    _told(actor, user, Verb.SECOND_REMOVED, Second.APPLICATION, origin, now)
    if not has_second(user.pk):
        RecoveryCode.objects.filter(user=user).delete()
    return True


@transaction.atomic
def recovery_codes_renew(*, actor: Actor, origin: Origin = NOWHERE, now: datetime) -> tuple[str, ...]:
    """Other recovery codes for the actor's account, to be shown once: those before open nothing any more.

    None for an account without a second factor. The caller has had the actor recognised.
    """
    user = _own_locked(actor)
    if not has_second(user.pk):
        return ()
    codes = _codes_given(user)
    record(actor=actor, verb=Verb.RECOVERY_CODES_MADE, subject=subject_of(user), origin=origin, now=now)
    return codes


def connection_finish(
    *, user_id: int, proof: str, code: str, mark: str = "", origin: Origin, now: datetime
) -> User:
    """The account whose password was right, now that its second factor is shown; the caller logs it in.

    `proof` is its session's hash as it was then: with another password since, it has to be given anew. Raises
    `WrongCredentials` for that, `WrongCode`, `TooManyAttempts`. Never call it in a transaction: failures must
    stay counted.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not constant_time_compare(proof, user.get_session_auth_hash()):
        raise WrongCredentials
    try:
        attempt_begin_second(user_id=user.pk, mark=mark, origin=origin, now=now)
    except TooManyAttempts:
        connection_noted(Verb.CONNECTION_LIMITED, user, origin, now)
        raise
    try:
        with transaction.atomic():
            open_account_locked(user)
            code_spend(user=user, code=code, origin=origin, now=now)
            attempts_forget(user_id=user.pk)
            connection_noted(Verb.CONNECTION_OPENED, user, origin, now)
    except WrongCode:
        connection_noted(Verb.SECOND_FAILED, user, origin, now)
        raise
    return user


def account_recognise_second(
    *, actor: Actor, code: str, origin: Origin = NOWHERE, now: datetime
) -> Recognised:
    """Have who is logged in show its second factor. Raises `WrongCode`, `TooManyAttempts`."""
    user = User.objects.get(pk=actor.user_id or 0, is_active=True)
    attempt = attempt_begin_own(user_id=user.pk, kind=AttemptKind.SECOND, now=now)
    with transaction.atomic():
        code_spend(user=user, code=code, origin=origin, now=now)
        Attempt.objects.filter(pk=attempt.pk).delete()
    return Recognised(user.pk, now, frozenset({Factor.SECOND}))


def code_spend(*, user: User, code: str, origin: Origin, now: datetime) -> None:
    """Take a code of the account, in the caller's transaction, and never again. Raises `WrongCode`."""
    code = typed(code)
    if is_of_an_application(code):
        if not _application_spent(user, code, now):
            raise WrongCode
        return
    # Of two posts at once, one deletes the row.
    if not RecoveryCode.objects.filter(user=user, code_hash=hash_of(code)).delete()[0]:
        raise WrongCode
    left = RecoveryCode.objects.filter(user=user).count()
    record(
        actor=actor_of(user),
        verb=Verb.RECOVERY_CODE_USED,
        subject=subject_of(user),
        data={"left": left},
        origin=origin,
        now=now,
    )
    if user.email:
        queue(
            kind="accounts/recovery_code_used",
            to=user.email,
            context={"name": str(user), "left": left},
            now=now,
        )


def second_forget(*, user_id: int) -> None:
    """Take every second factor away from an account, in the caller's transaction."""
    Authenticator.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()


def _application_spent(user: User, code: str, now: datetime) -> bool:
    held = Authenticator.objects.filter(user=user).first()
    if held is None:
        return False
    try:
        step = step_of(opened(held.secret), code, now)
    except CannotOpen:
        return False  # the operator is told; a recovery code still opens
    if step is None:
        return False
    # Of two posts at once, one moves the step.
    return Authenticator.objects.filter(pk=held.pk, last_step__lt=step).update(last_step=step) > 0


def _codes_given(user: User) -> tuple[str, ...]:
    codes = new_codes()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_hash=hash_of(code)) for code in codes])
    return codes


def _own_locked(actor: Actor) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0, is_active=True)


def _told(actor: Actor, user: User, verb: Verb, what: Second, origin: Origin, now: datetime) -> None:
    data = {"second": what.value}
    record(actor=actor, verb=verb, subject=subject_of(user), data=data, origin=origin, now=now)
    if user.email:
        kind = "accounts/second_added" if verb == Verb.SECOND_ADDED else "accounts/second_removed"
        queue(kind=kind, to=user.email, context={"name": str(user), "what": str(what.label)}, now=now)
