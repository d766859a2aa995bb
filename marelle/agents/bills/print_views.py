"""The bills of a month, all at once: one PDF to print and fold, or a ZIP of one PDF each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marelle.agents.bills.words import AT_ONCE
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.models import BillingRun
from marelle.billing.runs import selectors
from marelle.files.bundles import stacked, zipped
from marelle.flows.actor.middleware import MarelleRequest


@require_safe
@staff_only(*KEEPERS)
def stack(request: MarelleRequest, bill_run_id: int, part: int) -> FileResponse:
    """The `part`-th thousand of them."""
    run = _printed(request, bill_run_id)
    start = (part - 1) * AT_ONCE
    rows = selectors.bills_to_fold(run, but_homes=request.apart)[max(start, 0) : start + AT_ONCE]
    files = [row.pdf for row in rows if row.pdf is not None]
    if part < 1 or not files:
        raise Http404
    name = _("factures-%(month)s-%(part)d.pdf") % {"month": f"{run.month:%Y-%m}", "part": part}
    with _none_lost():
        made = stacked(files)
    return FileResponse(made, as_attachment=True, filename=name, content_type="application/pdf")


@require_safe
@staff_only(*KEEPERS)
def archive(request: MarelleRequest, bill_run_id: int) -> FileResponse:
    run = _printed(request, bill_run_id)
    rows = selectors.bills_to_fold(run, but_homes=request.apart).order_by("number").iterator()
    files = ((f"{row.number}.pdf", row.pdf) for row in rows if row.pdf is not None)
    with _none_lost():
        made = zipped(files)
    name = _("factures-%(month)s.zip") % {"month": f"{run.month:%Y-%m}"}
    return FileResponse(made, as_attachment=True, filename=name, content_type="application/zip")


def _printed(request: MarelleRequest, run_id: int) -> BillingRun:
    """Once all of its bills have their PDF: none is forgotten in a pile."""
    run = selectors.run_of(request.actor, run_id)
    if run is None or run.state != BillingRun.State.ISSUED or not selectors.printing_of(run).is_ready:
        raise Http404
    return run


@contextmanager
def _none_lost() -> Iterator[None]:
    """Raises Http404 when the storage has lost one: a pile that lacks a bill is none."""
    try:
        yield
    except FileNotFoundError as error:
        raise Http404 from error
