"""A ticket: a number of a ledger, signed, in a cookie. And what lets agents in beside it, signed as well."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2s, sha256
from typing import Final, NamedTuple

from django.conf import settings

TICKET_COOKIE: Final = f"{settings.COOKIE_HOST}marelle-attente"
ENTRANCE_COOKIE: Final = f"{settings.COOKIE_HOST}marelle-entree"

TICKET_LIFE: Final = 12 * 3600
ENTRANCE_LIFE: Final = 30 * 24 * 3600
"""Seconds. That of agents is renewed as they work."""

SIGNED: Final = 16
"""Bytes of a signature."""


class Ticket(NamedTuple):
    """`epoch` is that of the ledger which gave `number`, `at` when, in seconds since 1970. `inside`: when its
    bearer was last let in, where machines have to tell each other; 0: it was not."""

    epoch: int
    number: int
    at: int
    inside: int = 0


def keys() -> tuple[bytes, ...]:
    """The first signs, all are believed."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(sha256(b"marelle.room\0" + secret.encode()).digest() for secret in secrets)


def ticket_written(ticket: Ticket, own: Sequence[bytes]) -> str:
    text = f"{ticket.epoch:x}.{ticket.number}.{ticket.at}"
    if ticket.inside:
        text += f".{ticket.inside}"
    return f"{text}.{_sign(f'ticket {text}', own[0])}"


def ticket_read(text: str, own: Sequence[bytes], *, now: float) -> Ticket | None:
    """None of one that we did not write, or that is over. A clock that went back makes none of them new."""
    value, _dot, signature = text.rpartition(".")
    if not _is_signed(f"ticket {value}", signature, own):
        return None
    epoch, *numbers = value.split(".")
    ticket = Ticket(int(epoch, 16), *map(int, numbers))
    return ticket if now - ticket.at < TICKET_LIFE else None


def shared_epoch(own: Sequence[bytes]) -> int:
    """Of all the machines that have the same secret."""
    return int.from_bytes(sha256(b"epoch\0" + own[-1]).digest()[:7])


def entrance_written(user_id: int, own: Sequence[bytes], *, now: float) -> str:
    """What an agent's browser carries from its pages on."""
    text = f"{user_id}.{int(now)}"
    return f"{text}.{_sign(f'entrance {text}', own[0])}"


def entrance_age(text: str, own: Sequence[bytes], *, now: float) -> float | None:
    """Seconds since it was given; None of one that we did not write, or that is over."""
    value, _dot, signature = text.rpartition(".")
    if not _is_signed(f"entrance {value}", signature, own):
        return None
    age = now - int(value.partition(".")[2])
    return max(age, 0.0) if age < ENTRANCE_LIFE else None


def mark_of(session: str) -> int:
    """Sixteen bits of a session's cookie, never 0: by which a ticket that is handed around is known."""
    return int.from_bytes(blake2s(session.encode(), digest_size=2).digest()) or 1


def _sign(text: str, key: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")[:SIGNED]).rstrip(b"=").decode()


def _is_signed(text: str, signature: str, own: Sequence[bytes]) -> bool:
    given = signature.encode()
    return any(hmac.compare_digest(given, _sign(text, key).encode()) for key in own)
