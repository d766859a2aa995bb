"""« Mon planning » of a child by its own account: what it sees, and what it saves as its home allowed it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.bookings.planning import ChildPlanning
from marelle.core.actor import Guest
from marelle.core.refusals import NotYours
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.teens import teen_bookings_save, teen_planning
from marelle.planning import grids
from marelle.planning.address import Address, read_address
from marelle.planning.asked_again import recall_asked, shown_as_asked
from marelle.planning.cells import Words
from marelle.planning.forms import read_posted
from marelle.planning.outcomes import recall
from marelle.planning.saving import Service, page_of, save
from marelle.shell.unsent import shows_unsent, unsent_of


@require_http_methods(["GET", "HEAD", "POST"])
@shows_unsent
def planning(request: MarelleRequest) -> HttpResponse:
    if request.actor.guest is not Guest.TEEN:
        raise Http404
    asked = read_address(request.GET, today=request.today)
    address, home = asked.address, reverse("teen:planning")
    if request.method == "POST":
        url = home + address.dated
        with suppress(NotYours):  # it ended meanwhile: the page says that it shows nothing
            posted = read_posted(request.POST, on_behalf_of=False)
            save(request, posted, _service(request), url=url, by_staff=True)
        return redirect(url)
    if not asked.day_told:
        address = _opening(request, address)
    url = home + address.dated
    if asked.bad_date:
        messages.warning(request, _("Cette date n’existe pas\u00a0: voici la page d’aujourd’hui."))
    first, last = address.span
    found = teen_planning(request.actor, first=first, last=last, now=request.now)
    if found is None:
        return render(request, "portal/teen/closed.html")
    page = page_of(request.actor, url)
    again = recall_asked(request.session, page, unsent_of(request))
    words = Words(request.now, narrow=True)
    tables = shown_as_asked(grids.grids(found.planning, address, words, today=request.today), again)
    context = {
        "books": found.books,
        "bar": grids.moves(address, lambda one: home + one.dated, today=request.today),
        "grids": tables,
        "now": request.now,
        "outcome_lines": recall(request.session, page),
        "planning_action": url,
        "planning_unsaved": bool(again.wanted),
        "asked": again,
        "can_save": grids.can_save(tables),
    }
    return render(request, "portal/teen/planning.html", context)


def _opening(request: MarelleRequest, address: Address) -> Address:
    """As for its home: the first day on which something can still be done, else today."""

    def shown(first: date, last: date) -> tuple[ChildPlanning, ...]:
        found = teen_planning(request.actor, first=first, last=last, now=request.now)
        return found.planning.shown if found else ()

    day = grids.opening_day(shown, today=request.today, now=request.now)
    return address if day is None else replace(address, day=day)


def _service(request: MarelleRequest) -> Service:
    actor, now = request.actor, request.now
    return Service(partial(teen_bookings_save, actor=actor, now=now))
