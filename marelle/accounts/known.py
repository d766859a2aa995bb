"""Browsers that an account has opened before: whoever knows a name must not keep its owner out.

A browser carries one mark, made of secret bits of its own and, for each account, a proof that nobody has who
never had that account's present password. It opens nothing: its tries are counted by themselves, that is all.
Nothing of it is stored here (docs/adr/0026-a-browser-that-has-come-in-before.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from marelle.accounts.models import User
from marelle.core.secret import digests_of

KNOWN_COOKIE: Final = f"{settings.COOKIE_HOST}marelle-appareil"
KNOWN_FOR: Final = timedelta(days=365)
ACCOUNTS_AT_MOST: Final = 5
"""On one browser, the latest kept: the adults of a home share a tablet."""

SALT: Final = "marelle.accounts.known"


def mark_with(mark: str, user: User, *, came_in: bool = True) -> str:
    """The mark that a browser carries once it knows `user`; `mark` is the one that it carried.

    Who came in there is its last. Who only showed that the account is its own (`came_in` false) is not: what
    the pages of that browser hold stays another's.
    """
    bits, proofs = _read(mark)
    bits = bits or secrets.token_hex(16)
    last = next(reversed(proofs), None)
    proofs[str(user.pk)] = next(_proofs(user.pk, user.password))
    end = str(user.pk) if came_in or last is None else last
    proofs = {pk: proof for pk, proof in proofs.items() if pk != end} | {end: proofs[end]}
    return signing.dumps([bits, dict([*proofs.items()][-ACCOUNTS_AT_MOST:])], salt=SALT)


def last_known(mark: str) -> int | None:
    """The account that came in last by that browser; None where its password has changed since. One query."""
    _bits, proofs = _read(mark)
    last = next(reversed(proofs), None)
    return int(last) if last is not None and known_as(mark, [int(last)]) else None


def known_as(mark: str, user_ids: Collection[int]) -> str:
    """Under what the tries of a browser on one of these accounts are counted; "" where it is unknown.

    One query, and none for a browser that carries no mark of theirs.
    """
    bits, proofs = _read(mark)
    claimed = [pk for pk in user_ids if str(pk) in proofs]
    if not claimed:
        return ""
    for pk, password in User.objects.filter(pk__in=claimed).order_by("pk").values_list("pk", "password"):
        if any(constant_time_compare(proofs[str(pk)], proof) for proof in _proofs(pk, password)):
            return f"BROWSER {bits} {pk}"
    return ""


def _read(mark: str) -> tuple[str, dict[str, str]]:
    try:
        bits, proofs = signing.loads(mark, salt=SALT) if mark else ("", {})
    except signing.BadSignature:
        return "", {}
    return bits, proofs


def _proofs(pk: int, password: str) -> Iterator[str]:
    """The first with the secret of now. Another password, and the browsers that knew the former one are
    strangers again."""
    return (digest.hex()[:32] for digest in digests_of(SALT, f"{pk} {password}"))
