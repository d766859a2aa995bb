"""The session of who logs in, and the device that it is on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpResponse
from django.utils.translation import gettext as _

from marelle.accounts.held import has_second
from marelle.accounts.known import KNOWN_COOKIE, KNOWN_FOR, mark_with
from marelle.accounts.models import User
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.rules import REMEMBERED_FOR
from marelle.accounts.services import device_forget, device_moved, device_open
from marelle.core.french import day_plain
from marelle.flows.actor.actors import actor_for
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.places.second import second_wanted_of
from marelle.shell.again import opened_keep

BACKEND: Final = "marelle.flows.actor.actors.AccountBackend"

DEVICE: Final = "device"
"""Session key: the id of the device."""

WAITING: Final = "waiting"
"""Session key, of nobody's session yet: whose second factor is waited for."""

REMEMBERED_COOKIE: Final = "marelle-confiance"

WAITED_FOR: Final = timedelta(minutes=10)


def session_begin(request: MarelleRequest, user: User, *by: Factor) -> None:
    """Log an account in, that was recognised `by` these."""
    login(request, user, backend=BACKEND)
    request.session.pop(WAITING, None)
    opened_keep(request, Recognised(user.pk, request.now, frozenset(by)))
    device = device_open(user=user, session_key=_key(request), origin=origin_of(request), now=request.now)
    request.session[DEVICE] = device.pk
    browser_known(request, user)
    since = None if has_second(user.pk) else second_wanted_of(actor_for(user))
    if since is not None and request.today < since:
        told = _(
            "À partir du {day}, votre poste demande la double authentification : ajoutez-la dès maintenant, "
            "dans « Modifier les informations de connexion »."
        )
        messages.warning(request, told.format(day=day_plain(since)))


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose second factor is waited for, with the proof of its password as it was then. `provider` is the key
    of who recognised it, "" where its password was right, `token` what logs it out there."""

    user_id: int
    proof: str
    provider: str = ""
    token: str = ""


def second_wait(request: MarelleRequest, user: User, *, provider: str = "", token: str = "") -> None:
    """Remember that an account was recognised: its second factor is to be shown, soon."""
    request.session.cycle_key()
    kept = [user.pk, user.get_session_auth_hash(), request.now.isoformat(), provider, token]
    request.session[WAITING] = kept


def second_waiting(request: MarelleRequest) -> Waiting | None:
    """None for nobody, or no more."""
    found = request.session.get(WAITING)
    if not found:
        return None
    user_id, proof, since, *rest = found
    is_late = request.now >= datetime.fromisoformat(since) + WAITED_FOR
    return None if is_late else Waiting(user_id, proof, *rest)


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


def remembered_of(request: MarelleRequest) -> str:
    """The secret of a browser that was remembered, "" for none."""
    return request.COOKIES.get(REMEMBERED_COOKIE, "")[:100]


def remembered_keep(response: HttpResponse, token: str) -> None:
    """Let the browser carry the secret by which it is not asked for the second factor."""
    response.set_cookie(
        REMEMBERED_COOKIE,
        token,
        max_age=int(REMEMBERED_FOR.total_seconds()),
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
