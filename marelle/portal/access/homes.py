"""Where somebody who has just come in goes."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.urls import reverse

from marelle.accounts.models import User
from marelle.flows.actor.actors import actor_for

STAFF_HOME: Final = "/agents/"


def home_of(user: User) -> str:
    """The dashboard of the family, or, for who has none, the agents' side, or the administration."""
    actor = actor_for(user)
    if actor.family_id is not None:
        return settings.LOGIN_REDIRECT_URL
    if user.is_staff and not actor.is_staff:
        return reverse("admin:index")
    return STAFF_HOME if actor.is_staff else settings.LOGIN_REDIRECT_URL
