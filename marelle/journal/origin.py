"""From where a person acts: a network address and a device, in words short enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

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


def client_address(
    headers: Mapping[str, str], remote: str, *, proxies: int, https: bool = False
) -> str | None:
    """The visitor's address, None where only that of a proxy is known: all visitors would share it.

    Each of our `proxies` added one to X-Forwarded-For: what stands before them was written by the visitor
    and is not believed, and where one added nothing, `remote` is a proxy's. In `https` a proxy that we were
    not told of is known by an address that nobody visits from: that of this machine, or a private one that
    came with X-Forwarded-For.
    """
    forwarded = [part.strip() for part in headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    chain = [*forwarded, remote]
    if len(forwarded) < proxies:
        return None
    try:
        address = _plain(chain[len(forwarded) - proxies])
    except ValueError:
        return None
    untold = address.is_loopback or (not proxies and bool(forwarded) and address.is_private)
    return None if https and untold else str(address)


def _plain(text: str) -> IPv4Address | IPv6Address:
    """Raises ValueError. An IPv4 address is itself, also where a server that listens on IPv6 writes it."""
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def network_told(address: str | None) -> str:
    """The same as the log may have it: a network of many homes, in which nobody is singled out."""
    if address is None:
        return "an unknown address"
    found = _plain(address)
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def origin_of(request: HttpRequest) -> Origin:
    """Where a request comes from."""
    address = client_address(
        request.headers,
        request.META.get("REMOTE_ADDR", ""),
        proxies=settings.TRUSTED_PROXIES,
        https=settings.HTTPS,
    )
    return Origin(address, device_label(request.headers.get("User-Agent", "")))
