"""Stands before the framework: lets through, or answers with the page of who waits.

Whatever fails here opens the doors: a portal that is slow is better than one that is shut.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from django.conf import settings

from marelle.room import rules, tickets
from marelle.room.ledger import Ledger, Unusable, Verdict
from marelle.room.tickets import ENTRANCE_COOKIE, TICKET_COOKIE, Ticket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BESIDE: Final = (
    *("/static/", "/theme/", "/robots.txt", "/favicon.ico", "/.well-known/"),
    *("/accessibilite/", "/donnees-personnelles/", "/mentions-legales/"),
    *("/sante/", "/calendrier/", "/ne-plus-recevoir/"),
    *("/agents/", "/administration/", "/porte/"),
)
"""What nobody queues for: files and what the page of who waits leads to; what machines ask for, which keep no
ticket; the pages of agents and of the tablets, where no home gains a place."""

SAFE: Final = {"GET", "HEAD", "OPTIONS", "TRACE"}
ENTRY: Final = "/connexion/"

NAMED_EVERY: Final = 20.0
"""Seconds after which one of the processes looks which openings are named."""
LOAD_FOR: Final = 300.0
"""Seconds for which load that has asked for the room keeps it open."""
TRIED_EVERY: Final = 10.0
"""Seconds between two tries to have a ledger, and two lines of the log that there is none."""

QUERY: Final = "/?:@-._~!$&'()*+,=%"
"""What stands for itself after `?`."""
SENT_AT_MOST: Final = 100_000

logger = logging.getLogger(__name__)

Page = Callable[[int, int | None, bool], bytes]
"""What who waits reads: how many are before it, in how many minutes it is its turn (None: not known), whether
something that it sent was not taken."""

Named = Callable[[float], Sequence[float]]
"""The openings that were named, around the present time: instants, in seconds since 1970."""


class Asked(NamedTuple):
    """What is looked at of a request, and nothing else."""

    path: str
    writes: bool
    ticket: str
    session: str
    entrance: str


class Gate:
    """A WSGI application around another. `load_at`: so many requests at once open the room; 0: none do.
    `numbers`: those of all machines that share them, which then believe one another's tickets."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        path: Path,
        page: Page,
        named: Named,
        load_at: int = 0,
        numbers: Callable[[], int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.application, self.path, self.page, self.named = application, path, page, named
        self.load_at, self.numbers, self.clock = load_at, numbers, clock
        self.keys = tickets.keys()
        self._ledger: Ledger | None = None
        self._tried_at = self._told_at = float("-inf")
        self._turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        now, ledger = self.clock(), self._have()
        if ledger is None:
            return self.application(environ, start_response)
        kept: Kept | None = None
        try:
            self._look_named(ledger, now)
            verdict = self._verdict(ledger, environ, now)
            if verdict is not None:
                found, cookie = verdict
                if not found.is_in:
                    return self._waits(environ, start_response, found, cookie)
                kept = Kept(ledger, found.number, cookie, start_response)
            answering = ledger.answering(load_at=self.load_at, load_for=LOAD_FOR, clock=now)
            answering.__enter__()
        except Exception as error:  # noqa: BLE001 - told with its trace
            # A page that cannot be made is no reason to shut either.
            self._open_doors(error)
            return self.application(environ, start_response)
        try:
            return self.application(environ, kept or start_response)
        finally:
            self._ended(answering)

    def _ended(self, answering: Any) -> None:
        try:
            answering.__exit__(None, None, None)
        except Unusable as error:
            self._open_doors(error)

    def _verdict(self, ledger: Ledger, environ: WSGIEnvironment, now: float) -> tuple[Verdict, str] | None:
        """None: it is not asked to wait. With the ticket to give, "" where it has it."""
        head = ledger.head()
        if not head.is_open(now) or str(environ.get("PATH_INFO", "")).startswith(BESIDE):
            return None
        if settings.SECURE_SSL_REDIRECT and not is_secure(environ):
            return None
        asked = read(environ)
        if asked.entrance and tickets.entrance_age(asked.entrance, self.keys, now=now) is not None:
            return None
        mark = tickets.mark_of(asked.session) if asked.session else 0
        epoch = tickets.shared_epoch(self.keys) if self.numbers else head.epoch
        held = tickets.ticket_read(asked.ticket, self.keys, now=now) if asked.ticket else None
        if held is not None and held.epoch == epoch:
            age = now - held.inside
            found = ledger.ask(
                held.number, mark=mark, writes=asked.writes, now=now, inside=0 <= age < rules.IDLE
            )
            if found is not None:
                is_told = not (self.numbers and found.is_in) or 0 <= age < rules.COUNTED
                given = "" if is_told else self._written(held._replace(inside=int(now)))
                return self._with_typed(found, asked), given
        found = ledger.arrive(mark=mark, now=now)
        inside = int(now) if self.numbers and found.is_in else 0
        given = self._written(Ticket(epoch, found.number, int(now), inside))
        return self._with_typed(found, asked), given

    def _written(self, ticket: Ticket) -> str:
        return tickets.ticket_written(ticket, self.keys)

    def _with_typed(self, found: Verdict, asked: Asked) -> Verdict:
        """What somebody who was in has typed is taken, whoever waits: its number stays what it is."""
        if asked.writes and asked.session and not asked.path.startswith(ENTRY):
            return found._replace(is_in=True)
        return found

    def _waits(
        self, environ: WSGIEnvironment, start_response: StartResponse, found: Verdict, cookie: str
    ) -> Iterable[bytes]:
        writes = environ["REQUEST_METHOD"] not in SAFE
        minutes = rules.minutes_told(rules.wait_of(found.ahead, found.rate))
        body = self.page(found.ahead, minutes, writes)
        again = rules.again_after(found.ahead, found.rate, random())  # noqa: S311 - jitter  # nosec B311
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Refresh", f"{again}; url={_address(environ)}" if writes else str(again)),
            ("Retry-After", str(again)),
            *PROTECTED,
            *([("Set-Cookie", _cookie(cookie))] if cookie else []),
        ]
        _drained(environ)
        start_response("503 Service Unavailable", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _have(self) -> Ledger | None:
        if self._ledger is not None:
            return self._ledger
        now = time.monotonic()
        if now - self._tried_at < TRIED_EVERY or not self._turn.acquire(blocking=False):
            return None
        try:
            self._tried_at = now
            self._ledger = Ledger(self.path, threads=settings.WEB_THREADS, numbers=self.numbers)
        except Unusable as error:
            self._open_doors(error)
        finally:
            self._turn.release()
        return self._ledger

    def _open_doors(self, error: Exception) -> None:
        """The ledger is taken up anew a little later; who asks meanwhile is let through."""
        now = time.monotonic()
        if now - self._told_at >= TRIED_EVERY:
            self._told_at = now
            trace = None if isinstance(error, Unusable) else error
            logger.error("The waiting room lets everybody in: %s (%s)", error, self.path, exc_info=trace)
        self._ledger, self._tried_at = None, now

    def _look_named(self, ledger: Ledger, now: float) -> None:
        if ledger.is_to_read(now, NAMED_EVERY):
            threading.Thread(
                target=self._read_named, args=(ledger, now), name="marelle-room", daemon=True
            ).start()

    def _read_named(self, ledger: Ledger, now: float) -> None:
        """Apart from any request: the database may be slow, or away."""
        try:
            ledger.open_between(*rules.opened(self.named(now), now))
        except Exception:
            logger.exception("Which openings have a waiting room could not be read: as it was before")


class Kept:
    """Starts a response of somebody who is in, with its ticket where it is new, and sees its session begin or
    end."""

    def __init__(self, ledger: Ledger, number: int, cookie: str, start: StartResponse) -> None:
        self.ledger, self.number, self.cookie, self.start = ledger, number, cookie, start

    def __call__(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: tuple[type[BaseException], BaseException, TracebackType]
        | tuple[None, None, None]
        | None = None,
        /,
    ) -> Callable[[bytes], object]:
        session = f"{settings.SESSION_COOKIE_NAME}="
        for name, value in headers:
            if name.lower() == "set-cookie" and value.startswith(session):
                self._session_told(value[len(session) :].partition(";")[0].strip('"'))
        if self.cookie:
            headers = [*headers, ("Set-Cookie", _cookie(self.cookie))]
        return self.start(status, headers, exc_info) if exc_info else self.start(status, headers)

    def _session_told(self, session: str) -> None:
        try:
            self.ledger.mark(self.number, tickets.mark_of(session) if session else 0)
            if not session:
                self.ledger.leave(self.number)
        except Unusable:
            logger.warning("A ticket could not be marked with its session")


def read(environ: WSGIEnvironment) -> Asked:
    """Total: what cannot be read is not there."""
    cookies = dict(_pairs(str(environ.get("HTTP_COOKIE", ""))))
    return Asked(
        str(environ.get("PATH_INFO", "")),
        environ["REQUEST_METHOD"] not in SAFE,
        cookies.get(TICKET_COOKIE, ""),
        cookies.get(settings.SESSION_COOKIE_NAME, ""),
        cookies.get(ENTRANCE_COOKIE, ""),
    )


def is_secure(environ: WSGIEnvironment) -> bool:
    """As Django sees it: who asks in http is sent to https first."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        return str(environ.get(name, "")).partition(",")[0].strip() == value
    return bool(environ.get("wsgi.url_scheme") == "https")


def _pairs(header: str) -> Iterable[tuple[str, str]]:
    for part in header.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            yield name.strip(), value.strip().strip('"')


def _cookie(value: str) -> str:
    secure = "; Secure" if settings.HTTPS else ""
    return f"{TICKET_COOKIE}={value}; Path=/; Max-Age={tickets.TICKET_LIFE}; HttpOnly; SameSite=Lax{secure}"


def _address(environ: WSGIEnvironment) -> str:
    """Of the page that a form was sent to, on this very host."""
    path = str(environ.get("PATH_INFO", "")).encode("latin-1", errors="replace").lstrip(b"/")
    query = str(environ.get("QUERY_STRING", "")).encode("latin-1", errors="replace")
    return f"/{quote(path)}?{quote(query, safe=QUERY)}" if query else f"/{quote(path)}"


def _drained(environ: WSGIEnvironment) -> None:
    """Read what was sent, as far as it is a form: a connection closed on it would lose the answer."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    if length.isascii() and length.isdigit() and int(length) <= SENT_AT_MOST:
        environ["wsgi.input"].read(int(length))


def _protected() -> list[tuple[str, str]]:
    """What Django's middleware puts on every page, that this one does not go through."""
    told = "; ".join(
        f"{name} {' '.join(values)}"
        for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    )
    found = [
        ("Content-Security-Policy", told),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]
    if settings.SECURE_HSTS_SECONDS:
        below = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        found.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}{below}"))
    return found


PROTECTED: Final = _protected()
