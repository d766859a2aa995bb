"""Recognising an account by its identifier, or by its mail address when it alone has it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from marelle.accounts.models import User


class IdentifierOrMailBackend(ModelBackend):
    """One query and one hash whoever is asked for, so that the time says nothing about who exists."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django gives it by name
        username: str | None = None,
        password: str | None = None,
        **_credentials: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        found = list(User.objects.reached_by(username).select_related("merged_into")[:2])
        if len(found) != 1:
            User().set_password(password)
            return None
        user = found[0].merged_into or found[0]
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
