"""From where a person acts: a network address and a device, in words short enough to be read."""

from __future__ import annotations

from dataclasses import dataclass

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
