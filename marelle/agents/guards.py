"""Who may open the staff side."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from marelle.agents.other_home import closed_page, closed_to
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest

P = ParamSpec("P")
View = Callable[Concatenate[MarelleRequest, P], HttpResponseBase]

EVERY_ROLE = tuple(Role)


def staff_only(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Answers 403 to accounts without one of `roles` (any role when none is named), and for what is of the
    other home of a child of who asks.

    What a role may see within the page is the selector's to say.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: MarelleRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(power.role in (roles or EVERY_ROLE) for power in request.actor.powers):
                raise PermissionDenied
            if closed_to(request, kwargs):
                return closed_page(request)
            return view(request, *args, **kwargs)

        return guarded

    return guard
