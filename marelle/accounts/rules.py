"""When an attempt is one too many."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from marelle.robots.rules import Allowance, free_at

INVITATION_LIFE = timedelta(days=14)
PASSWORD_LINK_LIFE = timedelta(hours=2)
EMAIL_LINK_LIFE = timedelta(days=2)
LET_IN_LIFE = timedelta(hours=24)
REMEMBERED_FOR = timedelta(days=30)
REMEMBERED_COOKIE = f"{settings.COOKIE_HOST}marelle-confiance"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many attempts may fail within `span`, on one account and from one network address."""

    per_account: int
    per_address: int
    span: timedelta


def retry_at(failures: Iterable[datetime], allowed: int, limits: Limits, now: datetime) -> datetime | None:
    """When the next attempt is allowed, or None if it is now: `allowed` failures at most in any span."""
    return free_at(failures, Allowance(allowed, limits.span), now)


def network_of(address: str | None) -> str | None:
    """What counts as one address: a home has a whole /64 of IPv6, and may change within it at will."""
    if not address:
        return None
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
