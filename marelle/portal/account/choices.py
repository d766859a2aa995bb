"""Which mails an account gets, and the address of its calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.accounts.selectors import own_account
from marelle.accounts.services import notices_choose
from marelle.flows.actor.feed import feed_address, feed_renew
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.account.forms import NoticesForm


@require_http_methods(["GET", "POST"])
def notices(request: MarelleRequest) -> HttpResponse:
    user = own_account(request.actor)
    form = NoticesForm(request.POST if request.method == "POST" else None, notices=user.notices)
    if request.method == "POST" and form.is_valid():
        notices_choose(actor=request.actor, wanted=form.cleaned_data["wanted"], now=request.now)
        messages.success(request, _("Vos choix de courriels sont enregistrés."))
        return redirect("account:account")
    return render(request, "account/notices.html", {"form": form, "email": user.email})


@require_http_methods(["GET", "POST"])
def calendar(request: MarelleRequest) -> HttpResponse:
    """Shows the secret address; a POST gives another one."""
    if request.actor.person_id is None:
        raise Http404
    if request.method == "POST":
        feed_renew(actor=request.actor, now=request.now)
        messages.success(
            request, _("Votre calendrier a une nouvelle adresse. L’ancienne ne mène plus nulle part.")
        )
        return redirect("account:calendar")
    address = feed_address(own_account(request.actor))
    context = {"address": address, "subscribe": "webcal://" + address.partition("://")[2]}
    return render(request, "account/calendar.html", context)
