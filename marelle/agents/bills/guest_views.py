"""« Accès en ligne » of a payer: who reads its bills, invited, stopped, erased."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts.services import AccessRefused
from marelle.agents.bills.guest_forms import GuestForm
from marelle.agents.guards import staff_only
from marelle.agents.guests import AccessPages, refusal_text, sent_text
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.guest_bills import accesses_of
from marelle.billing.guests import DOOR, payer_invite
from marelle.billing.paying import payers_of
from marelle.flows.actor.middleware import MarelleRequest
from marelle.shell.again import recognised_first

PAGES = AccessPages(
    door=DOOR,
    accesses_of=accesses_of,
    routes="agents_bills:payer_",
    end_page="agents/bills/access_end.html",
    ended=gettext_lazy(
        "L’accès est arrêté\u00a0: cette personne est déconnectée, et un courriel le lui dit."
    ),
    erased=gettext_lazy("Son nom et son adresse sont effacés."),
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
@recognised_first
def accesses(request: MarelleRequest, payer_id: int) -> HttpResponse:
    payer = get_object_or_404(payers_of(request.actor), pk=payer_id)
    form = GuestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            given = payer_invite(
                actor=request.actor,
                payer_id=payer.pk,
                name=form.cleaned_data["name"],
                email=form.cleaned_data["email"],
                now=request.now,
            )
        except AccessRefused as refusal:
            form.add_error("email", refusal_text(refusal))
        else:
            told = _(
                "Cette personne a déjà un accès de payeur\u00a0: elle lit aussi ces factures, un courriel le "
                "lui dit."
            )
            if given.sent is not None:
                told = sent_text(given.sent.expires_at)
            messages.success(request, told)
            return PAGES.back(payer.pk)
    context = {"payer": payer, "rows": PAGES.rows(request, payer.pk), "form": form}
    return render(request, "agents/bills/accesses.html", context)


@require_POST
@staff_only(*KEEPERS)
@recognised_first
def invite_again(request: MarelleRequest, payer_id: int, access_id: int) -> HttpResponse:
    return PAGES.invite_again(request, payer_id, access_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
@recognised_first
def end(request: MarelleRequest, payer_id: int, access_id: int) -> HttpResponse:
    return PAGES.end(request, payer_id, access_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
@recognised_first
def erase(request: MarelleRequest, payer_id: int, access_id: int) -> HttpResponse:
    return PAGES.erase(request, payer_id, access_id)
