"""Sessions in the database, that outlive a connection cut."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import InterfaceError, OperationalError, connection


class SessionStore(db.SessionStore):
    """A session is written after all that its request had to do: a connection cut there is opened again once.

    Django tells a database that is away as a session that is gone, which says to who has just saved that its
    request was not understood.
    """

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
