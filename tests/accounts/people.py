"""The cast of these tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

from marelle.accounts.models import User
from marelle.core.actor import Actor
from marelle.journal.origin import Origin

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
HOME = Origin("192.0.2.1", "Firefox · Linux")
PASSWORD = "la marelle du mercredi"
OTHER_PASSWORD = "un goûter sous le tilleul"
AGENT = Actor(user_id=None, label="Guichet")


def someone(identifier: str = "camille", **fields: Any) -> User:
    fields = {"display_name": "Camille Durand", "email": f"{identifier}@example.org", **fields}
    return User.objects.create_user(identifier, PASSWORD, **fields)


class CountingHasher(Argon2PasswordHasher):
    """The real hasher, made cheap, that counts how often it works."""

    algorithm = "argon2"
    time_cost = 1
    memory_cost = 64
    parallelism = 1
    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashes += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        type(self).hashes += 1
        return super().verify(password, encoded)
