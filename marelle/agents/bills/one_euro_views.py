"""« Cantine à 1 € »: the claim of four months."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.bills import one_euro_words as words
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.accounting.one_euro import Period, period_of
from marelle.billing.selectors import office_authorities
from marelle.core.converters import id_read
from marelle.files.rows import XLSX, rows_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.one_euro import CanteenClaim, canteen_claims
from marelle.places.models import Authority

YEARS_BACK = 5


@require_safe
@staff_only(*KEEPERS)
def one_euro(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority, period, found = _asked(request, authority_id)
    context = {
        "authority": authority,
        "choices": words.period_choices(period, period_of(request.today), YEARS_BACK),
        "title": words.period_text(period),
        "period": f"{period.year}-{period.number}",
        "is_over": period.last < request.today,
        "cards": [words.claim_card(one) for one in found],
    }
    return render(request, "agents/bills/one_euro.html", context)


@require_safe
@staff_only(*KEEPERS)
def one_euro_file(request: MarelleRequest, authority_id: int) -> HttpResponse:
    _authority, period, found = _asked(request, authority_id)
    ending = request.GET.get("format", XLSX)
    name = f"cantine-1-euro-{period.year}-{period.number}"
    return rows_response(words.file_rows(found), ending, name=name)


def _asked(request: MarelleRequest, authority_id: int) -> tuple[Authority, Period, list[CanteenClaim]]:
    """The period that has just ended, where none can be read."""
    authority = office_authorities(request.actor).filter(pk=authority_id).first()
    if authority is None:
        raise Http404
    period = _period(request) or period_of(request.today).before
    return authority, period, canteen_claims(authority.pk, period)


def _period(request: MarelleRequest) -> Period | None:
    year, _dash, number = request.GET.get("periode", "").partition("-")
    found = Period(id_read(year) or 0, id_read(number) or 0)
    known = range(request.today.year - YEARS_BACK, request.today.year + 1)
    return found if found.year in known and found.number in (1, 2, 3) else None
