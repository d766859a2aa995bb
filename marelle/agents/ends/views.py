"""« Fin d’inscription »: what a home asks to end, what would be cancelled, and the decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.ends import words
from marelle.agents.guards import staff_only
from marelle.agents.requests.forms import RefuseForm
from marelle.bookings.ending import later_bookings
from marelle.bookings.ending_labels import later_lines
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.models import EndRequest
from marelle.enrolments.refusals import NotYours
from marelle.enrolments.selectors import end_to_decide
from marelle.enrolments.services import end_refuse
from marelle.families.scope import is_own_file
from marelle.flows.ending import enrolment_end
from marelle.flows.middleware import MarelleRequest


@require_safe
@staff_only()
def end(request: MarelleRequest, end_id: int) -> HttpResponse:
    return _page(request, _found(request, end_id), RefuseForm())


@require_POST
@staff_only()
def accept(request: MarelleRequest, end_id: int) -> HttpResponse:
    _found(request, end_id)
    try:
        enrolment_end(actor=request.actor, end_id=end_id, now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal, end_id)
    messages.success(request, _("Fin d’inscription acceptée. La famille est prévenue."))
    return redirect("requests:queue")


@require_POST
@staff_only()
def refuse(request: MarelleRequest, end_id: int) -> HttpResponse:
    found = _found(request, end_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        end_refuse(actor=request.actor, end_id=end_id, reason=form.cleaned_data["reason"], now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal, end_id)
    messages.success(request, _("Demande refusée : l’inscription continue. La famille est prévenue."))
    return redirect("requests:queue")


def _found(request: MarelleRequest, end_id: int) -> EndRequest:
    found = end_to_decide(request.actor, end_id)
    if found is None:
        raise Http404
    return found


def _refused(request: MarelleRequest, refusal: Refusal, end_id: int) -> HttpResponse:
    if isinstance(refusal, NotYours):
        raise Http404
    messages.warning(request, refusal_text(refusal))
    return redirect("agents_ends:end", end_id)


def _page(request: MarelleRequest, found: EndRequest, form: RefuseForm) -> HttpResponse:
    enrolment = found.enrolment
    context = {
        "end": found,
        "title": f"{enrolment.person} → {enrolment.activity.name}",
        "pairs": words.pairs(found),
        "later": later_lines(later_bookings(enrolment.pk, found.last_day)),
        "decided": words.decided(found),
        "own_file": is_own_file(
            request.actor,
            family_id=enrolment.family_id,
            person_id=enrolment.person_id,
            day=local(request.now).date(),
        ),
        "form": form,
        "refusing": form.is_bound,
    }
    return render(request, "agents/ends/end.html", context)
