"""« Simuler un prix »: choosing an activity, then its form and, once it is sent, what the month would cost.

What is typed comes by POST and goes with the answer: no address, no session, no row holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from marelle.activities.effects import facts_of
from marelle.activities.models import Activity
from marelle.families.nearby import commune_id_of
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.simulating.asked import asked_of
from marelle.flows.simulating.imagined import simulated
from marelle.flows.simulating.selectors import open_days, open_months, simulable
from marelle.portal.simulation import words
from marelle.portal.simulation.forms import SimulationForm
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import TariffBook

ACTIVITIES_PER_PAGE = 40


@require_safe
@login_not_required
def activities(request: MarelleRequest) -> HttpResponse:
    rows = simulable(request.today).order_by("structure__name", "structure", "order", "name", "pk")
    page = Paginator(rows, ACTIVITIES_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/simulation/activities.html",
        {"page_obj": page, "structures": _by_structure(page.object_list)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@sensitive_post_parameters()
def simulate(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = simulable(request.today).filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    book = book_of(activity.structure.authority_id)
    form = _form(request, activity, book)
    context = {"activity": activity, "form": form, "products": form.asked.products}
    if form.is_valid():
        facts, month = facts_of(activity), form.chosen_month()
        found = simulated(book, facts, form.home(), open_days(activity, month), month)
        context["told"] = words.told(found, book, facts, month)
    response = render(request, "portal/simulation/simulate.html", context)
    if form.is_bound:
        patch_cache_control(response, private=True, no_store=True)
    return response


def _form(request: MarelleRequest, activity: Activity, book: TariffBook) -> SimulationForm:
    slots = tuple(activity.slots.filter(one_off=False).order_by("order", "pk"))
    months = open_months(activity, request.today)
    return SimulationForm(
        request.POST if request.method == "POST" else None,
        slots=slots,
        months=months,
        asked=asked_of(book, frozenset(slot.pk for slot in slots), request.today),
        initial={
            "month": f"{months[-1] if len(months) == 1 else months[1]:%Y-%m}" if months else "",
            "commune": commune_id_of(request.actor.family_id, request.today),
        },
    )


def _by_structure(rows: Iterable[Activity]) -> list[tuple[str, list[Activity]]]:
    return [
        (structure.name, list(group)) for structure, group in groupby(rows, key=lambda row: row.structure)
    ]
