"""« Réserver pour l’enfant »: the planning of one enrolment, for its structure and the office."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.families.enrolments import planning_words as words
from marelle.agents.guards import staff_only
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.stay_planning import (
    StayPlanning,
    stay_bookings_preview,
    stay_bookings_save,
    stay_planning,
    stay_priced,
)
from marelle.flows.prices.cells import NO_PRICES, cell_prices
from marelle.places.scope import DECIDERS
from marelle.planning import grids
from marelle.planning.address import Address, read_address
from marelle.planning.asked_again import recall_asked, shown_as_asked
from marelle.planning.cells import Words
from marelle.planning.forms import read_posted
from marelle.planning.outcomes import recall
from marelle.planning.saving import Service, page_of, price_told, save


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def planning(request: MarelleRequest, accepted_id: int) -> HttpResponse:
    today = request.today
    asked = read_address(request.GET, today=today)
    page_url = reverse("agents_enrolments:planning", args=[accepted_id])
    if request.method == "POST":
        url = page_url + asked.address.dated
        _save(request, accepted_id, url)
        return redirect(url)
    if asked.bad_date:
        messages.warning(request, _("Cette date n’existe pas : voici la page d’aujourd’hui."))
    first, last = asked.address.span
    found = stay_planning(request.actor, accepted_id, first=first, last=last, now=request.now)
    if found is None:
        raise Http404
    return _page(request, found, asked.address, page_url, today)


@require_POST
@staff_only(*DECIDERS)
def prices(request: MarelleRequest, accepted_id: int) -> JsonResponse:
    """What saving what is posted would change of what the home pays; nothing is saved."""
    home = stay_priced(request.actor, accepted_id, now=request.now)
    posted = read_posted(request.POST, on_behalf_of=True)
    return JsonResponse(price_told(home, _service(request, accepted_id), posted))


def _save(request: MarelleRequest, accepted_id: int, url: str) -> None:
    home = stay_priced(request.actor, accepted_id, now=request.now)
    posted, service = read_posted(request.POST, on_behalf_of=True), _service(request, accepted_id)
    try:
        save(request, posted, service, url=url, by_staff=True, home=home)
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))


def _service(request: MarelleRequest, accepted_id: int) -> Service:
    actor, now = request.actor, request.now
    return Service(
        partial(stay_bookings_save, actor=actor, enrolment_id=accepted_id, now=now),
        partial(stay_bookings_preview, actor=actor, enrolment_id=accepted_id, now=now),
    )


def _page(
    request: MarelleRequest, found: StayPlanning, address: Address, page_url: str, today: date
) -> HttpResponse:
    home, span = found.home, address.span
    prices = NO_PRICES if home is None else cell_prices(found.planning, home, span, now=request.now)
    said = Words(request.now, on_behalf_of=True, narrow=True, prices=prices)
    action = page_url + address.dated
    page = page_of(request.actor, action)
    asked = recall_asked(request.session, page)
    tables = shown_as_asked(grids.grids(found.planning, address, said, today=today), asked)
    context = {
        "enrolment": found.enrolment,
        "only_reads": words.only_reads(found.only_reads),
        "bar": grids.moves(address, lambda one: page_url + one.dated, today=today),
        "grids": tables,
        "now": request.now,
        "outcome_lines": recall(request.session, page),
        "planning_action": action,
        "planning_unsaved": bool(asked.wanted),
        "asked": asked,
        "can_save": grids.can_save(tables),
        "at_highest": prices.at_highest,
        "unread": prices.unread,
        "price_url": (
            reverse("agents_enrolments:prices", args=[found.enrolment.pk]) if prices.by_key else ""
        ),
    }
    return render(request, "agents/enrolments/planning.html", context)
