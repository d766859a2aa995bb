"""Files brought from another software, step by step; the worker writes, and the page says how far it is."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.families.importing.forms import MEGABYTES
from marelle.agents.families.moving import words
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.french import number_text
from marelle.core.refusals import Refusal
from marelle.core.tabular import FileUnreadable, csv_written
from marelle.families.imports.kept import ImportNotReady
from marelle.families.scope import keeps_files
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.models import MovingImport
from marelle.flows.moving import services
from marelle.flows.moving.labels import model_rows, refusal_text, report_rows
from marelle.flows.moving.subjects import SUBJECTS, Kind, Subject

OFFICE = (Role.ADMINISTRATOR, Role.OFFICE)
PER_PAGE = 20
SECONDS = 3
"""Between two looks at a file that is being written: the browser asks by itself."""


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Fichier"),
        help_text=gettext_lazy("Un CSV ou un classeur XLSX, de %(megabytes)d Mo et %(lines)s lignes au plus.")
        % {"megabytes": MEGABYTES, "lines": number_text(services.MOST_LINES)},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods,text/csv"}),
        allow_empty_file=True,
        max_length=None,
        error_messages={"required": gettext_lazy("Choisissez un fichier.")},
    )


class StartForm(forms.Form):
    """Where lines find no place: whether they are taken all the same, and why."""

    past_capacity = forms.BooleanField(
        label=gettext_lazy("Donner aussi ces places, au-delà des jauges"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Raison"),
        required=False,
        max_length=services.REASON_LENGTH,
        help_text=gettext_lazy(
            "Par exemple\u00a0: places données par l’ancien logiciel avant le 1er décembre."
        ),
    )


@require_safe
@staff_only(*OFFICE)
def start(request: MarelleRequest) -> HttpResponse:
    """What may be brought, in the best order, and the files sent."""
    page = Paginator(services.movings_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "subjects": [words.subject_card(one) for one in SUBJECTS.values()],
        "keeps_files": keeps_files(request.actor),
        "page_obj": page,
        "lines": [words.moving_line(row) for row in page],
    }
    return render(request, "agents/moving/start.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*OFFICE)
def send(request: MarelleRequest, moving_kind: str) -> HttpResponse:
    subject = _subject(moving_kind)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        try:
            found = services.moving_prepare(
                actor=request.actor, kind=subject.kind, upload=form.cleaned_data["file"], now=request.now
            )
        except (FileUnreadable, ImportNotReady) as refusal:
            form.add_error("file", refusal_text(refusal))
        else:
            return redirect("agents_moving:run", found.pk)
    context = {"form": form, "subject": words.subject_card(subject), "told": words.columns_told(subject)}
    return render(request, "agents/moving/send.html", context)


@require_safe
@staff_only(*OFFICE)
def model(_request: MarelleRequest, moving_kind: str) -> HttpResponse:
    """A file to begin with: the titles, and one line."""
    subject = _subject(moving_kind)
    response = HttpResponse(csv_written(model_rows(subject.kind)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="modele-{moving_kind}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*OFFICE)
def run(request: MarelleRequest, moving_id: int) -> HttpResponse:
    """What it would do, how far it is, or what it did; a POST starts it."""
    row = services.moving_found(request.actor, moving_id)
    form = StartForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_bound and form.is_valid():
            try:
                services.moving_start(
                    actor=request.actor, moving_id=moving_id, **form.cleaned_data, now=request.now
                )
            except services.ReasonMissing as refusal:
                form.add_error("reason", refusal_text(refusal))
            else:
                return redirect("agents_moving:run", moving_id)
        context = words.run_page(request.actor, row, now=request.now)
    except FileUnreadable as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_moving:send", words.SLUGS[Kind(row.kind)])
    response = render(request, "agents/moving/run.html", {**context, "form": form})
    if row.state == MovingImport.State.QUEUED:
        response.headers["Refresh"] = str(SECONDS)
    return response


@require_safe
@staff_only(*OFFICE)
def report(request: MarelleRequest, moving_id: int) -> HttpResponse:
    """The lines that are left out, as a CSV that no spreadsheet computes."""
    row = services.moving_found(request.actor, moving_id)
    try:
        problems = services.problems_listed(request.actor, row, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_moving:start")
    content = csv_written(report_rows(Kind(row.kind), row.headings, problems))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="lignes-laissees-{row.pk}.csv"'
    return response


@require_POST
@staff_only(*OFFICE)
def drop(request: MarelleRequest, moving_id: int) -> HttpResponse:
    if services.moving_drop(actor=request.actor, moving_id=moving_id):
        messages.success(request, _("Ce fichier est oublié\u00a0: rien n’en est repris."))
    return redirect("agents_moving:start")


def _subject(moving_kind: str) -> Subject:
    kind = next((kind for kind, slug in words.SLUGS.items() if slug == moving_kind), None)
    if kind is None:
        raise Http404
    return SUBJECTS[kind]
