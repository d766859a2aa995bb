"""The address in List-Unsubscribe of news and reminders: a page, and the post of a mailbox's program."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from marelle.accounts.notices import wants
from marelle.accounts.services import notice_stop
from marelle.accounts.stopping import stop_read
from marelle.flows.actor.actors import account_with_actor
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.account.forms import NOTICES


@login_not_required
@csrf_exempt  # RFC 8058: a mailbox's program posts without cookie; the signed address says all that is done
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: MarelleRequest, token: str) -> HttpResponse:
    """Stops by a post alone: what reads mails for viruses follows links, but presses nothing.

    A mailbox's program follows no redirection after its post; a browser gets one, as after any form.
    """
    stopped = stop_read(token)
    user = account_with_actor(stopped.user_id) if stopped else None
    if stopped is None or user is None or user.actor is None or not user.is_active:
        raise Http404
    if request.method == "POST":
        notice_stop(actor=user.actor, notice=stopped.notice, now=request.now)
        if request.POST.get("List-Unsubscribe") != "One-Click":
            return redirect("stop_mails", token)
    is_stopped = request.method == "POST" or not wants(user.notices, stopped.notice)
    return render(request, "account/stop.html", {"what": NOTICES[stopped.notice], "is_stopped": is_stopped})
