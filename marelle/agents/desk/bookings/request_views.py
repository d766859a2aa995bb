"""Bookings that families ask for: validated, or refused with a reason, cell by cell."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.bookings import words
from marelle.agents.desk.bookings.forms import ReasonForm
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.bookings.labels import refusal_text
from marelle.bookings.refusals import ReasonMissing
from marelle.bookings.requests.pages import RequestToAnswer, request_to_answer
from marelle.bookings.requests.services import bookings_answer
from marelle.bookings.saving.requests import KIND
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.case_file import case_file

ID_OF_ALL = "id_all_%s"
# Of the form that refuses all: the other, of the days ticked, asks for a reason too.


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def answer(request: MarelleRequest, request_id: int) -> HttpResponse:
    found = request_to_answer(request.actor, request_id, now=request.now)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, None, None)
    refuses_all = request.POST.get("answer") == "refuse"
    form = ReasonForm(request.POST, auto_id=ID_OF_ALL if refuses_all else True)
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
    except ReasonMissing as refusal:
        form.add_error("reason", refusal_text(refusal))
        return _page(request, found, form, ticked)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return case_again(request, KIND, request_id)
    return answered(
        request, KIND, request_id, _("Réponse enregistrée. La famille sera prévenue dans une minute.")
    )


def _page(
    request: MarelleRequest, found: RequestToAnswer, sent: ReasonForm | None, ticked: set[int] | None
) -> HttpResponse:
    """`sent` and `ticked` are what was posted; None ticks every cell."""
    refuses_all = sent is not None and sent.auto_id == ID_OF_ALL
    asked = found.request
    file = case_file(
        request.actor,
        family_id=asked.family_id,
        child=asked.child,
        activity_id=asked.activity_id,
        authority_id=asked.activity.structure.authority_id,
        now=request.now,
    )
    context = {
        "facts": words.request_facts(found, file),
        "cells": words.cell_boxes(found, ticked),
        "answered": words.answered_lines(found),
        "blocked": blocked_text(request.actor, found.case, own_file=found.own_file),
        "sent": sent,
        "form": ReasonForm() if sent is None or refuses_all else sent,
        "refuse_form": sent if refuses_all else ReasonForm(auto_id=ID_OF_ALL),
        "refusing": refuses_all,
    }
    return case_page(
        request,
        "agents/bookings/request.html",
        kind=KIND,
        subject_id=found.request.pk,
        title=f"{found.request.child} → {found.request.activity.name}",
        context=context,
    )
