"""« Ma famille »: the people of the home, one page each. Reading only."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.core.clock import local
from marelle.families import pages
from marelle.flows.middleware import MarelleRequest
from marelle.portal.care.card import care_card
from marelle.portal.family import words


@require_safe
def people(request: MarelleRequest) -> HttpResponse:
    day = local(request.now).date()
    home = pages.household(request.actor, day=day)
    if home is None:
        raise Http404
    lines = pages.people(request.actor, day=day)
    context = {
        "adults": [words.person_card(line, day) for line in lines if line.is_adult],
        "children": [words.person_card(line, day) for line in lines if not line.is_adult],
        "home": words.household_pairs(home),
    }
    return render(request, "portal/family/people.html", context)


@require_safe
def person(request: MarelleRequest, person_id: int) -> HttpResponse:
    day = local(request.now).date()
    page = pages.person_page(request.actor, person_id=person_id, day=day)
    if page is None:
        raise Http404
    context = {
        "name": f"{page.person.first_name} {page.person.last_name}",
        "is_child": isinstance(page, pages.ChildPage),
        "care": care_card(request.actor, person_id, day=day),
        **(words.child(page, day) if isinstance(page, pages.ChildPage) else words.adult(page)),
    }
    return render(request, "portal/family/person.html", context)
