"""Families that enter by a file, step by step; the worker does the work, and the page says how far it is."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.families.importing import words
from marelle.agents.families.importing.explaining import words_step
from marelle.agents.families.importing.forms import ColumnsForm, FileForm
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.core.refusals import Refusal
from marelle.core.tabular import FileUnreadable, csv_written
from marelle.families.imports import choosing, kept, services
from marelle.families.imports.labels import refusal_text, report_rows
from marelle.families.models import FamilyImport
from marelle.families.scope import keeps_files
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import School

PER_PAGE = 20
SECONDS = 3
"""Between two looks at an import that runs: the browser asks by itself, with or without JavaScript."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def send(request: MarelleRequest) -> HttpResponse:
    if not keeps_files(request.actor):
        raise Http404
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        try:
            found = services.import_prepare(
                actor=request.actor, upload=form.cleaned_data["file"], now=request.now
            )
        except FileUnreadable as refusal:
            form.add_error("file", refusal_text(refusal))
        else:
            return redirect("agents_importing:columns", found.pk)
    page = Paginator(services.imports_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "lines": [words.import_line(row) for row in page]}
    return render(request, "agents/importing/send.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def columns(request: MarelleRequest, import_id: int) -> HttpResponse:
    row = _found(request, import_id)
    if row.state != FamilyImport.State.PREPARED:
        return redirect("agents_importing:run", import_id)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and "heading" in sent:
        return _heading_set(request, import_id, sent["heading"])
    form = ColumnsForm(sent, headings=row.headings, columns=row.columns)
    if sent is not None and form.is_valid():
        try:
            choosing.columns_set(actor=request.actor, import_id=import_id, columns=form.chosen())
        except Refusal as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            return redirect("agents_importing:said", import_id)
    try:
        context = words.columns_page(row)
    except FileUnreadable as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_importing:send")
    above = (reverse("agents_importing:send"), _("Importer des familles"))
    return render(request, "agents/importing/columns.html", {**context, "form": form, "above": above})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def said(request: MarelleRequest, import_id: int) -> HttpResponse:
    row = _found(request, import_id)
    if row.state != FamilyImport.State.PREPARED:
        return redirect("agents_importing:run", import_id)
    return words_step(
        request,
        row,
        "agents_importing",
        lambda: choosing.words_asked(row),
        School.objects.all(),
        lambda told: choosing.words_set(actor=request.actor, import_id=import_id, said=told),
    )


def _heading_set(request: MarelleRequest, import_id: int, at: str) -> HttpResponse:
    try:
        choosing.heading_set(actor=request.actor, import_id=import_id, at=int(at) if at.isdecimal() else -1)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    return redirect("agents_importing:columns", import_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def run(request: MarelleRequest, import_id: int) -> HttpResponse:
    """What it would do, how far it is, or what it did; a POST starts it."""
    row = _found(request, import_id)
    try:
        if request.method == "POST":
            services.import_start(
                actor=request.actor,
                import_id=import_id,
                all_or_none="all_or_none" in request.POST,
                now=request.now,
            )
            return redirect("agents_importing:run", import_id)
        context = words.run_page(row, partial(home_ways, request), now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        gone = refusal.code == "forgotten"
        return redirect("agents_importing:send") if gone else redirect("agents_importing:columns", import_id)
    response = render(request, "agents/importing/run.html", context)
    if row.state == FamilyImport.State.QUEUED:
        response.headers["Refresh"] = str(SECONDS)
    return response


@require_safe
@staff_only(*MAY_ACT)
def report(request: MarelleRequest, import_id: int) -> HttpResponse:
    """The lines to correct, as a CSV that no spreadsheet computes."""
    row = _found(request, import_id)
    try:
        problems = services.problems_listed(row, now=request.now)
    except FileUnreadable as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_importing:send")
    content = csv_written(report_rows(row.headings, problems))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="lignes-a-corriger-{row.pk}.csv"'
    return response


@require_POST
@staff_only(*MAY_ACT)
def drop(request: MarelleRequest, import_id: int) -> HttpResponse:
    dropped = services.import_drop(actor=request.actor, import_id=import_id)
    if dropped:
        messages.success(request, _("Ce fichier est oublié : rien n’en est importé."))
    return redirect("agents_importing:send")


def _found(request: MarelleRequest, import_id: int) -> FamilyImport:
    return kept.import_found(request.actor, import_id)
