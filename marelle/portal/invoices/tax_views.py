"""« Frais de garde »: what the home paid in each year, for its tax return."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.billing import selectors
from marelle.billing.tax.pdf import statement_made
from marelle.billing.tax.statements import Statement, statements_of
from marelle.billing.tax.words import file_name, told
from marelle.files.serving import made_response
from marelle.flows.actor.middleware import MarelleRequest


@require_safe
def years(request: MarelleRequest) -> HttpResponseBase:
    return render(request, "portal/invoices/tax.html", {"statements": map(told, _statements(request))})


@require_safe
def pdf(request: MarelleRequest, authority_id: int, year: int) -> HttpResponseBase:
    made = statement_made(_statements(request), authority_id, year, day=request.today)
    if made is None:
        raise Http404
    return made_response(made, name=file_name(year))


def _statements(request: MarelleRequest) -> list[Statement]:
    family_id = request.actor.family_id
    if family_id is None:
        raise Http404
    return statements_of(selectors.readable(request.actor), family_id=family_id, day=request.today)
