"""The session of who logs in, and the device that it is on."""

from __future__ import annotations

from typing import Final

from django.contrib.auth import login, logout, update_session_auth_hash

from marelle.accounts.models import User
from marelle.accounts.services import device_forget, device_moved, device_open
from marelle.flows.middleware import MarelleRequest
from marelle.journal.origin import origin_of

BACKEND: Final = "marelle.flows.actors.AccountBackend"

DEVICE: Final = "device"
"""Session key: the id of the device."""


def session_begin(request: MarelleRequest, user: User) -> None:
    """Log an account in."""
    login(request, user, backend=BACKEND)
    device = device_open(user=user, session_key=_key(request), origin=origin_of(request), now=request.now)
    request.session[DEVICE] = device.pk


def session_renew(request: MarelleRequest, user: User) -> None:
    """Keep the session of who has just changed its password: all its others have ended."""
    update_session_auth_hash(request, user)
    if (device_id := device_of(request)) is not None:
        device_moved(device_id=device_id, session_key=_key(request))


def session_end(request: MarelleRequest) -> None:
    """Log out."""
    if (device_id := device_of(request)) is not None:
        device_forget(device_id=device_id)
    logout(request)


def device_of(request: MarelleRequest) -> int | None:
    """The device on which the request was made; None for a session that was opened elsewise."""
    found = request.session.get(DEVICE)
    return found if isinstance(found, int) else None


def _key(request: MarelleRequest) -> str:
    return request.session.session_key or ""
