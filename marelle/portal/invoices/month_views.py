"""« Ce que coûte le mois »: what is booked so far, priced as the bill will be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.core.french import month_name, month_text
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.sharing import month_shared
from marelle.flows.bills.sharing_words import total_text
from marelle.flows.prices.estimates import month_so_far
from marelle.flows.prices.spans import month_of
from marelle.planning.address import EARLIEST, LATEST
from marelle.portal.invoices.month_words import estimate_shown, taken_shown

DAY: Final = timedelta(days=1)


@require_safe
def month(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    first, last = month_of(_asked(request))
    found = month_so_far(request.actor, first)
    shared = month_shared(request.actor, first) if found.estimates else {}
    context = {
        "month": month_text(first),
        "is_priced": found.is_priced,
        "is_over": last < request.today,
        "estimates": [
            estimate_shown(one, shared.get(one.authority), shows_health=not request.actor.on_behalf_of)
            for one in found.estimates
        ],
        "taken": [taken_shown(row, request.today) for row in found.taken],
        "total": total_text(found.total, shared.values(), to_home=True) if len(found.estimates) > 1 else "",
        "before": _link(first - DAY) if first > EARLIEST else None,
        "after": _link(last + DAY) if last < LATEST else None,
    }
    return render(request, "portal/invoices/month.html", context)


def _asked(request: MarelleRequest) -> date:
    """The month asked for; today's where that makes no sense."""
    try:
        day = date.fromisoformat(f"{request.GET.get('mois', '')}-01")
    except ValueError:
        return request.today
    return day if EARLIEST <= day <= LATEST else request.today


def _link(day: date) -> tuple[str, str]:
    return month_name(day), f"?mois={day:%Y-%m}"
