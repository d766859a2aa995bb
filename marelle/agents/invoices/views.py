"""« Factures »: what was imported, a file to read then to import, how families pay."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.activities.forms.edit import refuse_changed, shown_before
from marelle.agents.guards import staff_only
from marelle.agents.invoices import model_files, words
from marelle.agents.invoices.forms import SendForm, TreasuryForm
from marelle.billing import selectors, services
from marelle.billing.imports.services import (
    import_confirm,
    import_may_confirm,
    import_prepare,
    import_remind,
    import_report,
)
from marelle.billing.imports.undoing import UndoRefused, import_undo
from marelle.billing.labels import refusal_text
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.core.sealed import CannotSeal
from marelle.core.tabular import FileUnreadable, csv_written
from marelle.flows.actor.middleware import MarelleRequest
from marelle.shell.again import recognised_first

KEEPERS = (Role.ADMINISTRATOR, Role.OFFICE)
PER_PAGE = 20
SEALS_NOTHING = gettext_lazy(
    "Aucun compte ne peut être enregistré pour l’instant\u00a0: prévenez qui s’occupe du serveur."
)


@require_safe
@staff_only(*KEEPERS)
def runs(request: MarelleRequest) -> HttpResponse:
    page = Paginator(selectors.import_runs(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "lines": [words.run_line(run) for run in page]}
    return render(request, "agents/invoices/runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def send(request: MarelleRequest) -> HttpResponse:
    form = SendForm(
        request.POST or None,
        request.FILES or None,
        authorities=selectors.office_authorities(request.actor),
    )
    if form.is_valid():
        try:
            found = import_prepare(
                actor=request.actor,
                authority_id=form.authority_id,
                kind=form.cleaned_data["kind"],
                month=form.cleaned_data["month"],
                correction=form.cleaned_data["correction"],
                upload=form.cleaned_data["file"],
                now=request.now,
            )
        except FileUnreadable as refusal:
            form.refuse(refusal)
        else:
            return redirect(words.page_of(found), found.pk)
    return render(request, "agents/invoices/send.html", {"form": form})


@require_safe
@staff_only(*KEEPERS)
def run(request: MarelleRequest, run_id: int) -> HttpResponse:
    try:
        found, report = import_report(actor=request.actor, run_id=run_id, now=request.now)
    except FileUnreadable as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("agents_invoices:send")
    context = words.run_page(found, report, apart=request.apart)
    context["may_confirm"] = import_may_confirm(request.actor, found)
    return render(request, "agents/invoices/run.html", context)


@require_POST
@staff_only(*KEEPERS)
def confirm(request: MarelleRequest, run_id: int) -> HttpResponse:
    try:
        done = import_confirm(
            actor=request.actor, run_id=run_id, tell="tell" in request.POST, now=request.now
        )
    except CannotSeal:
        messages.error(request, SEALS_NOTHING)
        return redirect("agents_invoices:run", run_id)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_invoices:run", run_id)
    messages.success(request, words.done_text(done))
    # Where the file and Marelle are beside each other, that is what is looked at next.
    return (
        redirect("agents_invoices:run", run_id)
        if "sides" in done.counts
        else redirect("agents_invoices:runs")
    )


@require_POST
@staff_only(*KEEPERS)
def undo(request: MarelleRequest, returned_id: int) -> HttpResponse:
    try:
        import_undo(actor=request.actor, run_id=returned_id, now=request.now)
    except UndoRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("L’import est annulé\u00a0: vous pouvez envoyer le fichier à nouveau."))
    return redirect("agents_invoices:run", returned_id)


@require_POST
@staff_only(*KEEPERS)
def remind(request: MarelleRequest, moved_in_id: int) -> HttpResponse:
    import_remind(actor=request.actor, run_id=moved_in_id, now=request.now)
    messages.success(
        request, _("C’est noté\u00a0: ce qui est en retard vient désormais dans «\u00a0Relances\u00a0».")
    )
    return redirect("agents_invoices:run", moved_in_id)


@require_safe
@staff_only(*KEEPERS)
def model(_request: MarelleRequest, moved_kind: str) -> HttpResponse:
    """A CSV of the columns, with a line or two as they are to be written."""
    rows = model_files.rows_of(moved_kind)
    if rows is None:
        raise Http404
    response = HttpResponse(csv_written(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="marelle-{moved_kind}.csv"'
    return response


@require_safe
@staff_only(*KEEPERS)
def treasuries(request: MarelleRequest) -> HttpResponse:
    authorities = list(selectors.office_authorities(request.actor))
    if len(authorities) == 1:
        return redirect("agents_invoices:treasury", authorities[0].pk)
    return render(request, "agents/invoices/treasuries.html", {"authorities": authorities})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
@recognised_first
def treasury(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority = selectors.office_authorities(request.actor).filter(pk=authority_id).first()
    if authority is None:
        raise Http404
    form = TreasuryForm(request.POST or None, instance=selectors.treasury_of(authority_id))
    if form.is_valid():
        try:
            services.treasury_set(
                actor=request.actor,
                authority_id=authority_id,
                values=form.cleaned_data,
                seen=shown_before(form.cleaned_data["seen"]),
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            refuse_changed(form, refusal)
        else:
            messages.success(request, _("C’est enregistré : les familles le lisent dès maintenant."))
            return redirect("agents_invoices:runs")
    return render(request, "agents/invoices/treasury.html", {"form": form, "authority": authority})
