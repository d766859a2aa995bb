"""From where a person acts: a network address and a device, in words short enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from ua_parser import parse


@dataclass(frozen=True, slots=True)
class Origin:
    """`device` is "Firefox · Windows", never the whole user agent, which would single a person out."""

    address: str | None = None
    device: str = ""


def device_label(user_agent: str) -> str:
    """The browser and the system of a user agent, empty when neither is known."""
    found = parse(user_agent[:500])
    parts = (found.user_agent and found.user_agent.family, found.os and found.os.family)
    return " · ".join(part for part in parts if part)[:100]


def client_address(headers: Mapping[str, str], remote: str, proxies: int) -> str | None:
    """The visitor's address. Each of our `proxies` added one to X-Forwarded-For: what stands before them
    was written by the visitor and is not believed."""
    chain = [part.strip() for part in headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    chain.append(remote)
    candidate = chain[max(0, len(chain) - 1 - proxies)]
    try:
        return str(ip_address(candidate))
    except ValueError:
        return None


def origin_of(request: HttpRequest) -> Origin:
    """Where a request comes from."""
    address = client_address(request.headers, request.META.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES)
    return Origin(address, device_label(request.headers.get("User-Agent", "")))
