"""« Mes documents »: what is asked of the home and of each of its people, and sending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.core.refusals import Refusal
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.papers import papers_before_request
from marelle.flows.papers import asked as flow
from marelle.papers import selectors, services
from marelle.papers.labels import refusal_text
from marelle.papers.models import Paper
from marelle.papers.rules import PaperState
from marelle.portal.papers import words
from marelle.portal.papers.forms import PagesForm


@require_safe
def people(request: MarelleRequest) -> HttpResponse:
    found = _folders(request)
    context = {
        "cards": [words.folder_card(folder) for folder in found],
        "lead": words.lead(found),
        "waiting": words.waiting_lines(found),
        "before": [
            words.before_line(one, found) for one in papers_before_request(request.actor, now=request.now)
        ],
    }
    return render(request, "portal/papers/people.html", context)


@require_safe
def folder(request: MarelleRequest, person_id: int | None = None) -> HttpResponse:
    found = _folders(request)
    mine = next((one for one in found if (one.person.pk if one.person else None) == person_id), None)
    if mine is None:
        raise Http404
    context = {
        "kids": words.tabs(found, person_id),
        "name": words.name_of(mine),
        "lines": [words.line(one) for one in mine.requirements if one.asked],
        "others": [words.line(one) for one in mine.requirements if not one.asked],
        "before": [
            words.line(one)
            for one in papers_before_request(request.actor, now=request.now)
            if one.person_id == person_id
        ],
    }
    return render(request, "portal/papers/folder.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: MarelleRequest, type_id: int, person_id: int | None = None) -> HttpResponse:
    day = request.today
    asked = flow.asked_of_home(request.actor, day=day)
    found = selectors.requirement(request.actor, asked, type_id=type_id, person_id=person_id, day=day)
    if found is None:
        raise Http404
    sent = selectors.sent_papers(request.actor, type_id=type_id, person_id=person_id, day=day)
    waiting = next((one for one in sent if one.state == PaperState.RECEIVED), None)
    form = PagesForm(request.POST, request.FILES) if request.method == "POST" else PagesForm()
    if form.is_valid() and _is_sent(request, form, waiting, type_id, person_id):
        return redirect(request.path)
    context = {
        "form": form,
        "card": words.paper_card(found, selectors.person_named(request.actor, person_id, day=day)),
        "sent": [words.sent_card(one, reads=words.reads(request.actor, one)) for one in sent],
        "waiting": waiting is not None,
        "may_send": found.kind.active,
    }
    return render(request, "portal/papers/paper.html", context)


@require_POST
def withdraw(request: MarelleRequest, paper_id: int) -> HttpResponse:
    try:
        row = services.paper_withdraw(actor=request.actor, paper_id=paper_id, now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal)
    messages.success(request, _("Votre document est retiré."))
    return redirect(words.paper_url(row.paper_type_id, row.person_id))


@require_safe
def page(request: MarelleRequest, page_id: int) -> FileResponse:
    found = selectors.own_page(request.actor, page_id, day=request.today)
    if found is None:
        raise Http404
    return file_response(found.file, download="telecharger" in request.GET)


@require_POST
def remove_page(request: MarelleRequest, page_id: int) -> HttpResponse:
    try:
        row = services.page_remove(actor=request.actor, page_id=page_id, now=request.now)
    except Refusal as refusal:
        return _refused(request, refusal)
    messages.success(request, _("La page est retirée."))
    return redirect(words.paper_url(row.paper_type_id, row.person_id))


def _folders(request: MarelleRequest) -> tuple[selectors.Folder, ...]:
    if request.actor.family_id is None:
        raise Http404
    day = request.today
    return selectors.folders(request.actor, flow.asked_of_home(request.actor, day=day), day=day)


def _is_sent(
    request: MarelleRequest, form: PagesForm, waiting: Paper | None, type_id: int, person_id: int | None
) -> bool:
    try:
        if form.adds and waiting is not None:
            services.pages_add(
                actor=request.actor, paper_id=waiting.pk, uploads=form.uploads, now=request.now
            )
        else:
            flow.send(
                actor=request.actor,
                type_id=type_id,
                person_id=person_id,
                uploads=form.uploads,
                now=request.now,
            )
    except Refusal as refusal:
        form.add_error("pages", refusal_text(refusal))
        return False
    messages.success(request, _("Votre document est envoyé. Le service va le vérifier."))
    return True


def _refused(request: MarelleRequest, refusal: Refusal) -> HttpResponse:
    messages.warning(request, refusal_text(refusal))
    return redirect("papers:people")
