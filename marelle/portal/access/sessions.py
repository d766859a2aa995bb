"""The session of who logs in, and the device that it is on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpResponse
from django.utils.translation import gettext as _

from marelle.accounts.held import has_second
from marelle.accounts.known import KNOWN_COOKIE, KNOWN_FOR, known_as, mark_with
from marelle.accounts.models import User
from marelle.accounts.recognised import Factor, Recognised
from marelle.accounts.rules import REMEMBERED_COOKIE, REMEMBERED_FOR
from marelle.accounts.services import device_forget, device_moved, device_open, device_seen
from marelle.accounts.services.devices import SEEN_EVERY
from marelle.core.french import day_plain
from marelle.core.sessions import Lived, SessionStore
from marelle.flows.actor.actors import actor_for
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.places.lives import Life, life_of
from marelle.places.second import second_wanted_of
from marelle.shell.again import opened_keep, recognised_keep
from marelle.shell.unsent import unsent_leave_to

BACKEND: Final = "marelle.flows.actor.actors.AccountBackend"

DEVICE: Final = "device"
"""Session key: the id of the device."""

WAITING: Final = "waiting"
"""Session key, of nobody's session yet: whose second factor is waited for."""

NOTED_WITHIN: Final = 10
"""A session may end sooner than its time without a page, by that part of it at most: a page read is not
always a row written."""

WAITED_FOR: Final = timedelta(minutes=10)


def session_begin(request: MarelleRequest, user: User, *by: Factor, shown_at: datetime | None = None) -> None:
    """Log an account in, that was recognised `by` these; `shown_at` is when, None for now. Its owner is told
    of a browser that the account does not know, but at its first connection."""
    is_new = user.last_login is not None and not known_as(mark_of(request), [user.pk])
    login(request, user, backend=BACKEND)
    request.session.pop(WAITING, None)
    unsent_leave_to(request, user)
    actor = actor_for(user)
    life_begin(_store(request), life_of(actor), now=request.now)
    opened_keep(request, Recognised(user.pk, shown_at or request.now, frozenset(by)))
    device = device_open(
        user=user, session_key=_key(request), is_new=is_new, origin=origin_of(request), now=request.now
    )
    request.session[DEVICE] = device.pk
    browser_known(request, user)
    since = None if has_second(user.pk) else second_wanted_of(actor)
    if since is not None and request.today < since:
        told = _(
            "À partir du {day}, votre poste demande la double authentification : ajoutez-la dès maintenant, "
            "dans « Modifier les informations de connexion »."
        )
        messages.warning(request, told.format(day=day_plain(since)))


def life_begin(session: SessionStore, life: Life, *, now: datetime) -> None:
    """From `now` on, the session of an account that has just been logged in."""
    session.life = Lived(now, life.idle, life.whole)


def session_lives(request: MarelleRequest, user: User) -> bool:
    """Whether the session of this account, as it was read, has not ended by what its role allows now.

    One that says nothing of it has: nobody opens such.
    """
    session = _store(request)
    held, wanted = session.life, life_of(actor_for(user))
    if held is None:
        return False
    seen = _seen(session, held, request.now)
    if request.now >= Lived(held.since, wanted.idle, wanted.whole).ends_at(seen):
        return False
    if (held.idle, held.whole) != (wanted.idle, wanted.whole):
        life_begin(session, wanted, now=held.since)
    return True


def session_used(request: MarelleRequest) -> None:
    """Note, coarsely, that a session and its device are in use."""
    session = _store(request)
    if (device_id := device_of(request)) is not None:
        device_seen(device_id=device_id, now=request.now)
    life = session.life
    # What is written anyway says it by itself.
    if life is None or session.modified:
        return
    if request.now - _seen(session, life, request.now) >= min(SEEN_EVERY, life.idle / NOTED_WITHIN):
        session.move_end(life.ends_at(request.now))


def session_renew(request: MarelleRequest, user: User) -> None:
    """Keep the session of who has just changed its password: all its others have ended."""
    update_session_auth_hash(request, user)
    _device_follows(request)
    browser_known(request, user)


def session_shown_again(request: MarelleRequest, shown: Recognised) -> None:
    """Remember that its owner has just shown again who it is, under another key: who held the one before has
    not shown it (OWASP ASVS 7.2.4)."""
    recognised_keep(request, shown)
    request.session.cycle_key()
    _device_follows(request)


def _device_follows(request: MarelleRequest) -> None:
    if (device_id := device_of(request)) is not None:
        device_moved(device_id=device_id, session_key=_key(request))


def session_end(request: MarelleRequest) -> None:
    """Log out."""
    if (device_id := device_of(request)) is not None:
        device_forget(device_id=device_id)
    logout(request)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whose second factor is waited for, with the proof of its password as it was then. `provider` is the key
    of who recognised it, "" where its password was right, `token` what logs it out there; `guest`: as what it
    was invited, "" for a family or an agent."""

    user_id: int
    proof: str
    provider: str = ""
    token: str = ""
    guest: str = ""


def second_wait(request: MarelleRequest, user: User, *, provider: str = "", token: str = "") -> None:
    """Remember that an account was recognised: its second factor is to be shown, soon."""
    request.session.cycle_key()
    waiting = Waiting(user.pk, user.get_session_auth_hash(), provider, token, user.guest)
    request.session[WAITING] = {**asdict(waiting), "since": request.now.isoformat()}


def second_waiting(request: MarelleRequest) -> Waiting | None:
    """None for nobody, or no more."""
    found = request.session.get(WAITING)
    if not found:
        return None
    since, waiting = found["since"], {name: value for name, value in found.items() if name != "since"}
    is_late = request.now >= datetime.fromisoformat(since) + WAITED_FOR
    return None if is_late else Waiting(**waiting)


def browser_known(request: MarelleRequest, user: User, *, came_in: bool = True) -> None:
    """From this answer on, the tries of this browser on the account are counted by themselves."""
    request.mark = mark_with(mark_of(request), user, came_in=came_in)


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


def _store(request: MarelleRequest) -> SessionStore:
    return cast("SessionStore", request.session)


def _seen(session: SessionStore, life: Lived, now: datetime) -> datetime:
    """When the account last opened something, as far as the row of its session says."""
    return session.ends_at - life.idle if session.ends_at is not None else now
