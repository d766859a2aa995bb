"""« Documentation structure »: what the structures publish, to download, to accept, to return."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.core.refusals import Refusal
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.papers import asked as flow
from marelle.papers.labels import refusal_text
from marelle.papers.selectors import acceptances, owners_of
from marelle.portal.publications import words


@require_safe
def publications(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    day = request.today
    rows, to_accept = flow.publications(request.actor, day=day)
    accepted = acceptances(request.actor)
    context = {
        "structures": words.by_structure(rows, accepted, owners_of(request.actor, rows, day=day)),
        "to_accept": to_accept,
        "former": words.former(rows, accepted),
        "may_accept": not request.actor.on_behalf_of,
    }
    return render(request, "portal/publications/publications.html", context)


@require_safe
def file(request: MarelleRequest, publication_id: int) -> FileResponse:
    found = flow.publication_to_read(request.actor, publication_id, day=request.today)
    if found is None:
        raise Http404
    return file_response(found.file, download="telecharger" in request.GET)


@require_POST
def accept(request: MarelleRequest, publication_id: int) -> HttpResponse:
    try:
        flow.accept_publication(actor=request.actor, publication_id=publication_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("C’est noté : vous avez lu et accepté ce document."))
    return redirect("publications:publications")
