"""« Documents publiés »: what the agent's structures publish, new versions, withdrawals."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.publications import words
from marelle.agents.publications.forms import PublicationForm
from marelle.core.actor import Role
from marelle.core.clock import local
from marelle.core.refusals import Refusal
from marelle.files.serving import file_response
from marelle.flows.middleware import MarelleRequest
from marelle.papers import settings as reading
from marelle.papers.labels import refusal_text
from marelle.papers.models import Publication
from marelle.papers.refusals import NotYours
from marelle.papers.services import publication_publish, publication_withdraw

DECIDERS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)
FIELD_OF = {"nothing_sent": "file", "reversed": "until"}


@require_safe
@staff_only(*DECIDERS)
def publications(request: MarelleRequest) -> HttpResponse:
    day = local(request.now).date()
    lines = [words.line(one, day) for one in reading.publications_listed(request.actor)]
    return render(request, "agents/publications/publications.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def publish(request: MarelleRequest) -> HttpResponse:
    form = _form(request)
    if form.is_valid() and _published(request, form):
        messages.success(request, _("Le document est publié."))
        return redirect("agents_publications:publications")
    return render(request, "agents/publications/publish.html", {"form": form, "card": None})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def replace(request: MarelleRequest, publication_id: int) -> HttpResponse:
    row = _found(request, publication_id)
    form = _form(request, row) if row.withdrawn_at is None else None
    if form is not None and form.is_valid() and _published(request, form, row):
        messages.success(request, _("La nouvelle version est publiée, l’ancienne est retirée."))
        return redirect("agents_publications:publications")
    context = {"form": form, "card": words.card(row, reading.acceptances_of(row))}
    return render(request, "agents/publications/publish.html", context)


@require_POST
@staff_only(*DECIDERS)
def withdraw(request: MarelleRequest, publication_id: int) -> HttpResponse:
    try:
        publication_withdraw(actor=request.actor, publication_id=publication_id, now=request.now)
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Le document est retiré : les familles ne le voient plus."))
    return redirect("agents_publications:publications")


@require_safe
@staff_only(*DECIDERS)
def file(request: MarelleRequest, publication_id: int) -> FileResponse:
    return file_response(_found(request, publication_id).file, download="telecharger" in request.GET)


def _found(request: MarelleRequest, publication_id: int) -> Publication:
    row = reading.publication_kept(request.actor, publication_id)
    if row is None:
        raise Http404
    return row


def _form(request: MarelleRequest, previous: Publication | None = None) -> PublicationForm:
    structures, types = reading.audiences(request.actor)
    return PublicationForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        structures=structures,
        types=types,
        day=local(request.now).date(),
        previous=previous,
    )


def _published(request: MarelleRequest, form: PublicationForm, previous: Publication | None = None) -> bool:
    try:
        publication_publish(
            actor=request.actor,
            fields=form.written(),
            upload=form.cleaned_data["file"][0],
            previous_id=previous.pk if previous else None,
            now=request.now,
        )
    except NotYours as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        form.add_error(FIELD_OF.get(refusal.code), refusal_text(refusal))
        return False
    return True
