"""« Occupation »: how full each day is; « Qui vient »: the children of one day."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.guards import staff_only
from marelle.agents.places import words
from marelle.agents.places.asked import Asked, Chosen, chosen, managed
from marelle.agents.ways import home_ways
from marelle.bookings.occupation import children_of, nursery_day, occupation, structures_seen
from marelle.bookings.supervising import staffed_days
from marelle.core.french import day_long_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.care.lists import day_health
from marelle.places.scope import DECIDERS, may_decide


@require_safe
@staff_only(*DECIDERS)
def calendar(request: MarelleRequest) -> HttpResponse:
    today = request.today
    asked = Asked.of(request.GET, today)
    first, last = asked.shown
    found = chosen(asked, managed(request.actor), first, last)
    context: dict[str, Any] = {"found": found}
    if found is not None:
        days = occupation(found.span(first, last))
        staffed = staffed_days(found.structure.pk, first=first, last=last)
        context |= {
            "bar": words.toolbar(found.asked, today),
            "filters": found.filters(),
            "calendar": words.calendar(found.asked, days, staffed, today),
            "is_empty": not days,
        }
    return render(request, "agents/places/calendar.html", context)


@require_safe
@staff_only()
def day(request: MarelleRequest) -> HttpResponse:
    """An animator sees today alone, and nothing of who waits."""
    today = request.today
    asked = Asked.of(request.GET, today)
    decides = may_decide(request.actor)
    if asked.day != today and not decides:
        raise Http404
    seen = structures_seen(request.actor, day=asked.day, today=today)
    found = chosen(asked, seen, asked.day, asked.day)
    context = {"found": found} if found is None else _day(request, found)
    return render(request, "agents/places/day.html", context)


def _day(request: MarelleRequest, found: Chosen) -> dict[str, Any]:
    today, asked = request.today, found.asked
    span = found.span(asked.day, asked.day)
    places = occupation(span).get(asked.day)
    children, waiting = children_of(span)
    nursery = nursery_day(found.span(*asked.week), asked.day)
    manages = managed(request.actor).filter(pk=found.structure.pk).exists()
    health = day_health(
        request.actor, structure=found.structure, child_ids=[child.id for child in children], now=request.now
    )
    ways = home_ways(request, {one.family_id for one in children} | {one.family_id for one in waiting})
    return {
        "found": found,
        "bar": words.day_toolbar(asked, today) if manages else None,
        "filters": found.filters(),
        "gauges": [words.gauge_line(gauge, told=manages) for gauge in places.gauges] if places else [],
        "closed": words.closed_text(places) if places else "",
        "nursery": [words.nursery_block(one) for one in nursery],
        "children": words.child_lines(
            children, health, ways, asked.day, manages=manages, but_homes=request.apart
        ),
        "count": words.count_text(children),
        "day": day_long_year(asked.day),
        "waiting": words.waiting_lines(waiting, ways) if manages else [],
        "calendar_query": asked.query,
        "manages": manages,
    }
