"""The second factor of an account: added, taken away, shown."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from marelle.accounts.held import has_second, ways_in
from marelle.accounts.labels import Second
from marelle.accounts.models import (
    Attempt,
    AttemptKind,
    Authenticator,
    LetIn,
    Passkey,
    RecoveryCode,
    User,
)
from marelle.accounts.passkeys import PASSKEYS_AT_MOST, Signed, invented_checked, new_checked, shown_checked
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.refusals import (
    LastWayIn,
    NoSecond,
    TooManyAttempts,
    TooManyPasskeys,
    WrongCredentials,
    WrongSecond,
)
from marelle.accounts.rules import LET_IN_LIFE
from marelle.accounts.second import is_of_an_application, new_codes, step_of, typed
from marelle.accounts.services.attempts import (
    attempt_begin_own,
    attempt_begin_passkey,
    attempt_begin_second,
    attempts_forget,
)
from marelle.accounts.services.connections import (
    actor_of,
    connection_noted,
    open_account_locked,
    subject_of,
)
from marelle.accounts.services.remembered import browsers_forget
from marelle.accounts.tokens import hash_of
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.sealed import CannotOpen, Sealed, opened, seal
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue

Shown = str | Signed | None
"""A second factor: a code, what a passkey signed, or None where somebody lets the account in once."""


@transaction.atomic
def authenticator_add(
    *, actor: Actor, secret: str, code: str, origin: Origin = NOWHERE, now: datetime
) -> Sealed | None:
    """Give the actor's account the application that holds `secret`, as its first `code` shows, in place of
    the one that it had.

    Returns the recovery codes, where the account has none yet: see `_codes_given`. Raises `WrongSecond`,
    `CannotSeal`. The caller has had the actor recognised.
    """
    user = _own_locked(actor)
    step = step_of(secret, typed(code), now)
    if step is None:
        raise WrongSecond
    Authenticator.objects.update_or_create(
        user=user, defaults={"secret": seal(secret), "last_step": step, "added_at": now}
    )
    browsers_forget(user_id=user.pk)
    _told(actor, user, Verb.SECOND_ADDED, Second.APPLICATION, origin, now)
    return None if RecoveryCode.objects.filter(user=user).exists() else _codes_given(user)


@transaction.atomic
def authenticator_remove(*, actor: Actor, origin: Origin = NOWHERE, now: datetime) -> bool:
    """Take the application away from the actor's account. False when it has none any more.

    The caller has had the actor recognised.
    """
    user = _own_locked(actor)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        return False
    _told(actor, user, Verb.SECOND_REMOVED, Second.APPLICATION, origin, now)
    browsers_forget(user_id=user.pk)
    _codes_kept_if_needed(user)
    return True


@transaction.atomic
def passkey_add(
    *, actor: Actor, signed: Signed, label: str, origin: Origin = NOWHERE, now: datetime
) -> Sealed | None:
    """Give the actor's account a passkey that its browser has just made.

    Returns the recovery codes, where the account has none yet: see `_codes_given`. Raises `WrongSecond`,
    `TooManyPasskeys`, `CannotSeal`. The caller has had the actor recognised.
    """
    made = new_checked(signed)
    user = _own_locked(actor)
    if Passkey.objects.filter(user=user).count() >= PASSKEYS_AT_MOST:
        raise TooManyPasskeys
    _row, is_new = Passkey.objects.get_or_create(
        credential_id=made.credential_id,
        defaults={
            "user": user,
            "credential": made.credential,
            "sign_count": made.sign_count,
            "label": label,
            "added_at": now,
        },
    )
    if not is_new:
        raise WrongSecond
    _told(actor, user, Verb.SECOND_ADDED, Second.PASSKEY, origin, now)
    return None if RecoveryCode.objects.filter(user=user).exists() else _codes_given(user)


@transaction.atomic
def passkey_name(*, actor: Actor, passkey_id: int, label: str, now: datetime) -> None:
    """Call a passkey of the actor's own account otherwise. Raises NotYours."""
    user = _own_locked(actor)
    held = Passkey.objects.filter(user=user, pk=passkey_id).first()
    if held is None:
        raise NotYours
    if held.label == label:
        return
    held.label = label
    held.save(update_fields=["label"])
    record(actor=actor, verb=Verb.PASSKEY_NAMED, subject=subject_of(user), now=now)


