"""Who is not logged in is led to the login page."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import middleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from marelle.ui.views import page_of_form


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's, but a form sent after the session has ended says so, and the way back is the form's own page:
    the address that it was posted to may have no page to show."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        messages.warning(
            request,
            _(
                "Vous étiez déconnecté : rien n’a été enregistré. Connectez-vous, vous retrouverez la page, "
                "puis recommencez."
            ),
        )
        return redirect_to_login(page_of_form(request), self.get_login_url(view_func))
