"""What a home paid in each year, for its tax return, as it reads it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.selectors import office_invoices
from marelle.billing.tax.pdf import statement_made
from marelle.billing.tax.statements import Statement, statements_of
from marelle.billing.tax.words import file_name, told
from marelle.families.models import Family
from marelle.files.serving import made_response
from marelle.flows.actor.middleware import MarelleRequest


@require_safe
@staff_only(*KEEPERS)
def years(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    statements = map(told, _statements(request, family))
    return render(request, "agents/bills/tax.html", {"family": family, "statements": statements})


@require_safe
@staff_only(*KEEPERS)
def pdf(request: MarelleRequest, family_id: int, authority_id: int, year: int) -> HttpResponse:
    family = noted_home(request, family_id)
    made = statement_made(_statements(request, family), authority_id, year, day=request.today)
    if made is None:
        raise Http404
    return made_response(made, name=file_name(year))


def _statements(request: MarelleRequest, family: Family) -> list[Statement]:
    return statements_of(office_invoices(request.actor), family_id=family.pk, day=request.today)