@transaction.atomic
def passkey_remove(*, actor: Actor, passkey_id: int, origin: Origin = NOWHERE, now: datetime) -> None:
    """Take a passkey away from the actor's own account. Raises NotYours, and LastWayIn where nothing else
    opens it. The caller has had the actor recognised."""
    user = _own_locked(actor)
    held = Passkey.objects.filter(user=user, pk=passkey_id).first()
    if held is None:
        raise NotYours
    if not ways_in(user, without_passkey=passkey_id):
        raise LastWayIn
    held.delete()
    _told(actor, user, Verb.SECOND_REMOVED, Second.PASSKEY, origin, now)
    browsers_forget(user_id=user.pk)
    _codes_kept_if_needed(user)


@transaction.atomic
def recovery_codes_renew(*, actor: Actor, origin: Origin = NOWHERE, now: datetime) -> Sealed | None:
    """Other recovery codes for the actor's account: those before open nothing any more.

    None for an account without a second factor. Raises `CannotSeal`. The caller has had the actor recognised.
    """
    user = _own_locked(actor)
    if not has_second(user.pk):
        return None
    codes = _codes_given(user)
    record(actor=actor, verb=Verb.RECOVERY_CODES_MADE, subject=subject_of(user), origin=origin, now=now)
    return codes


def connection_finish(
    *,
    user_id: int,
    proof: str,
    shown: Shown,
    first: str = "password",
    mark: str = "",
    origin: Origin,
    now: datetime,
) -> User:
    """The account whose password was right, now that its second factor is shown; the caller logs it in.

    `proof` is its session's hash as it was then: with another password since, it has to be given anew.
    `first` is what was shown before, for the journal. Raises
    `WrongCredentials` for that, `WrongSecond`, `TooManyAttempts`. Never call it in a
    transaction: failures must stay counted.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise WrongCredentials
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    if not any(constant_time_compare(proof, known) for known in hashes):
        raise WrongCredentials
    try:
        attempt_begin_second(user_id=user.pk, mark=mark, origin=origin, now=now)
    except TooManyAttempts:
        connection_noted(Verb.CONNECTION_LIMITED, user, origin, now)
        raise
    try:
        with transaction.atomic():
            open_account_locked(user)
            _second_taken(user, shown, origin, now)
            attempts_forget(user_id=user.pk)
            connection_noted(Verb.CONNECTION_OPENED, user, origin, now, by=(first, _kind_of(shown)))
    except WrongSecond:
        connection_noted(Verb.SECOND_FAILED, user, origin, now)
        raise
    return user


def _kind_of(shown: Shown) -> str:
    if shown is None:
        return "let_in"
    return "passkey" if isinstance(shown, Signed) else "code"


def connection_by_passkey(*, signed: Signed, origin: Origin, now: datetime) -> User:
    """The account that a passkey opens by itself, without a name or a password; the caller logs it in.

    Raises `WrongSecond`, after the same statements and sums whether the passkey is one of here or not, and
    `TooManyAttempts`. Never call it in a transaction: failures must stay counted.
    """
    attempt = attempt_begin_passkey(credential_id=signed.credential_id, origin=origin, now=now)
    held = Passkey.objects.filter(credential_id=signed.credential_id).select_related("user").first()
    user = held.user if held else User(pk=0)
    try:
        with transaction.atomic():
            _passkey_taken(_open_or_nobody(user), signed, now)
            attempts_forget(user_id=user.pk)
            Attempt.objects.filter(pk=attempt.pk).delete()
            connection_noted(Verb.CONNECTION_OPENED, user, origin, now, by=("passkey",))
    except WrongSecond:
        connection_noted(Verb.SECOND_FAILED, user, origin, now)
        raise
    return user


def account_recognise_second(
    *, actor: Actor, shown: str | Signed, origin: Origin = NOWHERE, now: datetime
) -> Recognised:
    """Have who is logged in show its second factor. Raises `WrongSecond`, `TooManyAttempts`."""
    user = User.objects.get(pk=actor.user_id or 0, is_active=True)
    attempt = attempt_begin_own(user_id=user.pk, kind=AttemptKind.SECOND, now=now)
    with transaction.atomic():
        _second_taken(user, shown, origin, now)
        Attempt.objects.filter(pk=attempt.pk).delete()
    return Recognised(user.pk, now, frozenset({Factor.SECOND}))


def second_forget(*, user_id: int) -> None:
    """Take every second factor away from an account, in the caller's transaction."""
    for model in (Authenticator, Passkey, RecoveryCode, LetIn):
        model.objects.filter(user_id=user_id).delete()
    browsers_forget(user_id=user_id)


