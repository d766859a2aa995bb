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


def mark_with(mark: str, user: User) -> str:
    """The mark that a browser carries once `user` has come in there; `mark` is the one that it carried."""
    bits, proofs = _read(mark)
    bits = bits or secrets.token_hex(16)
    kept = [(pk, proof) for pk, proof in proofs.items() if pk != str(user.pk)][1 - ACCOUNTS_AT_MOST :]
    own = str(user.pk), next(_proofs(user.pk, user.password))
    return signing.dumps([bits, dict([*kept, own])], salt=SALT)


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
