"""Sessions in the database, that outlive a connection cut, and live as long as their role says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

LIFE: Final = "life"
"""Session key: since when its account is logged in, and how long that lasts."""


class Lived(NamedTuple):
    """Since when an account is logged in, how long that lasts unused (`idle`) and in all (`whole`)."""

    since: datetime
    idle: timedelta
    whole: timedelta

    def ends_at(self, seen: datetime) -> datetime:
        """When it ends, for who opens nothing after `seen`."""
        return min(seen + self.idle, self.since + self.whole)


class SessionStore(db.SessionStore):
    """A session is written after all that its request had to do: a connection cut there is opened again once.

    Django tells a database that is away as a session that is gone, which says to who has just saved that its
    request was not understood.

    That of who is logged in (`life`) ends by its row, whatever the browser keeps: `ends_at` is what the row
    says, where it was read. Its cookie is given for the whole life, since most pages only move the row's end.
    """

    ends_at: datetime | None = None

    @property
    def life(self) -> Lived | None:
        """None of a session that nobody has opened."""
        found = self.get(LIFE)
        if not found:
            return None
        since, idle, whole = found
        return Lived(datetime.fromisoformat(since), timedelta(seconds=idle), timedelta(seconds=whole))

    @life.setter
    def life(self, life: Lived) -> None:
        self[LIFE] = [life.since.isoformat(), life.idle.total_seconds(), life.whole.total_seconds()]

    def move_end(self, ends_at: datetime) -> None:
        """Say in the row alone when it ends: what another request writes in the session meanwhile stays."""
        Session.objects.filter(pk=self.session_key).update(expire_date=ends_at)

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        life = self.life
        return life.ends_at(timezone.now()) if life else super().get_expiry_date(**kwargs)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Of the cookie, in seconds."""
        life = self.life
        if life is None:
            return super().get_expiry_age(**kwargs)
        return max(0, int((life.since + life.whole - timezone.now()).total_seconds()))

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        self.ends_at = row.expire_date if row is not None else None
        return row

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except (UpdateError, OperationalError, InterfaceError) as error:
            lost = error.__context__ if isinstance(error, UpdateError) else error
            if not isinstance(lost, OperationalError | InterfaceError):
                raise
            if connection.in_atomic_block or connection.vendor == "sqlite":
                raise lost from None
        else:
            return
        connection.close()
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