def let_in_give(
    *, actor: Actor, user: User, reason: str, family_id: int | None = None, now: datetime
) -> LetIn:
    """Let an account in once without its second factor, within a day, in the caller's transaction.

    The caller has checked that the actor may, and locked the account. The owner is told. Raises `NoSecond`.
    """
    if not has_second(user.pk):
        raise NoSecond
    LetIn.objects.filter(user=user, used_at=None).delete()
    given = LetIn.objects.create(
        user=user, by_label=actor.label[:200], reason=reason, given_at=now, until=now + LET_IN_LIFE
    )
    record(
        actor=actor,
        verb="let_in.given",
        subject=subject_of(user),
        family_id=family_id,
        data={"reason": reason},
        now=now,
    )
    if user.email:
        context = {"name": str(user), "by": actor.label, "hours": int(LET_IN_LIFE.total_seconds() // 3600)}
        queue(kind="accounts/let_in", to=user.email, context=context, now=now)
    return given


def _second_taken(user: User, shown: Shown, origin: Origin, now: datetime) -> None:
    if shown is None:
        # Of two posts at once, one uses it.
        if not LetIn.objects.filter(user=user, used_at=None, until__gt=now).update(used_at=now):
            raise WrongSecond
        record(actor=actor_of(user), verb=Verb.LET_IN, subject=subject_of(user), origin=origin, now=now)
    elif isinstance(shown, Signed):
        _passkey_taken(user, shown, now)
    else:
        _code_taken(user, shown, origin, now)


def _open_or_nobody(user: User) -> User:
    """The account, locked, or one that holds nothing where it is closed."""
    try:
        open_account_locked(user)
    except WrongCredentials:
        return User(pk=0)
    return user


def _passkey_taken(user: User, signed: Signed, now: datetime) -> None:
    held = Passkey.objects.filter(user=user, credential_id=signed.credential_id).first()
    if held is None:
        invented_checked(signed)
        raise WrongSecond
    count = shown_checked(signed, credential=bytes(held.credential), user_id=user.pk)
    rows = Passkey.objects.filter(pk=held.pk)
    if count or held.sign_count:
        # Not more than before: a copy of it has signed meanwhile (WebAuthn, 6.1.1).
        rows = rows.filter(sign_count__lt=count)
    if not rows.update(sign_count=count, used_at=now):
        raise WrongSecond


def _code_taken(user: User, code: str, origin: Origin, now: datetime) -> None:
    """Take a code of the account, and never again."""
    code = typed(code)
    if is_of_an_application(code):
        if not _application_spent(user, code, now):
            raise WrongSecond
        return
    held = RecoveryCode.objects.filter(user=user, code_hash=hash_of(code))
    # Of two posts at once, one deletes the row.
    if not held.exists() or not held.delete()[0]:
        raise WrongSecond
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


def _codes_kept_if_needed(user: User) -> None:
    """Without a second factor, recovery codes open nothing."""
    if not has_second(user.pk):
        RecoveryCode.objects.filter(user=user).delete()


def _codes_given(user: User) -> Sealed:
    """New recovery codes, between spaces: sealed, since the next page shows them, and none after it."""
    codes = new_codes()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_hash=hash_of(code)) for code in codes])
    return seal(" ".join(codes))


def _own_locked(actor: Actor) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0, is_active=True)


def _told(actor: Actor, user: User, verb: Verb, what: Second, origin: Origin, now: datetime) -> None:
    data = {"second": what.value}
    record(actor=actor, verb=verb, subject=subject_of(user), data=data, origin=origin, now=now)
    if user.email:
        kind = "accounts/second_added" if verb == Verb.SECOND_ADDED else "accounts/second_removed"
        queue(kind=kind, to=user.email, context={"name": str(user), "what": str(what.label)}, now=now)
