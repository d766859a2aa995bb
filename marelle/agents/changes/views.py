"""« Modifications »: what a home proposes for its file, decided field by field on one page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.changes import words
from marelle.agents.changes.forms import DecisionForm
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.families.decisions import changes_in_reach, changes_to_decide
from marelle.families.models import ChangeRequest
from marelle.families.scope import is_own_file
from marelle.files.serving import file_response
from marelle.flows.middleware import MarelleRequest
from marelle.flows.modifications import changes_answer

DECIDE = (Role.ADMINISTRATOR, Role.OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDE)
def change(request: MarelleRequest, change_id: int) -> HttpResponse:
    day = local(request.now).date()
    found = changes_to_decide(request.actor, change_id, day=day)
    if not found:
        raise Http404
    data = request.POST if request.method == "POST" else None
    forms = [DecisionForm(data, subject=subject) for subject in found]
    asked = found[0].change
    waiting = [form for form in forms if form.subject.change.state == ChangeRequest.State.OPEN]
    # Each form says its own errors: none stops at the first.
    valid = [form.is_valid() for form in waiting]
    if request.method == "POST" and all(valid) and _is_answered(request, waiting):
        return redirect("requests:queue")
    context = {
        "family": asked.family,
        "cards": words.cards(forms),
        "change_id": change_id,
        "decides": bool(waiting),
        "own_file": is_own_file(request.actor, family_id=asked.family_id, person_id=asked.person_id, day=day),
    }
    return render(request, "agents/changes/change.html", context)


@require_safe
@staff_only(*DECIDE)
def proof(request: MarelleRequest, change_id: int) -> HttpResponseBase:
    """The file that the home joined to its change."""
    found = changes_in_reach(request.actor).filter(pk=change_id).exclude(proof=None).first()
    if found is None or found.proof is None:
        raise Http404
    return file_response(found.proof)


def _is_answered(request: MarelleRequest, forms: list[DecisionForm]) -> bool:
    decisions = [decision for form in forms if (decision := form.decision()) is not None]
    if not decisions:
        messages.info(request, _("Vous n’avez rien décidé : choisissez « Accepter » ou « Refuser »."))
        return False
    try:
        changes_answer(actor=request.actor, decisions=decisions, now=request.now)
    except Refusal as refusal:
        messages.warning(request, words.refused(refusal))
        return False
    messages.success(request, _("C’est décidé. La famille est prévenue."))
    return True
