"""The draw: a seed that is promised before the window opens, a public number that nobody knows before it
closes, and tickets. Pure, but for what makes new secrets.

The promise is the SHA-256 of the seed's text. The rank of a ticket is that of the SHA-256 of
"seed:public:ticket", so that anybody computes it by a command of any computer. Whoever runs the portal cannot
choose the seed by its outcome, as the public number comes after; nor can who names the number, as the seed is
not known.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable


def seed_new() -> str:
    """A seed: 256 bits, as 64 hexadecimal digits."""
    return secrets.token_hex(32)


def ticket_new() -> str:
    """A ticket number that says nothing of its home: four groups of four, to be read out on the telephone."""
    digits = f"{secrets.randbelow(10**16):016}"
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def promise_of(seed: str) -> str:
    """What is published before the window opens."""
    return hashlib.sha256(seed.encode()).hexdigest()


def ranks_drawn(*, seed: str, public: str, tickets: Iterable[str]) -> dict[str, int]:
    """The rank of each ticket, 0 first."""

    def drawn(ticket: str) -> str:
        return hashlib.sha256(f"{seed}:{public}:{ticket}".encode()).hexdigest()

    return {ticket: rank for rank, ticket in enumerate(sorted(set(tickets), key=drawn))}
