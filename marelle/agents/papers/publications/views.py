"""« Documents publiés »: what the agent's structures publish, new versions, withdrawals."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities.rows import page
from marelle.agents.guards import staff_only
from marelle.agents.papers.publications import words
from marelle.agents.papers.publications.forms import CorrectionForm, PublicationForm
from marelle.agents.ways import home_ways
from marelle.core.refusals import Refusal
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.papers import settings as reading
from marelle.papers.labels import refusal_text
from marelle.papers.models import Publication
from marelle.papers.refusals import Outdated
from marelle.papers.services import publication_correct, publication_publish, publication_withdraw
from marelle.places.scope import DECIDERS

PER_PAGE = 50

FIELD_OF = {"nothing_sent": "file", "reversed": "until"}


@require_safe
@staff_only(*DECIDERS)
def publications(request: MarelleRequest) -> HttpResponse:
    day = request.today
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
    accepted = Paginator(reading.acceptances_listed(row), PER_PAGE).get_page(request.GET.get("page"))
    ways = home_ways(request, {one.family_id for one in accepted.object_list})
    context = {
        "form": form,
        "card": words.card(row, accepted.paginator.count),
        "accepted": [words.accepted_line(one, ways) for one in accepted.object_list],
        "page_obj": accepted,
    }
    return render(request, "agents/publications/publish.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def correct(request: MarelleRequest, publication_id: int) -> HttpResponse:
    row = _found(request, publication_id)
    if row.withdrawn_at is not None:
        messages.warning(request, refusal_text(Outdated()))
        return redirect("agents_publications:publication", publication_id)
    sent = request.POST if request.method == "POST" else None
    _structures, types = reading.audiences(request.actor, day=request.today)
    form = CorrectionForm(sent, instance=row, actor=request.actor, types=types)
    if form.is_valid() and _corrected(request, form, publication_id):
        messages.success(request, _("C’est enregistré. Le fichier reste le même."))
        return redirect("agents_publications:publication", publication_id)
    back = (reverse("agents_publications:publication", args=[publication_id]), row.title)
    lead = _("Le fichier reste le même, et ce que les familles ont accepté aussi.")
    return page(
        request, form, title=_("Corriger un document publié"), name=_("Corriger"), lead=lead, back=back
    )


@require_POST
@staff_only(*DECIDERS)
def withdraw(request: MarelleRequest, publication_id: int) -> HttpResponse:
    try:
        publication_withdraw(actor=request.actor, publication_id=publication_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Le document est retiré : les familles ne le voient plus."))
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
    day = request.today
    kept_id = previous.activity_id if previous else None
    structures, types = reading.audiences(request.actor, day=day, kept_id=kept_id)
    return PublicationForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        structures=structures,
        types=types,
        day=day,
        previous=previous,
    )


def _corrected(request: MarelleRequest, form: CorrectionForm, publication_id: int) -> bool:
    try:
        publication_correct(
            actor=request.actor,
            publication_id=publication_id,
            changes=form.changes(),
            seen=form.shown(),
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _published(request: MarelleRequest, form: PublicationForm, previous: Publication | None = None) -> bool:
    try:
        publication_publish(
            actor=request.actor,
            fields=form.written(),
            upload=form.cleaned_data["file"][0],
            previous_id=previous.pk if previous else None,
            now=request.now,
        )
    except Refusal as refusal:
        form.add_error(FIELD_OF.get(refusal.code), refusal_text(refusal))
        return False
    return True
