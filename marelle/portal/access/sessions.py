"""The session of who logs in, and the device that it is on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpResponse

from marelle.accounts.known import KNOWN_COOKIE, KNOWN_FOR, mark_with
from marelle.accounts.models import User
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.services import device_forget, device_moved, device_open
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of

BACKEND: Final = "marelle.flows.actor.actors.AccountBackend"

DEVICE: Final = "device"
"""Session key: the id of the device."""

RECOGNISED: Final = "recognised"
"""Session key: of which account, when and by what its owner was recognised again."""


def session_begin(request: MarelleRequest, user: User) -> None:
    """Log an account in."""
    login(request, user, backend=BACKEND)
    device = device_open(user=user, session_key=_key(request), origin=origin_of(request), now=request.now)
    request.session[DEVICE] = device.pk
    browser_known(request, user)


def session_renew(request: MarelleRequest, user: User) -> None:
    """Keep the session of who has just changed its password: all its others have ended."""
    update_session_auth_hash(request, user)
    if (device_id := device_of(request)) is not None:
        device_moved(device_id=device_id, session_key=_key(request))
    browser_known(request, user)


def session_end(request: MarelleRequest) -> None:
    """Log out."""
    if (device_id := device_of(request)) is not None:
        device_forget(device_id=device_id)
    logout(request)


def recognised_keep(request: MarelleRequest, shown: Recognised) -> None:
    """Remember in this session that its owner has just been recognised again; a logout forgets it."""
    request.session[RECOGNISED] = [shown.user_id, shown.at.isoformat(), sorted(shown.by)]


def recognised_of(request: MarelleRequest) -> Recognised | None:
    """What this session remembers of it, however long ago; `is_recognised` says whether it still counts."""
    found = request.session.get(RECOGNISED)
    if not found:
        return None
    user_id, at, by = found
    return Recognised(user_id, datetime.fromisoformat(at), frozenset(map(Factor, by)))


def browser_known(request: MarelleRequest, user: User) -> None:
    """From this answer on, the tries of this browser on the account are counted by themselves."""
    request.mark = mark_with(mark_of(request), user)


def mark_of(request: MarelleRequest) -> str:
    """What the browser carries of the accounts that it knows, believed once it is checked."""
    return request.COOKIES.get(KNOWN_COOKIE, "")


def mark_keep(response: HttpResponse, mark: str) -> None:
    """Let the browser carry a mark, also after its owner has logged out."""
    response.set_cookie(
        KNOWN_COOKIE,
        mark,
        max_age=int(KNOWN_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def device_of(request: MarelleRequest) -> int | None:
    """The device on which the request was made; None for a session that was opened elsewise."""
    found = request.session.get(DEVICE)
    return found if isinstance(found, int) else None


def _key(request: MarelleRequest) -> str:
    return request.session.session_key or ""
