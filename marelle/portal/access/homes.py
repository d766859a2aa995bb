"""Where somebody who has just come in goes."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.urls import reverse

from marelle.accounts.models import User
from marelle.core.actor import Guest
from marelle.flows.actor.actors import actor_for
from marelle.shell.menus import GUEST_HOMES

STAFF_HOME: Final = "/agents/"


def guest_of(user: User) -> Guest | None:
    return Guest(user.guest) if user.guest else None


def home_of(user: User) -> str:
    """The dashboard of the family, or, for who has none, the agents' side, or the administration; a guest's
    own first page."""
    actor = actor_for(user)
    if actor.guest is not None:
        return GUEST_HOMES[actor.guest]
    if actor.family_id is not None:
        return settings.LOGIN_REDIRECT_URL
    if user.is_staff and not actor.is_staff:
        return reverse("admin:index")
    return STAFF_HOME if actor.is_staff else settings.LOGIN_REDIRECT_URL
