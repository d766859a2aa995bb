"""Bookings that families ask for: validated, or refused with a reason, cell by cell."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.bookings import words
from marelle.agents.bookings.forms import ReasonForm
from marelle.agents.cases import cases_in_reach
from marelle.agents.guards import staff_only
from marelle.agents.requests.words import lines, queue_lead
from marelle.bookings.labels import refusal_text
from marelle.bookings.refusals import NotYours, ReasonMissing
from marelle.bookings.request_pages import RequestToAnswer, request_to_answer
from marelle.bookings.requests import KIND
from marelle.bookings.validation import bookings_answer
from marelle.core.refusals import Refusal
from marelle.flows.middleware import MarelleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def answer(request: MarelleRequest, request_id: int) -> HttpResponse:
    found = request_to_answer(request.actor, request_id, now=request.now)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, ReasonForm(), None)
    form = ReasonForm(request.POST)
    refuses_all = request.POST.get("answer") == "refuse"
    posted = set() if refuses_all else set(request.POST.getlist("b"))
    ticked = {cell.booking.pk for cell in found.cells if str(cell.booking.pk) in posted}
    if not form.is_valid():
        return _page(request, found, form, ticked)
    try:
        bookings_answer(
            actor=request.actor,
            request_id=request_id,
            accepted=ticked,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except NotYours as refusal:
        raise Http404 from refusal
    except ReasonMissing as refusal:
        form.add_error("reason", refusal_text(refusal))
        return _page(request, found, form, ticked)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_bookings:request", request_id)
    messages.success(request, _("Réponse enregistrée. La famille est prévenue."))
    return redirect("requests:queue")


def _page(
    request: MarelleRequest, found: RequestToAnswer, form: ReasonForm, ticked: set[int] | None
) -> HttpResponse:
    """`ticked` is what was posted; None ticks every cell."""
    cases = lines(cases_in_reach(request.actor), request.now, (KIND, found.request.pk))
    context = {
        "lines": cases,
        "lead": queue_lead(cases),
        "title": f"{found.request.child} → {found.request.activity.name}",
        "pairs": words.request_pairs(found),
        "cells": words.cell_boxes(found, ticked),
        "answered": words.answered_lines(found),
        "decided": words.decided(found.case),
        "own_file": found.own_file,
        "form": form,
    }
    return render(request, "agents/bookings/request.html", context)
