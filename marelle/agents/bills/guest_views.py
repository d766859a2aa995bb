"""« Accès en ligne » of a payer: who reads its bills, invited, stopped, erased."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts.services import AccessRefused
from marelle.agents.bills.guest_forms import GuestForm
from marelle.agents.guards import staff_only
from marelle.agents.guests import GuestEndForm, access_rows, refusal_text, sent_text
from marelle.agents.invoices.views import KEEPERS
from marelle.billing import guests
from marelle.billing.guest_bills import accesses_of
from marelle.billing.models import Payer, PayerAccess
from marelle.billing.paying import payers_of
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.shell.again import recognised_first


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
@recognised_first
def accesses(request: MarelleRequest, payer_id: int) -> HttpResponse:
    payer = _payer(request, payer_id)
    form = GuestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            given = guests.payer_invite(
                actor=request.actor,
                payer_id=payer.pk,
                name=form.cleaned_data["name"],
                email=form.cleaned_data["email"],
                now=request.now,
            )
        except AccessRefused as refusal:
            form.refuse(refusal)
        else:
            told = _(
                "Cette personne a déjà un accès de payeur\u00a0: elle lit aussi ces factures, un courriel le "
                "lui dit."
            )
            if given.sent is not None:
                told = sent_text(given.sent.expires_at)
            messages.success(request, told)
            return redirect("agents_bills:payer_accesses", payer.pk)
    rows = access_rows(
        accesses_of(request.actor, payer.pk),
        lambda act, pk: reverse(f"agents_bills:payer_{act}", args=[payer.pk, pk]),
        request.now,
    )
    return render(request, "agents/bills/accesses.html", {"payer": payer, "rows": rows, "form": form})


@require_POST
@staff_only(*KEEPERS)
@recognised_first
def invite_again(request: MarelleRequest, payer_id: int, access_id: int) -> HttpResponse:
    access = _access(request, payer_id, access_id)
    try:
        sent = guests.payer_invite_again(
            actor=request.actor, payer_id=payer_id, access_id=access.pk, now=request.now
        )
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, sent_text(sent.expires_at))
    return redirect("agents_bills:payer_accesses", payer_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
@recognised_first
def end(request: MarelleRequest, payer_id: int, access_id: int) -> HttpResponse:
    access = _access(request, payer_id, access_id)
    form = GuestEndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            guests.payer_access_end(
                actor=request.actor,
                payer_id=payer_id,
                access_id=access.pk,
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except AccessRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                _("L’accès est arrêté\u00a0: cette personne est déconnectée, et un courriel le lui dit."),
            )
            return redirect("agents_bills:payer_accesses", payer_id)
    return render(
        request,
        "agents/bills/access_end.html",
        {"access": access, "payer_name": str(access.payer), "form": form},
    )


@require_POST
@staff_only(*KEEPERS)
@recognised_first
def erase(request: MarelleRequest, payer_id: int, access_id: int) -> HttpResponse:
    access = _access(request, payer_id, access_id)
    try:
        guests.payer_access_erase(
            actor=request.actor, payer_id=payer_id, access_id=access.pk, now=request.now
        )
    except AccessRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Son nom et son adresse sont effacés."))
    return redirect("agents_bills:payer_accesses", payer_id)


def _payer(request: MarelleRequest, payer_id: int) -> Payer:
    row = payers_of(request.actor).filter(pk=payer_id).first()
    if row is None:
        raise Http404
    return row


def _access(request: MarelleRequest, payer_id: int, access_id: int) -> PayerAccess:
    row = accesses_of(request.actor, payer_id).filter(pk=access_id).first()
    if row is None:
        raise Http404
    return row
