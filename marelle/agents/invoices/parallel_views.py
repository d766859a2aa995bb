"""« Un mois en parallèle »: the other software's month beside the one that is prepared here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.invoices import parallel_words as words
from marelle.billing.imports.comparing import parallel_compared
from marelle.billing.imports.parallel_month import Parallel
from marelle.billing.imports.services import import_drop
from marelle.billing.labels import refusal_text
from marelle.billing.models import ImportRun
from marelle.core.actor import Role
from marelle.core.sealed import CannotOpen
from marelle.core.tabular import FileUnreadable, csv_written
from marelle.flows.actor.middleware import MarelleRequest

KEEPERS = (Role.ADMINISTRATOR, Role.OFFICE)
PER_PAGE = 100


Shows = Callable[[MarelleRequest, ImportRun, Parallel], HttpResponse]


def _compared(show: Shows) -> Callable[..., HttpResponseBase]:
    """A view of what differs; where that cannot be read, it says so elsewhere."""

    @require_safe
    @staff_only(*KEEPERS)
    @wraps(show)
    def view(request: MarelleRequest, parallel_id: int) -> HttpResponse:
        try:
            found, compared = parallel_compared(actor=request.actor, run_id=parallel_id, now=request.now)
        except FileUnreadable as refusal:
            messages.error(request, refusal_text(refusal))
            return redirect("agents_invoices:send")
        except CannotOpen:
            messages.error(request, words.SEALED)
            return redirect("agents_invoices:runs")
        return show(request, found, compared)

    return view


@_compared
def parallel(request: MarelleRequest, found: ImportRun, compared: Parallel) -> HttpResponse:
    only = request.GET.get("quoi", "")
    rows = words.rows_shown(compared, request.apart, only=only)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **words.parallel_page(found, compared, request.apart, only=only),
        "page_obj": page,
        "rows": [words.row_shown(one, compared) for one in page],
    }
    return render(request, "agents/invoices/parallel.html", context)


@_compared
def differences(request: MarelleRequest, found: ImportRun, compared: Parallel) -> HttpResponse:
    """All that differs, as a CSV."""
    rows = words.rows_shown(compared, request.apart)
    response = HttpResponse(
        csv_written(words.csv_rows(rows, compared)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="ecarts-{found.month:%Y-%m}.csv"'
    return response


@require_POST
@staff_only(*KEEPERS)
def forget(request: MarelleRequest, parallel_id: int) -> HttpResponse:
    """What was sent goes at once; a file that is imported stays."""
    if import_drop(actor=request.actor, run_id=parallel_id):
        messages.success(request, _("Le fichier envoyé est effacé."))
    return redirect("agents_invoices:runs")
