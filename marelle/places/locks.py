"""The lock of the portal: what the whole of it has once is written by one after another."""

from __future__ import annotations

from marelle.places.models import Authority


def portal_locked() -> Authority | None:
    """The authority that was set up first, locked until the transaction ends: of two who look whether
    something is there before they write it, the second finds what the first wrote. None before one is set
    up."""
    return Authority.objects.select_for_update(no_key=True).order_by("pk").first()
