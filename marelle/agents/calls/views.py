"""« Appel à passer »: after a refusal, whom to call, why, and what came of each call."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.calls import words
from marelle.agents.calls.forms import CallForm
from marelle.agents.guards import staff_only
from marelle.cases.selectors import cases_about
from marelle.cases.services import AlreadyDecided
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.refusals import NotYours
from marelle.enrolments.selectors import call_to_make, whom_to_call
from marelle.enrolments.services import CALL, KIND, call_note
from marelle.flows.middleware import MarelleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def call(request: MarelleRequest, refused_id: int) -> HttpResponse:
    day = local(request.now).date()
    enrolment = call_to_make(request.actor, refused_id)
    if enrolment is None:
        raise Http404
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _noted(request, form, refused_id)
    case = cases_about(kind=CALL, subject_kind=KIND, subject_ids=[refused_id])[refused_id]
    context = {
        "enrolment": enrolment,
        "pairs": words.pairs(enrolment),
        "people": words.people(whom_to_call(enrolment, day=day), enrolment),
        "calls": words.calls(enrolment.call_notes.all()),
        "done": words.done(case),
        "form": form,
    }
    return render(request, "agents/calls/call.html", context)


def _noted(request: MarelleRequest, form: CallForm, refused_id: int) -> HttpResponse:
    reached = form.cleaned_data["outcome"] == "reached"
    try:
        call_note(
            actor=request.actor,
            enrolment_id=refused_id,
            reached=reached,
            note=form.cleaned_data["note"],
            now=request.now,
        )
    except NotYours as refusal:
        raise Http404 from refusal
    except AlreadyDecided:
        messages.info(request, _("Un collègue a joint la famille avant vous."))
        return redirect("agents_calls:call", refused_id)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_calls:call", refused_id)
    if reached:
        messages.success(request, _("C’est noté : la famille a été jointe."))
        return redirect("requests:queue")
    messages.success(request, _("C’est noté : l’appel reste à passer."))
    return redirect("agents_calls:call", refused_id)
