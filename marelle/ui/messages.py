"""Where the sentence that confirms an act waits for the next page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class SaidCookie(CookieStorage):
    """Django's, by a name that no other host may write."""

    cookie_name = f"{settings.COOKIE_HOST}messages"


class SaidStorage(FallbackStorage):
    """Django's own choice: the cookie, and the session for what is too long."""

    storage_classes = (SaidCookie, SessionStorage)
