"""The planning: one page that shows, one submission that saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.bookings.planning import Beside, ChildPlanning, Planning
from marelle.bookings.planning import planning as read_planning
from marelle.bookings.saving.services import bookings_preview, bookings_save
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.prices.cells import NO_PRICES, cell_prices
from marelle.flows.prices.months import PricedHome, priced_home
from marelle.planning import grids
from marelle.planning.address import Address, Asked, View, read_address
from marelle.planning.asked_again import recall_asked, shown_as_asked
from marelle.planning.cells import Words
from marelle.planning.forms import read_posted
from marelle.planning.opening import Opens, opened_by_themselves, opening_soon, opening_words
from marelle.planning.outcomes import recall
from marelle.planning.price_words import change_sentence, why_lines
from marelle.planning.saving import Service, page_of, price_changed, price_told, save
from marelle.portal.planning import words_of_page
from marelle.relay.rules import is_little
from marelle.shell.unsent import shows_unsent, unsent_of
from marelle.ui.components import OutcomeKind
from marelle.ui.grid import Grid


@require_http_methods(["GET", "HEAD", "POST"])
@shows_unsent
def planning(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    today = request.today
    asked = read_address(request.GET, today=today)
    if request.method == "POST":
        posted = read_posted(request.POST, on_behalf_of=request.actor.on_behalf_of)
        url = reverse("planning") + asked.address.query
        save(request, posted, saver(request), url=url, home=priced_home(request.actor))
        return redirect(url)
    if not asked.canonical:
        return _to_canonical(request, asked, today)
    home = priced_home(request.actor)
    found = planning_at(request, asked.address, home)
    return _page(request, found, home, asked.address, today)


@require_POST
def prices(request: MarelleRequest) -> HttpResponse:
    """What saving what is posted would change of what the home pays, for the bar, or why, on a page; nothing
    is saved."""
    if request.actor.family_id is None:
        raise Http404
    posted = read_posted(request.POST, on_behalf_of=request.actor.on_behalf_of)
    home, service = priced_home(request.actor), saver(request)
    if "pourquoi" not in request.POST:
        return JsonResponse(price_told(home, service, posted))
    change = price_changed(home, service, posted)
    why = why_lines(change, shows_health=not request.actor.on_behalf_of)
    return render(request, "portal/planning/why.html", {"sentence": change_sentence(change), "why": why})


def saver(request: MarelleRequest) -> Service:
    """What saves for the home that is open, and says what it would do."""
    actor, now = request.actor, request.now
    return Service(
        partial(bookings_save, actor=actor, now=now), partial(bookings_preview, actor=actor, now=now)
    )


def planning_at(request: MarelleRequest, address: Address, home: PricedHome | None = None) -> Planning:
    """What the address shows, with all that `home` has where its prices are shown; 404 for a child who is not
    of the home."""
    beside = home.beside(address.span) if home else None
    return _read(request, address, *address.span, beside=beside)


def _read(
    request: MarelleRequest,
    address: Address,
    first: date,
    last: date,
    *,
    beside: Beside | None = None,
    at: datetime | None = None,
) -> Planning:
    try:
        return read_planning(
            request.actor,
            first=first,
            last=last,
            child_id=address.child,
            activity_id=address.activity,
            beside=beside,
            now=at or request.now,
        )
    except LookupError as error:
        raise Http404 from error


def _to_canonical(request: MarelleRequest, asked: Asked, today: date) -> HttpResponse:
    address = asked.address
    if asked.bad_date:
        messages.warning(request, _("Cette date n’existe pas : voici la page d’aujourd’hui."))
    if not asked.day_told:
        address = _opening(request, asked, today)
    elif not asked.child_told:
        found = planning_at(request, Address(None, address.day, View.MONTH))
        address = replace(address, child=_first_child(found))
    return redirect(reverse("planning") + address.query)


def _opening(request: MarelleRequest, asked: Asked, today: date) -> Address:
    """Where the planning opens: on the first day on which something can still be done, else on today."""
    address = asked.address

    def shown(first: date, last: date) -> list[ChildPlanning]:
        nonlocal address
        found = _read(request, address, first, last)
        if not asked.child_told and address.child is None:
            address = replace(address, child=_first_child(found))
        return [one for one in found.shown if address.child is None or one.child.id == address.child]

    day = grids.opening_day(shown, today=today, now=request.now)
    return address if day is None else replace(address, day=day)


def _first_child(found: Planning) -> int | None:
    """The first child that has something to book, else the first."""
    enrolled = (shown.child.id for shown in found.shown if shown.columns)
    return next(enrolled, found.children[0].id if found.children else None)


def _opening_cells(request: MarelleRequest, tables: list[Grid], address: Address, opens: Opens) -> list[Grid]:
    """The tables with the cells that open by themselves; what they will be then is read once more."""
    if not opens:
        return tables
    at = max(opens.values())
    later = _read(request, address, *address.span, at=at)
    words = Words(at, on_behalf_of=request.actor.on_behalf_of)
    return opened_by_themselves(tables, grids.grids(later, address, words, today=request.today), opens)


def _page(
    request: MarelleRequest, found: Planning, home: PricedHome | None, address: Address, today: date
) -> HttpResponse:
    prices = NO_PRICES if home is None else cell_prices(found, home, address.span, now=request.now)
    words = Words(request.now, on_behalf_of=request.actor.on_behalf_of, prices=prices)
    page_url = reverse("planning") + address.query
    page = page_of(request.actor, page_url)
    asked = recall_asked(request.session, page, unsent_of(request))
    opens = opening_soon(found.shown, request.now)
    tables = _opening_cells(request, grids.grids(found, address, words, today=today), address, opens)
    tables = shown_as_asked(tables, asked)
    told = recall(request.session, page)
    context = {
        "heading": words_of_page.heading(found, address),
        "lead": words_of_page.lead(tables, asks_reason=request.actor.on_behalf_of),
        "kids": words_of_page.kids(found.children, address),
        "bar": words_of_page.toolbar(found, address, today=today, now=request.now),
        "repeats": words_of_page.repeats(found, address),
        "grids": tables,
        "now": request.now,
        "opening": opening_words(opens),
        "nothing": words_of_page.nothing(found, address),
        "notes": words_of_page.notes(found),
        "at_highest": prices.at_highest,
        "unread": prices.unread,
        "paid_for": words_of_page.paid_for(found, home, address.span) if prices.by_key else "",
        "month": f"{address.day:%Y-%m}",
        "price_url": reverse("planning_prices") if prices.by_key else "",
        "missing": words_of_page.missing(found),
        "outcome_lines": told,
        "waits": any(line.kind is OutcomeKind.WAITING for line in told),
        "page_url": page_url,
        "planning_action": page_url,
        "planning_unsaved": bool(asked.wanted),
        "asked": asked,
        "can_save": grids.can_save(tables),
        "asks_reason": request.actor.on_behalf_of,
        "has_little_ones": any(is_little(child.birth_date, today) for child in found.children),
    }
    return render(request, "portal/planning/planning.html", context)
