"""« Demandes à traiter »: the requests of the agent's scope, and the decision on one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.cases import cases_in_reach
from marelle.agents.guards import staff_only
from marelle.agents.papers.words import undirected_text
from marelle.agents.requests import words
from marelle.agents.requests.forms import AcceptForm, RefuseForm
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.enrolments import services
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.refusals import NotYours
from marelle.enrolments.selectors import Request, request_to_decide
from marelle.flows.acting import may_act
from marelle.flows.middleware import MarelleRequest
from marelle.flows.papers import undirected
from marelle.places.scope import may_decide


@require_safe
@staff_only()
def queue(request: MarelleRequest) -> HttpResponse:
    lines = words.lines(cases_in_reach(request.actor), request.now)
    context = {
        "lines": lines,
        "lead": words.queue_lead(lines),
        "decides": may_decide(request.actor),
        "undirected": undirected_text(undirected(request.actor)),
    }
    return render(request, "agents/requests/queue.html", context)


@require_safe
@staff_only()
def request_page(request: MarelleRequest, enrolment_id: int) -> HttpResponse:
    return _page(request, _found(request, enrolment_id))


@require_POST
@staff_only()
def accept(request: MarelleRequest, enrolment_id: int) -> HttpResponse:
    found = _found(request, enrolment_id)
    form = AcceptForm(request.POST, groups=found.enrolment.activity.groups.all())
    if not form.is_valid():
        return _page(request, found, accept_form=form)
    try:
        services.enrolment_accept(
            actor=request.actor,
            enrolment_id=enrolment_id,
            group_id=form.cleaned_data.get("group"),
            now=request.now,
        )
    except Refusal as refusal:
        return _refused(request, refusal, enrolment_id)
    messages.success(request, _("Inscription acceptée. La famille est prévenue."))
    return redirect("requests:queue")


@require_POST
@staff_only()
def refuse(request: MarelleRequest, enrolment_id: int) -> HttpResponse:
    found = _found(request, enrolment_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, refuse_form=form)
    try:
        services.enrolment_refuse(
            actor=request.actor,
            enrolment_id=enrolment_id,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except Refusal as refusal:
        return _refused(request, refusal, enrolment_id)
    messages.success(
        request, _("Demande refusée. La famille est prévenue ; l’appel à lui passer attend dans la liste.")
    )
    return redirect("requests:queue")


def _found(request: MarelleRequest, enrolment_id: int) -> Request:
    found = request_to_decide(request.actor, enrolment_id, now=request.now)
    if found is None:
        raise Http404
    return found


def _refused(request: MarelleRequest, refusal: Refusal, enrolment_id: int) -> HttpResponse:
    if isinstance(refusal, NotYours):
        raise Http404
    messages.warning(request, refusal_text(refusal))
    return redirect("requests:request", enrolment_id)


def _page(
    request: MarelleRequest,
    found: Request,
    *,
    accept_form: AcceptForm | None = None,
    refuse_form: RefuseForm | None = None,
) -> HttpResponse:
    groups = found.enrolment.activity.groups.all()
    lines = words.lines(cases_in_reach(request.actor), request.now, ("enrolment", found.enrolment.pk))
    context: dict[str, Any] = {
        "lines": lines,
        "lead": words.queue_lead(lines),
        "enrolment_id": found.enrolment.pk,
        "title": words.title(found),
        "pairs": words.pairs(found),
        "places": words.place_days(found),
        "opens_family": may_act(request.actor) and not found.own_file,
        "family_id": found.enrolment.family_id,
        "care_child_id": words.care_child_id(found, local(request.now).date()),
        "decided": words.decided(found),
        "own_file": found.own_file,
        "accept_form": accept_form or AcceptForm(groups=groups, initial={"group": found.group_id}),
        "refuse_form": refuse_form or RefuseForm(),
        "refusing": refuse_form is not None,
    }
    return render(request, "agents/requests/request.html", context)
