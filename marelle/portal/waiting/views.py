"""« Mes attentes »: one page that shows and, by its buttons, says what goes together and what is enough."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.bookings.labels import refusal_text
from marelle.bookings.waiting.joining import (
    waiting_apart,
    waiting_for_one,
    waiting_leave,
    waiting_together,
    waits_of,
)
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.waiting import words
from marelle.portal.waiting.forms import WaitsForm


@require_http_methods(["GET", "HEAD", "POST"])
def waits(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    units = waits_of(request.actor, now=request.now)
    error, ticked, ranks = "", [], {}
    if request.method == "POST":
        form = WaitsForm(request.POST, units=units)
        error = _error(request, form)
        if not error:
            return redirect("waits")
        ticked, ranks = request.POST.getlist("ticked"), request.POST.dict()
    context = {"cards": words.cards(units, ticked, ranks), "error": error}
    return render(request, "portal/waiting/waits.html", context)


def _error(request: MarelleRequest, form: WaitsForm) -> str:
    """Why what is asked is not done; "" once it is."""
    if not form.is_valid():
        wrong = form.errors.get("ticked")
        return str(wrong[0]) if wrong else _("Cette demande n’est pas lisible : recommencez.")
    try:
        told = _done(request, form)
    except Refusal as refusal:
        return refusal_text(refusal)
    messages.success(request, told)
    return ""


def _done(request: MarelleRequest, form: WaitsForm) -> str:
    actor, now, act = request.actor, request.now, form.cleaned_data["act"]
    if act == "together":
        waiting_together(actor=actor, booking_ids=form.order(), now=now)
        return _("C’est noté : ces places vous seront données ensemble, ou pas du tout.")
    if act == "one":
        waiting_for_one(actor=actor, order=form.order(), now=now)
        return _("C’est noté : une seule suffit, dans cet ordre.")
    key = form.cleaned_data["key"]
    if key is None:
        raise Http404
    if act == "apart":
        waiting_apart(actor=actor, booking_id=key, now=now)
        return _("C’est noté : chaque place est attendue pour elle-même.")
    waiting_leave(actor=actor, booking_id=key, now=now)
    return _("C’est noté : vous n’êtes plus sur cette liste d’attente.")
