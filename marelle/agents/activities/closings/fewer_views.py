"""Fewer places for some days (minimum service), and the capacity of a gauge from a day on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from marelle.activities.capacity import level_until
from marelle.activities.models import Gauge
from marelle.activities.services import kept_by
from marelle.agents.activities.closings import fewer_pages, words
from marelle.agents.activities.closings.forms import KEEP, CapacityForm, FewerForm
from marelle.agents.activities.closings.views import choose, days_form
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.closing.reducing import (
    Fewer,
    Told,
    capacity_change,
    fewer_preview,
    gauges_of_days,
    levels_mark,
    mark_of,
    places_reduce,
)
from marelle.flows.catalogue.closing.targets import ClosingRefused
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def fewer(request: MarelleRequest) -> HttpResponse:
    asked = days_form(request, bound=True)
    if not asked.is_valid():
        return choose(request, asked)
    target = asked.target
    gauges = gauges_of_days(request.actor, target.structure_id, first=target.first_day, last=target.last_day)
    form = FewerForm(request.POST if request.method == "POST" else None, gauges=gauges)
    context: dict[str, Any] = {"form": form, **fewer_pages.head(asked)}
    if request.method == "POST" and form.is_valid():
        wanted = form.asked(target, request.POST.getlist("garde"))
        told = Told(form.cleaned_data["told"], form.cleaned_data["words"])
        if "confirme" in request.POST:
            try:
                children = places_reduce(
                    actor=request.actor,
                    structure_id=target.structure_id,
                    asked=wanted,
                    told=told,
                    mark=form.cleaned_data["vu"],
                    now=request.now,
                )
            except ClosingRefused as refusal:
                form.add_error(None, words.refusal_text(refusal))
            else:
                messages.success(request, words.reduced_text(children))
                return redirect("agents_closings:closings")
        context |= _preview(request, wanted)
    return render(request, "agents/closings/fewer.html", context)


@require_safe
@staff_only(*DECIDERS)
def capacities(request: MarelleRequest) -> HttpResponse:
    lines = fewer_pages.gauge_lines(request.actor, day=request.today)
    return render(request, "agents/closings/capacities.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def capacity(request: MarelleRequest, gauge_id: int) -> HttpResponse:
    gauge = kept_by(request.actor, Gauge).filter(pk=gauge_id).first()
    if gauge is None:
        raise Http404
    form = CapacityForm(request.POST if request.method == "POST" else None, today=request.today)
    context: dict[str, Any] = {"form": form, "gauge": gauge, "levels": fewer_pages.levels(gauge)}
    context["shown"] = levels_mark(gauge_id)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        last = level_until(gauge_id, data["since"])
        wanted = Fewer({gauge_id: data["capacity"]}, data["since"], last, level=True)
        all_stay = data["then"] == KEEP
        context |= _preview(request, wanted, all_stay=all_stay) | {"all_stay": all_stay}
        if "confirme" in request.POST:
            try:
                children = capacity_change(
                    actor=request.actor,
                    gauge_id=gauge_id,
                    since=data["since"],
                    capacity=data["capacity"],
                    overdraft=data["then"] == KEEP,
                    queued=data["then"] == "queue",
                    told=Told(data["told"], data["words"]),
                    mark=data["vu"],
                    levels=request.POST.get("jauge", ""),
                    now=request.now,
                )
            except ClosingRefused as refusal:
                form.add_error(None, words.refusal_text(refusal))
            else:
                messages.success(request, words.reduced_text(children))
                return redirect("agents_closings:capacities")
    return render(request, "agents/closings/capacity.html", context)


def _preview(request: MarelleRequest, wanted: Fewer, *, all_stay: bool = False) -> dict[str, Any]:
    found = fewer_preview(wanted, now=request.now)
    ways = home_ways(request, {one.family_id for one in found.holders})
    days = words.days_kept(found, wanted.kept, ways, all_stay=all_stay)
    return {"days_kept": days, "vu": mark_of(found, wanted)}
