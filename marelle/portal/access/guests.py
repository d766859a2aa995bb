"""Which addresses a guest's account opens: those that are named here, and no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from marelle.core.actor import Guest
from marelle.flows.actor.middleware import MarelleRequest

OF_EVERY_GUEST: Final = frozenset(
    {
        "access:disconnection",
        "account:account",
        "account:again",
        "account:authenticator",
        "account:authenticator_picture",
        "account:authenticator_remove",
        "account:close",
        "account:close_all",
        "account:close_others",
        "account:codes",
        "account:data",
        "account:devices",
        "account:download",
        "account:email",
        "account:forget",
        "account:identifier",
        "account:passkey",
        "account:passkey_new",
        "account:passkey_remove",
        "account:password",
        "account:second",
        "history:history",
    }
)
"""Its own account, what it did, and what is held of it."""

OWN: Final[Mapping[Guest, frozenset[str]]] = {
    Guest.PAYER: frozenset({"payer:bills", "payer:bill", "payer:pdf"}),
    Guest.TEEN: frozenset({"teen:planning"}),
    Guest.CHILDMINDER: frozenset(
        {"childminder:mornings", "childminder:register", "childminder:cancel", "childminder:leave"}
    ),
}
"""By kind of guest, the routes that are there for it alone."""


class GuestMiddleware:
    """Closed by default: to a guest every other page that asks for a login is not there, by any method.

    What is open to everybody is open to it. A new route is closed to guests until it is named above.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: MarelleRequest, view: Callable[..., HttpResponseBase], *_arguments: object
    ) -> None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        guest, match = request.actor.guest, request.resolver_match
        if guest is None or match is None:
            return
        if match.view_name not in OF_EVERY_GUEST | OWN[guest]:
            raise Http404
