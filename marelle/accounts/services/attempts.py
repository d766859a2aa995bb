"""Counting attempts. The row is written before the password is looked at, so that a volley of parallel
attempts counts itself; it goes away when the attempt succeeds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from marelle.accounts.hashing import TooManyHashes
from marelle.accounts.known import known_as
from marelle.accounts.models import Attempt, AttemptKind, User
from marelle.accounts.refusals import TooManyAttempts
from marelle.accounts.rules import Limits, network_of, retry_at
from marelle.accounts.tokens import hash_of
from marelle.journal.origin import Origin


def limits() -> Limits:
    return Limits(
        per_account=settings.ATTEMPTS_PER_ACCOUNT,
        per_address=settings.ATTEMPTS_PER_ADDRESS,
        span=timedelta(minutes=settings.ATTEMPTS_MINUTES),
    )


def attempt_begin(
    *, kind: AttemptKind, name: str, mark: str = "", origin: Origin, now: datetime
) -> tuple[Attempt, bool]:
    """Count one attempt. Returns it, and whether the account behind the name is closed for now.

    Raises `TooManyAttempts` when the name as typed, or the address, has failed too often. An account that
    has, but under another name (identifier, mail address), is only reported: answering otherwise than to
    an unknown name would tell that both names are one account. Refused attempts do not count: who waits
    gets in. Same statements for an unknown name as for a known one.

    Whoever knows a name may close it, but not to its owner. A browser that the account knows, by the `mark`
    that it carries, is counted by itself. A name asked a new password for too often is only reported, and
    being asked again counts for its network alone: what was sent to its owner holds for longer than that.
    """
    found = list(User.objects.opened_by(name)[:2])
    user_id = found[0] if len(found) == 1 else None
    known = known_as(mark, found)
    # Names are counted in lower case: nobody types the key of a browser.
    key, address = (known, None) if known else (name.strip().lower(), network_of(origin.address))
    waits = _begin(kind, key, user_id, address, now)
    if known:
        waits = replace(waits, account=None)
    elif kind is AttemptKind.PASSWORD:
        waits = replace(waits, name=None, account=waits.name)
    attempt = _counted(waits)
    if kind is AttemptKind.PASSWORD and waits.account is not None:
        Attempt.objects.filter(pk=attempt.pk).update(name_hash="")
    return attempt, waits.account is not None


def attempt_begin_own(*, user_id: int, kind: AttemptKind = AttemptKind.LOGIN, now: datetime) -> Attempt:
    """Count one attempt of who is logged in to show again who it is: what others fail is not its doing.

    Raises `TooManyAttempts`.
    """
    return _counted(_begin(kind, f"OWN {user_id}", user_id, None, now))


def attempt_begin_second(*, user_id: int, mark: str, origin: Origin, now: datetime) -> Attempt:
    """Count one attempt to show the second factor of an account whose password was right.

    As with passwords, a browser that the account knows is counted by itself; but a new password by mail makes
    a browser known, so that all of them together fail no more often than a network may. Raises
    `TooManyAttempts`.
    """
    known = known_as(mark, [user_id])
    address = None if known else network_of(origin.address)
    waits = _begin(AttemptKind.SECOND, known or f"ACCOUNT {user_id}", user_id, address, now)
    return _counted(replace(waits, address=_latest(waits.address, waits.everywhere)))


def attempt_begin_passkey(*, credential_id: str, origin: Origin, now: datetime) -> Attempt:
    """Count one attempt to come in by a passkey alone, known here or not. Raises `TooManyAttempts`."""
    address = network_of(origin.address)
    return _counted(_begin(AttemptKind.SECOND, f"PASSKEY {credential_id}", None, address, now))


def attempt_begin_link(*, token: str, origin: Origin, now: datetime) -> Attempt:
    """Count one link that opens nothing, be it of here or not, or one identifier that was taken already, by
    who holds a link that lets it choose one. Raises `TooManyAttempts`."""
    return _counted(_begin(AttemptKind.LINK, f"LINK {token}", None, network_of(origin.address), now))


def attempt_begin_tablet(*, code: str, origin: Origin, now: datetime) -> Attempt:
    """Count one code typed on a tablet that waits for its own: no more of them from one network than of
    passwords on one account. Raises `TooManyAttempts`."""
    address = network_of(origin.address)
    return _counted(_begin(AttemptKind.TABLET, f"TABLET {address or code}", None, address, now))


def attempt_begin_provider(*, state: str, origin: Origin, now: datetime) -> Attempt:
    """Count one return from an identity provider; what it answers costs it, and us, some seconds. Raises
    `TooManyAttempts`, of a network alone."""
    address = network_of(origin.address)
    return _counted(_begin(AttemptKind.PROVIDER, f"PROVIDER {state}", None, address, now))


def attempt_end(attempt: Attempt) -> None:
    """It succeeded: it counts no more."""
    Attempt.objects.filter(pk=attempt.pk).delete()


@dataclass(frozen=True, slots=True)
class _Waits:
    """An attempt, and until when what failed before it closes its name, its account, its address; and its
    account, had it failed as often as an address may (`everywhere`)."""

    attempt: Attempt
    name: datetime | None
    account: datetime | None
    address: datetime | None
    everywhere: datetime | None


def _begin(kind: AttemptKind, key: str, user_id: int | None, address: str | None, now: datetime) -> _Waits:
    bounds = limits()
    attempt = Attempt.objects.create(
        kind=kind, at=now, name_hash=hash_of(key), user_id=user_id, address=address
    )
    same = Q(name_hash=attempt.name_hash) | Q(user_id=user_id or 0)
    if attempt.address is not None:
        same |= Q(address=attempt.address)
    earlier = list(
        Attempt.objects.filter(same, kind=kind, at__gt=now - bounds.span)
        .exclude(pk=attempt.pk)
        .values_list("at", "name_hash", "user_id", "address")
    )
    by_name = [at for at, name_hash, _user, _address in earlier if name_hash == attempt.name_hash]
    by_account = [at for at, _name, user, _address in earlier if user is not None and user == user_id]
    by_address = [at for at, _name, _user, address in earlier if address and address == attempt.address]
    return _Waits(
        attempt,
        retry_at(by_name, bounds.per_account, bounds, now),
        retry_at(by_account, bounds.per_account, bounds, now),
        retry_at(by_address, bounds.per_address, bounds, now),
        retry_at(by_account, bounds.per_address, bounds, now),
    )


def _latest(*waits: datetime | None) -> datetime | None:
    return max((wait for wait in waits if wait is not None), default=None)


def _counted(waits: _Waits) -> Attempt:
    refused_until = _latest(waits.name, waits.address)
    if refused_until is not None:
        waits.attempt.delete()
        raise TooManyAttempts(refused_until, waits.attempt.user_id)
    return waits.attempt


@contextmanager
def uncounted_if_busy(attempt: Attempt) -> Iterator[None]:
    """A password that nobody had the time to look at was not tried: its attempt goes."""
    try:
        yield
    except TooManyHashes:
        Attempt.objects.filter(pk=attempt.pk).delete()
        raise


def attempts_forget(*, user_id: int) -> None:
    """After a login: what this account failed before no longer counts."""
    Attempt.objects.filter(user_id=user_id).delete()


def password_attempts_forget(*, user_id: int) -> None:
    """After another password was chosen. Codes that failed still count: who reads the owner's mails would
    give itself new tries."""
    Attempt.objects.filter(user_id=user_id).exclude(kind=AttemptKind.SECOND).delete()


def attempts_purge(*, now: datetime) -> int:
    """Delete attempts too old to count. Returns how many; takes no write lock where there are none."""
    old = Attempt.objects.filter(at__lte=now - limits().span)
    return old.delete()[0] if old.exists() else 0
