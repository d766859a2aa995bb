"""« Listes »: who comes, who fetches, whom to call; on a page, and as files to print or to open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.agents.guards import staff_only
from marelle.agents.lists import words
from marelle.agents.lists.asked import PAGE, Wanted
from marelle.agents.places.asked import Chosen
from marelle.agents.ways import home_ways
from marelle.core.listing import Listing
from marelle.files.listings import PDF, listing_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.care.team import TEAM
from marelle.flows.door.list_words import listing as listing_of
from marelle.flows.door.lists import DayList, DayRefused, check_day, day_list
from marelle.ui.listing import listing_table


@require_safe
@staff_only(*TEAM)
def day(request: MarelleRequest) -> HttpResponse:
    wanted = Wanted.of(request)
    context: dict[str, Any] = {"found": wanted.found}
    if wanted.found is not None:
        context |= {"bar": wanted.toolbar(request), "filters": wanted.filters()}
        try:
            found, listing = _read(request, wanted, wanted.found)
        except DayRefused as refusal:
            context |= {"refused": words.refused_text(refusal)}
        else:
            ways = home_ways(request, {one.child.family_id for one in found.children})
            leads = [ways.get(one.child.family_id, "") for one in found.children]
            context |= {
                "listing": listing,
                "table": listing_table(listing, leads),
                "files": wanted.files(),
                "empty": words.empty_text(found),
                "next_day": _next_url(request, wanted, wanted.found, found.next_day),
            }
    return render(request, "agents/lists/day.html", context)


@require_safe
@staff_only(*TEAM)
def file(request: MarelleRequest) -> HttpResponse:
    """What is refused, or empty, is told by the page."""
    wanted = Wanted.of(request)
    ending = request.GET.get("format", PDF)
    if wanted.found is not None:
        try:
            found, listing = _read(request, wanted, wanted.found)
        except DayRefused:
            return redirect(reverse(PAGE) + wanted.query())
        if found.children:
            return listing_response(listing, ending, now=request.now)
    return redirect(reverse(PAGE) + wanted.query())


def _next_url(request: MarelleRequest, wanted: Wanted, chosen: Chosen, day: date | None) -> str:
    """ "" for a day that the agent does not see yet."""
    today = request.today
    try:
        if day is not None:
            check_day(request.actor, chosen.structure.pk, day=day, today=today)
            return reverse(PAGE) + wanted.query(asked=wanted.asked.at(day))
    except DayRefused:
        pass
    return ""


def _read(request: MarelleRequest, wanted: Wanted, chosen: Chosen) -> tuple[DayList, Listing]:
    """Raises `DayRefused`."""
    on, structure = wanted.asked.day, chosen.structure
    check_day(request.actor, structure.pk, day=on, today=request.today)
    found = day_list(
        request.actor,
        structure=structure,
        span=chosen.span(on, on),
        asked=wanted.kind.asked,
        now=request.now,
    )
    return found, listing_of(wanted.kind, structure, wanted.about, found, request.now)
