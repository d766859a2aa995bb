"""Proofs of absence: read, accepted, or refused with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bookings import words
from marelle.agents.bookings.forms import ReasonForm
from marelle.agents.cases import cases_in_reach
from marelle.agents.guards import staff_only
from marelle.agents.requests.words import lines, queue_lead
from marelle.bookings.absence_pages import KIND, ProofToDecide, proof_to_decide
from marelle.bookings.absences import absence_proof_decide
from marelle.bookings.labels import refusal_text
from marelle.bookings.refusals import NotYours
from marelle.core.refusals import Refusal
from marelle.files.serving import file_response
from marelle.flows.middleware import MarelleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def proof(request: MarelleRequest, proof_id: int) -> HttpResponse:
    found = _found(request, proof_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _decide(request, proof_id, form)
    cases = lines(cases_in_reach(request.actor), request.now, (KIND, proof_id))
    context = {
        "lines": cases,
        "lead": queue_lead(cases),
        "proof_id": proof_id,
        "child": found.proof.child,
        "pairs": words.proof_pairs(found),
        "decided": words.decided(found.case),
        "own_file": found.own_file,
        "form": form,
    }
    return render(request, "agents/bookings/proof.html", context)


@require_safe
@staff_only()
def proof_file(request: MarelleRequest, proof_id: int) -> HttpResponseBase:
    found = _found(request, proof_id)
    if found.own_file:
        raise Http404
    return file_response(found.proof.file)


def _found(request: MarelleRequest, proof_id: int) -> ProofToDecide:
    found = proof_to_decide(request.actor, proof_id, now=request.now)
    if found is None:
        raise Http404
    return found


def _decide(request: MarelleRequest, proof_id: int, form: ReasonForm) -> HttpResponse:
    accept = form.cleaned_data["answer"] == "accept"
    try:
        absence_proof_decide(
            actor=request.actor,
            proof_id=proof_id,
            accept=accept,
            refusal=form.cleaned_data["reason"],
            now=request.now,
        )
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_bookings:proof", proof_id)
    messages.success(
        request,
        _("Absence justifiée. La famille est prévenue.")
        if accept
        else _("Justificatif refusé. La famille est prévenue."),
    )
    return redirect("requests:queue")
