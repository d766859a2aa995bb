"""A session of somebody who did not log in, on a copy of a portal: the bench's, or that of a drill."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import User
from marelle.accounts.recognised import Factor, Recognised
from marelle.core.sessions import SessionStore
from marelle.flows.actor.actors import actor_for
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.lives import life_of
from marelle.portal.access.sessions import life_begin
from marelle.shell.again import opened_keep


def session_of(user: User) -> str:
    """The key of a session of `user` that begins now, opened by all that its account has."""
    session, now, request = SessionStore(), timezone.now(), HttpRequest()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request.session = session
    opened_keep(cast("MarelleRequest", request), Recognised(user.pk, now, frozenset(Factor)))
    life_begin(session, life_of(actor_for(user)), now=now)
    session.save()
    return cast("str", session.session_key)


def client_of(user: User) -> Client:
    """With answers as they are made, not compressed."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    client = Client(SERVER_NAME=host, headers={"accept-encoding": "identity"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


def cookie_of(user: User) -> str:
    """A session of `user`, as the header that carries it."""
    return f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"
