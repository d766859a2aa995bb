"""What /.well-known/security.txt says (RFC 9116)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

HOLDS_FOR: Final = timedelta(days=180)
"""The standard wants less than a year: a copy kept elsewhere must not outlive whom it names."""


def security_txt(*, contacts: Sequence[str], policy: str, canonical: str, now: datetime) -> str:
    """The whole file: contacts in the order of preference, no field where there is nothing to say."""
    expires = (now.astimezone(UTC) + HOLDS_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    fields = [
        *(("Contact", contact) for contact in contacts),
        ("Expires", expires.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("Preferred-Languages", "fr, en"),
        ("Canonical", canonical),
        ("Policy", policy),
    ]
    return "".join(f"{name}: {value}\n" for name, value in fields if value)
