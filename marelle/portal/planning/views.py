"""The planning: one page that shows, one submission that saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.bookings.planning import Planning
from marelle.bookings.planning import planning as read_planning
from marelle.bookings.services import bookings_save
from marelle.core.clock import local
from marelle.flows.middleware import MarelleRequest
from marelle.planning import grids
from marelle.planning.address import Address, Asked, View, read_address
from marelle.planning.asked_again import recall_asked, shown_as_asked
from marelle.planning.cells import Words
from marelle.planning.forms import read_posted
from marelle.planning.outcomes import recall
from marelle.planning.saving import Service, page_of, save
from marelle.portal.planning import words_of_page
from marelle.relay.rules import is_little


@require_http_methods(["GET", "HEAD", "POST"])
def planning(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    today = local(request.now).date()
    asked = read_address(request.GET, today=today)
    if request.method == "POST":
        posted = read_posted(request.POST, on_behalf_of=request.actor.on_behalf_of)
        url = reverse("planning") + asked.address.query
        save(request, posted, saver(request), url=url)
        return redirect(url)
    if not asked.canonical:
        return _to_canonical(request, asked)
    found = planning_at(request, asked.address)
    return _page(request, found, asked.address, today)


def saver(request: MarelleRequest) -> Service:
    """What saves for the home that is open."""
    return lambda changes, posted: bookings_save(
        actor=request.actor,
        changes=changes,
        derogation=posted.derogation,
        past_capacity=posted.past_capacity,
        now=request.now,
    )


def planning_at(request: MarelleRequest, address: Address) -> Planning:
    """What the address shows; 404 for a child who is not of the home."""
    first, last = address.span
    try:
        return read_planning(
            request.actor,
            first=first,
            last=last,
            child_id=address.child,
            activity_id=address.activity,
            now=request.now,
        )
    except LookupError as error:
        raise Http404 from error


def _to_canonical(request: MarelleRequest, asked: Asked) -> HttpResponse:
    address = asked.address
    if not asked.child_told:
        address = replace(address, child=_first_child(request, address))
    if asked.bad_date:
        messages.warning(request, _("Cette date n’existe pas : voici la page d’aujourd’hui."))
    return redirect(reverse("planning") + address.query)


def _first_child(request: MarelleRequest, address: Address) -> int | None:
    """The first child that has something to book around the day, else the first."""
    found = planning_at(request, Address(None, address.day, View.MONTH))
    enrolled = (shown.child.id for shown in found.shown if shown.columns)
    return next(enrolled, found.children[0].id if found.children else None)


def _page(request: MarelleRequest, found: Planning, address: Address, today: date) -> HttpResponse:
    words = Words(request.now, on_behalf_of=request.actor.on_behalf_of)
    page_url = reverse("planning") + address.query
    page = page_of(request.actor, page_url)
    asked = recall_asked(request.session, page)
    tables = shown_as_asked(grids.grids(found, address, words, today=today), asked)
    context = {
        "heading": words_of_page.heading(found, address),
        "lead": words_of_page.lead(tables, asks_reason=request.actor.on_behalf_of),
        "kids": words_of_page.kids(found.children, address),
        "bar": words_of_page.toolbar(found, address, today=today),
        "grids": tables,
        "nothing": words_of_page.nothing(found, address),
        "notes": words_of_page.notes(found),
        "outcome_lines": recall(request.session, page),
        "page_url": page_url,
        "planning_action": page_url,
        "planning_unsaved": bool(asked.wanted),
        "asked": asked,
        "can_save": grids.can_save(tables),
        "asks_reason": request.actor.on_behalf_of,
        "has_little_ones": any(is_little(child.birth_date, today) for child in found.children),
    }
    return render(request, "portal/planning/planning.html", context)
