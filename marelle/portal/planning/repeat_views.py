"""« Répéter »: choose the weeks, look at what it does, then save. Looking writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.bookings.planning import ChildPlanning
from marelle.bookings.planning import planning as read_planning
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.prices.changes import NO_CHANGE, PriceChange, price_change
from marelle.flows.prices.months import priced_home
from marelle.planning.address import LATEST, Address, View, read_address
from marelle.planning.forms import Posted
from marelle.planning.saving import previewed, save
from marelle.portal.planning import repeat_words
from marelle.portal.planning.repeat import Item, Week, Wish, become, changes_of, lay, mondays, pattern
from marelle.portal.planning.repeat_forms import RepeatForm
from marelle.portal.planning.views import planning_at, saver


@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: MarelleRequest) -> HttpResponse:
    asked = read_address(request.GET, today=request.today)
    address = replace(asked.address, view=View.WEEK)
    if request.actor.family_id is None or address.child is None:
        raise Http404
    found = planning_at(request, address)
    shown = found.shown[0]
    wishes = pattern(shown)
    given = request.POST if request.method == "POST" else request.GET
    form = _form(given, address)
    weeks = _weeks(request, form, wishes, address) if form.is_bound and form.is_valid() else None
    if request.method == "POST" and weeks is not None:
        landing = weeks[0].monday if weeks else address.day
        url = reverse("planning") + address.at(landing).query
        name = shown.child.first_name if len(found.children) > 1 else ""
        tell = partial(repeat_words.result_lines, weeks, name, now=request.now)
        posted = Posted(changes_of(weeks), 0)
        save(request, posted, saver(request), url=url, tell=tell, home=priced_home(request.actor))
        return redirect(url)
    items, change = _looked_at(request, weeks)
    shows_health = not request.actor.on_behalf_of
    context = repeat_words.context(
        shown, wishes, address, form, items, change, request.now, shows_health=shows_health
    )
    return render(request, "portal/planning/repeat.html", context)


def _looked_at(
    request: MarelleRequest, weeks: Sequence[Week] | None
) -> tuple[Sequence[Item] | None, PriceChange]:
    """What would become of the weeks, and of what the home pays."""
    if weeks is None:
        return None, NO_CHANGE
    outcomes = previewed(saver(request), Posted(changes_of(weeks), 0))
    home = priced_home(request.actor)
    return become(weeks, outcomes), price_change(home, outcomes) if home else NO_CHANGE


def _form(given: QueryDict, address: Address) -> RepeatForm:
    week_end = address.span[1]
    initial = {"jusquau": min(week_end + timedelta(weeks=4), LATEST)}
    return RepeatForm(given if "jusquau" in given else None, initial=initial, week_end=week_end)


def _weeks(
    request: MarelleRequest, form: RepeatForm, wishes: tuple[Wish, ...], address: Address
) -> tuple[Week, ...]:
    until = form.cleaned_data["jusquau"]
    found = mondays(address.day, until, every=form.cleaned_data["rythme"])
    ahead = _ahead(request, address, until)
    return lay(wishes, ahead, found, until=until, waits=form.cleaned_data["attente"])


def _ahead(request: MarelleRequest, address: Address, until: date) -> ChildPlanning:
    """The child's planning after the week shown, of every activity that the pattern came from."""
    found = read_planning(
        request.actor,
        first=address.span[1] + timedelta(days=1),
        last=until,
        child_id=address.child,
        activity_id=address.activity,
        now=request.now,
    )
    return found.shown[0]
