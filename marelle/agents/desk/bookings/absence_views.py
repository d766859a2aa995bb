"""Proofs of absence: read, accepted, or refused with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.bookings import words
from marelle.agents.desk.bookings.forms import ProofAnswerForm
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.desk.viewer import file_page
from marelle.agents.guards import staff_only
from marelle.bookings.absences.pages import KIND, ProofToDecide, proof_read, proof_to_decide
from marelle.bookings.absences.services import absence_proof_decide
from marelle.bookings.labels import refusal_text
from marelle.core.refusals import Refusal
from marelle.files.labels import not_seen_text
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.home_file import home_file


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def proof(request: MarelleRequest, proof_id: int) -> HttpResponse:
    found = _found(request, proof_id)
    form = ProofAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _decide(request, proof_id, form)
    home = home_file(
        request.actor,
        found.proof.family_id,
        authority_id=found.proof.structure.authority_id,
        child_id=found.proof.child_id,
        now=request.now,
    )
    file_url = reverse("agents_bookings:proof_file", args=[proof_id])
    context = {
        "proof_id": proof_id,
        "facts": words.proof_facts(found, home),
        "own_file": found.own_file,
        "pages": [] if found.own_file else [file_page(found.proof.file, file_url)],
        "unseen": not_seen_text([found.proof.file]),
        "blocked": blocked_text(request.actor, found.case, own_file=found.own_file),
        "form": form,
        "too_late": found.too_late,
        "may_derogate": any(grade.proof != 0 for grade in found.grades.values()),
    }
    return case_page(
        request,
        "agents/bookings/proof.html",
        kind=KIND,
        subject_id=proof_id,
        title=str(found.proof.child),
        context=context,
    )


@require_safe
@staff_only()
def proof_file(request: MarelleRequest, proof_id: int) -> HttpResponseBase:
    found = _found(request, proof_id)
    if found.own_file:
        raise Http404
    stored = proof_read(request.actor, found.proof, now=request.now)
    return file_response(stored, download="telecharger" in request.GET, framed="cadre" in request.GET)


def _found(request: MarelleRequest, proof_id: int) -> ProofToDecide:
    found = proof_to_decide(request.actor, proof_id, now=request.now)
    if found is None:
        raise Http404
    return found


def _decide(request: MarelleRequest, proof_id: int, form: ProofAnswerForm) -> HttpResponse:
    answer = form.cleaned_data["answer"]
    accept = answer != "refuse"
    try:
        absence_proof_decide(
            actor=request.actor,
            proof_id=proof_id,
            accept=accept,
            refusal=form.cleaned_data["reason"],
            derogation=form.cleaned_data["derogation"] if answer == "in_time" else "",
            now=request.now,
        )
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return case_again(request, KIND, proof_id)
    told = (
        _("Absence justifiée. La famille sera prévenue dans une minute.")
        if accept
        else _("Justificatif refusé. La famille sera prévenue dans une minute.")
    )
    return answered(request, KIND, proof_id, told)
