"""« Documents à vérifier »: the papers of the agent's scope, their pages, and the decision on one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.desk.addresses import latest_case
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.desk.queue import lines
from marelle.agents.guards import staff_only
from marelle.agents.papers import words
from marelle.agents.papers.forms import AcceptForm, RefuseForm
from marelle.cases.selectors import passed_to_office
from marelle.core.refusals import Refusal
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.cases import cases_in_reach
from marelle.flows.papers import asked as flow
from marelle.papers.labels import refusal_text
from marelle.papers.services import KIND
from marelle.places.scope import DECIDERS


@require_safe
@staff_only(*DECIDERS)
def waiting(request: MarelleRequest) -> HttpResponse:
    context = {
        "lines": lines(cases_in_reach(request.actor).filter(kind=KIND), request.now, apart=request.apart),
        "undirected": words.undirected_text(flow.undirected(request.actor)),
    }
    return render(request, "agents/papers/waiting.html", context)


@require_safe
@staff_only(*DECIDERS)
def paper(request: MarelleRequest, paper_id: int) -> HttpResponse:
    return _page(request, _found(request, paper_id))


@require_POST
@staff_only(*DECIDERS)
def accept(request: MarelleRequest, paper_id: int) -> HttpResponse:
    found = _found(request, paper_id)
    form = AcceptForm(request.POST, kind=found.paper.paper_type, day=request.today)
    if not form.is_valid():
        return _page(request, found, accept_form=form)
    try:
        flow.accept(
            actor=request.actor,
            found=found,
            seen=form.seen_pages,
            expires_on=form.cleaned_data.get("expires_on"),
            now=request.now,
        )
    except Refusal as refusal:
        return _refused(request, refusal, paper_id)
    return answered(request, KIND, paper_id, _("Document accepté. La famille sera prévenue dans une minute."))


@require_POST
@staff_only(*DECIDERS)
def refuse(request: MarelleRequest, paper_id: int) -> HttpResponse:
    found = _found(request, paper_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, found, refuse_form=form)
    try:
        flow.refuse(
            actor=request.actor,
            found=found,
            seen=form.seen_pages,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
    except Refusal as refusal:
        return _refused(request, refusal, paper_id)
    told = _("Document refusé. La famille sera prévenue, et peut en envoyer un autre.")
    return answered(request, KIND, paper_id, told)


@require_safe
@staff_only(*DECIDERS)
def page(request: MarelleRequest, paper_id: int, page_id: int) -> FileResponse:
    found = _found(request, paper_id)
    stored = flow.page_read(actor=request.actor, found=found, page_id=page_id, now=request.now)
    if stored is None:
        raise Http404
    return file_response(stored, download="telecharger" in request.GET, framed="cadre" in request.GET)


def _found(request: MarelleRequest, paper_id: int) -> flow.ToCheck:
    found = flow.to_check(request.actor, paper_id, day=request.today)
    if found is None:
        raise Http404
    return found


def _refused(request: MarelleRequest, refusal: Refusal, paper_id: int) -> HttpResponse:
    messages.warning(request, refusal_text(refusal))
    return case_again(request, KIND, paper_id)


def _page(
    request: MarelleRequest,
    found: flow.ToCheck,
    *,
    accept_form: AcceptForm | None = None,
    refuse_form: RefuseForm | None = None,
) -> HttpResponse:
    card = words.card(found)
    seen = {"seen": " ".join(str(page.pk) for page in found.pages)}
    day = request.today
    case = latest_case(KIND, found.paper.pk)
    passed = case is not None and found.reads and passed_to_office(case)
    context: dict[str, Any] = {
        "card": card,
        "blocked": blocked_text(request.actor, case, own_file=False) if passed else "",
        "pages": words.pages(found),
        "accept_form": accept_form or AcceptForm(initial=seen, kind=found.paper.paper_type, day=day),
        "refuse_form": refuse_form or RefuseForm(initial=seen),
        "refusing": refuse_form is not None,
    }
    return case_page(
        request,
        "agents/papers/paper.html",
        kind=KIND,
        subject_id=found.paper.pk,
        title=card.title,
        context=context,
    )
