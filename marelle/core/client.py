"""Where a request comes from, when reverse proxies of ours stand in between."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's network address, None when there is none that can be believed.

    Each proxy of ours adds at the end of X-Forwarded-For the address that spoke to it, so only the last
    `TRUSTED_PROXIES` entries are its word; anything before was sent by the client and may be invented.
    """
    proxies: int = settings.TRUSTED_PROXIES
    if proxies == 0:
        return _valid(request.META.get("REMOTE_ADDR", ""))
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return _valid(told[-proxies]) if len(told) >= proxies else None


def _valid(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
