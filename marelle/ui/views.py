"""Error pages. Each says what happened and what to do next. The signatures are Django's."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from marelle.core.fate import Fate, is_away, is_full, is_lost
from marelle.core.request_id import request_id

SAFE: Final = {"GET", "HEAD", "OPTIONS", "TRACE"}
"""Methods that ask and write nothing that somebody typed."""


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself refuses to read: files too many or heavy (413), anything malformed (400).

    A session closed elsewhere while its form was being saved (409) is no misunderstanding: it may be saved.
    Whoever only asked for a page asks again, without a session.
    """
    if isinstance(exception, SessionInterrupted):
        if request.method in SAFE:
            return redirect(escape_leading_slashes(request.get_full_path()))
        return _failed(request, exception, HTTPStatus.CONFLICT)
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return render(request, "ui/413.html", {"page_url": page_of_form(request)}, status=413)
    return render(request, "ui/400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "ui/403.html", status=403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "ui/404.html", status=404)


@login_not_required
def method_not_allowed(request: HttpRequest, *, allow: str) -> HttpResponse:
    """405. `allow` names the methods that the address takes, as its header does."""
    response = render(request, "ui/405.html", status=405)
    response["Allow"] = allow
    return response


@login_not_required
def too_many_requests(
    request: HttpRequest,
    *,
    retry_after: int | None = None,
    retry_text: str = "",
    by_mail_url: str = "",
) -> HttpResponse:
    """429. `retry_after` is in seconds; `retry_text` says when to try again, in a whole sentence.

    `by_mail_url` is where who owns the account asks for a new password, which lets it in at once.
    """
    context = {
        "retry_text": retry_text or _("Attendez quelques minutes avant de réessayer."),
        "by_mail_url": by_mail_url,
    }
    response = render(request, "ui/429.html", context, status=429)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


@login_not_required
def too_busy(request: HttpRequest, *, retry_after: int) -> HttpResponse:
    """503, of a form that nobody has had the time to look at. `retry_after` is in seconds."""
    response = render(request, "ui/503.html", {"page_url": page_of_form(request)}, status=503)
    response["Retry-After"] = str(retry_after)
    return response


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database, the disk or the store of files fails, which may be over in a minute.

    Rendered without the request: whatever broke may be in a context processor or the database. To who sent a
    form it says what became of it, as far as that is known.
    """
    error = sys.exception()
    away = is_full(error) or is_lost(error) or is_away(error)
    return _failed(
        request, error, HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.INTERNAL_SERVER_ERROR
    )


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form whose token is stale: 403, with a link that opens its page afresh."""
    return render(request, "ui/csrf.html", {"page_url": page_of_form(request)}, status=403)


def _failed(request: HttpRequest, error: BaseException | None, status: HTTPStatus) -> HttpResponse:
    fate = ""
    if request.method not in SAFE:
        written = getattr(request, "written", None)
        fate = written.fate(error) if written else Fate.UNKNOWN
    context = {
        "fate": fate,
        "is_full": is_full(error),
        "is_away": is_away(error),
        "logged_out": isinstance(error, SessionInterrupted),
        "page_url": page_of_form(request),
        "reference": request_id.get(),
    }
    return HttpResponse(render_to_string("ui/500.html", context), status=status)


def page_wanted(request: HttpRequest) -> str:
    """Where the visitor was going (`next`), if it is a page of here; else ""."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here and wanted.startswith("/") else ""


def page_of_form(request: HttpRequest) -> str:
    """Where the form was shown, if the browser says so and it is here; else the posted address."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(referer)
        path = escape_leading_slashes(parts.path)
        return f"{path}?{parts.query}" if parts.query else path
    return request.get_full_path()
